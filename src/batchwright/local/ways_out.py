"""The default VPC's way to the internet, which moto leaves out, and routes whose gateway is gone."""

import re
from typing import TYPE_CHECKING

import attrs

from batchwright.local.messages import Answer
from batchwright.local.surroundings import ec2_filter

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_ROUTE = re.compile(
    rb"<item>(?:(?!</?item>).)*?<(?:natGatewayId|gatewayId)>((?:nat|igw)-[0-9a-f]+)</(?:(?!</?item>).)*?</item>", re.S
)


def lead_out(client: "EC2Client") -> None:
    """Give the default VPC of a region the internet gateway, and the route to it, that AWS gives it."""
    for vpc in client.describe_vpcs(Filters=[ec2_filter("is-default", "true")])["Vpcs"]:
        vpc_id = vpc.get("VpcId", "")
        attached = client.describe_internet_gateways(Filters=[ec2_filter("attachment.vpc-id", vpc_id)])
        if attached["InternetGateways"]:
            continue
        gateway = client.create_internet_gateway()["InternetGateway"].get("InternetGatewayId", "")
        client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        main = [ec2_filter("vpc-id", vpc_id), ec2_filter("association.main", "true")]
        for table in client.describe_route_tables(Filters=main)["RouteTables"]:
            client.create_route(
                RouteTableId=table.get("RouteTableId", ""), DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
            )


def with_black_holes(client: "EC2Client", answer: Answer) -> Answer:
    """Show a route as a black hole where its gateway is detached, deleted or failed; moto shows all as active."""
    named = {match[1] for match in _ROUTE.finditer(answer.body)}
    if not named:
        return answer
    gateways = client.describe_internet_gateways()["InternetGateways"]
    alive = {each.get("InternetGatewayId", "") for each in gateways if each.get("Attachments")}
    translators = client.describe_nat_gateways()["NatGateways"]
    alive |= {each.get("NatGatewayId", "") for each in translators if each.get("State") in ("available", "pending")}

    def shown(match: re.Match[bytes]) -> bytes:
        lives = match[1].decode() in alive
        return match[0] if lives else match[0].replace(b"<state>active</state>", b"<state>blackhole</state>")

    return attrs.evolve(answer, body=_ROUTE.sub(shown, answer.body))
