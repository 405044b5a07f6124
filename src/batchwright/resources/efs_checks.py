"""What a volume's fields may hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from batchwright.resources.security_group import SecurityGroup
from batchwright.values import aws_name, matching, refuse

if TYPE_CHECKING:
    from batchwright.resources.efs_volume import EfsVolume

GROUPS_MAX: Final = 5
PROVISIONED: Final = "provisioned"
volume_name: Final = matching(re.compile(r"[\w .:/=+\-@]{1,256}"), "1 to 256 letters, digits, spaces or _.:/=+-@")
_key_id: Final = matching(
    re.compile(r"(arn:[\w:-]+:key/)?(mrk-)?[0-9a-f-]{32,36}"), "the id or the ARN of a KMS key (not an alias)"
)
_zone_name: Final = matching(re.compile(r"[a-z]{2}(-[a-z]+)+-\d[a-z]"), "an availability zone, such as 'us-east-2a'")


def groups_legal(instance: EfsVolume, field: attrs.Attribute[Any], value: tuple[SecurityGroup | str, ...]) -> None:
    """A validator: up to five groups, or ids of groups."""
    if len(value) > GROUPS_MAX:
        raise refuse(instance, field.name, f"{len(value)} groups", f"1 to {GROUPS_MAX} groups")
    for group in value:
        if isinstance(group, str) and not re.fullmatch(r"sg-[0-9a-f]+", group):
            raise refuse(instance, field.name, group, 'a SecurityGroup, or an id such as "sg-0123"')


def key_legal(instance: EfsVolume, field: attrs.Attribute[Any], value: str | None) -> None:
    """A validator: a KMS key, or None; of an alias EFS does not say which key it became."""
    if value is not None:
        _key_id(instance, field, value)


def zone_legal(instance: EfsVolume, field: attrs.Attribute[Any], value: str | None) -> None:
    """A validator: an availability zone, or None."""
    if value is not None:
        _zone_name(instance, field, value)


def only_provisioned(instance: EfsVolume, field: attrs.Attribute[Any], value: float | None) -> None:
    """A validator: said if and only if the throughput is provisioned."""
    if (value is None) == (instance.throughput_mode == PROVISIONED):
        raise refuse(instance, field.name, value, f"given with throughput_mode={PROVISIONED!r}, and only then")


def teardown_legal(instance: EfsVolume, field: attrs.Attribute[Any], value: str | None) -> None:
    """A validator: the name of a tear-down, of a volume that is not to be kept; or None."""
    if value is not None:
        aws_name(instance, field, value)
        if instance.retain:
            raise refuse(instance, field.name, value, "given with retain=False only")
