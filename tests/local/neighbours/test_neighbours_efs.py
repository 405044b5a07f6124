"""EFS behaves as AWS's does, where moto's is simpler."""

from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError
from mypy_boto3_efs import EFSClient

from batchwright.local.in_process import InProcessAws

CodeOf = Callable[..., tuple[int, str]]

FILE_SYSTEM_S, MOUNT_TARGET_S, DELETE_S = 15, 60, 30


@pytest.fixture
def efs(session: boto3.Session) -> EFSClient:
    return session.client("efs")


@pytest.fixture
def subnets(session: boto3.Session) -> list[str]:
    return [found["SubnetId"] for found in session.client("ec2").describe_subnets()["Subnets"]]


@pytest.fixture
def volume(aws: InProcessAws, efs: EFSClient) -> str:
    """The id of a file system that is available."""
    made = efs.create_file_system(CreationToken="lab", ThroughputMode="elastic", Encrypted=True)["FileSystemId"]
    aws.advance(FILE_SYSTEM_S)
    return made


@pytest.fixture
def target(aws: InProcessAws, efs: EFSClient, volume: str, subnets: list[str]) -> str:
    """The id of a mount target that is available."""
    made = efs.create_mount_target(FileSystemId=volume, SubnetId=subnets[0])["MountTargetId"]
    aws.advance(MOUNT_TARGET_S)
    return made


def states(efs: EFSClient, volume: str) -> list[str]:
    return [found["LifeCycleState"] for found in efs.describe_mount_targets(FileSystemId=volume)["MountTargets"]]


def state(efs: EFSClient, volume: str) -> str:
    return efs.describe_file_systems(FileSystemId=volume)["FileSystems"][0]["LifeCycleState"]


def test_a_file_system_takes_its_time(aws: InProcessAws, efs: EFSClient) -> None:
    """It is `creating` in the answer and in every description until its time has come."""
    made = efs.create_file_system(CreationToken="lab")
    assert made["LifeCycleState"] == "creating"
    aws.advance(FILE_SYSTEM_S - 1)
    assert state(efs, made["FileSystemId"]) == "creating"
    aws.advance(1)
    assert state(efs, made["FileSystemId"]) == "available"


def test_a_token_makes_one_file_system(efs: EFSClient, volume: str) -> None:
    """The same token again answers 409 and tells the id of the file system that it made."""
    with pytest.raises(ClientError) as caught:
        efs.create_file_system(CreationToken="lab")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert caught.value.response["Error"]["Code"] == "FileSystemAlreadyExists"
    assert caught.value.response["FileSystemId"] == volume
    assert len(efs.describe_file_systems()["FileSystems"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"PerformanceMode": "maxIO", "ThroughputMode": "elastic"},
        {"PerformanceMode": "maxIO", "AvailabilityZoneName": "us-east-2a"},
        {"ThroughputMode": "provisioned"},
        {"ThroughputMode": "bursting", "ProvisionedThroughputInMibps": 4.0},
    ],
)
def test_combinations_that_aws_has_not_are_refused(efs: EFSClient, code_of: CodeOf, wrong: dict[str, object]) -> None:
    """Nothing is made of a request that AWS refuses."""
    assert code_of(efs.create_file_system, CreationToken="x", **wrong) == (400, "BadRequest")
    assert efs.describe_file_systems()["FileSystems"] == []


def test_a_mount_target_waits_for_its_file_system(
    aws: InProcessAws, efs: EFSClient, code_of: CodeOf, subnets: list[str]
) -> None:
    """Before the file system is available a mount target or access point is refused."""
    made = efs.create_file_system(CreationToken="lab")["FileSystemId"]
    refusal = (409, "IncorrectFileSystemLifeCycleState")
    assert code_of(efs.create_mount_target, FileSystemId=made, SubnetId=subnets[0]) == refusal
    assert code_of(efs.create_access_point, FileSystemId=made) == refusal
    aws.advance(FILE_SYSTEM_S)
    assert efs.create_mount_target(FileSystemId=made, SubnetId=subnets[0])["LifeCycleState"] == "creating"
    assert states(efs, made) == ["creating"]
    aws.advance(MOUNT_TARGET_S)
    assert states(efs, made) == ["available"]


