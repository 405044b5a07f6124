"""What AWS Batch tells of jobs, definitions, queues and compute environments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from batchwright.diagnosis.facts import Facts, below
from batchwright.diagnosis.subjects import name_in
from batchwright.jobs.description import JobDescription, describe_jobs
from batchwright.resources.environment_description import ComputeEnvironmentDescription
from batchwright.resources.environment_description import described as environment_described
from batchwright.resources.job_queue import JobQueueDescription, queue_described

JOBS = "batch:DescribeJobs"
QUEUES = "batch:DescribeJobQueues"
ENVIRONMENTS = "batch:DescribeComputeEnvironments"
DEFINITIONS = "batch:DescribeJobDefinitions"
LIST = "batch:ListJobs"
SNAPSHOT = "batch:GetJobQueueSnapshot"


def jobs_of(facts: Facts, job_ids: Sequence[str]) -> dict[str, JobDescription]:
    """These jobs by id; what AWS does not know is left out."""
    return facts.facts(JOBS, job_ids, lambda ids: describe_jobs(facts.session, ids))


def job_of(facts: Facts, job_id: str) -> JobDescription | None:
    """One job; None where AWS does not know it."""
    return jobs_of(facts, [job_id]).get(job_id) if job_id else None


def queues_of(facts: Facts, names: Sequence[str]) -> dict[str, JobQueueDescription]:
    """These queues by name; those that are gone are left out."""

    def read(wanted: Sequence[str]) -> Mapping[str, JobQueueDescription]:
        answer = facts.session.batch.describe_job_queues(jobQueues=list(wanted))
        seen = [queue_described(cast("Mapping[str, object]", each), facts.now) for each in answer["jobQueues"]]
        return {each.name: each for each in seen if each.status != "DELETED"}

    return facts.facts(QUEUES, names, read)


def queue_of(facts: Facts, name: str) -> JobQueueDescription | None:
    """One queue; None where it is gone."""
    return queues_of(facts, [name]).get(name)


def environments_of(facts: Facts, names: Sequence[str]) -> dict[str, ComputeEnvironmentDescription]:
    """These environments by name; those that are gone are left out."""

    def read(wanted: Sequence[str]) -> Mapping[str, ComputeEnvironmentDescription]:
        answer = facts.session.batch.describe_compute_environments(computeEnvironments=list(wanted))
        seen = [environment_described(each, facts.now) for each in answer["computeEnvironments"]]
        return {each.name: each for each in seen if each.status != "DELETED"}

    return facts.facts(ENVIRONMENTS, names, read)


def environment_of(facts: Facts, name: str) -> ComputeEnvironmentDescription | None:
    """One environment; None where it is gone."""
    return environments_of(facts, [name]).get(name)


def environment_names(facts: Facts, queue: str) -> tuple[str, ...]:
    """The names of a queue's environments, the most preferred first, whether they are there or not."""
    seen = queue_of(facts, queue)
    return tuple(map(name_in, seen.compute_environment_arns)) if seen else ()


def environments_of_queue(facts: Facts, queue: str) -> tuple[ComputeEnvironmentDescription, ...]:
    """The environments of a queue that are there, the most preferred first."""
    return tuple(environments_of(facts, environment_names(facts, queue)).values())


def environments_by_queue(facts: Facts) -> Mapping[str, frozenset[str]]:
    """Of every queue of the region the names of its environments."""

    def read() -> dict[str, frozenset[str]]:
        pages = facts.session.batch.get_paginator("describe_job_queues").paginate()
        orders = {each["jobQueueName"]: each["computeEnvironmentOrder"] for page in pages for each in page["jobQueues"]}
        return {
            name: frozenset(name_in(each["computeEnvironment"]) for each in order) for name, order in orders.items()
        }

    return facts.fact(QUEUES, "environments of all", read) or {}


def is_usable(environment: ComputeEnvironmentDescription) -> bool:
    """Whether Batch places jobs in it."""
    return environment.state == "ENABLED" and environment.status in ("VALID", "UPDATING")


def definition_of(facts: Facts, name: str) -> Mapping[str, Any] | None:
    """One revision of a job definition, by `name:revision`, as AWS tells it; None where it is gone."""

    def read(wanted: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        answer = facts.session.batch.describe_job_definitions(jobDefinitions=list(wanted))
        seen = [cast("Mapping[str, Any]", each) for each in answer["jobDefinitions"]]
        return {f"{each['jobDefinitionName']}:{each['revision']}": each for each in seen}

    return facts.facts(DEFINITIONS, [name], read).get(name)


def front_of(facts: Facts, queue: str) -> tuple[Mapping[str, Any], ...]:
    """The first hundred RUNNABLE jobs of a queue, `jobArn` and `earliestTimeAtPosition` of each, the next one first."""

    def read() -> tuple[Mapping[str, Any], ...]:
        answer = cast("Mapping[str, Any]", facts.session.batch.get_job_queue_snapshot(jobQueue=queue))
        return tuple(below(answer, "frontOfQueue").get("jobs") or ())

    return facts.fact(SNAPSHOT, queue, read) or ()
