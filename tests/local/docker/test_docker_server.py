"""A whole local AWS whose jobs are containers: what DescribeJobs says, and that nothing is left however it ends."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from batchwright import BatchJob, BatchSession, JobFailedError
from batchwright.local import local_session
from batchwright.local.local_server import LocalServer

from ...containers.images import busybox_image
from ...containers.python import python_image

pytestmark = pytest.mark.docker

_PATIENCE_S = 60.0
_NOTE = "only-in-the-environment"
PROGRAM = """
import sys
from batchwright.local import local_session
with local_session("left", engine="docker") as session:
    jobs = [session.submit(f"sleeper-{number}", image=sys.argv[1], command=["sleep", "600"]) for number in range(2)]
    print("submitted", flush=True)
    for job in jobs:
        job.wait()
"""


def within(condition: Callable[[], bool]) -> bool:
    """Tell whether the condition comes true in time."""
    ends_at, pause = time.monotonic() + _PATIENCE_S, threading.Event()
    while not condition():
        if time.monotonic() > ends_at:
            return False
        pause.wait(0.05)
    return True


@pytest.fixture(scope="module")
def image(client: docker.DockerClient) -> str:
    return busybox_image(client)


@pytest.fixture(scope="module")
def session() -> Iterator[BatchSession]:
    """One local AWS for the tests that leave nothing in it that others see."""
    with local_session("docked", engine="docker") as session:
        yield session


def container_of(session: BatchSession, job: BatchJob) -> dict[str, Any]:
    """Return the `container` that DescribeJobs gives."""
    found: Any = session.batch.describe_jobs(jobs=[job.job_id()])["jobs"][0]["container"]
    return dict(found)


def test_a_job_says_what_it_did(session: BatchSession, image: str) -> None:
    """Lines, exit code and log stream are where AWS has them."""
    job = session.submit("hello", image=image, command=["sh", "-c", "echo hello; echo $AWS_BATCH_JOB_ATTEMPT"])
    job.wait()
    assert [line.message for line in job.logs()] == ["hello", "1"]
    assert container_of(session, job)["exitCode"] == 0


def test_the_session_says_which_engine_it_has(session: BatchSession) -> None:
    """Who looks at the session sees where its jobs run."""
    assert "on this machine, engine 'docker': Docker " in repr(session)


def test_a_failure_has_the_reason_and_the_code(session: BatchSession, image: str) -> None:
    """What a person needs is in the error that `wait` raises."""
    job = session.submit("typo", image=image, command=["no-such-program"])
    with pytest.raises(JobFailedError, match="executable file not found"):
        job.wait()
    assert container_of(session, job)["exitCode"] == 127
    assert container_of(session, job)["reason"].startswith("CannotStartContainerError: Error response from daemon: ")


def test_too_much_memory_is_told_as_on_aws(session: BatchSession, image: str) -> None:
    """DescribeJobs has code 137 and AWS's reason."""
    job = session.submit("greedy", image=image, command=["tail", "/dev/zero"], memory_gib=0.0625)
    with pytest.raises(JobFailedError):
        job.wait()
    assert container_of(session, job)["exitCode"] == 137
    assert container_of(session, job)["reason"] == "OutOfMemoryError: Container killed due to memory usage"


def test_a_terminated_job_ends(session: BatchSession, image: str, client: docker.DockerClient) -> None:
    """TerminateJob reaches the container, and it is removed."""
    obedient = "trap 'exit 9' TERM; while true; do sleep 0.1; done"
    job = session.submit("endless", image=image, command=["sh", "-c", obedient])
    assert within(lambda: bool(named(client, "endless")))
    session.batch.terminate_job(jobId=job.job_id(), reason="enough")
    with pytest.raises(JobFailedError, match="enough"):
        job.wait()
    assert named(client, "endless") == []


def named(client: docker.DockerClient, name: str) -> list[Any]:
    return [
        each for each in client.containers.list(all=True, ignore_removed=True) if f"batchwright-{name}" in each.name
    ]


def test_code_in_a_container_reaches_the_local_aws_with_its_own_key(
    session: BatchSession, client: docker.DockerClient
) -> None:
    """A job finds the endpoint and the key in its variables, and what it asks for is answered."""
    program = "import boto3, os; print(boto3.client('sts').get_caller_identity()['Account'], os.environ['AWS_REGION'])"
    job = session.submit("caller", image=python_image(client), command=["python3", "-c", program])
    job.wait()
    assert [line.message for line in job.logs()] == [f"{session.account_id} us-east-2"]


def test_a_caller_by_another_name_is_refused(session: BatchSession, image: str) -> None:
    """The gateway's name is admitted for engines that need it only, and no key means no entry."""
    ask = "wget -q -O - http://127.0.0.1:${AWS_ENDPOINT_URL##*:}/ 2>&1"
    job = session.submit("stranger", image=image, command=["sh", "-c", f"{ask}; true"])
    job.wait()
    assert "403 Forbidden" in job.logs()[-1].message


@pytest.fixture
def started(image: str) -> Iterator[subprocess.Popen[str]]:
    """A user's program that waits for two jobs in containers."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, image], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "submitted\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_program_that_was_ended(
    started: subprocess.Popen[str], client: docker.DockerClient, number: signal.Signals
) -> None:
    """Ctrl-C and the death of the program end its local AWS and take its containers along."""
    assert within(lambda: len(running(client)) == 2)
    started.send_signal(number)
    assert within(lambda: running(client) == [])


def running(client: docker.DockerClient) -> list[Any]:
    return named(client, "sleeper-")


def test_nothing_is_left_of_a_server_that_was_killed(
    started: subprocess.Popen[str], client: docker.DockerClient
) -> None:
    """A server that had no time to clean up is cleaned up after, by the guard, which then ends too."""
    assert within(lambda: len(running(client)) == 2)
    servers = below(started.pid)
    assert len(servers) == 1
    guards = below(servers[0])
    assert len(guards) == 1
    os.kill(servers[0], signal.SIGKILL)
    assert within(lambda: running(client) == [])
    assert within(lambda: not Path(f"/proc/{guards[0]}").exists())


def below(pid: int) -> list[int]:
    """The process's children."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def test_secrets_are_in_the_containers_variables_only(
    session: BatchSession, image: str, client: docker.DockerClient
) -> None:
    """Neither the key of the session nor a job's variables are in labels, names or commands."""
    job = session.submit(
        "quiet", image=image, command=["sleep", "600"], environment={"NOTE": "only-in-the-environment"}
    )
    assert within(lambda: bool(named(client, "quiet")))
    details = client.api.inspect_container(named(client, "quiet")[0].id)
    variables = details["Config"].pop("Env")
    assert f"NOTE={_NOTE}" in variables
    key = next(each for each in variables if each.startswith("AWS_SECRET_ACCESS_KEY=")).partition("=")[2]
    assert key not in json.dumps(details)
    assert _NOTE not in json.dumps(details)
    session.batch.terminate_job(jobId=job.job_id(), reason="seen")


def test_a_closed_server_has_no_containers(image: str, client: docker.DockerClient) -> None:
    """`close` ends what runs, at once, and keeps the files of a `data_dir` only."""
    with LocalServer(engine="docker") as server:
        assert server.engine == "docker"
        with BatchSession("closing", region="us-east-2", boto3_session=server.boto3_session()) as session:
            session.submit("closing", image=image, command=["sleep", "600"])
            assert within(lambda: bool(named(client, "closing")))
    assert named(client, "closing") == []
