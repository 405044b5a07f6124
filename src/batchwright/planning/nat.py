"""The rule over NAT gateways: AWS charges for each by the hour, used or not, and by the GiB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network_facts import NAT_GATEWAYS, ROUTE_TABLES, SUBNETS
from batchwright.diagnosis.rules import Rule
from batchwright.diagnosis.ways_out import nat_gateways_of
from batchwright.findings import Distance, Finding, warning
from batchwright.planning.outlook import Wanted
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.network import DefaultNetwork


def _nat_gateways(facts: Facts, wanted: Wanted) -> Iterator[Finding]:
    """A new environment whose subnets have their way out through NAT gateways."""
    environment = wanted.resource
    if not isinstance(environment, ComputeEnvironment) or not wanted.is_new or environment.network is None:
        return
    network = environment.network
    where = wanted.outlook.resolved[network] if isinstance(network, DefaultNetwork) else network
    for subnet_id in where.subnet_ids:  # the plan has read them, or the declaration says it
        facts.put(SUBNETS, subnet_id, {"SubnetId": subnet_id, "VpcId": where.vpc_id})
    if gateways := nat_gateways_of(facts, where.subnet_ids):
        yield warning(
            f"Its way out is through {', '.join(gateways)}: paid for by the hour, used or not, and by the GiB.",
            f"{ROUTE_TABLES}: {', '.join(where.subnet_ids)} in {where.vpc_id}",
            fix="Let large images and data pass by it: VPC endpoints for ECR and S3 in these subnets.",
        )


RULES: Final = (
    Rule(
        id="nat-gateway",
        of=ComputeEnvironment,
        says="A new environment whose subnets reach the internet through a NAT gateway.",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html",
        actions=(ROUTE_TABLES, NAT_GATEWAYS),
        distance=Distance.CAUSE,
        check=_nat_gateways,
    ),
)