def test_a_mount_target_has_the_default_group(session: boto3.Session, efs: EFSClient, target: str) -> None:
    """Without groups the default group of the VPC is used."""
    filters = [{"Name": "group-name", "Values": ["default"]}]
    (group,) = session.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    assert efs.describe_mount_target_security_groups(MountTargetId=target)["SecurityGroups"] == [group["GroupId"]]


def test_unknown_subnets_and_groups_are_bad_requests(
    efs: EFSClient, code_of: CodeOf, volume: str, subnets: list[str]
) -> None:
    """AWS answers 400 for a subnet or a group that does not exist."""
    wrong_subnet = {"FileSystemId": volume, "SubnetId": "subnet-00000000000000000"}
    wrong_group = {"FileSystemId": volume, "SubnetId": subnets[0], "SecurityGroups": ["sg-00000000000000000"]}
    assert code_of(efs.create_mount_target, **wrong_subnet) == (400, "SubnetNotFound")
    assert code_of(efs.create_mount_target, **wrong_group) == (400, "SecurityGroupNotFound")


def test_one_zone_means_that_zone(aws: InProcessAws, efs: EFSClient, code_of: CodeOf, subnets: list[str]) -> None:
    """A One Zone file system takes a mount target in its own zone only."""
    made = efs.create_file_system(CreationToken="one", AvailabilityZoneName="us-east-2a")["FileSystemId"]
    aws.advance(FILE_SYSTEM_S)
    refusal = code_of(efs.create_mount_target, FileSystemId=made, SubnetId=subnets[1])
    assert refusal == (400, "AvailabilityZonesMismatch")
    assert efs.create_mount_target(FileSystemId=made, SubnetId=subnets[0])["AvailabilityZoneName"] == "us-east-2a"


def test_deleting_takes_its_time_and_its_order(
    aws: InProcessAws, efs: EFSClient, code_of: CodeOf, volume: str, target: str, subnets: list[str]
) -> None:
    """A file system is in use until its mount targets are gone, and each is seen as `deleting` for a while."""
    assert code_of(efs.delete_file_system, FileSystemId=volume) == (409, "FileSystemInUse")
    efs.delete_mount_target(MountTargetId=target)
    assert states(efs, volume) == ["deleting"]
    assert efs.describe_file_systems(FileSystemId=volume)["FileSystems"][0]["NumberOfMountTargets"] == 1
    assert code_of(efs.delete_file_system, FileSystemId=volume) == (409, "FileSystemInUse")
    conflict = code_of(efs.create_mount_target, FileSystemId=volume, SubnetId=subnets[0])
    assert conflict == (409, "MountTargetConflict")
    aws.advance(DELETE_S)
    assert states(efs, volume) == []
    assert code_of(efs.describe_mount_targets, MountTargetId=target) == (404, "MountTargetNotFound")
    efs.delete_file_system(FileSystemId=volume)
    assert state(efs, volume) == "deleting"
    assert [found["FileSystemId"] for found in efs.describe_file_systems()["FileSystems"]] == [volume]
    aws.advance(DELETE_S)
    assert code_of(efs.describe_file_systems, FileSystemId=volume) == (404, "FileSystemNotFound")
    assert efs.describe_file_systems(CreationToken="lab")["FileSystems"] == []


def test_the_throughput_can_be_changed_once_a_day(
    aws: InProcessAws, efs: EFSClient, code_of: CodeOf, volume: str
) -> None:
    """UpdateFileSystem changes the throughput, and refuses to switch its mode again within 24 hours."""
    assert efs.update_file_system(FileSystemId=volume, ThroughputMode="bursting")["LifeCycleState"] == "updating"
    aws.advance(FILE_SYSTEM_S)
    seen = efs.describe_file_systems(FileSystemId=volume)["FileSystems"][0]
    assert (seen["LifeCycleState"], seen["ThroughputMode"]) == ("available", "bursting")
    again = {"FileSystemId": volume, "ThroughputMode": "elastic"}
    assert code_of(efs.update_file_system, **again) == (429, "TooManyRequests")
    aws.advance(86_400)
    assert efs.update_file_system(**again)["ThroughputMode"] == "elastic"


