"""Two jobs and one file: the second reads what the first wrote on the volume."""

from pathlib import Path

import pytest

from batchwright import BatchSession, JobFailedError
from batchwright.local import LocalServer

WRITE = "open('/mnt/efs/speeds.txt', 'w').write('299792458'); print('written')"
READ = "print('read', int(open('/mnt/efs/speeds.txt').read()) // 1000)"


def exchange(session: BatchSession) -> None:
    """Declare both jobs, run them, and look at what the second one read."""
    volume = session.efs_volume(name="scratch", retain=False)
    python = session.job_definition(name="python", image="python:3.13-slim", volumes={"/mnt/efs": volume})
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


@pytest.mark.parametrize("mounts", ["auto", "rewrite"])
def test_a_file_goes_from_one_job_to_the_next(mounts: str) -> None:
    """In a mount namespace where the kernel allows one, and with rewritten paths; nothing is made on this machine."""
    with (
        LocalServer(engine="process", mounts=mounts) as server,
        BatchSession("lab", boto3_session=server.boto3_session()) as session,
    ):
        exchange(session)
    assert not Path("/mnt/efs/speeds.txt").exists()


def test_one_call_mounts_a_volume_by_its_name(lab: BatchSession) -> None:
    """`submit()` makes the volume of that name, and the next job finds there what the first one left."""
    mounted = {"/mnt/efs": "scratch"}
    first = lab.submit("one-call", image="python:3.13-slim", command=["python3", "-c", WRITE], volumes=mounted)
    first.wait()
    second = lab.submit(
        "next-call", image="python:3.13-slim", command=["python3", "-c", READ], volumes=mounted, depends_on=first
    )
    second.wait()
    assert str(second.logs()) == "read 299792"
    assert lab.efs_volume(name="scratch").exists()


def test_what_depends_on_a_failed_job_does_not_run(lab: BatchSession) -> None:
    """AWS fails the second job, whose error says so and which printed nothing."""
    python = lab.job_definition(name="python", image="python:3.13-slim")
    bad = lab.batch_job(name="bad-first", definition=python, command=["python3", "-c", "raise SystemExit(9)"])
    after = lab.batch_job(name="after-bad", definition=python, command=["echo", "never"], depends_on=bad)
    lab.ensure(after)
    with pytest.raises(JobFailedError, match="Dependent Job failed") as caught:
        after.wait()
    assert caught.value.exit_code is None
    assert caught.value.last_lines == ()
    assert bad.wait(check=False).exit_code == 9
