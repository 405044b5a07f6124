"""Two jobs and one file: the second reads what the first wrote on the volume."""

from pathlib import Path

import pytest

from batchwright import BatchSession, JobFailedError
from batchwright.local import LocalServer
from batchwright.resources.job_definition import JobDefinition

from .conftest import Ground

WRITE = "open('/mnt/efs/speeds.txt', 'w').write('299792458'); print('written')"
READ = "print('read', int(open('/mnt/efs/speeds.txt').read()) // 1000)"


def exchange(session: BatchSession, image: str) -> None:
    """Declare both jobs, run them, and look at what the second one read."""
    volume = session.efs_volume(name="scratch", retain=False)
    python = session.job_definition(name="python", image=image, volumes={"/mnt/efs": volume})
    write = session.batch_job(name="write", definition=python, command=["python3", "-c", WRITE])
    read = session.batch_job(name="read", definition=python, command=["python3", "-c", READ], depends_on=write)
    session.ensure(read)
    ended = session.wait([write, read])
    assert [job.status for job in ended.values()] == ["SUCCEEDED", "SUCCEEDED"]
    assert (str(write.logs()), str(read.logs())) == ("written", "read 299792")
    started, stopped = read.describe().started_at, write.describe().stopped_at
    assert started is not None
    assert stopped is not None
    assert started >= stopped


def exchange_on(aws: LocalServer, image: str) -> None:
    """The same on an AWS of its own, which leaves nothing at the volume's path."""
    with aws as server, BatchSession("lab", boto3_session=server.boto3_session()) as session:
        exchange(session, image)
    assert not Path("/mnt/efs/speeds.txt").exists()


def test_a_file_goes_from_one_job_to_the_next(ground: Ground) -> None:
    """In containers, and in a mount namespace where the kernel allows one; nothing is made on this machine."""
    exchange_on(LocalServer(engine=ground.engine), ground.image)


def test_a_file_goes_from_one_job_to_the_next_by_rewritten_paths() -> None:
    """Where the kernel allows no mount namespace."""
    exchange_on(LocalServer(engine="process", mounts="rewrite"), "python:3.13-slim")


def test_one_call_mounts_a_volume_by_its_name(lab: BatchSession, ground: Ground) -> None:
    """`submit()` makes the volume of that name, and the next job finds there what the first one left."""
    mounted = {"/mnt/efs": "scratch"}
    first = lab.submit("one-call", image=ground.image, command=["python3", "-c", WRITE], volumes=mounted)
    first.wait()
    second = lab.submit(
        "next-call", image=ground.image, command=["python3", "-c", READ], volumes=mounted, depends_on=first
    )
    second.wait()
    assert str(second.logs()) == "read 299792"
    assert lab.efs_volume(name="scratch").exists()


def test_what_depends_on_a_failed_job_does_not_run(lab: BatchSession, python: JobDefinition) -> None:
    """AWS fails the second job, whose error says so and which printed nothing."""
    bad = lab.batch_job(name="bad-first", definition=python, command=["python3", "-c", "raise SystemExit(9)"])
    after = lab.batch_job(name="after-bad", definition=python, command=["echo", "never"], depends_on=bad)
    lab.ensure(after)
    with pytest.raises(JobFailedError, match="Dependent Job failed") as caught:
        after.wait()
    assert caught.value.exit_code is None
    assert caught.value.last_lines == ()
    assert bad.wait(check=False).exit_code == 9
