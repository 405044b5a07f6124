"""How volumes are mounted, and which rules that takes."""

from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.errors import DeclarationError
from batchwright.graph import held
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.efs_description import EfsVolumeDescription, MountTargetDescription
from batchwright.resources.efs_volume import EfsVolume, Mount, lets_in
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.values import Network

NFS = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}


def offline(**fields: Any) -> EfsVolume:  # noqa: ANN401  # any field
    session = BatchSession("test", region="us-east-2")
    network = Network(vpc_id="vpc-1", subnet_ids="subnet-1")
    return EfsVolume(session, name="scratch", network=network, security_groups="sg-1", **fields)


def group(session: BatchSession, name: str) -> str:
    return session.ec2.create_security_group(GroupName=name, Description=name)["GroupId"]


def admit(session: BatchSession, group_id: str, **rule: Any) -> None:  # noqa: ANN401  # as EC2 writes it
    permissions: Any = [{**NFS, **rule}]
    session.ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=permissions)


def volume_with(*groups: tuple[str, ...]) -> EfsVolumeDescription:
    """A volume with one mount target for each tuple of groups."""
    targets = tuple(
        MountTargetDescription(
            id=f"fsmt-{index}", status="available", subnet_id="subnet-1", zone=f"zone-{index}", security_group_ids=own
        )
        for index, own in enumerate(groups)
    )
    return EfsVolumeDescription(file_system_id="fs-1", life_cycle_state="available", mount_targets=targets)


def test_a_mount_holds_its_volume_as_a_dependency() -> None:
    """Whoever holds a mount depends on its volume."""
    volume = offline()
    assert held([{"/mnt/efs": Mount(volume, read_only=True)}], EfsVolume) == (volume,)


def test_a_mount_is_a_value() -> None:
    """Equal mounts are one, and the volume prints as a reference."""
    volume = offline()
    assert {Mount(volume), Mount(volume, read_only=False)} == {Mount(volume)}
    assert repr(Mount(volume, iam=True)) == "Mount(volume=<EfsVolume 'scratch'>, iam=True)"


@pytest.mark.parametrize("directory", ["data", "", "/a/../b", "/" + "x" * 4096])
def test_a_bad_directory_is_refused_before_any_call(directory: str) -> None:
    """The error names the field and what is legal."""
    with pytest.raises(DeclarationError, match="root_directory="):
        Mount(offline(), root_directory=directory)


def test_an_access_point_says_which_directory_it_is() -> None:
    """AWS refuses another root beside an access point; / says nothing and is fine."""
    volume = offline(access_point=AccessPoint(path="/data", uid=1, gid=1))
    with pytest.raises(DeclarationError, match=r"root_directory='/other'.*access point"):
        Mount(volume, root_directory="/other")
    assert Mount(volume, root_directory="/").root_directory == "/"


def test_members_of_our_own_group_are_let_in(session: BatchSession) -> None:
    """A volume and an environment with the default declarations need no further rule."""
    network = DefaultNetwork(session)
    own = SecurityGroup(session, name="lab", network=network)
    seen = EfsVolume(session, name="scratch", network=network, security_groups=own).ensure().description
    assert lets_in(seen, [own.describe().group_id], session) == []
    stranger = group(session, "stranger")
    missing = lets_in(seen, [stranger], session)
    assert len(missing) == 3
    assert all(f"TCP 2049 from {stranger} in {own.describe().group_id}" in rule for rule in missing)


@pytest.mark.parametrize(
    ("rule", "admits"),
    [
        ({}, True),
        ({"IpProtocol": "-1"}, True),
        ({"FromPort": 0, "ToPort": 65535}, True),
        ({"FromPort": 22, "ToPort": 22}, False),
        ({"IpProtocol": "udp"}, False),
    ],
)
def test_a_rule_for_the_environments_group_counts_by_protocol_and_port(
    session: BatchSession, rule: dict[str, Any], admits: bool
) -> None:
    """Only TCP 2049, alone or among others, lets NFS through."""
    ours, theirs = group(session, "volume"), group(session, "environment")
    admit(session, ours, **rule, UserIdGroupPairs=[{"GroupId": theirs}])
    assert (lets_in(volume_with((ours,)), [theirs], session) == []) is admits


def test_a_rule_for_another_group_does_not_count(session: BatchSession) -> None:
    """The missing rule names the port, where it comes from and where it belongs."""
    ours, theirs, others = (group(session, name) for name in ("volume", "environment", "others"))
    admit(session, ours, UserIdGroupPairs=[{"GroupId": others}])
    assert lets_in(volume_with((ours,)), [theirs], session) == [
        f"inbound TCP 2049 from {theirs} in {ours} (mount target fsmt-0 in zone-0)"
    ]


def test_a_rule_for_addresses_counts(session: BatchSession) -> None:
    """Nobody knows here which addresses jobs will have, so nobody is refused for it."""
    ours, theirs = group(session, "volume"), group(session, "environment")
    admit(session, ours, IpRanges=[{"CidrIp": "172.31.0.0/16"}])
    assert lets_in(volume_with((ours,)), [theirs], session) == []


def test_each_mount_target_needs_one_admitting_group(session: BatchSession) -> None:
    """One group of several is enough for a mount target, and one mount target is not enough for all."""
    open_, closed, theirs = (group(session, name) for name in ("open", "closed", "environment"))
    admit(session, open_, UserIdGroupPairs=[{"GroupId": theirs}])
    missing = lets_in(volume_with((closed, open_), (closed,)), ["sg-0", theirs], session)
    assert [rule.partition("(")[2] for rule in missing] == ["mount target fsmt-1 in zone-1)"]


def test_nothing_is_asked_where_nothing_is_known(session: BatchSession, aws: InProcessAws) -> None:
    """A volume whose mount targets are on their way is not refused, and costs no call."""
    aws.calls.clear()
    assert lets_in(volume_with((), ()), ["sg-0"], session) == []
    assert aws.calls == []
