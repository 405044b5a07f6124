"""Whose the volume is: what was there before is used and stays, what is made for a deployment goes with it."""

from typing import Any

import pytest

from batchwright import ConflictError
from batchwright.neuroconv import KeptVolumeWarning, rclone_transfer_batch_job

from .conftest import COMMAND, Account


def mount_targets(account: Account, file_system_id: str) -> int:
    """How many mount targets a file system has."""
    return len(account.client("efs").describe_mount_targets(FileSystemId=file_system_id)["MountTargets"])


def test_a_volume_that_others_made_is_used_and_left(account: Account) -> None:
    """It is said at the line of the call, only the secret goes, and nothing of the volume is changed."""
    made = account.client("efs").create_file_system(CreationToken="x", Tags=[{"Key": "Name", "Value": "sub-01"}])
    groups = account.client("ec2").describe_security_groups()["SecurityGroups"]
    account.aws.advance(60)
    for subnet in account.client("ec2").describe_subnets()["Subnets"]:
        account.client("efs").create_mount_target(
            FileSystemId=made["FileSystemId"], SubnetId=subnet["SubnetId"], SecurityGroups=[groups[0]["GroupId"]]
        )
    account.aws.advance(300)
    ours = account.session().defaults.security_group.ensure().description.group_id
    account.client("ec2").authorize_security_group_ingress(
        GroupId=groups[0]["GroupId"],
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [{"GroupId": ours}]}
        ],
    )
    with pytest.warns(KeptVolumeWarning, match="was there before") as caught:
        info = account.deploy()
    assert [warning.filename.endswith("conftest.py") for warning in caught] == [True]
    info.wait().wait_for_teardown()
    (volume,) = account.volumes
    assert (volume["FileSystemId"], volume["Tags"]) == (made["FileSystemId"], [{"Key": "Name", "Value": "sub-01"}])
    assert mount_targets(account, made["FileSystemId"]) > 0
    assert account.parameters == []


def test_a_volume_of_an_earlier_transfer_is_used_and_left(account: Account) -> None:
    """What `rclone_transfer_batch_job` left on it is not taken away by a deployment that happens to name it."""
    config = account.files["rclone_config_file_path"]
    rclone_transfer_batch_job(
        rclone_command=COMMAND, job_name="before", efs_volume_name="sub-01", rclone_config_file_path=config
    )
    (before,) = account.volumes
    with pytest.warns(KeptVolumeWarning):
        info = account.deploy()
    info.wait().wait_for_teardown()
    assert [volume["FileSystemId"] for volume in account.volumes] == [before["FileSystemId"]]


def test_a_volume_is_kept_on_demand(account: Account) -> None:
    """It is there after the end, and the next deployment with it needs no warning to keep it too."""
    info = account.deploy(keep_volume=True).wait()
    info.wait_for_teardown()
    (kept,) = account.volumes
    assert (account.parameters, mount_targets(account, kept["FileSystemId"]) > 0) == ([], True)
    account.deploy(keep_volume=True, job_name="sub-02").wait().wait_for_teardown()
    assert [volume["FileSystemId"] for volume in account.volumes] == [kept["FileSystemId"]]


def test_a_kept_volume_without_a_secret_needs_no_tear_down(account: Account) -> None:
    """Where there is nothing to take away, none is started, and waiting for it says so."""
    (account.folder / "rclone.conf").write_text("")
    info = account.deploy(keep_volume=True)
    assert account.deploy(keep_volume=True) == info
    assert (info.wait().wait_for_teardown(), account.executions, len(account.volumes)) == (None, [], 1)


def test_another_deployments_volume_is_refused(account: Account) -> None:
    """It would be gone in the middle of the second one; nothing of that one is made."""
    account.deploy()
    rows = account.rows
    with pytest.raises(ConflictError, match="goes with the end of other jobs"):
        account.deploy(job_name="sub-02")
    assert (account.rows, len(account.parameters), len(account.executions)) == (rows, 1, 1)


def test_another_transfer_on_it_leaves_it_temporary(account: Account) -> None:
    """Whoever submits more jobs on a deployment's volume does not change when it goes, and is told."""
    info = account.deploy()
    with pytest.warns(UserWarning, match="it goes with the end of other jobs") as told:
        rclone_transfer_batch_job(
            rclone_command=COMMAND,
            job_name="more",
            efs_volume_name="sub-01",
            rclone_config_file_path=account.files["rclone_config_file_path"],
        )
    assert [each.filename for each in told] == [__file__]
    info.wait().wait_for_teardown()
    assert account.volumes == []


def test_what_a_failed_tear_down_left_goes_with_the_next_run(account: Account) -> None:
    """The volume of the run before is taken over, and taken away."""
    info = account.deploy().wait()
    execution: Any = account.executions[0]["executionArn"]
    account.client("stepfunctions").stop_execution(executionArn=execution)
    assert len(account.volumes) == 1
    account.deploy().wait().wait_for_teardown()
    assert account.volumes == []
    assert info is not None
