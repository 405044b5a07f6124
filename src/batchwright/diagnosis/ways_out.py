"""How a subnet reaches the internet or AWS's own services, judged by its route table."""

from __future__ import annotations

import enum
from collections.abc import Collection, Sequence
from typing import Final

import attrs

from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network_facts import (
    NAT_GATEWAYS,
    ROUTE_TABLES,
    Seen,
    endpoints_of,
    nat_gateway_of,
    route_table_of,
    subnets_of,
)

_EVERYWHERE: Final = ("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/0")
_TARGETS: Final = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


_NETWORKS: Final = ("tgw-", "pcx-", "vgw-", "arn:")
"""How the ids of what leads to other networks begin, where endpoints or a proxy may be."""


class Way(enum.Enum):
    """Where a subnet's route to everywhere leads."""

    INTERNET = "an internet gateway, which takes a public address"
    NAT = "a NAT gateway"
    ELSEWHERE = "somewhere that cannot be judged from here, such as a transit gateway or a firewall"
    NOWHERE = "nowhere"


@attrs.frozen(kw_only=True)
class WayOut:
    """One subnet's way out.

    Attributes:
        way: Where its route to everywhere leads.
        target: The id of what it leads to; empty where there is no such route.
        table: The id of the route table that says so.
        fault: Why this leads nowhere although there is a route; empty where it is a way.
        said: The evidence.
    """

    way: Way
    target: str = ""
    table: str = ""
    fault: str = ""
    said: str = ""


def way_out(facts: Facts, subnet: Seen) -> WayOut:
    """How a subnet leads out.

    Args:
        facts: What AWS tells.
        subnet: As EC2 describes it.
    """
    table = route_table_of(facts, subnet)
    if table is None:
        return WayOut(way=Way.NOWHERE, said=f"{ROUTE_TABLES}: no route table")
    own = str(table["RouteTableId"])
    routes: list[Seen] = list(table.get("Routes", ()))
    # What a list of prefixes holds is not told here, nor what another network has: it may be all that is needed.
    wide = [each for each in routes if _destination(each) in _EVERYWHERE]
    wide = wide or [each for each in routes if _is_list(each) or _target(each).startswith(_NETWORKS)]
    # What cannot be judged counts as a way, so that nothing is said of it.
    ways = sorted(
        (_along(facts, subnet, own, route) for route in wide),
        key=lambda each: (each.way is Way.NOWHERE, bool(each.fault)),
    )
    none = f"{ROUTE_TABLES}: {own} has no route to 0.0.0.0/0"
    return ways[0] if ways else WayOut(way=Way.NOWHERE, table=own, said=none)


def nat_gateways_of(facts: Facts, subnet_ids: Sequence[str]) -> tuple[str, ...]:
    """The ids of the NAT gateways by which these subnets lead out: each costs by the hour and by the gigabyte.

    Args:
        facts: What AWS tells.
        subnet_ids: The subnets of a compute environment, say.

    Raises:
        UnreadableError: AWS does not tell of subnets, route tables or NAT gateways.
    """
    ways = [way_out(facts, subnet) for subnet in subnets_of(facts, subnet_ids).values()]
    return tuple(dict.fromkeys(each.target for each in ways if each.way is Way.NAT and not each.fault))


def missing_endpoints(facts: Facts, subnet: Seen, services: Collection[str]) -> tuple[str, ...]:
    """Those of AWS's services, such as `"ecs-agent"`, that no endpoint brings into the subnet's VPC."""
    table = route_table_of(facts, subnet) or {}
    there = {
        _service(facts, each)
        for each in endpoints_of(facts, subnet["VpcId"])
        if each.get("VpcEndpointType") != "Gateway" or table.get("RouteTableId") in each.get("RouteTableIds", ())
    }
    return tuple(service for service in services if service not in there)


def _along(facts: Facts, subnet: Seen, table: str, route: Seen) -> WayOut:
    target = _target(route)
    said = f"{ROUTE_TABLES}: {table} sends {_destination(route)} to {target or '?'}, {route.get('State', 'active')}"
    if route.get("State") == "blackhole":
        return WayOut(way=Way.NOWHERE, target=target, table=table, fault=f"{target} is gone or detached", said=said)
    if target.startswith("igw-") and ":" not in _destination(route):
        return WayOut(way=Way.INTERNET, target=target, table=table, said=said)
    if target.startswith("nat-"):
        return _through_nat(facts, subnet, WayOut(way=Way.NAT, target=target, table=table, said=said))
    return WayOut(way=Way.ELSEWHERE, target=target, table=table, said=said)


def _through_nat(facts: Facts, subnet: Seen, found: WayOut) -> WayOut:
    gateway = nat_gateway_of(facts, subnet["VpcId"], found.target)
    state = str(gateway.get("State", "available")) if gateway else "gone"
    if state not in ("available", "pending") or gateway is None:
        why = f"{found.target} is {state}"
        return attrs.evolve(found, fault=why, said=f"{found.said}; {NAT_GATEWAYS}: {why}")
    if gateway.get("ConnectivityType") == "private":
        return attrs.evolve(found, way=Way.ELSEWHERE)
    lies_in = str(gateway.get("SubnetId") or "")  # a regional one lies in none, and AWS leads it out
    for own in subnets_of(facts, [lies_in] if lies_in else []).values():
        # One that lies behind itself, or behind another one, reaches nothing.
        own_table = route_table_of(facts, own) or {}
        targets = [_target(route) for route in own_table.get("Routes", ()) if _is_open(route)]
        if all(target.startswith("nat-") for target in targets):
            why = f"{found.target} lies in {own['SubnetId']}, which has no route to an internet gateway"
            return attrs.evolve(found, fault=why, said=f"{found.said}; {NAT_GATEWAYS}: {why}")
    return found


def _target(route: Seen) -> str:
    return next((str(route[key]) for key in _TARGETS if route.get(key)), "")


def _is_list(route: Seen) -> bool:
    """Whether it is for a list of prefixes, and not for the service of a gateway endpoint."""
    return bool(route.get("DestinationPrefixListId")) and not _target(route).startswith("vpce-")


def _is_open(route: Seen) -> bool:
    return _destination(route) in _EVERYWHERE and route.get("State") != "blackhole"


def _destination(route: Seen) -> str:
    given = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    return next((str(route[key]) for key in given if route.get(key)), "")


def _service(facts: Facts, endpoint: Seen) -> str:
    """`ecs-agent` of `com.amazonaws.us-east-2.ecs-agent`, and of `cn.com.amazonaws.cn-north-1.ecs-agent` in China."""
    return str(endpoint.get("ServiceName", "")).partition(f".{facts.session.region}.")[2]
