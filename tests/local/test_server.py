"""The process of a local AWS: it serves its own session, nobody else, and leaves nothing behind."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from batchwright.local.delays import Delays
from batchwright.local.isolated import isolated_session
from batchwright.local.local_server import LocalServer, LocalServerError
from batchwright.local.signature import KeyPair

PARENT = """
import sys, time
from batchwright.local.local_server import LocalServer
server = LocalServer(engine="scripted").start()
print(server.endpoint_url, flush=True)
time.sleep(600)
"""

PARENT_WITH_JOBS = """
import json, time
from batchwright.local import Delays, LocalServer
server = LocalServer(delays=Delays.none()).start()
print(json.dumps(server.environment()), flush=True)
time.sleep(600)
"""

# A child, one in a session of its own, and one that has lost its parent; each writes down its process id.
FAMILY = """
write() {{ echo $1 > {place}/$2.new; mv {place}/$2.new {place}/$2; }}
sleep 600 & write $! child
setsid sh -c 'echo $$ > {place}/own.new; mv {place}/own.new {place}/own; exec sleep 600' &
(sh -c 'echo $$ > {place}/orphan.new; mv {place}/orphan.new {place}/orphan; trap "" TERM HUP; sleep 600' &)
write $$ leader
wait
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer(delays=Delays.none()) as started:
        yield started


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Tell whether the condition comes true in the time given."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def answers(endpoint_url: str) -> bool:
    connection = http.client.HTTPConnection(endpoint_url.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):  # refused, or taken in by the kernel of a server that is ending
        return False
    finally:
        connection.close()
    return True


def asked(server: LocalServer, path: str = "/v1/describejobqueues", **headers: str) -> tuple[int, dict[str, Any]]:
    """Ask the server without a signature, with the headers given."""
    connection = http.client.HTTPConnection(server.endpoint_url.removeprefix("http://"), timeout=30)
    try:
        connection.request("POST", path, body=b"{}", headers=headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def made_queue(session: boto3.Session) -> None:
    ec2, iam, batch = session.client("ec2"), session.client("iam"), session.client("batch")
    iam.create_instance_profile(InstanceProfileName="instance")
    batch.create_compute_environment(
        computeEnvironmentName="lab",
        type="MANAGED",
        computeResources={
            "type": "EC2",
            "minvCpus": 0,
            "maxvCpus": 4,
            "instanceTypes": ["optimal"],
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
            "instanceRole": "instance",
        },
    )
    batch.create_job_queue(
        jobQueueName="lab", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "lab"}]
    )


def submitted(session: boto3.Session, command: list[str], **container: Any) -> str:  # noqa: ANN401 - any member of it
    """Submit a job that runs `command`; return its id."""
    batch = session.client("batch")
    if not batch.describe_job_queues()["jobQueues"]:
        made_queue(session)
    batch.register_job_definition(
        jobDefinitionName="lab",
        type="container",
        containerProperties={
            "image": "busybox",
            "command": command,
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}],
            **container,
        },
    )
    return batch.submit_job(jobName="one", jobQueue="lab", jobDefinition="lab")["jobId"]


def status(session: boto3.Session, job_id: str) -> str:
    return session.client("batch").describe_jobs(jobs=[job_id])["jobs"][0]["status"]


@pytest.mark.parametrize("path", ["/v1/describejobqueues", "/batchwright-local/advance", "/moto-api/reset", "/"])
def test_a_request_without_the_key_is_refused(server: LocalServer, path: str) -> None:
    """Whoever has no signature gets nothing, wherever it asks."""
    assert asked(server, path)[0] == 403


def test_a_web_page_is_refused(server: LocalServer) -> None:
    """A browser's request is refused for its `Origin` alone."""
    code, content = asked(server, Origin="https://evil.example")
    assert (code, content["message"]) == (403, "Requests from web pages are not served.")


def test_a_foreign_host_is_refused(server: LocalServer) -> None:
    """A name that somebody else points at this machine is refused."""
    code, content = asked(server, Host="evil.example")
    assert (code, content["message"]) == (403, "The Host header does not name this server.")


def test_two_servers_refuse_each_others_keys(server: LocalServer) -> None:
    """Two sessions on one machine cannot reach each other's jobs."""
    with LocalServer(engine="scripted") as other:
        own = other.environment()
        stranger = boto3.client(
            "batch",
            region_name="us-east-2",
            endpoint_url=server.endpoint_url,
            aws_access_key_id=own["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=own["AWS_SECRET_ACCESS_KEY"],
        )
        with pytest.raises(ClientError) as caught:
            stranger.describe_job_queues()
        assert caught.value.response["Error"]["Code"] == "UnrecognizedClientException"
        assert other.boto3_session().client("batch").describe_job_queues()["jobQueues"] == []


def test_plain_boto3_gets_in_with_the_keys(server: LocalServer) -> None:
    """A program that was handed the variables needs nothing else than boto3."""
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith("AWS_")}, **server.environment()}
    run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "123456789012"


