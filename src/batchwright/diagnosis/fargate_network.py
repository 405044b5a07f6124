"""Rules of a job on Fargate: whether its task gets the address that its network asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from batchwright.diagnosis.batch_facts import (
    DEFINITIONS,
    ENVIRONMENTS,
    JOBS,
    definition_of,
    environments_of_queue,
    job_of,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.jobs import WAITING, failed_to_start
from batchwright.diagnosis.network import START, together
from batchwright.diagnosis.network_facts import ENDPOINTS, ROUTE_TABLES, SUBNETS, is_fargate, subnets_of
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.diagnosis.ways_out import Way, missing_endpoints, way_out
from batchwright.findings import Finding, error, warning
from batchwright.jobs.description import FAILED

_FARGATE: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"


@rule(
    "fargate-no-public-address",
    of=JobSubject,
    says="a Fargate job without a public address is to start in subnets that lead to an internet gateway only",
    actions=(JOBS, DEFINITIONS, ENVIRONMENTS, SUBNETS, ROUTE_TABLES, ENDPOINTS),
    source=_FARGATE,
)
def no_public_address(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """On Fargate the definition decides about the address, not the subnet."""
    job = job_of(facts, subject.job_id)
    if job is None or not (job.status in WAITING or (job.status == FAILED and failed_to_start(job))):
        return
    name = name_in(job.definition_arn)
    container: Mapping[str, Any] = (definition_of(facts, name) or {}).get("containerProperties") or {}
    network: Mapping[str, Any] = container.get("networkConfiguration") or {}
    if not container or network.get("assignPublicIp") == "ENABLED":
        return
    for environment in environments_of_queue(facts, name_in(job.queue_arn)):
        if not is_fargate(environment):
            continue
        if hit := _in_need_of_an_address(facts, environment.subnets):
            say = error if len(hit) == len(environment.subnets) else warning
            yield say(
                f"{subject.label} runs on Fargate without a public address, and the subnets of {environment.name!r} "
                "lead to an internet gateway: its task reaches neither its image nor its log.",
                f"{DEFINITIONS}: {name}, assignPublicIp {network.get('assignPublicIp', 'DISABLED')}",
                *together(hit),
                fix="Declare the job definition with assign_public_ip=True, or use subnets behind a NAT gateway.",
            )


def _in_need_of_an_address(facts: Facts, subnet_ids: Sequence[str]) -> dict[str, str]:
    """Of these subnets those out of which only a public address leads, with their way out."""
    return {
        subnet_id: way.said
        for subnet_id, subnet in subnets_of(facts, subnet_ids).items()
        if (way := way_out(facts, subnet)).way is Way.INTERNET and missing_endpoints(facts, subnet, START)
    }
