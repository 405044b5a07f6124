"""What EC2 tells of the network that compute environments lie in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright.diagnosis.facts import Facts
from batchwright.resources.environment_description import ComputeEnvironmentDescription

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

SUBNETS: Final = "ec2:DescribeSubnets"
GROUPS: Final = "ec2:DescribeSecurityGroups"
ROUTE_TABLES: Final = "ec2:DescribeRouteTables"
NAT_GATEWAYS: Final = "ec2:DescribeNatGateways"
ENDPOINTS: Final = "ec2:DescribeVpcEndpoints"
NETWORK_ACLS: Final = "ec2:DescribeNetworkAcls"
VPC_ATTRIBUTE: Final = "ec2:DescribeVpcAttribute"
TEMPLATES: Final = "ec2:DescribeLaunchTemplateVersions"
FARGATE: Final = ("FARGATE", "FARGATE_SPOT")

Seen = Mapping[str, Any]
"""One thing as EC2 describes it."""


def subnets_of(facts: Facts, subnet_ids: Sequence[str]) -> dict[str, Seen]:
    """These subnets by id; those that are gone are left out."""

    def read(wanted: Sequence[str]) -> dict[str, Seen]:
        # By filter, since asking for ids outright fails with the first that is gone.
        pages = facts.session.ec2.get_paginator("describe_subnets").paginate(Filters=_by("subnet-id", wanted))
        return {subnet.get("SubnetId", ""): cast("Seen", subnet) for page in pages for subnet in page["Subnets"]}

    return facts.facts(SUBNETS, subnet_ids, read)


def groups_of(facts: Facts, group_ids: Sequence[str]) -> dict[str, Seen]:
    """These security groups by id; those that are gone are left out."""

    def read(wanted: Sequence[str]) -> dict[str, Seen]:
        pages = facts.session.ec2.get_paginator("describe_security_groups").paginate(Filters=_by("group-id", wanted))
        return {group.get("GroupId", ""): cast("Seen", group) for page in pages for group in page["SecurityGroups"]}

    return facts.facts(GROUPS, group_ids, read)


def route_table_of(facts: Facts, subnet: Seen) -> Seen | None:
    """The route table that holds for a subnet: its own, else the main one of the VPC."""
    tables = _of_vpc(facts, ROUTE_TABLES, subnet["VpcId"])
    own = [table for table in tables if any(_is_for(each, subnet) for each in table.get("Associations", ()))]
    main = [table for table in tables if any(each.get("Main") for each in table.get("Associations", ()))]
    return next(iter((*own, *main)), None)


def nat_gateway_of(facts: Facts, vpc_id: str, gateway_id: str) -> Seen | None:
    """One NAT gateway; None where it is gone."""
    return next((each for each in _of_vpc(facts, NAT_GATEWAYS, vpc_id) if each["NatGatewayId"] == gateway_id), None)


def endpoints_of(facts: Facts, vpc_id: str) -> tuple[Seen, ...]:
    """The endpoints of a VPC that can be used."""
    seen = _of_vpc(facts, ENDPOINTS, vpc_id)
    return tuple(each for each in seen if str(each.get("State", "")).lower() == "available")


def network_acl_of(facts: Facts, subnet: Seen) -> Seen | None:
    """The network ACL of a subnet."""
    found = _of_vpc(facts, NETWORK_ACLS, subnet["VpcId"])
    return next((acl for acl in found if any(_is_for(each, subnet) for each in acl.get("Associations", ()))), None)


def vpc_attribute(facts: Facts, vpc_id: str, attribute: str) -> bool:
    """Whether `enableDnsSupport` or `enableDnsHostnames` of a VPC is on."""

    def read() -> bool:
        answer: Any = facts.session.ec2.describe_vpc_attribute(VpcId=vpc_id, Attribute=cast("Any", attribute))
        return bool(answer[attribute[0].upper() + attribute[1:]]["Value"])

    return facts.fact(VPC_ATTRIBUTE, (vpc_id, attribute), read) is not False


def template_of(facts: Facts, environment: ComputeEnvironmentDescription) -> Seen:
    """The data of an environment's launch template; empty where it has none."""
    named = cast("Mapping[str, str]", environment.compute_resources.get("launchTemplate") or {})
    if not named:
        return {}
    version = named.get("version") or "$Default"
    known_by = {
        key[0].upper() + key[1:]: named[key] for key in ("launchTemplateId", "launchTemplateName") if named.get(key)
    }

    def read() -> Seen:
        answer: Any = facts.session.ec2.describe_launch_template_versions(**cast("Any", known_by), Versions=[version])
        found = cast("list[Seen]", [each["LaunchTemplateData"] for each in answer["LaunchTemplateVersions"]])
        return found[0] if found else {}

    return facts.fact(TEMPLATES, (*known_by.values(), version), read) or {}


def groups_of_environment(facts: Facts, environment: ComputeEnvironmentDescription) -> tuple[str, ...]:
    """The ids of the security groups that its instances or tasks have, of its launch template where it names none."""
    if environment.security_group_ids:
        return environment.security_group_ids
    data = template_of(facts, environment)
    of_interfaces = (group for each in data.get("NetworkInterfaces", ()) for group in each.get("Groups", ()))
    return tuple(dict.fromkeys((*data.get("SecurityGroupIds", ()), *of_interfaces)))


def is_eks(environment: ComputeEnvironmentDescription) -> bool:
    """Whether its instances are nodes of a Kubernetes cluster, which need other rights and reach other services."""
    return "eksConfiguration" in environment.raw


def is_fargate(environment: ComputeEnvironmentDescription) -> bool:
    """Whether its jobs run on Fargate."""
    return environment.type in FARGATE


_LISTED: Final = {
    ROUTE_TABLES: ("describe_route_tables", "RouteTables"),
    NAT_GATEWAYS: ("describe_nat_gateways", "NatGateways"),
    ENDPOINTS: ("describe_vpc_endpoints", "VpcEndpoints"),
    NETWORK_ACLS: ("describe_network_acls", "NetworkAcls"),
}


def _of_vpc(facts: Facts, action: str, vpc_id: str) -> tuple[Seen, ...]:
    """All of one kind in a VPC, by the action that tells of them."""
    operation, member = _LISTED[action]

    def read() -> tuple[Seen, ...]:
        ec2 = cast("Any", facts.session.ec2)  # the overloads of its stubs want to know each operation by its name
        pages = ec2.get_paginator(operation).paginate(Filters=_by("vpc-id", [vpc_id]))
        return tuple(each for page in pages for each in page[member])

    return facts.fact(action, vpc_id, read) or ()


def _is_for(association: Seen, subnet: Seen) -> bool:
    return bool(association.get("SubnetId") == subnet["SubnetId"])


def _by(name: str, values: Sequence[str]) -> list[FilterTypeDef]:
    return [{"Name": name, "Values": list(values)}]
