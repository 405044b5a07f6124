"""Rules of a job's size: whether any compute environment of its queue could ever run it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.batch_facts import DEFINITIONS, ENVIRONMENTS, JOBS, QUEUES, definition_of
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.instance_facts import (
    AGENT_MIB,
    INSTANCE_TYPES,
    InstanceType,
    has_instances,
    instance_types_of,
    patterns_of,
)
from batchwright.diagnosis.needs import Placing, placing_of
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import JobSubject, name_in
from batchwright.findings import Finding, error, warning
from batchwright.resources.compute_resources import is_fargate
from batchwright.resources.sizes import FARGATE_MEMORY_MIB

_READ: Final = (JOBS, QUEUES, ENVIRONMENTS)
_GUIDE: Final = "https://docs.aws.amazon.com/batch/latest/userguide"
_API: Final = "https://docs.aws.amazon.com/batch/latest/APIReference"


@rule(
    "job-over-max-vcpus",
    of=JobSubject,
    says="the job asks for more vCPUs than max_vcpus of any of its queue's environments",
    actions=(*_READ, INSTANCE_TYPES),
    source=f"{_GUIDE}/job_stuck_in_runnable_misconfiguration.html",
)
def over_max_vcpus(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Against the environments' own limit."""
    placing = placing_of(facts, subject)
    if placing is None:
        return
    managed = [each for each in placing.environments if each.max_vcpus]
    if len(managed) < len(placing.environments) or placing.needs.vcpus <= max(each.max_vcpus for each in managed):
        return
    largest = max(managed, key=lambda each: each.max_vcpus)
    yield error(
        f"{subject.label} asks for {placing.needs.vcpus:g} vCPUs, and no compute environment of its queue may have "
        f"more than {largest.max_vcpus}.",
        f"{JOBS}: {placing.needs.text}",
        *(f"{ENVIRONMENTS}: {each.name} has maxvCpus {each.max_vcpus}" for each in managed),
        fix=_way_under(facts, placing, largest.name, largest.max_vcpus),
    )


def _way_under(facts: Facts, placing: Placing, environment: str, max_vcpus: int) -> str:
    """What to do about a job that is over max_vcpus; to raise that is of no use where no instance is so large."""
    try:
        most = max((each.vcpus for each in _types(facts, placing)), default=None)
    except UnreadableError:
        most = None
    raised = f"max_vcpus of compute environment {environment!r} to {placing.needs.vcpus:g} or more"
    if most is None or placing.needs.vcpus <= most:
        return f"Raise {raised}, or ask for fewer vCPUs."
    return (
        f"Ask for {min(most, max_vcpus)} vCPUs or fewer: no instance type of its environments has more than {most}; or "
        f"add larger types, and raise {raised}."
    )


