"""Rules of a job that has not started: what AWS says of it, and its place in the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs

from batchwright.diagnosis.batch_facts import JOBS, job_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject
from batchwright.findings import Distance, Finding, Severity, error

_STUCK_PAGE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable.html"


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
