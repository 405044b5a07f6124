"""Rules of a job that has not started: what AWS says of it, and its place in the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

import attrs

from batchwright._display.times import moment
from batchwright.diagnosis.batch_facts import JOBS, SNAPSHOT, front_of, job_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.findings import Distance, Finding, Severity, error

FRONT_MAX: Final = 100
"""Jobs that GetJobQueueSnapshot shows."""
_BLOCKED_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/batch-job-queue-blocked-events.html"
_STUCK_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html"


@attrs.frozen
class Reason:
    """What a reason of AWS's means.

    Attributes:
        means: In words.
        fix: What to do.
        severity: How much it matters.
        is_of_job: Whether it is a matter of this job alone, so that those behind it get on once it is cancelled.
    """

    means: str
    fix: str
    severity: Severity = Severity.ERROR
    is_of_job: bool = attrs.field(default=False, kw_only=True)


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
        is_of_job=True,
    ),
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": Reason(
        "the job needs more vCPUs, memory or GPUs than any instance type of its queue's environments has",
        "Add a larger instance type to an environment, or ask for less; every instance keeps some memory for itself.",
        is_of_job=True,
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
    if reason := reason_of(job.status_reason):
        finding = error(
            f"{subject.label} is stuck: {reason.means}.",
            f"{JOBS}: statusReason {job.status_reason!r}",
            fix=reason.fix,
        )
        yield attrs.evolve(finding, severity=reason.severity)


def reason_of(status_reason: str) -> Reason | None:
    """Which reason it is for which a job at the head of a queue blocks those behind it; None for any other text."""
    return next((reason for prefix, reason in REASONS.items() if status_reason.startswith(prefix)), None)


@rule(
    "job-behind-blocker",
    of=JobSubject,
    says="another job at the head of the queue cannot start, and blocks all behind it",
    actions=(JOBS, SNAPSHOT),
    source=_BLOCKED_PAGE,
    distance=Distance.SIGN,
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
    reason = reason_of(head.status_reason) if head is not None and head.status == "RUNNABLE" else None
    if head is not None and reason is not None:
        at_head = since(front[0].get("earliestTimeAtPosition"))
        finding = error(
            f"{subject.label} waits behind job {head.name!r} ({head.job_id}), which is at the head of job queue "
            f"{queue!r} and cannot start: {reason.means}.",
            f"{SNAPSHOT}: {head.job_id} is at the head{at_head}; {_place(subject, queue, ids)}",
            f"{JOBS}: its statusReason is {head.status_reason!r}",
            fix=_way_past(head.job_id, reason),
        )
        yield attrs.evolve(finding, severity=reason.severity)


def _way_past(job_id: str, reason: Reason) -> str:
    """What to do about the job at the head; only of one that alone is to blame, to do without it."""
    if not reason.is_of_job:
        return reason.fix
    return (
        f"{reason.fix} Or do without that job: session.batch.cancel_job(jobId={job_id!r}, reason='blocks others') lets "
        "the next one come up, and the queue's time_limit_actions can do so for you."
    )


def _place(subject: JobSubject, queue: str, ids: Sequence[str]) -> str:
    if not ids:
        return f"GetJobQueueSnapshot does not show {subject.label} yet, nor any other job of job queue {queue!r}"
    of = f"{len(ids)} RUNNABLE" if len(ids) < FRONT_MAX else f"at least {FRONT_MAX} RUNNABLE"
    if subject.job_id not in ids:
        return f"{subject.label} is not among the first {len(ids)} RUNNABLE jobs of job queue {queue!r}"
    return f"{subject.label} is number {ids.index(subject.job_id) + 1} of {of} in job queue {queue!r}"


def since(milliseconds: object) -> str:
    """` since 2026-11-23 12:01:05 UTC`, or nothing where AWS does not say."""
    is_said = isinstance(milliseconds, int | float) and milliseconds
    return f" since {moment(cast('float', milliseconds) / 1000)}" if is_said else ""
