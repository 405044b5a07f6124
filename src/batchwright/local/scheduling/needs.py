"""What a job needs of the machine that it runs on."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from batchwright.local.state import Definition, Job


@attrs.frozen(kw_only=True)
class Needs:
    """What a job requires; Fargate knows fractions of vCPUs."""

    vcpus: float = 1.0
    memory_mib: float = 0.0
    gpus: float = 0.0


def needs_of(job: Job) -> Needs:
    """Return what the job requires; an array itself requires what each of its children does."""
    requirements: Sequence[Mapping[str, Any]] = job.container.get("resourceRequirements") or ()
    asked = {str(each.get("type")): float(each["value"]) for each in requirements}
    return Needs(
        vcpus=asked.get("VCPU") or float(job.container.get("vcpus") or 1),
        memory_mib=asked.get("MEMORY") or float(job.container.get("memory") or 0),
        gpus=asked.get("GPU", 0.0),
    )


def priority_of(job: Job, definition: Definition | None) -> int | None:
    """Return the job's scheduling priority within its share, None where nobody gave one."""
    declared = definition.request.get("schedulingPriority") if definition else None
    priority: int | None = job.request.get("schedulingPriorityOverride", declared)
    return priority
