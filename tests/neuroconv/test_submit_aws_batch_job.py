"""The call that NeuroConv's users know: its signature, its answer, and what it makes."""

import datetime as dt
import inspect
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

import batchwright
from batchwright import BatchSession, CredentialWarning, UnfinishedJobError
from batchwright.local import LocalServer
from batchwright.neuroconv import submit_aws_batch_job

IMAGE = "ghcr.io/catalystneuro/neuroconv:v0.7"
DEFAULTS = {
    "job_name": inspect.Parameter.empty,
    "docker_image": inspect.Parameter.empty,
    "commands": None,
    "environment_variables": None,
    "efs_volume_name": None,
    "job_dependencies": None,
    "status_tracker_table_name": "neuroconv_batch_status_tracker",
    "iam_role_name": "neuroconv_batch_role",
    "compute_environment_name": "neuroconv_batch_environment",
    "job_queue_name": "neuroconv_batch_queue",
    "job_definition_name": None,
    "minimum_worker_ram_in_gib": 4,
    "minimum_worker_cpus": 4,
    "submission_id": None,
    "region": None,
}


def ended(ohio: boto3.Session, job_id: str) -> Any:  # noqa: ANN401  # boto3's answer
    """The job once it has ended, within a minute."""
    batch: Any = ohio.client("batch")
    end = time.monotonic() + 60
    while (job := batch.describe_jobs(jobs=[job_id])["jobs"][0])["status"] not in ("SUCCEEDED", "FAILED"):
        assert time.monotonic() < end, job
        time.sleep(0.1)
    return job


def definition_of(ohio: boto3.Session, job: Any) -> Any:  # noqa: ANN401  # boto3's answer
    """The definition that a job was made from."""
    batch: Any = ohio.client("batch")
    return batch.describe_job_definitions(jobDefinitions=[job["jobDefinition"]])["jobDefinitions"][0]


def test_the_signature_is_the_seeds() -> None:
    """The same keywords in the same order with the same defaults."""
    parameters = inspect.signature(submit_aws_batch_job).parameters
    assert {name: parameter.default for name, parameter in parameters.items()} == DEFAULTS
    assert list(parameters) == list(DEFAULTS)
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}


def test_the_answer_has_the_seeds_keys(ohio: boto3.Session) -> None:
    """Both halves have exactly their keys, the row is in the table, and old readers find their five columns."""
    info = submit_aws_batch_job(job_name="first", docker_image=IMAGE, commands=["echo", "hello"])
    job, row = info["job_submission_info"], info["table_submission_info"]
    assert list(info) == ["job_submission_info", "table_submission_info"]
    assert set(job) == {"jobId", "jobName", "jobArn"}
    assert list(row) == ["id", "job_id", "job_name", "submitted_on", "status"]
    assert (row["status"], row["job_name"], row["job_id"]) == ("Job submitted...", "first", job["jobId"])
    assert uuid.UUID(row["id"]).version == 4
    assert dt.datetime.fromisoformat(row["submitted_on"]).year >= 2024
    table: Any = ohio.resource("dynamodb").Table("neuroconv_batch_status_tracker")
    read = table.get_item(Key={"id": row["id"]})["Item"]
    assert {name: read[name] for name in row} == row
    there = ended(ohio, job["jobId"])
    assert (there["status"], there["jobArn"]) == ("SUCCEEDED", job["jobArn"])


def test_a_credential_among_the_variables_is_warned_of() -> None:
    """The warning names the variable and the line of the call, and no value; the job is submitted all the same."""
    with pytest.warns(CredentialWarning, match="variable DROPBOX_TOKEN looks like") as caught:
        info = submit_aws_batch_job(
            job_name="telling",
            docker_image=IMAGE,
            commands=["true"],
            environment_variables={"DROPBOX_TOKEN": "hunter2", "SUBJECT": "sub-01"},
        )
    assert info["job_submission_info"]["jobId"]
    assert (len(caught), caught[0].filename) == (1, __file__)
    assert "hunter2" not in str(caught[0].message)


def test_what_is_given_reaches_the_container(ohio: boto3.Session) -> None:
    """Command, variables, sizes, role, time-out and submission id are as they were asked for."""
    info = submit_aws_batch_job(
        job_name="given",
        docker_image=IMAGE,
        commands=["sh", "-c", "echo $SUBJECT"],
        environment_variables={"SUBJECT": "sub-01"},
        minimum_worker_ram_in_gib=6,
        minimum_worker_cpus=5,
        submission_id="mine",
    )
    assert info["table_submission_info"]["id"] == "mine"
    job = ended(ohio, info["job_submission_info"]["jobId"])
    definition = definition_of(ohio, job)
    container = definition["containerProperties"]
    assert {item["type"]: item["value"] for item in container["resourceRequirements"]} == {
        "VCPU": "5",
        "MEMORY": "6144",
    }
    assert container["jobRoleArn"].endswith("/neuroconv_batch_role")
    assert definition["timeout"] == {"attemptDurationSeconds": 86400}
    assert definition["jobDefinitionName"] == (
        "neuroconv_batch_ghcr-io-catalystneuro-neuroconv-v0-7-image_6-GiB-RAM_5-CPU"
    )
    with BatchSession("neuroconv", region="us-east-2") as session:
        events: Any = session.logs.get_log_events(
            logGroupName="/aws/batch/job", logStreamName=job["container"]["logStreamName"], startFromHead=True
        )
    assert [event["message"] for event in events["events"]] == ["sub-01"]


