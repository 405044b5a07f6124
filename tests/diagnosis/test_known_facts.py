"""Rules over facts that are put in, for what no account shows at will; AWS is not asked."""

from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.diagnosis import efs_facts, iam_facts, network_facts
from batchwright.diagnosis.areas import AREAS
from batchwright.diagnosis.batch_facts import DEFINITIONS, ENVIRONMENTS
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network_facts import NAT_GATEWAYS, NETWORK_ACLS, ROUTE_TABLES, SUBNETS
from batchwright.diagnosis.rules import RULES
from batchwright.diagnosis.subjects import DefinitionSubject, EnvironmentSubject, Subject, VolumeSubject
from batchwright.diagnosis.ways_out import Way, missing_endpoints, nat_gateways_of, way_out
from batchwright.findings import Finding, Severity
from batchwright.resources.efs_description import MountTargetDescription
from batchwright.resources.environment_description import ComputeEnvironmentDescription

VPC, OWN, OTHER = "vpc-1", "subnet-1", "subnet-2"
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
VOLUME = VolumeSubject(file_system_id="fs-1", label="volume", access_point_id="fsap-1")
ENVIRONMENT = EnvironmentSubject("lab")


@pytest.fixture
def facts() -> Facts:
    """The facts of an account in which two subnets have one route table each."""
    facts = Facts(BatchSession("test", region="us-east-2"), timeout_s=0)
    for subnet_id in (OWN, OTHER):
        facts.put(SUBNETS, subnet_id, {"SubnetId": subnet_id, "VpcId": VPC, "AvailabilityZone": "us-east-2a"})
    facts.put(NAT_GATEWAYS, VPC, ())
    put_environment(facts, service_role="arn:aws:iam::123456789012:role/own")
    return facts


def put_environment(facts: Facts, **members: Any) -> None:  # noqa: ANN401  # whatever AWS tells of one
    """Know an environment of the account."""
    arn = "arn:aws:batch:us-east-2:123456789012:compute-environment/lab"
    seen = ComputeEnvironmentDescription(name="lab", arn=arn, type="EC2", subnets=(OWN,), **members)
    facts.put(ENVIRONMENTS, "lab", seen)


def found_by(rule: str, facts: Facts, subject: Subject) -> list[Finding]:
    assert AREAS
    return list(RULES[rule].check(facts, subject))


def lead(facts: Facts, own: dict[str, str] | None, other: dict[str, str] | None = None) -> None:
    """Give the two subnets these routes to everywhere."""
    tables = [
        {
            "RouteTableId": f"rtb-{subnet_id}",
            "Associations": [{"SubnetId": subnet_id}],
            "Routes": [LOCAL, *([{"DestinationCidrBlock": "0.0.0.0/0", **route}] if route is not None else [])],
        }
        for subnet_id, route in ((OWN, own), (OTHER, other))
    ]
    facts.put(ROUTE_TABLES, VPC, tuple(tables))


def way_of(facts: Facts) -> tuple[Way, bool]:
    found = way_out(facts, {"SubnetId": OWN, "VpcId": VPC})
    return found.way, bool(found.fault)


