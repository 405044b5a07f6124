"""After `delete()` nothing of ours is left: not in AWS, and no process of a job."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from batchwright import Action, BatchSession, NotFoundError, RetainedError
from batchwright.local import LocalServer

from .conftest import Ground, NewSession


def mark(test: int) -> str:
    """How long a job sleeps, by which its process is known; other workers run other tests at the same time."""
    return f"86399.{os.getpid():08d}{test}"


def sleeping(seconds: str) -> list[str]:
    """A command that sleeps and obeys SIGTERM, as the first process of a container does not by itself."""
    return ["sh", "-c", f"trap 'exit 143' TERM; sleep {seconds} & wait"]


def processes(sleeping: str) -> list[str]:
    """The command lines that carry the mark."""
    listed = subprocess.run(["ps", "-wweo", "args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if sleeping in line and "ps -ww" not in line]


def test_the_whole_set_comes_and_goes(new_session: NewSession, ground: Ground) -> None:
    """Made, found unchanged, and taken away with a job that runs; the inventory is empty and its process is gone."""
    session = new_session("gone")
    volume = session.efs_volume(name="gone", retain=False)
    tracker = session.status_tracker(name="gone-jobs", retain=False)
    role = session.iam_role(name="gone-role", access_to=(tracker,))
    definition = session.job_definition(name="gone", image=ground.image, volumes={"/mnt/efs": volume}, job_role=role)
    job = session.batch_job(name="gone", definition=definition, tracker=tracker, command=sleeping(mark(1)))
    made = session.ensure(job)
    assert {outcome.action for outcome in made.values() if outcome.owned} == {Action.CREATED}
    assert {outcome.action for outcome in session.ensure(job).values()} == {Action.UNCHANGED}
    next_to_end = time.monotonic() + 30
    while not processes(mark(1)):
        assert time.monotonic() < next_to_end
        session.clock.sleep(0.1)
    assert len(session.inventory()) >= 9
    session.delete(job)
    report = session.delete()
    assert {step.action for step in report.values()} <= {Action.DELETED, Action.UNCHANGED, Action.ABSENT}
    assert list(session.inventory()) == []
    assert processes(mark(1)) == []
    assert session.delete(volume, tracker).changed is False


def test_what_holds_data_stays(new_session: NewSession, ground: Ground) -> None:
    """Volume and table are kept unless the declaration says otherwise, and the inventory shows them."""
    session = new_session("keeps")
    job = session.submit("kept", image=ground.image, command=["true"], volumes={"/mnt/efs": "kept"})
    job.wait()
    volume = session.efs_volume(name="kept")
    with pytest.raises(ExceptionGroup) as caught:
        session.delete(volume)
    assert isinstance(caught.value.exceptions[0], RetainedError)
    session.delete()
    left = {(item.kind, item.name): item.costs for item in session.inventory()}
    assert ("EFS volume", "kept") in left
    assert ("status tracker", session.defaults.tracker.name) in left
    assert all(left[key] for key in left if key[0] in ("EFS volume", "status tracker"))
    assert not session.defaults.job_queue.exists()


def test_a_deleted_volume_takes_its_files_along(ground: Ground, tmp_path: Path) -> None:
    """What jobs wrote goes with the file system, also from a directory that outlives the server; its twin stays."""
    with (
        LocalServer(engine=ground.engine, data_dir=tmp_path) as server,
        BatchSession("files", boto3_session=server.boto3_session()) as session,
    ):
        volumes = [session.efs_volume(name="goes", retain=False), session.efs_volume(name="stays")]
        mounts = {f"/mnt/{volume.name}": volume for volume in volumes}
        write = ["sh", "-c", "echo here > /mnt/goes/file && echo here > /mnt/stays/file"]
        session.submit("writes", image=ground.image, command=write, volumes=mounts).wait()
        assert len(list(tmp_path.glob("volumes/*/file"))) == 2
        kept = volumes[1].describe().file_system_id
        session.delete()
        volumes[0].delete()
        assert [path.parent.name for path in tmp_path.glob("volumes/*/file")] == [kept]
        assert [path.name for path in tmp_path.glob("volumes/*")] == [kept]


def test_the_server_takes_its_jobs_along(ground: Ground) -> None:
    """Closing the local AWS ends what still runs in it."""
    with (
        LocalServer(engine=ground.engine) as server,
        BatchSession("short", boto3_session=server.boto3_session()) as session,
    ):
        session.submit("runs", image=ground.image, command=sleeping(mark(2)))
        end = time.monotonic() + 30
        while not processes(mark(2)):
            assert time.monotonic() < end
            session.clock.sleep(0.1)
    assert processes(mark(2)) == []


def test_a_wait_for_what_was_never_submitted_says_so(new_session: NewSession, ground: Ground) -> None:
    """No table, no job: NotFoundError, and nothing is made by asking."""
    session = new_session("asks")
    definition = session.job_definition(name="asks", image=ground.image)
    with pytest.raises(NotFoundError, match="asks"):
        session.batch_job(name="asks", definition=definition, command=["true"]).wait()
    assert list(session.inventory()) == []
