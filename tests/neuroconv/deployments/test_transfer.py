"""`rclone_transfer_batch_job`: one transfer, whose secret goes after it and whose volume stays."""

from typing import Any

import pytest

from batchwright import ConflictError, UnfinishedJobError
from batchwright.neuroconv import SubmissionInfo, rclone_transfer_batch_job

from .conftest import COMMAND, CONFIG, Account, job_id

NAME = "move"
ENDS = ("SUCCEEDED", "FAILED")


@pytest.fixture
def usual(account: Account) -> dict[str, Any]:
    """The arguments of most calls."""
    return {
        "rclone_command": COMMAND,
        "job_name": NAME,
        "efs_volume_name": "data",
        "rclone_config_file_path": account.files["rclone_config_file_path"],
    }


def ended(account: Account, info: SubmissionInfo) -> None:
    """Let time go by until the job and the tear-down of its secret have ended."""
    account.until(lambda: {job["jobId"]: job["status"] for job in account.jobs()}[job_id(info)] in ENDS)
    account.until(lambda: all(each["status"] != "RUNNING" for each in account.executions))


@pytest.mark.parametrize("failing", [set[str](), {NAME}])
def test_the_secret_goes_and_the_volume_stays(account: Account, usual: dict[str, Any], failing: set[str]) -> None:
    """NeuroConv's answer, a container with the configuration, and nothing left of it afterwards."""
    account.engine.failing = failing
    info = rclone_transfer_batch_job(**usual)
    assert list(info) == ["job_submission_info", "table_submission_info"]
    assert info["table_submission_info"] == {
        "id": info["table_submission_info"]["id"],
        "job_id": job_id(info),
        "job_name": NAME,
        "submitted_on": info["table_submission_info"]["submitted_on"],
        "status": "Job submitted...",
    }
    assert len(account.parameters) == 1
    ended(account, info)
    assert account.engine.environments[NAME]["RCLONE_CONFIG"] == CONFIG
    assert (account.parameters, len(account.volumes)) == ([], 1)


def test_a_second_unfinished_one_is_refused(account: Account, usual: dict[str, Any]) -> None:
    """As by NeuroConv's guard; after its end the name is free again."""
    first = rclone_transfer_batch_job(**usual)
    for _ in range(2):
        with pytest.raises(UnfinishedJobError, match=job_id(first)):
            rclone_transfer_batch_job(**usual)
        account.aws.advance(60)
    ended(account, first)
    second = rclone_transfer_batch_job(**usual)
    assert job_id(second) != job_id(first)
    ended(account, second)
    assert (account.parameters, len(account.executions)) == ([], 2)


def test_the_same_submission_id_is_the_same_job(account: Account, usual: dict[str, Any]) -> None:
    """While it runs and after its end; then no secret is made again. Another declaration of it is refused."""
    first = rclone_transfer_batch_job(**usual, submission_id="mine")
    assert (first["table_submission_info"]["id"], len(account.rows)) == ("mine", 1)
    assert rclone_transfer_batch_job(**usual, submission_id="mine") == first
    ended(account, first)
    assert rclone_transfer_batch_job(**usual, submission_id="mine") == first
    assert (account.parameters, len(account.executions)) == ([], 1)
    with pytest.raises(ConflictError, match="other arguments"):
        rclone_transfer_batch_job(**{**usual, "rclone_command": "rclone ls /mnt/efs"}, submission_id="mine")


def test_what_is_given_is_taken(account: Account, usual: dict[str, Any]) -> None:
    """Image, sizes, names of the table, the queue, the environment and the definition."""
    rclone_transfer_batch_job(
        **usual,
        rclone_image="lab/rclone:1",
        job_definition_name="moving",
        minimum_worker_ram_in_gib=6,
        minimum_worker_cpus=2,
        job_queue_name="slow",
        compute_environment_name="small",
        status_tracker_table_name="moved",
    )
    batch = account.client("batch")
    (definition,) = batch.describe_job_definitions(jobDefinitionName="moving")["jobDefinitions"]
    container = definition["containerProperties"]
    sizes = {item["type"]: item["value"] for item in container["resourceRequirements"]}
    assert (container["image"], sizes) == ("lab/rclone:1", {"VCPU": "2", "MEMORY": "6144"})
    (queue,) = batch.describe_job_queues()["jobQueues"]
    assert queue["jobQueueName"] == "slow"
    assert [each["computeEnvironment"].rpartition("/")[2] for each in queue["computeEnvironmentOrder"]] == ["small"]
    assert account.client("dynamodb").list_tables()["TableNames"] == ["moved"]
