"""How large the instances are that a compute environment may start, as EC2 tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import attrs

from batchwright.diagnosis.facts import Facts, below
from batchwright.resources.compute_resources import is_fargate
from batchwright.resources.environment_description import ComputeEnvironmentDescription

INSTANCE_TYPES: Final = "ec2:DescribeInstanceTypes"
BUNDLES: Final[Mapping[str, tuple[str, ...]]] = {
    "optimal": ("m6i", "c6i", "r6i", "c7i"),
    "default_x86_64": ("m6i", "c6i", "r6i", "c7i"),
    "default_arm64": ("m6g", "c6g", "r6g", "c7g"),
}
"""The families behind AWS's own words, by `ComputeResource.instanceTypes` of the API reference; they change."""
AGENT_MIB: Final = 32
"""Memory that the ECS agent keeps on Batch's own images."""
OVERHEAD: Final = 0.025
"""Share of the installed memory that platform and kernel keep, by AWS's example: 7985 of an m4.large's 8192 MiB."""


@attrs.frozen(kw_only=True)
class InstanceType:
    """One instance type.

    Attributes:
        name: For example `m6i.large`.
        vcpus: Its vCPUs.
        memory_mib: Its installed memory.
        gpus: Its GPUs.
        architectures: `x86_64`, `arm64`.
    """

    name: str
    vcpus: int
    memory_mib: int
    gpus: int
    architectures: tuple[str, ...]

    @property
    def most_mib(self) -> int:
        """What a job can certainly not exceed."""
        return self.memory_mib - AGENT_MIB

    @property
    def usual_mib(self) -> int:
        """What is usually left for jobs."""
        return int(self.memory_mib * (1 - OVERHEAD)) - AGENT_MIB


def has_instances(environment: ComputeEnvironmentDescription) -> bool:
    """Whether Batch starts EC2 instances for it; an unmanaged one has whatever somebody else starts."""
    return bool(environment.instance_types) and not is_fargate(environment.type)


def patterns_of(instance_types: Iterable[str]) -> tuple[str, ...]:
    """The words of an environment as DescribeInstanceTypes takes them: `c5` is `c5.*`, a bundle its families."""
    named = (member for each in instance_types for member in BUNDLES.get(each, (each,)))
    return tuple(dict.fromkeys(each if "." in each else f"{each}.*" for each in named))


def instance_types_of(facts: Facts, environment: ComputeEnvironmentDescription) -> tuple[InstanceType, ...]:
    """The types that it may start and this region has."""
    patterns = patterns_of(environment.instance_types)
    found = facts.facts(INSTANCE_TYPES, patterns, lambda wanted: _read(facts, wanted))
    return tuple(each for some in found.values() for each in some)


def _read(facts: Facts, patterns: Sequence[str]) -> dict[str, tuple[InstanceType, ...]]:
    pages = facts.session.ec2.get_paginator("describe_instance_types").paginate(
        Filters=[{"Name": "instance-type", "Values": list(patterns)}]
    )
    seen = [_described(cast("Mapping[str, Any]", each)) for page in pages for each in page["InstanceTypes"]]
    return {pattern: tuple(each for each in seen if _fits(each.name, pattern)) for pattern in patterns}


def _fits(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


def _described(answer: Mapping[str, Any]) -> InstanceType:
    return InstanceType(
        name=str(answer["InstanceType"]),
        vcpus=int(answer["VCpuInfo"]["DefaultVCpus"]),
        memory_mib=int(answer["MemoryInfo"]["SizeInMiB"]),
        gpus=sum(int(each.get("Count", 0)) for each in below(answer, "GpuInfo").get("Gpus") or ()),
        architectures=tuple(answer["ProcessorInfo"].get("SupportedArchitectures") or ()),
    )
