"""Rules of a job that has not started: what AWS says of it, and its place in the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

import attrs

from batchwright._display.times import duration, moment
from batchwright.diagnosis.batch_facts import (
    ENVIRONMENTS,
    JOBS,
    LIST,
    QUEUES,
    SNAPSHOT,
    environments_of_queue,
    front_of,
    job_of,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.findings import Distance, Finding, Severity, error, info, warning
from batchwright.resources.environment_description import ComputeEnvironmentDescription

FRONT_MAX: Final = 100
"""Jobs that GetJobQueueSnapshot shows."""
RUNNING_MAX: Final = 5
SILENT_S: Final = 900.0
"""Seconds after which a wait without a reason is worth a word: a new instance takes some minutes."""
_BLOCKED_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/batch-job-queue-blocked-events.html"
_UNTOLD: Final = (
    "What AWS does not tell: the account's EC2 vCPU quota (Service Quotas), instances that cannot reach the ECS "
    "endpoints, a custom AMI without the ECS agent or the job's log driver, a launch template whose user data fails. "
    "Look at the instances of the environment's ECS cluster."
)
_STUCK_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html"
_SILENT_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_common_causes.html"


@attrs.frozen
class Reason:
    """What a reason of AWS's means.

    Attributes:
        means: In words.
        fix: What to do.
        severity: How much it matters.
    """

    means: str
    fix: str
    severity: Severity = Severity.ERROR


REASONS: Final[Mapping[str, Reason]] = {
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY": Reason(
        "AWS has no instances of these types to give at the moment",
        "Allow more instance types or zones (several families, sizes and subnets), or use On-Demand instead of Spot; "
        "it may pass by itself.",
        Severity.WARNING,
    ),
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE": Reason(
        "the job needs more vCPUs than max_vcpus of any of its queue's environments",
        "Raise max_vcpus of an environment, or ask for fewer vCPUs.",
    ),
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": Reason(
        "the job needs more vCPUs, memory or GPUs than any instance type of its queue's environments has",
        "Add a larger instance type to an environment, or ask for less; every instance keeps some memory for itself.",
    ),
    "MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED": Reason(
        "none of the instance types can be launched as the environment wants it: not offered in its zones, or "
        "clashing with its launch template or image",
        "Use types that EC2 offers in the zones of the environment's subnets, and that fit its launch template.",
    ),
    "MISCONFIGURATION:SERVICE_ROLE_PERMISSIONS": Reason(
        "Batch's service role lacks a permission",
        "Use the service-linked role (declare no service_role), or attach AWSBatchServiceRole to your own.",
    ),
    "ACTION_REQUIRED": Reason(
        "all compute environments of its queue are INVALID or DISABLED",
        "Repair or enable one of them.",
    ),
    "UNDETERMINED": Reason(
        "AWS does not know why the job is blocked",
        "Look at the other findings; else check that instances reach the ECS endpoints, the EC2 vCPU quota of the "
        "account, and that a custom AMI has the ECS agent and the job's log driver.",
        Severity.WARNING,
    ),
}
"""By the beginning of a RUNNABLE job's statusReason; AWS lists them on the page above."""


