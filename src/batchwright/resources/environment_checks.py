"""What is refused of a compute environment's declaration before any call: validators of its fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from batchwright.resources.compute_resources import STRATEGIES, is_arm, is_fargate
from batchwright.values import refuse

if TYPE_CHECKING:
    from batchwright.resources.compute_environment import ComputeEnvironment
    from batchwright.resources.security_group import SecurityGroup

_GROUP_ID: Final = re.compile(r"sg-[0-9a-f]+")
_INSTANCE_TYPE: Final = re.compile(r"[a-z][a-z0-9_.-]*")
_FARGATE_GROUPS_MAX: Final = 5
_NOT_ON_FARGATE: Final = "left out for Fargate, which has no instances"


def instances_only(instance: ComputeEnvironment, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: not for Fargate."""
    if is_fargate(instance.type) and value and value != field.default:
        raise refuse(instance, field.name, value, _NOT_ON_FARGATE)


def spot_only(instance: ComputeEnvironment, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: for Spot instances only."""
    if value is not None and instance.type != "SPOT":
        raise refuse(instance, field.name, value, 'left out, or with type="SPOT"')


def strategy_legal(instance: ComputeEnvironment, field: attrs.Attribute[Any], value: str | None) -> None:
    """A validator: a strategy that AWS has for this type."""
    if value is None:
        return
    if is_fargate(instance.type):
        raise refuse(instance, field.name, value, _NOT_ON_FARGATE)
    if value not in (legal := STRATEGIES[instance.type]):
        raise refuse(instance, field.name, value, f"for {instance.type} one of " + ", ".join(map(repr, legal)))


def types_legal(instance: ComputeEnvironment, field: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    """A validator: instance types, families or AWS's bundles, at least one where there are instances."""
    if is_fargate(instance.type):
        return instances_only(instance, field, value)
    if not value or not all(_INSTANCE_TYPE.fullmatch(each) for each in value):
        raise refuse(
            instance, field.name, value, 'one or more types ("c6i.large"), families ("c6i") or bundles ("optimal")'
        )
    if len({is_arm(each) for each in value}) > 1:
        raise refuse(instance, field.name, value, "types of one CPU architecture, ARM or x86")
    return None


def profile_legal(instance: ComputeEnvironment, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: instances have a profile, and Fargate has none."""
    if is_fargate(instance.type):
        return instances_only(instance, field, value)
    if not value:
        raise refuse(
            instance,
            field.name,
            value,
            "an InstanceProfile, or the name or ARN of one; the session's factory fills in "
            "session.defaults.instance_profile",
        )
    return None


def groups_legal(
    instance: ComputeEnvironment, field: attrs.Attribute[Any], value: tuple[SecurityGroup | str, ...]
) -> None:
    """A validator: groups, or ids of groups."""
    for group in value:
        if isinstance(group, str) and not _GROUP_ID.fullmatch(group):
            raise refuse(instance, field.name, group, 'a SecurityGroup, or an id such as "sg-0123"')
    if is_fargate(instance.type) and len(value) > _FARGATE_GROUPS_MAX:
        raise refuse(instance, field.name, f"{len(value)} groups", f"1 to {_FARGATE_GROUPS_MAX} groups for Fargate")


def under_the_maximum(instance: ComputeEnvironment, field: attrs.Attribute[Any], value: int) -> None:
    """A validator: no more than `max_vcpus`."""
    if value > instance.max_vcpus:
        raise refuse(instance, field.name, value, f"a number from 0 to max_vcpus={instance.max_vcpus}")
