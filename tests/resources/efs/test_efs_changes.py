"""What happens to a volume that is not as declared."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from batchwright import BatchSession
from batchwright.errors import (
    ReplacementRequiredError,
    ThrottledError,
)
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.values import Action, Network

ZONES = ("us-east-2a", "us-east-2b", "us-east-2c")


def test_a_lost_mount_target_is_made_again(
    session: BatchSession, aws: InProcessAws, declared: Callable[..., Any]
) -> None:
    """What somebody deleted is drift, comes back in its zone, and gets the DNS margin once more."""
    volume = declared(session)
    seen = volume.ensure().description
    session.efs.delete_mount_target(MountTargetId=seen.mount_targets[1].id)
    session.clock.sleep(60)
    assert volume.drift().paths == (f"MountTargets.{ZONES[1]}.SecurityGroups",)
    before = aws.clock.now()
    again = volume.ensure()
    assert again.action is Action.UPDATED
    assert [target.zone for target in again.description.mount_targets] == list(ZONES)
    assert aws.clock.now() - before >= 60 + 90


def test_groups_of_a_mount_target_are_put_right(session: BatchSession, declared: Callable[..., Any]) -> None:
    """Only the one that differs is written."""
    volume = declared(session)
    seen = volume.ensure().description
    other = SecurityGroup(session, name="other", network=volume.network).ensure().description.group_id
    session.efs.modify_mount_target_security_groups(MountTargetId=seen.mount_targets[0].id, SecurityGroups=[other])
    assert volume.drift().paths == (f"MountTargets.{ZONES[0]}.SecurityGroups",)
    assert volume.ensure().action is Action.UPDATED
    assert volume.describe().mount_targets == seen.mount_targets


def test_a_zone_that_leaves_the_network_keeps_its_mount_target(
    session: BatchSession, declared: Callable[..., Any]
) -> None:
    """Jobs that run there go on reading and writing."""
    network = DefaultNetwork(session).describe()
    volume = declared(session)
    volume.ensure()
    fewer = Network(vpc_id=network.vpc_id, subnet_ids=network.subnet_ids[:1])
    attrs.evolve(volume, network=fewer).ensure()
    assert len(volume.describe().mount_targets) == 3


def test_another_vpc_needs_another_volume(session: BatchSession, declared: Callable[..., Any]) -> None:
    """EFS serves one VPC at a time, and the error says which one it is."""
    volume = declared(session)
    volume.ensure()
    vpc_id = session.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"].get("VpcId", "")
    subnet = session.ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24", AvailabilityZone=ZONES[0])["Subnet"]
    network = Network(vpc_id=vpc_id, subnet_ids=subnet.get("SubnetId", ""))
    group = SecurityGroup(session, name="there", network=network)
    with pytest.raises(ReplacementRequiredError, match=f"declared in {vpc_id}"):
        attrs.evolve(volume, network=network, security_groups=group).ensure()
    assert len(volume.describe().mount_targets) == 3


def test_a_second_change_of_throughput_within_a_day_says_so_at_once(
    session: BatchSession, aws: InProcessAws, declared: Callable[..., Any]
) -> None:
    """EFS takes one in 24 hours: nobody waits for that."""
    declared(session).ensure()
    declared(session, throughput_mode="bursting").ensure()
    before = aws.clock.now()
    with pytest.raises(ThrottledError, match="24 hours"):
        declared(session).ensure()
    assert aws.clock.now() - before < 5


@pytest.mark.parametrize("zone", [None, "us-east-2a"])
def test_backup_is_switched_in_place(
    session: BatchSession, aws: InProcessAws, declared: Callable[..., Any], zone: str | None
) -> None:
    """A changed `backup` sends PutBackupPolicy alone, both ways, and that is all it takes."""
    declared(session, availability_zone=zone).ensure()
    for backup in (True, False):
        volume = declared(session, availability_zone=zone, backup=backup)
        assert volume.drift().paths == ("Backup",)
        aws.calls.clear()
        assert volume.ensure().action is Action.UPDATED
        assert [call for _, call in aws.calls if call.startswith("Put")] == ["PutBackupPolicy"]
        assert volume.describe().backup is backup
        assert volume.ensure().action is Action.UNCHANGED


def test_another_access_point_is_made_and_the_first_one_stays(
    session: BatchSession, declared: Callable[..., Any]
) -> None:
    """Jobs that run hold the earlier one; the description names the declared one."""
    first = declared(session, access_point=AccessPoint(path="/a", uid=1, gid=1)).ensure().description
    second = declared(session, access_point=AccessPoint(path="/b", uid=1, gid=1)).ensure().description
    points = session.efs.describe_access_points(FileSystemId=first.file_system_id)["AccessPoints"]
    assert {point.get("AccessPointId") for point in points} == {first.access_point_id, second.access_point_id}
    assert first.access_point_id != second.access_point_id
    assert declared(session).describe().access_point_id is None