@pytest.mark.parametrize("image", ["busybox", "busybox:latest", "localhost:5000/busybox"])
def test_an_image_that_moves_has_the_date_in_its_definitions_name(ohio: boto3.Session, image: str) -> None:
    """Without a tag, or with `latest`, the same words mean another image tomorrow."""
    today = dt.date.today()
    info = submit_aws_batch_job(job_name="moves", docker_image=image, commands=["true"])
    job = ended(ohio, info["job_submission_info"]["jobId"])
    days = {f"_created-on-{day.isoformat()}" for day in (today, dt.date.today())}
    assert any(definition_of(ohio, job)["jobDefinitionName"].endswith(day) for day in days)


def test_a_volume_is_mounted_by_its_name(ohio: boto3.Session) -> None:
    """The volume is made once, encrypted and at `/mnt/efs`; the next job reads what the first one wrote."""
    one = submit_aws_batch_job(
        job_name="writes", docker_image=IMAGE, commands=["sh", "-c", "echo 42 > /mnt/efs/x"], efs_volume_name="data"
    )
    two = submit_aws_batch_job(
        job_name="reads",
        docker_image=IMAGE,
        commands=["grep", "42", "/mnt/efs/x"],
        efs_volume_name="data",
        job_dependencies=[{"jobId": one["job_submission_info"]["jobId"], "type": "SEQUENTIAL"}],
    )
    read = ended(ohio, two["job_submission_info"]["jobId"])
    assert read["status"] == "SUCCEEDED"
    assert [item["jobId"] for item in read["dependsOn"]] == [one["job_submission_info"]["jobId"]]
    volumes = ohio.client("efs").describe_file_systems()["FileSystems"]
    assert [(volume["Name"], volume["Encrypted"]) for volume in volumes] == [("data", True)]
    assert volumes[0]["FileSystemId"] in definition_of(ohio, read)["jobDefinitionName"]


@pytest.mark.parametrize("first_id", [None, "mine"])
def test_a_second_unfinished_job_of_the_name_is_refused(ohio: boto3.Session, first_id: str | None) -> None:
    """Once AWS lists the first job, whoever submitted it; and when it has ended, the name is free again."""
    call: dict[str, Any] = {"job_name": "twice", "docker_image": IMAGE}
    first = submit_aws_batch_job(**call, commands=["sleep", "120"], submission_id=first_id)["job_submission_info"]
    until_listed(ohio)
    for second_id in (None, "other"):
        with pytest.raises(UnfinishedJobError, match=first["jobId"]):
            submit_aws_batch_job(**call, commands=["true"], submission_id=second_id)
    batch: Any = ohio.client("batch")
    batch.terminate_job(jobId=first["jobId"], reason="enough")
    ended(ohio, first["jobId"])
    ids = {first["jobId"]}
    for _ in range(2):
        again = submit_aws_batch_job(**call, commands=["true"])
        ended(ohio, again["job_submission_info"]["jobId"])
        ids.add(again["job_submission_info"]["jobId"])
    assert len(ids) == 3


def until_listed(ohio: boto3.Session) -> None:
    """Return when ListJobs shows a job, within half a minute."""
    batch: Any = ohio.client("batch")
    filters = [{"name": "JOB_NAME", "values": ["twice"]}]
    end = time.monotonic() + 30
    while not batch.list_jobs(jobQueue="neuroconv_batch_queue", filters=filters)["jobSummaryList"]:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_two_calls_at_once_make_one_job(server: LocalServer, ohio: boto3.Session) -> None:
    """Also before AWS lists the first job, from this process and from another, the second call is refused."""
    submit_aws_batch_job(job_name="warm", docker_image=IMAGE, commands=["true"])
    first = submit_aws_batch_job(job_name="twice", docker_image=IMAGE, commands=["sleep", "60"])
    with pytest.raises(UnfinishedJobError, match="twice"):
        submit_aws_batch_job(job_name="twice", docker_image=IMAGE, commands=["true"])
    script = (
        "from batchwright.neuroconv import submit_aws_batch_job as submit\n"
        f"submit(job_name='twice', docker_image={IMAGE!r}, commands=['true'])"
    )
    sources = str(Path(batchwright.__file__).parents[1])
    other = subprocess.run(
        [sys.executable, "-c", script],
        env={**server.environment(), "PYTHONPATH": sources},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "UnfinishedJobError" in other.stderr
    table: Any = ohio.resource("dynamodb").Table("neuroconv_batch_status_tracker")
    rows = [row for row in table.scan()["Items"] if row["job_name"] == "twice"]
    assert [row["job_id"] for row in rows] == [first["job_submission_info"]["jobId"]]


@pytest.mark.parametrize(
    ("variable", "argument", "region"),
    [(None, None, "us-east-2"), ("eu-west-1", None, "eu-west-1"), ("eu-west-1", "eu-central-1", "eu-central-1")],
)
def test_the_region_is_the_callers_then_ohio(
    monkeypatch: pytest.MonkeyPatch, server: LocalServer, variable: str | None, argument: str | None, region: str
) -> None:
    """The argument counts first, then boto3's configuration, then us-east-2; a volume can be had in each."""
    if variable:
        monkeypatch.setenv("AWS_DEFAULT_REGION", variable)
    info = submit_aws_batch_job(
        job_name="where", docker_image=IMAGE, commands=["ls", "/mnt/efs"], efs_volume_name="data", region=argument
    )
    assert info["job_submission_info"]["jobArn"].split(":")[3] == region
    there = server.boto3_session(region)
    assert ended(there, info["job_submission_info"]["jobId"])["status"] == "SUCCEEDED"