def test_an_unknown_file_system_cannot_be_updated(efs: EFSClient, code_of: CodeOf) -> None:
    """UpdateFileSystem of what does not exist is refused."""
    wrong = {"FileSystemId": "fs-00000000", "ThroughputMode": "elastic"}
    assert code_of(efs.update_file_system, **wrong) == (404, "FileSystemNotFound")


def test_a_token_makes_one_access_point(efs: EFSClient, volume: str) -> None:
    """The same client token again answers 409 and tells the id of the access point that it made."""
    made = efs.create_access_point(FileSystemId=volume, ClientToken="point")
    with pytest.raises(ClientError) as caught:
        efs.create_access_point(FileSystemId=volume, ClientToken="point")
    assert caught.value.response["AccessPointId"] == made["AccessPointId"]
    assert len(efs.describe_access_points(FileSystemId=volume)["AccessPoints"]) == 1


def test_regions_know_nothing_of_each_other(aws: InProcessAws, efs: EFSClient, volume: str) -> None:
    """A file system of one region does not show in another."""
    assert aws.boto3_session("eu-west-1").client("efs").describe_file_systems()["FileSystems"] == []


def test_a_deleted_mount_target_can_be_asked_for(
    aws: InProcessAws, efs: EFSClient, code_of: CodeOf, volume: str, target: str
) -> None:
    """While it is `deleting` a mount target is described by its id and may be deleted again; others are unknown."""
    efs.delete_mount_target(MountTargetId=target)
    efs.delete_mount_target(MountTargetId=target)
    (seen,) = efs.describe_mount_targets(MountTargetId=target)["MountTargets"]
    assert (seen["LifeCycleState"], seen["FileSystemId"]) == ("deleting", volume)
    assert "SecurityGroups" not in seen
    unknown = code_of(efs.delete_mount_target, MountTargetId="fsmt-00000000")
    assert unknown == (404, "MountTargetNotFound")


def test_a_deleted_file_system_holds_its_token(aws: InProcessAws, efs: EFSClient, code_of: CodeOf, volume: str) -> None:
    """While it is `deleting` a file system may be deleted again, keeps its token, and takes no mount target."""
    efs.delete_file_system(FileSystemId=volume)
    efs.delete_file_system(FileSystemId=volume)
    (seen,) = efs.describe_file_systems(CreationToken="lab")["FileSystems"]
    assert seen["LifeCycleState"] == "deleting"
    assert code_of(efs.create_file_system, CreationToken="lab") == (409, "FileSystemAlreadyExists")
    aws.advance(DELETE_S)
    assert efs.create_file_system(CreationToken="lab")["FileSystemId"] != volume


def test_an_access_point_leads_to_its_mount_targets(efs: EFSClient, code_of: CodeOf, volume: str, target: str) -> None:
    """Mount targets are found by an access point, and an access point needs a file system that exists."""
    point = efs.create_access_point(FileSystemId=volume, ClientToken="point")["AccessPointId"]
    (seen,) = efs.describe_mount_targets(AccessPointId=point)["MountTargets"]
    assert seen["MountTargetId"] == target
    assert code_of(efs.create_access_point, FileSystemId="fs-00000000") == (404, "FileSystemNotFound")


def test_a_policy_waits_for_its_file_system(aws: InProcessAws, efs: EFSClient, code_of: CodeOf) -> None:
    """What is put on a file system is refused before it is available."""
    made = efs.create_file_system(CreationToken="lab")["FileSystemId"]
    policy = {"FileSystemId": made, "Policy": "{}"}
    assert code_of(efs.put_file_system_policy, **policy) == (409, "IncorrectFileSystemLifeCycleState")
    aws.advance(FILE_SYSTEM_S)
    assert efs.put_file_system_policy(**policy)["FileSystemId"] == made
