"""The contract of security groups, and their one rule."""

from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from batchwright import BatchSession
from batchwright.errors import DeclarationError, NotOwnedError, WaitTimeoutError
from batchwright.local.in_process import InProcessAws
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup, SecurityGroupDescription
from batchwright.testing import ResourceContract
from batchwright.values import Action, Network, OnDrift
from batchwright.waiting import Patience


def lab(session: BatchSession, name: str = "lab") -> SecurityGroup:
    """A group in the default VPC."""
    return SecurityGroup(session, name=name, network=DefaultNetwork(session))


class TestSecurityGroup(ResourceContract):
    """A security group keeps the contract of all resources."""

    mutable = {"tags": {"project": "reads"}}
    immutable = {"description": "something else"}

    def declare(self, session: BatchSession) -> SecurityGroup:
        return lab(session)


def test_only_members_come_in(session: BatchSession) -> None:
    """A new group has one rule, for its own members, and none for any address."""
    seen = lab(session).ensure().description
    (group,) = session.ec2.describe_security_groups(GroupIds=[seen.group_id])["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert rule["IpProtocol"] == "-1"
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [seen.group_id]
    assert rule["IpRanges"] == rule["Ipv6Ranges"] == []
    assert seen.lets_members_in


def revoke(session: BatchSession, seen: SecurityGroupDescription) -> None:
    """Take the members' rule away, as someone in the console would."""
    pairs = [{"GroupId": seen.group_id}]
    session.ec2.revoke_security_group_ingress(
        GroupId=seen.group_id, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": pairs}]
    )


def test_a_rule_that_was_taken_away_comes_back(session: BatchSession) -> None:
    """The missing rule is drift of ours; other rules are nobody's business."""
    group = lab(session)
    seen = group.ensure().description
    revoke(session, seen)
    session.ec2.authorize_security_group_ingress(
        GroupId=seen.group_id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )
    assert group.drift().paths == ("LetsMembersIn",)
    assert group.ensure().action is Action.UPDATED
    assert group.describe().lets_members_in
    assert len(group.describe().raw["IpPermissions"]) == 2


def test_a_foreign_group_is_used_as_it_is(session: BatchSession, aws: InProcessAws) -> None:
    """A group that someone else made keeps its rules, is reported, and is not deleted."""
    vpc_id = DefaultNetwork(session).describe().vpc_id
    session.ec2.create_security_group(GroupName="theirs", Description="by hand", VpcId=vpc_id)
    aws.calls.clear()
    group = lab(session, "theirs")
    ensured = group.ensure()
    assert (ensured.action, ensured.owned) == (Action.UNCHANGED, False)
    assert "LetsMembersIn" in ensured.drift.paths
    assert {operation for _, operation in aws.calls} == {"DescribeVpcs", "DescribeSubnets", "DescribeSecurityGroups"}
    with pytest.raises(NotOwnedError):
        group.delete()
    taken = attrs.evolve(group, description="by hand").ensure(on_drift=OnDrift.UPDATE)
    assert taken.action is Action.UPDATED
    assert taken.description.lets_members_in


def test_the_default_group_can_be_named(session: BatchSession) -> None:
    """The VPC's own group is found by its name."""
    group = SecurityGroup(session, name="default", network=DefaultNetwork(session))
    assert group.describe().lets_members_in


def test_groups_of_one_name_in_two_vpcs_are_two(session: BatchSession) -> None:
    """A group is known by its VPC too."""
    vpc_id = session.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet_id = session.ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    other = SecurityGroup(session, name="lab", network=Network(vpc_id=vpc_id, subnet_ids=subnet_id))
    assert lab(session) != other
    first, second = lab(session).ensure(), other.ensure()
    assert first.description.group_id != second.description.group_id
    assert second.description.vpc_id == vpc_id
    assert {seen.group_id for seen in SecurityGroup.list_owned(session)} == {
        first.description.group_id,
        second.description.group_id,
    }


def test_a_name_with_a_wildcard_is_its_own(session: BatchSession) -> None:
    """A star in a name stands for itself, although EC2's filters take it for anything."""
    lab(session, "lab-one").ensure()
    assert not lab(session, "lab*").exists()
    assert lab(session, "lab*").ensure().action is Action.CREATED


def test_two_at_once_make_one(session: BatchSession) -> None:
    """Whoever comes second finds the first one's group, rule included."""
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: lab(session).ensure().description, range(2)))
    assert len({seen.group_id for seen in both}) == 1
    assert all(seen.lets_members_in for seen in both)


def test_deleting_waits_while_something_uses_it(session: BatchSession) -> None:
    """A group in use is tried again until the patience is over, and then as soon as it is free."""
    group = attrs.evolve(lab(session), patience=Patience(timeout_s=60))
    seen = group.ensure().description
    subnet_id = DefaultNetwork(session).describe().subnet_ids[0]
    interface = session.ec2.create_network_interface(SubnetId=subnet_id, Groups=[seen.group_id])
    with pytest.raises(WaitTimeoutError, match="DependencyViolation"):
        group.delete()
    session.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterface"]["NetworkInterfaceId"])
    group.delete()
    assert not group.exists()


def test_only_our_own_are_listed(session: BatchSession) -> None:
    """The inventory holds what this namespace made."""
    vpc_id = DefaultNetwork(session).describe().vpc_id
    session.ec2.create_security_group(GroupName="theirs", Description="by hand", VpcId=vpc_id)
    lab(session).ensure()
    assert [seen.name for seen in SecurityGroup.list_owned(session)] == ["lab"]


@pytest.mark.parametrize(
    ("field", "value", "legal"),
    [
        ("name", "sg-lab", "not starting with 'sg-'"),
        ("name", "", "1 to 255"),
        ("description", "näher", "1 to 255 letters"),
        ("network", None, "session.defaults.network"),
    ],
)
def test_bad_input_is_refused_before_any_call(field: str, value: object, legal: str) -> None:
    """The error names the field and what is legal."""
    session = BatchSession("test")
    fields = {"name": "lab", "network": DefaultNetwork(session), field: value}
    with pytest.raises(DeclarationError) as caught:
        SecurityGroup(session, **fields)
    assert caught.value.field == field
    assert legal in str(caught.value)