def test_a_job_runs_and_reaches_its_own_aws(server: LocalServer) -> None:
    """A job's command is run for real, its lines are logged, and boto3 in it talks to the AWS that it runs on."""
    session = server.boto3_session()
    script = "import boto3; print(boto3.client('batch').describe_job_queues()['jobQueues'][0]['jobQueueName'])"
    job_id = submitted(session, [sys.executable, "-W", "ignore", "-c", script])
    assert within(60, lambda: status(session, job_id) in {"SUCCEEDED", "FAILED"})
    (job,) = session.client("batch").describe_jobs(jobs=[job_id])["jobs"]
    stream = {"logGroupName": "/aws/batch/job", "logStreamName": job["container"]["logStreamName"]}
    lines = [event["message"] for event in session.client("logs").get_log_events(**stream)["events"]]
    assert (job["status"], lines) == ("SUCCEEDED", ["lab"])
    assert server.status()["jobs"] == {"SUCCEEDED": 1}
    assert server.status()["problems"] == []


def test_the_secret_is_in_no_list_of_processes(server: LocalServer) -> None:
    """Neither the arguments nor the environment of the server's process hold its key, nor does this object's repr."""
    processes = [
        found for found in Path("/proc").glob("[0-9]*") if b"batchwright.local.server" in _read(found, "cmdline")
    ]
    assert processes
    for found in processes:
        assert server.secret_access_key.encode() not in _read(found, "cmdline") + _read(found, "environ")
    assert server.secret_access_key not in repr(server)


def _read(process: Path, name: str) -> bytes:
    try:
        return (process / name).read_bytes()
    except OSError:
        return b""


def test_the_time_can_be_moved() -> None:
    """A moved clock settles what waits for it, and the session goes on signing by it."""
    with LocalServer(engine="scripted", delays=Delays.realistic()) as server:
        efs = server.boto3_session().client("efs")
        efs.create_file_system(CreationToken="lab")
        server.advance(3600)
        assert efs.describe_file_systems()["FileSystems"][0]["LifeCycleState"] == "available"
        assert abs(server.status()["now"] - time.time() - 3600) < 60
        server.reset()
        assert efs.describe_file_systems()["FileSystems"] == []


def test_nothing_is_left_of_a_closed_server(tmp_path: Path) -> None:
    """After `close` the server, its jobs and its temporary data are gone."""
    server = LocalServer(delays=Delays.none()).start()
    session = server.boto3_session()
    pid_file = tmp_path / "pid"
    submitted(session, ["sh", "-c", f"echo $$ > {pid_file}.new; mv {pid_file}.new {pid_file}; sleep 600"])
    assert within(30, pid_file.exists)
    pid = int(pid_file.read_text())
    assert _is_alive(pid)
    endpoint_url = server.endpoint_url
    server.close()
    server.close()
    assert not _is_alive(pid)
    assert not answers(endpoint_url)
    assert repr(server) == "<LocalServer not running>"


def _is_alive(pid: int) -> bool:
    return _read(Path("/proc") / str(pid), "stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"])


def test_the_death_of_its_parent_ends_it() -> None:
    """A server whose session was killed without a chance to clean up ends by itself."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        endpoint_url = parent.stdout.readline().strip()
    assert answers(endpoint_url)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert within(20, lambda: not answers(endpoint_url))


def test_the_death_of_its_parent_ends_its_jobs(tmp_path: Path) -> None:
    """Whatever jobs started is gone too, in a mount namespace as well, and wherever it went."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT_WITH_JOBS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        own: dict[str, str] = json.loads(parent.stdout.readline())
    keys = KeyPair(access_key_id=own["AWS_ACCESS_KEY_ID"], secret_access_key=own["AWS_SECRET_ACCESS_KEY"])
    session = isolated_session(keys, "us-east-2", endpoint_url=own["AWS_ENDPOINT_URL"])
    mounted = {"volumes": [{"name": "v"}], "mountPoints": [{"sourceVolume": "v", "containerPath": "/mnt/v"}]}
    files: list[Path] = []
    for name, container in (("plain", {}), ("mounted", mounted)):
        place = tmp_path / name
        place.mkdir()
        submitted(session, ["sh", "-c", FAMILY.format(place=place)], **container)
        files += [place / member for member in ("leader", "child", "own", "orphan")]
    assert within(40, lambda: all(file.exists() for file in files))
    pids = [int(file.read_text()) for file in files]
    assert [pid for pid in pids if not _is_alive(pid)] == []
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert within(40, lambda: not any(_is_alive(pid) for pid in pids))


def test_a_server_that_is_forgotten_ends() -> None:
    """Without `close` the server ends when nothing refers to it any more."""
    server = LocalServer(engine="scripted").start()
    endpoint_url = server.endpoint_url
    del server
    assert within(20, lambda: not answers(endpoint_url))


def test_data_outlive_the_server_where_asked(tmp_path: Path) -> None:
    """A `data_dir` keeps the contents of file systems."""
    (tmp_path / "volumes").mkdir()
    kept = tmp_path / "volumes" / "kept"
    kept.write_text("data")
    with LocalServer(data_dir=tmp_path) as server:
        assert server.engine == "process"
    assert kept.read_text() == "data"


def test_an_unknown_engine_is_refused() -> None:
    """An engine that does not exist is named, together with those that do."""
    with pytest.raises(LocalServerError, match="engine is 'podman'\nIt is one of: auto, docker, process, scripted"):
        LocalServer(engine="podman").start()
