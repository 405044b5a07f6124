"""Rules of a compute environment's network: whether its instances and tasks reach what they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from batchwright.diagnosis.batch_facts import ENVIRONMENTS, environment_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network_facts import (
    ENDPOINTS,
    GROUPS,
    NAT_GATEWAYS,
    ROUTE_TABLES,
    SUBNETS,
    TEMPLATES,
    Seen,
    groups_of,
    groups_of_environment,
    is_eks,
    is_fargate,
    subnets_of,
    template_of,
)
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import EnvironmentSubject
from batchwright.diagnosis.ways_out import Way, WayOut, missing_endpoints, way_out
from batchwright.findings import Finding, error, warning
from batchwright.resources.environment_description import ComputeEnvironmentDescription
from batchwright.resources.security_rules import HTTPS_PORT, lets_through

_STUCK: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_common_causes.html"
_ENDPOINTS: Final = "https://docs.aws.amazon.com/batch/latest/userguide/vpc-endpoint-considerations.html"
_ROUTE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html"
_NAT: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"
_GROUP_RULES: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
_COMPUTE: Final = "https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html"
AGENT: Final = ("ecs", "ecs-agent", "ecs-telemetry")
"""What an instance's agent talks to; tasks on Fargate do not need these endpoints."""
START: Final = ("logs", "ecr.api", "ecr.dkr", "s3")
"""What takes the log of a job, and gives its image where it is in ECR."""
_WAY: Final = "Give them a route to a NAT gateway, or to an internet gateway together with public addresses"