@rule(
    "job-status-reason",
    of=JobSubject,
    says="AWS's own reason why a RUNNABLE job is stuck, and what it means",
    actions=(JOBS,),
    source=_STUCK_PAGE,
    distance=Distance.SIGN,
)
def status_reason(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """What AWS says itself."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status != "RUNNABLE":
        return
    for prefix, reason in REASONS.items():
        if job.status_reason.startswith(prefix):
            finding = error(
                f"{subject.label} is stuck: {reason.means}.",
                f"{JOBS}: statusReason {job.status_reason!r}",
                fix=reason.fix,
            )
            yield attrs.evolve(finding, severity=reason.severity)


def is_blocking(status_reason: str) -> bool:
    """Whether it is a reason for which a job at the head of a queue blocks those behind it."""
    return status_reason.startswith(tuple(REASONS))


@rule(
    "job-behind-blocker",
    of=JobSubject,
    says="another job at the head of the queue cannot start, and blocks all behind it",
    actions=(JOBS, SNAPSHOT),
    source=_BLOCKED_PAGE,
)
def behind_blocker(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Its place in the queue, and who stands before it."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status != "RUNNABLE":
        return
    queue = name_in(job.queue_arn)
    front = front_of(facts, queue)
    ids = [name_in(str(each["jobArn"])) for each in front]
    facts.note(_place(subject, queue, ids))
    if not ids or ids[0] == job.job_id:
        return
    head = job_of(facts, ids[0])
    if head is not None and head.status == "RUNNABLE" and is_blocking(head.status_reason):
        since = _since(front[0].get("earliestTimeAtPosition"))
        yield error(
            f"{subject.label} waits behind job {head.name!r} ({head.job_id}), which is at the head of job queue "
            f"{queue!r} and cannot start.",
            f"{SNAPSHOT}: {head.job_id} is at the head{since}; {_place(subject, queue, ids)}",
            f"{JOBS}: its statusReason is {head.status_reason!r}",
            fix=f"Cancel or repair that job: session.batch.cancel_job(jobId={head.job_id!r}, reason=...) lets the next "
            "one come up. The queue's time_limit_actions can do so for you.",
        )


def _place(subject: JobSubject, queue: str, ids: Sequence[str]) -> str:
    of = f"{len(ids)} RUNNABLE" if len(ids) < FRONT_MAX else f"at least {FRONT_MAX} RUNNABLE"
    if subject.job_id not in ids:
        return f"{subject.label} is not among the first {FRONT_MAX} RUNNABLE jobs of job queue {queue!r}"
    return f"{subject.label} is number {ids.index(subject.job_id) + 1} of {of} in job queue {queue!r}"


def _since(milliseconds: object) -> str:
    """` since 2026-11-23 12:01:05 UTC`, or nothing where AWS does not say."""
    is_said = isinstance(milliseconds, int | float) and milliseconds
    return f" since {moment(cast('float', milliseconds) / 1000)}" if is_said else ""


@rule(
    "job-environments-full",
    of=JobSubject,
    says="the environments have no room at the moment: other jobs use all of max_vcpus",
    actions=(JOBS, QUEUES, ENVIRONMENTS, LIST),
    source="https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html",
)
def environments_full(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Who uses them."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status != "RUNNABLE":
        return
    queue = name_in(job.queue_arn)
    full = _full(facts, queue)
    if full and (running := _running(facts, queue)):
        yield info(
            f"The compute environments of job queue {queue!r} are full: {subject.label} waits for other jobs to end.",
            *(
                f"{ENVIRONMENTS}: {each.name} has desiredvCpus {each.desired_vcpus} of {each.max_vcpus}"
                for each in full
            ),
            f"{LIST}: {running}",
            fix="Wait, raise max_vcpus of an environment, or end jobs that are not needed.",
        )


def _full(facts: Facts, queue: str) -> list[ComputeEnvironmentDescription]:
    """The environments of a queue, where each has started all that it may; none where one has room, or may have."""
    usable = [each for each in environments_of_queue(facts, queue) if each.state == "ENABLED" and each.max_vcpus]
    return usable if all(each.desired_vcpus >= each.max_vcpus for each in usable) else []


def _running(facts: Facts, queue: str) -> str:
    """Which jobs of a queue run, some by name; empty where none does."""

    def read() -> tuple[str, ...]:
        page = facts.session.batch.list_jobs(jobQueue=queue, jobStatus="RUNNING", maxResults=RUNNING_MAX)
        return tuple(each["jobName"] for each in page["jobSummaryList"])

    names = facts.fact(LIST, f"running in {queue}", read) or ()
    more = ", …" if len(names) == RUNNING_MAX else ""
    return f"running in this queue: {', '.join(names)}{more}" if names else ""


@rule(
    "job-silent",
    of=JobSubject,
    says="the job is at the head of its queue for long, and AWS gives no reason",
    actions=(JOBS, QUEUES, ENVIRONMENTS, SNAPSHOT, LIST),
    source=_SILENT_PAGE,
    distance=Distance.SIGN,
)
def silent(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """What AWS tells nobody: the things to look at by hand."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status != "RUNNABLE" or is_blocking(job.status_reason):
        return
    queue = name_in(job.queue_arn)
    front = front_of(facts, queue)
    since_ms = front[0].get("earliestTimeAtPosition") if front else None
    if not since_ms or name_in(str(front[0]["jobArn"])) != job.job_id:
        return
    waited_s = facts.now - since_ms / 1000
    if waited_s <= SILENT_S:
        return
    at_head = f"{SNAPSHOT}: it is at the head of its queue{_since(since_ms)}"
    if not (running := _running(facts, queue)):
        yield warning(
            f"{subject.label} is {job.status} for {duration(waited_s)}, and AWS gives no reason.",
            at_head,
            fix=_UNTOLD,
        )
    elif not _full(facts, queue):
        yield info(
            f"{subject.label} is the next in its queue for {duration(waited_s)}, while other jobs of the queue run: "
            "most likely it waits for room.",
            at_head,
            f"{LIST}: {running}",
            fix="Wait, raise max_vcpus of an environment, or end jobs that are not needed; where there is room, look "
            "at the account's vCPU quota (Service Quotas).",
        )
