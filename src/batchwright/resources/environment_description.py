"""What AWS reports of a compute environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, cast

import attrs

from batchwright._wire import Description, structure, wire

if TYPE_CHECKING:
    from mypy_boto3_batch.type_defs import ComputeEnvironmentDetailTypeDef


@attrs.frozen(kw_only=True)
class ComputeEnvironmentDescription(Description):
    """What `batch:DescribeComputeEnvironments` reports of one environment.

    Attributes:
        type: `"EC2"`, `"SPOT"`, `"FARGATE"`, `"FARGATE_SPOT"`; `"UNMANAGED"` or `"MANAGED"` where AWS says no more.
        state: `"ENABLED"` or `"DISABLED"`: whether jobs are placed.
        status: `"CREATING"`, `"VALID"`, `"INVALID"`, `"UPDATING"`, `"DELETING"` or `"DELETED"`.
        desired_vcpus: vCPUs that run now, moved by Batch between `min_vcpus` and `max_vcpus`.
    """

    _live: ClassVar[tuple[str, ...]] = ("state", "desired_vcpus")

    name: str = attrs.field(metadata=wire("computeEnvironmentName"))
    arn: str = attrs.field(metadata=wire("computeEnvironmentArn"))
    type: str
    state: str = "ENABLED"
    status: str = "VALID"  # where an imitation of AWS says nothing
    min_vcpus: int = attrs.field(default=0, metadata=wire("minvCpus"))
    max_vcpus: int = attrs.field(default=0, metadata=wire("maxvCpus"))
    desired_vcpus: int = attrs.field(default=0, metadata=wire("desiredvCpus"))
    instance_types: tuple[str, ...] = ()
    allocation_strategy: str | None = None
    instance_role: str | None = None
    subnets: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    service_role: str = ""
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)

    @property
    def compute_resources(self) -> Mapping[str, object]:
        """AWS's `computeResources` as they are; empty for an unmanaged environment."""
        return cast("Mapping[str, object]", self.raw.get("computeResources") or {})


def described(item: ComputeEnvironmentDetailTypeDef, read_at: float) -> ComputeEnvironmentDescription:
    """One flat description; the environment's own members win over those of its resources."""
    answer = cast("Mapping[str, object]", item)
    resources = cast("Mapping[str, object]", answer.get("computeResources") or {})
    flat: dict[str, object] = {**resources, "tags": {}, **answer, "type": resources.get("type", answer.get("type"))}
    said = {member: value for member, value in flat.items() if value is not None}
    return attrs.evolve(structure(ComputeEnvironmentDescription, said, read_at=read_at), raw=answer)