@pytest.mark.parametrize(
    ("route", "way"),
    [
        ({"GatewayId": "igw-1"}, Way.INTERNET),
        ({"TransitGatewayId": "tgw-1"}, Way.ELSEWHERE),
        ({"GatewayId": "vgw-1"}, Way.ELSEWHERE),
        ({"GatewayId": "vpce-1"}, Way.ELSEWHERE),
        ({"NetworkInterfaceId": "eni-1"}, Way.ELSEWHERE),
        ({"DestinationCidrBlock": "0.0.0.0/1", "GatewayId": "igw-1"}, Way.INTERNET),
        ({"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1"}, Way.ELSEWHERE),
        ({"DestinationCidrBlock": "10.0.0.0/8", "VpcPeeringConnectionId": "pcx-1"}, Way.ELSEWHERE),
        ({"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "vgw-1"}, Way.ELSEWHERE),
        ({"DestinationCidrBlock": "10.0.0.0/8", "NetworkInterfaceId": "eni-1"}, Way.NOWHERE),
        ({"DestinationCidrBlock": "", "DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"}, Way.NOWHERE),
        ({"DestinationCidrBlock": "", "DestinationPrefixListId": "pl-1", "TransitGatewayId": "tgw-1"}, Way.ELSEWHERE),
        ({"DestinationCidrBlock": "", "DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"}, Way.ELSEWHERE),
        (None, Way.NOWHERE),
    ],
)
def test_where_a_route_leads(facts: Facts, route: dict[str, str] | None, way: Way) -> None:
    """Where firewalls, IPv6 and other networks lead is not known: AWS's endpoints may all be in one of these."""
    lead(facts, route)
    assert way_of(facts) == (way, False)


@pytest.mark.parametrize(
    ("gateway", "behind", "way", "is_faulty"),
    [
        ({"State": "available"}, {"GatewayId": "igw-1"}, Way.NAT, False),
        ({"State": "available"}, {"GatewayId": "vpce-firewall"}, Way.NAT, False),
        ({"State": "available"}, None, Way.NAT, True),
        ({"State": "available"}, {"GatewayId": "igw-1", "State": "blackhole"}, Way.NAT, True),
        ({"State": "available"}, {"NatGatewayId": "nat-2"}, Way.NAT, True),
        ({"State": "failed"}, {"GatewayId": "igw-1"}, Way.NAT, True),
        ({"State": "pending"}, {"GatewayId": "igw-1"}, Way.NAT, False),
        ({"State": "available", "ConnectivityType": "private"}, None, Way.ELSEWHERE, False),
        ({"State": "available", "AvailabilityMode": "regional", "SubnetId": ""}, None, Way.NAT, False),
        (None, {"GatewayId": "igw-1"}, Way.NAT, True),
    ],
)
def test_where_a_nat_gateway_leads(
    facts: Facts, gateway: dict[str, str] | None, behind: dict[str, str] | None, way: Way, is_faulty: bool
) -> None:
    """It has to be available, and its own subnet has to lead to the internet, by whatever firewall."""
    lead(facts, {"NatGatewayId": "nat-1"}, behind)
    facts.put(NAT_GATEWAYS, VPC, ({"NatGatewayId": "nat-1", "SubnetId": OTHER, **gateway},) if gateway else ())
    assert way_of(facts) == (way, is_faulty)
    costs = ("nat-1",) if way is Way.NAT and not is_faulty else ()
    assert nat_gateways_of(facts, [OWN]) == costs


def test_no_route_table(facts: Facts) -> None:
    """A subnet of which no route table is told leads nowhere."""
    facts.put(ROUTE_TABLES, VPC, ())
    assert way_of(facts) == (Way.NOWHERE, False)


def entry(number: int, action: str, *, egress: bool, **more: object) -> dict[str, object]:
    return {
        "RuleNumber": number,
        "RuleAction": action,
        "Egress": egress,
        "Protocol": "6",
        "CidrBlock": "0.0.0.0/0",
        **more,
    }


ALL_IN = entry(100, "allow", egress=False)
HTTPS = {"PortRange": {"From": 443, "To": 443}}


@pytest.mark.parametrize(
    ("entries", "is_closed"),
    [
        ([ALL_IN, entry(100, "allow", egress=True)], False),
        ([ALL_IN, entry(100, "allow", egress=True, **HTTPS)], False),
        ([ALL_IN, entry(100, "allow", egress=True, Protocol="17")], True),
        ([ALL_IN], True),
        ([ALL_IN, entry(90, "deny", egress=True, **HTTPS), entry(100, "allow", egress=True)], True),
        ([ALL_IN, entry(90, "deny", egress=True, CidrBlock="10.0.0.0/8"), entry(100, "allow", egress=True)], False),
        ([entry(100, "allow", egress=True), entry(100, "allow", egress=False, **HTTPS)], True),
    ],
)
def test_network_acls(facts: Facts, entries: list[dict[str, object]], is_closed: bool) -> None:
    """The first entry that fits decides, for HTTPS out and for the answers in."""
    acl = {"NetworkAclId": "acl-1", "Associations": [{"SubnetId": OWN}], "Entries": entries}
    facts.put(NETWORK_ACLS, VPC, (acl,))
    assert bool(found_by("network-acl-closed", facts, ENVIRONMENT)) is is_closed


def test_a_file_system_in_error(facts: Facts) -> None:
    """A file system in error does not come back: only a backup of it does."""
    facts.put(efs_facts.FILE_SYSTEMS, ("id", "fs-1"), {"LifeCycleState": "error"})
    (found,) = found_by("file-system-not-available", facts, VOLUME)
    assert found.severity is Severity.ERROR
    assert "Restore a backup" in found.fix


def test_a_mount_target_in_error(facts: Facts) -> None:
    """A mount target in error is an error, and its id is in the fix."""
    facts.put(efs_facts.FILE_SYSTEMS, ("id", "fs-1"), {"LifeCycleState": "available"})
    target = MountTargetDescription(id="fsmt-1", status="error", subnet_id=OWN, zone="us-east-2a")
    facts.put(efs_facts.MOUNT_TARGETS, "fs-1", (target,))
    (found,) = found_by("mount-target-not-available", facts, VOLUME)
    assert (found.severity, "fsmt-1" in found.fix) == (Severity.ERROR, True)


def test_an_access_point_of_another_volume(facts: Facts) -> None:
    """An access point leads to one file system only."""
    facts.put(efs_facts.FILE_SYSTEMS, ("id", "fs-1"), {"LifeCycleState": "available"})
    facts.put(efs_facts.ACCESS_POINTS, "fsap-1", {"FileSystemId": "fs-2", "LifeCycleState": "available"})
    (found,) = found_by("access-point-missing", facts, VOLUME)
    assert "belongs to fs-2" in found.summary


def test_a_service_role_that_is_gone(facts: Facts) -> None:
    """A service role of the account's own that was deleted is named."""
    facts.put(iam_facts.ROLE, "own", None)
    (found,) = found_by("service-role-unusable", facts, ENVIRONMENT)
    assert "role/own does not exist" in found.summary
    assert found_by("service-linked-role-missing", facts, ENVIRONMENT) == []


def test_nodes_of_kubernetes(facts: Facts) -> None:
    """Instances of EKS have no agent of ECS: neither its rights nor its endpoints are asked of them."""
    lead(facts, None)
    facts.put(network_facts.ENDPOINTS, VPC, ())
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:*"}]}
    role = {"RoleName": "node", "AssumeRolePolicyDocument": trust}
    facts.put(iam_facts.PROFILE, "node", {"InstanceProfileName": "node", "Roles": [role]})
    for action in (iam_facts.ATTACHED, iam_facts.INLINE):
        facts.put(action, "node", ())
    rules = ("subnet-no-way-out", "instance-role-rights")
    put_environment(facts, instance_role="node")
    assert [len(found_by(rule, facts, ENVIRONMENT)) for rule in rules] == [1, 1]
    put_environment(facts, instance_role="node", raw={"eksConfiguration": {}})
    assert [len(found_by(rule, facts, ENVIRONMENT)) for rule in rules] == [0, 0]


def definition(facts: Facts, **container: Any) -> DefinitionSubject:  # noqa: ANN401  # whatever AWS tells of one
    arn = "arn:aws:batch:us-east-2:123456789012:job-definition/a:1"
    told = {"jobDefinitionArn": arn, "containerProperties": {"image": "busybox", **container}}
    facts.put(DEFINITIONS, "a:1", told)
    return DefinitionSubject("a:1")


def test_what_lies_elsewhere_is_not_looked_at(facts: Facts) -> None:
    """Roles of other accounts and secrets of other regions are left alone: they cannot be described from here."""
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-a1b2c3"
    subject = definition(
        facts,
        jobRoleArn="arn:aws:iam::999999999999:role/theirs",
        secrets=[{"name": "KEY", "valueFrom": secret}],
    )
    facts.put(iam_facts.ROLE, "theirs", None)
    for rule in ("job-role-unusable", "secret-missing", "log-group-missing", "execution-role-rights"):
        assert found_by(rule, facts, subject) == []


@pytest.mark.parametrize(("partition", "suffix"), [("aws", ""), ("aws-cn", ".cn"), ("aws-us-gov", "")])
def test_other_partitions(facts: Facts, partition: str, suffix: str) -> None:
    """AWS's policy is known by its name in every partition, and EC2 by its name in China too."""
    service = {"Service": f"ec2.amazonaws.com{suffix}"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}]}
    role = {"RoleName": "instance", "AssumeRolePolicyDocument": trust}
    put_environment(facts, instance_role=f"arn:{partition}:iam::123456789012:instance-profile/instance")
    facts.put(iam_facts.PROFILE, "instance", {"InstanceProfileName": "instance", "Roles": [role]})
    policy = f"arn:{partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
    facts.put(iam_facts.ATTACHED, "instance", (policy,))
    assert found_by("instance-role-trust", facts, ENVIRONMENT) == []
    assert found_by("instance-role-rights", facts, ENVIRONMENT) == []
    trust["Statement"][0]["Principal"] = {"Service": "batch.amazonaws.com"}
    assert len(found_by("instance-role-trust", facts, ENVIRONMENT)) == 1


def test_endpoints_of_china(facts: Facts) -> None:
    """The names of endpoints begin otherwise in China."""
    subnet = {"SubnetId": OWN, "VpcId": VPC}
    lead(facts, None)
    names = ("com.amazonaws.us-east-2.ecs", "cn.com.amazonaws.us-east-2.ecs-agent")
    told = tuple({"ServiceName": name, "State": "available", "VpcEndpointType": "Interface"} for name in names)
    facts.put(network_facts.ENDPOINTS, VPC, told)
    assert missing_endpoints(facts, subnet, ("ecs", "ecs-agent", "ecs-telemetry")) == ("ecs-telemetry",)
