"""The rule over NAT gateways: AWS charges for each by the hour, used or not, and by the GiB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import Rule
from batchwright.findings import Distance, Finding, warning
from batchwright.planning.outlook import Wanted
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.network import DefaultNetwork

ROUTES: Final = "ec2:DescribeRouteTables"


def _nat_gateways(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    """A new environment whose subnets have their way out through NAT gateways."""
    environment = wanted.resource
    if not isinstance(environment, ComputeEnvironment) or not wanted.is_new or environment.network is None:
        return
    network = environment.network
    where = wanted.outlook.resolved[network] if isinstance(network, DefaultNetwork) else network
    gateways = _gateways_of(facts, where.vpc_id)
    main = gateways.get("", ())
    found = {each: gateways.get(each, main) for each in where.subnet_ids if gateways.get(each, main)}
    if found:
        used = sorted({gateway for some in found.values() for gateway in some})
        yield warning(
            f"Its way out is through {', '.join(used)}: paid for by the hour, used or not, and by the GiB.",
            *(f"{ROUTES}: {subnet} has a route to {', '.join(some)}" for subnet, some in found.items()),
            fix="Let large images and data pass by it: VPC endpoints for ECR and S3 in these subnets.",
        )


def _gateways_of(facts: Facts, vpc_id: str) -> dict[str, tuple[str, ...]]:
    """By subnet the NAT gateways of its own route table, and as `""` those of the VPC's main one."""

    def read() -> dict[str, tuple[str, ...]]:
        pages = facts.session.ec2.get_paginator("describe_route_tables").paginate(
            Filters=[{"Name": "vpc-id", "Values": [vpc_id]}]
        )
        tables = [table for page in pages for table in page["RouteTables"]]
        return {
            "" if link.get("Main") else link.get("SubnetId", ""): tuple(
                gateway for route in table.get("Routes", []) if (gateway := route.get("NatGatewayId"))
            )
            for table in tables
            for link in table.get("Associations", [])
        }

    return facts.fact(ROUTES, f"nat {vpc_id}", read) or {}


RULES: Final = (
    Rule(
        id="nat-gateway",
        of=ComputeEnvironment,
        says="A new environment whose subnets reach the internet through a NAT gateway.",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html",
        actions=(ROUTES,),
        distance=Distance.CAUSE,
        check=_nat_gateways,
    ),
)
