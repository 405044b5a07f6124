"""Real rclone moves a real recording to a volume, real NeuroConv converts it there, in real containers."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import boto3
import docker
import pytest

from batchwright.local import LocalServer

from .remote import Remote
from .running import NWB_FILE, Images, run_example

if TYPE_CHECKING:
    from mypy_boto3_batch.type_defs import JobDetailTypeDef

pytestmark = [pytest.mark.e2e, pytest.mark.docker]


@pytest.fixture
def config(tmp_path: Path, remote: Remote) -> Path:
    """The rclone configuration of whoever knows the remote's password."""
    path = tmp_path / "home" / "rclone.conf"
    path.parent.mkdir()
    path.write_text(remote.configuration, "utf-8")
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """An AWS whose jobs are containers, and that has had no problems at its end."""
    with LocalServer(engine="docker", data_dir=tmp_path / "volumes") as server:
        yield server
        assert server.status()["problems"] == []


@pytest.fixture
def name() -> str:
    """The name of jobs and volume, which containers have in theirs."""
    return f"eeg-{token_hex(4)}"


def check(nwb: Path, recording: Path) -> None:
    """The file is NWB without a fault, and holds the recording."""
    from .nwb import assert_holds, problems_of  # pynwb is in the environment of these tests only

    assert_holds(nwb, recording)
    assert problems_of(nwb) == []


def nwb_files(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "volumes").rglob("*.nwb"))


def containers(client: docker.DockerClient, name: str) -> list[str]:
    """The names of all containers of the jobs of that name, also of those that have ended."""
    return [container.name for container in client.containers.list(all=True, filters={"name": name})]


def held_secrets(account: boto3.Session) -> list[str]:
    """The names of all secrets of the account, in both stores, those that wait for their deletion included."""
    held = account.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    parameters = account.client("ssm").describe_parameters()["Parameters"]
    return [each["Name"] for each in [*held, *parameters]]


def jobs(account: boto3.Session) -> "list[JobDetailTypeDef]":
    """The jobs of the account."""
    batch = account.client("batch")
    (queue,) = batch.describe_job_queues()["jobQueues"]
    named = batch.list_jobs(jobQueue=queue["jobQueueName"], filters=[{"name": "JOB_NAME", "values": ["*"]}])
    return batch.describe_jobs(jobs=[job["jobId"] for job in named["jobSummaryList"]])["jobs"]


def statuses(account: boto3.Session) -> set[str]:
    """What has become of the two jobs of the account."""
    found = [job["status"] for job in jobs(account)]
    assert len(found) == 2
    return set(found)


def everything_told(account: boto3.Session) -> str:
    """All that AWS shows of jobs to those who may look: definitions, jobs, rows and logs."""
    definitions = account.client("batch").describe_job_definitions()["jobDefinitions"]
    rows = account.resource("dynamodb").Table("neuroconv_batch_status_tracker").scan()["Items"]
    lines = account.client("logs").filter_log_events(logGroupName="/aws/batch/job")["events"]
    return str([definitions, jobs(account), rows, lines])


def test_the_recording_arrives_in_an_nwb_file(
    server: LocalServer, images: Images, name: str, config: Path, remote: Remote, recording: Path, tmp_path: Path
) -> None:
    """The file on a volume that is kept holds every sample, and nothing shows the remote's password."""
    printed = run_example(images, config, "--name", name, "--keep-volume", access=server.environment())

    (nwb,) = nwb_files(tmp_path)
    assert nwb.name == NWB_FILE
    check(nwb, recording)
    account = server.boto3_session()
    assert len(account.client("efs").describe_file_systems()["FileSystems"]) == 1
    told = printed + everything_told(account)
    assert f"{name}_neuroconv_deployment" in told
    assert "eeg.edf: Copied (new)" in told
    assert remote.password not in told
    assert remote.obscured not in told
    assert held_secrets(account) == []


def test_a_volume_of_its_own_goes_by_itself(
    server: LocalServer, images: Images, name: str, config: Path, docker_client: docker.DockerClient
) -> None:
    """After the conversion AWS takes away the volume and the secret, without anybody's help, and no container stays."""
    printed = run_example(images, config, "--name", name, access=server.environment())

    assert "transferred and converted\ntorn down: SUCCEEDED\n" in printed
    account = server.boto3_session()
    assert account.client("efs").describe_file_systems()["FileSystems"] == []
    assert held_secrets(account) == []
    assert account.client("events").list_rules()["Rules"] == []
    assert statuses(account) == {"SUCCEEDED"}
    assert containers(docker_client, name) == []


def test_the_example_leaves_the_file_on_this_machine(
    images: Images, name: str, config: Path, recording: Path, docker_client: docker.DockerClient, tmp_path: Path
) -> None:
    """With `--local` the same program needs no AWS, and names the file that it leaves."""
    printed = run_example(images, config, "--name", name, "--local", str(tmp_path / "volumes"))

    (nwb,) = nwb_files(tmp_path)
    assert printed.splitlines()[-1] == f"{nwb} ({nwb.stat().st_size:,} bytes)"
    check(nwb, recording)
    assert containers(docker_client, name) == []