@rule(
    "job-over-instances",
    of=JobSubject,
    says="the job asks for more vCPUs or memory than any instance type of its environments has for jobs",
    actions=(*_READ, INSTANCE_TYPES),
    source=f"{_GUIDE}/memory-management.html",
)
def over_instances(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Against what the types have, less what the agent and the system keep."""
    placing = placing_of(facts, subject)
    types = _types(facts, placing)
    if placing is None or not types:
        return
    needs = placing.needs
    with_gpus = [each for each in types if each.gpus >= needs.gpus] or types  # too few GPUs is another rule's
    wide = [each for each in with_gpus if each.vcpus >= needs.vcpus]
    if not wide:
        yield _too_large(subject, placing, max(with_gpus, key=lambda each: each.vcpus), "vCPUs")
    elif not any(each.most_mib >= needs.memory_mib for each in wide):
        yield _too_large(subject, placing, max(wide, key=lambda each: each.memory_mib), "memory")
    elif not any(each.usual_mib >= needs.memory_mib for each in wide):
        largest = max(wide, key=lambda each: each.memory_mib)
        yield warning(
            f"{subject.label} asks for nearly all the memory of the largest instance type, {largest.name}, and the "
            "system keeps some for itself: it may never be placed.",
            *_sizes(placing, largest),
            fix=f"Ask for {largest.usual_mib / 1024:.1f} GiB or less, or add a type with more memory.",
        )


@rule(
    "job-no-gpu",
    of=JobSubject,
    says="the job asks for more GPUs than any instance type of its environments has",
    actions=(*_READ, INSTANCE_TYPES),
    source=f"{_GUIDE}/gpu-jobs.html",
)
def no_gpu(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """GPUs, which AWS's bundles of types have none of."""
    placing = placing_of(facts, subject)
    if placing is None or not placing.needs.gpus:
        return
    types = _types(facts, placing)
    most = max((each.gpus for each in types), default=0)
    on_fargate = all(is_fargate(each.type) for each in placing.environments)
    if (types and placing.needs.gpus > most) or on_fargate:
        has = f"no instance type of its environments has more than {most}" if most else "its environments have none"
        yield error(
            f"{subject.label} asks for {placing.needs.gpus} GPU, and {has}.",
            f"{JOBS}: {placing.needs.text}",
            *_allowed(placing),
            fix="Give an environment a GPU family such as 'g5' or 'p4d' in instance_types ('optimal' and the default "
            "bundles have none), on EC2.",
        )


@rule(
    "job-wrong-architecture",
    of=JobSubject,
    says="the job is for a processor architecture that no instance type of its environments has",
    actions=(*_READ, INSTANCE_TYPES),
    source=f"{_API}/API_ContainerProperties.html",
)
def wrong_architecture(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """As far as the definition or the image's name says which; otherwise nothing is known of it."""
    placing = placing_of(facts, subject)
    if placing is None or not (placing.needs.architecture or placing.needs.named_architecture):
        return
    wanted = placing.needs.architecture or placing.needs.named_architecture
    types = _types(facts, placing)
    if not types or any(wanted in each.architectures for each in types):
        return
    there = ", ".join(sorted({kind for each in types for kind in each.architectures}))
    say = error if placing.needs.architecture else warning
    yield say(
        f"{subject.label} is for {wanted}, and the instance types of its environments are {there}.",
        f"{JOBS}: the {'definition' if placing.needs.architecture else 'name of the image'} says {wanted}",
        *_allowed(placing),
        fix=f"Use an image for {there}, or an environment with types of {wanted} (default_arm64, default_x86_64).",
    )


@rule(
    "job-fargate-sizes",
    of=JobSubject,
    says="the job asks for vCPUs and memory that Fargate does not have together",
    actions=_READ,
    source=f"{_API}/API_ResourceRequirement.html",
)
def fargate_sizes(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """Against Fargate's table."""
    placing = placing_of(facts, subject)
    if placing is None or not all(is_fargate(each.type) for each in placing.environments):
        return
    legal = FARGATE_MEMORY_MIB.get(placing.needs.vcpus, ())
    if placing.needs.memory_mib not in legal:
        sizes = (
            f"{min(legal)} to {max(legal)} MiB"
            if legal
            else f"vCPUs {', '.join(map('{:g}'.format, FARGATE_MEMORY_MIB))}"
        )
        yield error(
            f"{subject.label} asks for {placing.needs.text}, which Fargate does not have together.",
            f"{JOBS}: {placing.needs.text}",
            fix=f"Ask for one of Fargate's pairs: {sizes}.",
        )


@rule(
    "job-wrong-platform",
    of=JobSubject,
    says="the job's definition is for EC2 and the environments are Fargate, or the other way round",
    actions=(*_READ, DEFINITIONS),
    source=f"{_API}/API_RegisterJobDefinition.html",
)
def wrong_platform(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """The definition's platform capabilities against the environments' types."""
    placing = placing_of(facts, subject)
    definition = definition_of(facts, name_in(placing.job.definition_arn)) if placing else None
    if placing is None or definition is None:
        return
    wanted = {str(each) for each in definition.get("platformCapabilities") or ("EC2",)}
    offered = {"FARGATE" if is_fargate(each.type) else "EC2" for each in placing.environments}
    if wanted <= {"EC2", "FARGATE"} and not wanted & offered:
        yield error(
            f"{subject.label} is for {' or '.join(sorted(wanted))}, and its queue has environments of "
            f"{' and '.join(sorted(offered))} only.",
            f"{DEFINITIONS}: platformCapabilities {', '.join(sorted(wanted))}",
            *_allowed(placing),
            fix=f"Submit it to another queue, or declare the definition with platform={min(offered)!r}.",
        )


def _types(facts: Facts, placing: Placing | None) -> list[InstanceType]:
    """All types of all environments; none where one of these may have others than those that are known."""
    if placing is None or not all(has_instances(each) for each in placing.environments):
        return []
    by_environment = [instance_types_of(facts, each) for each in placing.environments]
    # What a bundle means changes, and differs by region: where none of its families is there, others are.
    return [each for types in by_environment for each in types] if all(by_environment) else []


def _too_large(subject: JobSubject, placing: Placing, largest: InstanceType, what: str) -> Finding:
    is_of_vcpus = what == "vCPUs"
    has = f"{largest.vcpus} vCPUs" if is_of_vcpus else f"{largest.most_mib} MiB for jobs"
    less = "fewer" if is_of_vcpus else "less"
    return error(
        f"{subject.label} asks for more {what} than any instance type of its environments has: {placing.needs.text}, "
        f"and the largest, {largest.name}, has {has}.",
        *_sizes(placing, largest),
        fix=f"Add a larger type to instance_types of an environment, or ask for {less} {what}.",
    )


def _sizes(placing: Placing, largest: InstanceType) -> Iterator[str]:
    yield f"{JOBS}: {placing.needs.text}"
    yield (
        f"{INSTANCE_TYPES}: {largest.name} has {largest.vcpus} vCPU and {largest.memory_mib} MiB, of which the agent "
        f"keeps {AGENT_MIB} and the system about {largest.memory_mib - AGENT_MIB - largest.usual_mib}"
    )
    yield from _allowed(placing)


def _allowed(placing: Placing) -> Iterator[str]:
    for each in placing.environments:
        allows = ", ".join(each.instance_types) or each.type
        families = ", ".join(patterns_of(each.instance_types))
        meant = f" ({families})" if families and families != allows else ""
        yield f"{ENVIRONMENTS}: {each.name} allows {allows}{meant}"