@rule(
    "subnet-missing",
    of=EnvironmentSubject,
    says="a subnet of the compute environment does not exist any more",
    actions=(ENVIRONMENTS, SUBNETS),
    source=_COMPUTE,
)
def subnet_missing(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """What the environment names is gone."""
    seen = environment_of(facts, subject.name)
    wanted = seen.subnets if seen else ()
    if gone := [each for each in wanted if each not in subnets_of(facts, wanted)]:
        say = error if len(gone) == len(wanted) else warning
        yield say(
            f"{subject.label} names subnets that do not exist: {', '.join(gone)}.",
            f"{SUBNETS}: nothing for {', '.join(gone)}",
            fix="Give the environment subnets that exist (`network`), and call ensure() on it.",
        )


@rule(
    "security-group-missing",
    of=EnvironmentSubject,
    says="a security group of the compute environment does not exist any more",
    actions=(ENVIRONMENTS, GROUPS),
    source=_COMPUTE,
)
def group_missing(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """An instance is not launched with a group that is gone."""
    seen = environment_of(facts, subject.name)
    wanted = groups_of_environment(facts, seen) if seen else ()
    if gone := [each for each in wanted if each not in groups_of(facts, wanted)]:
        yield error(
            f"{subject.label} names security groups that do not exist: {', '.join(gone)}.",
            f"{GROUPS}: nothing for {', '.join(gone)}",
            fix="Give the environment groups that exist (`security_groups`), and call ensure() on it.",
        )


@rule(
    "subnet-no-way-out",
    of=EnvironmentSubject,
    says="subnets have no route to an internet gateway or a NAT gateway, and no endpoints of AWS's services instead",
    actions=(ENVIRONMENTS, SUBNETS, ROUTE_TABLES, NAT_GATEWAYS, ENDPOINTS),
    source=_STUCK,
)
def no_way_out(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Nothing leads out, and nothing of what is needed has been brought in."""
    yield from _closed(
        facts,
        subject,
        lambda missing, needed: len(missing) == len(needed),
        "no route out: nothing in them reaches ECS, a registry or CloudWatch Logs",
        f"{_WAY}; or bring in endpoints of {', '.join((*AGENT, *START))}.",
    )


@rule(
    "endpoints-missing",
    of=EnvironmentSubject,
    says="subnets without a route out have endpoints of some of AWS's services, and lack others that jobs need",
    actions=(ENVIRONMENTS, SUBNETS, ROUTE_TABLES, NAT_GATEWAYS, ENDPOINTS),
    source=_ENDPOINTS,
)
def endpoints_missing(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Some endpoints are there, so that it is known how it was meant."""
    yield from _closed(
        facts,
        subject,
        lambda missing, needed: 0 < len(missing) < len(needed),
        "no route out, and not all endpoints that take its place",
        "Bring the missing ones into the VPC: interface endpoints with private DNS, and for s3 a gateway endpoint in "
        "the subnets' route table.",
    )


def _closed(
    facts: Facts,
    subject: EnvironmentSubject,
    is_meant: Callable[[tuple[str, ...], tuple[str, ...]], bool],
    what: str,
    fix: str,
) -> Iterator[Finding]:
    """One finding on all subnets without a route of which `is_meant` says that it is this rule's."""
    seen = environment_of(facts, subject.name)
    if seen is None or is_eks(seen):
        return
    needed = START if is_fargate(seen) else (*AGENT, *START)
    said: dict[str, str] = {}
    for subnet_id, subnet in subnets_of(facts, seen.subnets).items():
        found = way_out(facts, subnet)
        if found.way is not Way.NOWHERE or found.target:
            continue
        missing = missing_endpoints(facts, subnet, needed)
        if is_meant(missing, needed):
            said[subnet_id] = f"{found.said}; {ENDPOINTS}: {subnet['VpcId']} has none of {', '.join(missing)}"
    yield from _on_subnets(seen, said, what, fix=fix)


def _on_subnets(
    seen: ComputeEnvironmentDescription, said: Mapping[str, str], what: str, *, fix: str
) -> Iterator[Finding]:
    """An error where something is said of all subnets, a warning where Batch may choose another one."""
    if said:
        is_all = len(said) >= len(seen.subnets)
        how_many = "its subnets have" if is_all else f"{len(said)} of its {len(seen.subnets)} subnets have"
        say = error if is_all else warning
        yield say(f"compute environment {seen.name!r}: {how_many} {what}.", *together(said), fix=fix)


def together(said: Mapping[str, str]) -> tuple[str, ...]:
    """The same evidence of several subnets as one: what is said of each, by its id."""
    subnets: dict[str, list[str]] = {}
    for subnet_id, text in said.items():
        subnets.setdefault(text, []).append(subnet_id)
    return tuple(f"{text} ({', '.join(ids)})" for text, ids in subnets.items())


@rule(
    "route-black-hole",
    of=EnvironmentSubject,
    says="the route out of a subnet leads to a gateway that is deleted or detached",
    actions=(ENVIRONMENTS, SUBNETS, ROUTE_TABLES, NAT_GATEWAYS),
    source=_ROUTE,
)
def black_hole(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """A route stays when its gateway goes."""
    seen = environment_of(facts, subject.name)
    if seen is None:
        return
    ways = {id_: way_out(facts, subnet) for id_, subnet in subnets_of(facts, seen.subnets).items()}
    hit = {id_: each for id_, each in ways.items() if each.way is Way.NOWHERE and each.target}
    faults = ", ".join(dict.fromkeys(each.fault for each in hit.values()))
    yield from _on_subnets(
        seen,
        {id_: each.said for id_, each in hit.items()},
        f"a route out that leads nowhere: {faults}",
        fix=f"Attach the gateway again, or replace the route to 0.0.0.0/0 in {_tables(hit.values())}.",
    )


@rule(
    "nat-gateway-unusable",
    of=EnvironmentSubject,
    says="the NAT gateway of a subnet is not available, or has itself no route to the internet",
    actions=(ENVIRONMENTS, SUBNETS, ROUTE_TABLES, NAT_GATEWAYS),
    source=_NAT,
)
def nat_unusable(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """The route is there, and what it leads to does not work."""
    seen = environment_of(facts, subject.name)
    if seen is None:
        return
    ways = {id_: way_out(facts, subnet) for id_, subnet in subnets_of(facts, seen.subnets).items()}
    hit = {id_: each for id_, each in ways.items() if each.way is Way.NAT and each.fault}
    faults = ", ".join(dict.fromkeys(each.fault for each in hit.values()))
    yield from _on_subnets(
        seen,
        {id_: each.said for id_, each in hit.items()},
        f"a NAT gateway that does not work: {faults}",
        fix="A NAT gateway lies in a public subnet, whose own route leads to an internet gateway: make one there, and "
        f"point the route in {_tables(hit.values())} to it.",
    )


def _tables(ways: Iterable[WayOut]) -> str:
    return ", ".join(dict.fromkeys(each.table for each in ways))


@rule(
    "no-public-address",
    of=EnvironmentSubject,
    says="subnets lead to an internet gateway, but instances get no public address",
    actions=(ENVIRONMENTS, SUBNETS, ROUTE_TABLES, NAT_GATEWAYS, ENDPOINTS, TEMPLATES),
    source=_STUCK,
)
def no_public_address(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """An internet gateway serves public addresses only; tasks on Fargate get theirs from the job definition."""
    seen = environment_of(facts, subject.name)
    if seen is None or is_fargate(seen):
        return
    by_template = _address_by_template(facts, seen)
    said: dict[str, str] = {}
    for subnet_id, subnet in subnets_of(facts, seen.subnets).items():
        has_address = subnet.get("MapPublicIpOnLaunch") if by_template is None else by_template
        found = way_out(facts, subnet)
        if has_address or found.way is not Way.INTERNET or not missing_endpoints(facts, subnet, AGENT):
            continue
        what = "MapPublicIpOnLaunch is false" if by_template is None else "the launch template gives no public address"
        said[subnet_id] = f"{SUBNETS}: {what}; {found.said}"
    yield from _on_subnets(
        seen,
        said,
        "a route to an internet gateway, but instances get no public address there",
        fix="Let the subnets assign public addresses (MapPublicIpOnLaunch), or the launch template "
        "(AssociatePublicIpAddress), or route 0.0.0.0/0 to a NAT gateway.",
    )


def _address_by_template(facts: Facts, environment: ComputeEnvironmentDescription) -> bool | None:
    """Whether the launch template gives a public address; None where it leaves that to the subnet."""
    interfaces: list[Seen] = template_of(facts, environment).get("NetworkInterfaces", [])
    said = [bool(each["AssociatePublicIpAddress"]) for each in interfaces if "AssociatePublicIpAddress" in each]
    return any(said) if said else None


@rule(
    "security-group-no-egress",
    of=EnvironmentSubject,
    says="no security group of the compute environment lets HTTPS out",
    actions=(ENVIRONMENTS, GROUPS),
    source=_GROUP_RULES,
)
def no_egress(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """ECS, ECR, S3 and CloudWatch Logs are all reached by TCP 443."""
    seen = environment_of(facts, subject.name)
    wanted = groups_of_environment(facts, seen) if seen else ()
    found = groups_of(facts, wanted)
    rules = [each for group in found.values() for each in group.get("IpPermissionsEgress", ())]
    if not found or any(lets_through(each, HTTPS_PORT) for each in rules):
        return
    yield error(
        f"{subject.label}: no outbound rule of its security groups lets TCP {HTTPS_PORT} out, so that instances reach "
        "neither ECS nor a registry.",
        *(f"{GROUPS}: {group} has no outbound rule for TCP {HTTPS_PORT}" for group in found),
        fix=f"Add an outbound rule for TCP {HTTPS_PORT} to 0.0.0.0/0 to {' or '.join(found)}.",
    )
