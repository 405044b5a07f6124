"""Backup policies of EFS file systems, which moto only shows."""

from collections.abc import Callable

import boto3
import pytest
from mypy_boto3_efs import EFSClient

from batchwright.local.in_process import InProcessAws

FILE_SYSTEM_S = 15


@pytest.fixture
def efs(session: boto3.Session) -> EFSClient:
    return session.client("efs")


def policy(efs: EFSClient, file_system_id: str) -> str:
    return efs.describe_backup_policy(FileSystemId=file_system_id)["BackupPolicy"]["Status"]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, "DISABLED"),
        ({"Backup": True}, "ENABLED"),
        ({"AvailabilityZoneName": "us-east-2a"}, "ENABLED"),
        ({"AvailabilityZoneName": "us-east-2a", "Backup": False}, "DISABLED"),
    ],
)
def test_only_one_zone_is_saved_unasked(efs: EFSClient, asked: dict[str, object], shown: str) -> None:
    """What the creation said holds; where it said nothing the kind of file system decides."""
    made = efs.create_file_system(CreationToken="lab", **asked)
    assert policy(efs, made["FileSystemId"]) == shown


def test_a_policy_is_switched_both_ways_and_passes_through_a_state(aws: InProcessAws, efs: EFSClient) -> None:
    """It is ENABLING or DISABLING for a while, and sending it again changes nothing."""
    made = efs.create_file_system(CreationToken="lab")["FileSystemId"]
    aws.advance(FILE_SYSTEM_S)
    for wanted, passing in (("ENABLED", "ENABLING"), ("DISABLED", "DISABLING")):
        answer = efs.put_backup_policy(FileSystemId=made, BackupPolicy={"Status": wanted})
        assert (answer["BackupPolicy"]["Status"], policy(efs, made)) == (passing, passing)
        aws.advance(FILE_SYSTEM_S)
        efs.put_backup_policy(FileSystemId=made, BackupPolicy={"Status": wanted})
        assert policy(efs, made) == wanted


def test_a_policy_is_refused_where_there_is_nothing_to_save(
    aws: InProcessAws, efs: EFSClient, code_of: Callable[..., tuple[int, str]]
) -> None:
    """Neither a file system that is being made, nor one that is gone, takes a policy."""
    enabled = {"Status": "ENABLED"}
    made = efs.create_file_system(CreationToken="lab")["FileSystemId"]
    early = code_of(efs.put_backup_policy, FileSystemId=made, BackupPolicy=enabled)
    assert early == (409, "IncorrectFileSystemLifeCycleState")
    aws.advance(FILE_SYSTEM_S)
    assert code_of(efs.put_backup_policy, FileSystemId=made, BackupPolicy={"Status": "ON"})[0] == 400
    efs.delete_file_system(FileSystemId=made)
    assert code_of(efs.put_backup_policy, FileSystemId=made, BackupPolicy=enabled) == (404, "FileSystemNotFound")
    assert code_of(efs.describe_backup_policy, FileSystemId=made) == (404, "FileSystemNotFound")
