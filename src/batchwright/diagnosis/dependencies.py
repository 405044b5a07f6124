"""Rules of what a job waits for besides a place: other jobs, and consumable resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from batchwright.diagnosis.batch_facts import JOBS, job_of, jobs_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.jobs import WAITING, dependency_ids
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.findings import Finding, error, info, warning
from batchwright.jobs.description import FAILED, SUCCEEDED, UNSEEN_S, JobDescription

CONSUMABLE: Final = "batch:DescribeConsumableResource"
TAKERS: Final = "batch:ListJobsByConsumableResource"
_DEPENDENCIES_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_dependencies.html"
_CONSUMABLES_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/resource-aware-scheduling.html"
USED_UP: Final = "NON_REPLENISHABLE"
"""The type of a resource whose total shrinks with every job that takes of it."""
_HOLDING: Final = ("STARTING", "RUNNING")
"""Statuses of a job that has what comes back at its end."""
_STARTED: Final = (*_HOLDING, SUCCEEDED, FAILED)
"""Statuses of a job that has what is used up."""


@rule(
    "job-dependency-failed",
    of=JobSubject,
    says="a job that it depends on has FAILED, so it never runs",
    actions=(JOBS,),
    source=_DEPENDENCIES_PAGE,
)
def dependency_failed(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """AWS fails it too, for an array once all its dependencies have ended."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status not in (*WAITING, FAILED):
        return
    for other in jobs_of(facts, dependency_ids(job)).values():
        if other.status == FAILED:
            reason = other.status_reason or "AWS gives no reason"
            yield error(
                f"{subject.label} never runs: job {other.name!r} ({other.job_id}), which it depends on, FAILED.",
                f"{JOBS}: {other.job_id} is FAILED: {reason}",
                fix=f"Put right what made job {other.name!r} fail, run it again with run=... , then submit this one "
                "again with run=... and that run in depends_on.",
            )
        elif not other.finished:
            facts.note(f"{subject.label} waits for job {other.name!r} ({other.job_id}), which is {other.status}")


@rule(
    "job-dependency-gone",
    of=JobSubject,
    says="a job that it depends on is not known to AWS, so it may wait for ever",
    actions=(JOBS,),
    source=_DEPENDENCIES_PAGE,
)
def dependency_gone(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """An id that is wrong, or of a job that ended long ago."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status not in ("SUBMITTED", "PENDING") or _is_new(facts, job):
        return
    ids = dependency_ids(job)
    known = jobs_of(facts, ids)
    for job_id in (each for each in ids if each not in known):
        yield warning(
            f"{subject.label} depends on job {job_id}, which AWS does not know.",
            f"{JOBS}: no job {job_id}; {subject.label} is {job.status}",
            fix="Submit it again with run=... and without that dependency: AWS forgets jobs some days after their end.",
        )


def _is_new(facts: Facts, job: JobDescription) -> bool:
    return job.created_at is None or facts.now - job.created_at.timestamp() < UNSEEN_S


@rule(
    "job-consumable",
    of=JobSubject,
    says="a consumable resource that it needs is gone, too small, or used up by other jobs",
    actions=(JOBS, CONSUMABLE, TAKERS),
    source=_CONSUMABLES_PAGE,
)
def consumable(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Whether what it needs can become available."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status not in ("SUBMITTED", "PENDING", "RUNNABLE"):
        return
    needed = cast("Mapping[str, Any]", job.raw.get("consumableResourceProperties") or {})
    for each in cast("Sequence[Mapping[str, Any]]", needed.get("consumableResourceList") or ()):
        yield from _of_consumable(facts, subject, name_in(str(each["consumableResource"])), int(each["quantity"]))


def _of_consumable(facts: Facts, subject: JobSubject, name: str, quantity: int) -> Iterator[Finding]:
    seen = facts.fact(CONSUMABLE, name, lambda: _described(facts, name))
    if seen is None:
        yield error(
            f"{subject.label} needs consumable resource {name!r}, which does not exist any more: it never starts.",
            f"{CONSUMABLE}: no such resource",
            fix="Make the resource again, or submit the job again with run=... .",
        )
    elif seen.get("resourceType") != USED_UP and quantity > int(seen.get("totalQuantity", 0)):
        yield error(
            f"{subject.label} needs {quantity} of consumable resource {name!r}, which has fewer in all.",
            f"{CONSUMABLE}: totalQuantity {seen['totalQuantity']}",
            fix=f"Raise its total_quantity to {quantity} or more.",
        )
    elif quantity > int(seen.get("availableQuantity", 0)):
        yield from _taken(facts, subject, name, seen)


def _taken(facts: Facts, subject: JobSubject, name: str, seen: Mapping[str, Any]) -> Iterator[Finding]:
    is_used_up = seen.get("resourceType") == USED_UP
    having = _STARTED if is_used_up else _HOLDING
    takers = {job_id: status for job_id, status in _takers(facts, name).items() if status in having}
    if takers.pop(subject.job_id, "") and not takers:
        return
    by = ", ".join(f"job {job_id} ({status})" for job_id, status in takers.items()) or "jobs that AWS does not name"
    said = (
        f"{CONSUMABLE}: availableQuantity {seen.get('availableQuantity', 0)} of {seen.get('totalQuantity')}",
        f"{TAKERS}: taken by {by}",
    )
    if is_used_up:
        yield error(
            f"{subject.label} never starts: consumable resource {name!r}, which it needs, was taken by {by}.",
            *said,
            fix="A non-replenishable unit does not come back: terminate this job, or add to total_quantity.",
        )
    else:
        yield info(
            f"{subject.label} waits for consumable resource {name!r}, which is taken by {by}.",
            *said,
            fix="Wait for these to end, or raise its total_quantity.",
        )


def _described(facts: Facts, name: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", facts.session.batch.describe_consumable_resource(consumableResource=name))


def _takers(facts: Facts, name: str) -> Mapping[str, str]:
    """Which jobs have taken units of it, by id, with their status."""

    def read() -> Mapping[str, str]:
        page = facts.session.batch.list_jobs_by_consumable_resource(consumableResource=name, maxResults=100)
        jobs = [cast("Mapping[str, Any]", each) for each in page["jobs"]]
        return {name_in(str(each["jobArn"])): str(each["jobStatus"]) for each in jobs if each["jobStatus"] in _STARTED}

    return facts.fact(TAKERS, name, read) or {}
