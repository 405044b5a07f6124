"""What a job asks for, overrides included, and where it could be placed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from batchwright.diagnosis.batch_facts import environments_of_queue, job_of
from batchwright.diagnosis.facts import Facts, below
from batchwright.diagnosis.jobs import WAITING, container_of
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.jobs.description import JobDescription
from batchwright.resources.environment_description import ComputeEnvironmentDescription

_NAMED: Final = {
    "arm64": re.compile(r"^(?:.*/)?arm64v8/|:[^/]*\b(?:arm64|aarch64)\b"),
    "x86_64": re.compile(r"^(?:.*/)?amd64/|:[^/]*\b(?:amd64|x86[_-]64)\b"),
}
"""By architecture, how images are named that are for it alone."""


@attrs.frozen(kw_only=True)
class Needs:
    """What one container of a job asks for.

    Attributes:
        vcpus: Its vCPUs.
        memory_mib: Its memory.
        gpus: Its GPUs.
        architecture: `x86_64` or `arm64` where the definition says so, or an empty string.
        named_architecture: The same where only the image's name says so.
    """

    vcpus: float
    memory_mib: float
    gpus: int
    architecture: str = ""
    named_architecture: str = ""

    @property
    def text(self) -> str:
        """In words."""
        gpus = f", {self.gpus} GPU" if self.gpus else ""
        return f"{self.vcpus:g} vCPU, {self.memory_mib:.0f} MiB{gpus}"


@attrs.frozen
class Placing:
    """A job that waits for a place, and the environments that there are.

    Attributes:
        job: The job.
        needs: What it asks for.
        environments: The environments of its queue that are there, in order.
    """

    job: JobDescription
    needs: Needs
    environments: tuple[ComputeEnvironmentDescription, ...]


def placing_of(facts: Facts, subject: JobSubject) -> Placing | None:
    """Of a job that has not started and has one container; None of every other."""
    job = job_of(facts, subject.job_id)
    if job is None or job.status not in WAITING or job.array_size is not None or not container_of(job):
        return None
    environments = environments_of_queue(facts, name_in(job.queue_arn))
    return Placing(job, needs_of(job), environments) if environments else None


def needs_of(job: JobDescription) -> Needs:
    """What it asks for, as DescribeJobs tells it, which has the overrides in it."""
    container = container_of(job)
    asked: Sequence[Mapping[str, Any]] = container.get("resourceRequirements") or ()
    sizes = {str(each.get("type")): float(each["value"]) for each in asked}
    return Needs(
        vcpus=sizes.get("VCPU") or float(container.get("vcpus") or 0),
        memory_mib=sizes.get("MEMORY") or float(container.get("memory") or 0),
        gpus=int(sizes.get("GPU", 0)),
        architecture=str(below(container, "runtimePlatform").get("cpuArchitecture") or "").lower(),
        named_architecture=next((kind for kind, named in _NAMED.items() if named.search(_image(container))), ""),
    )


def _image(container: Mapping[str, Any]) -> str:
    return str(container.get("image") or "")
