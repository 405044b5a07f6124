"""What things cost while nothing runs: one table for inventories and plans, in AWS's public list prices if in any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import attrs


@attrs.frozen
class IdleCost:
    """What one thing costs by being there.

    Attributes:
        words: What is paid for; empty for nothing.
        is_capacity: Whether capacity is paid for that runs, or stands by, whether it is used or not.
    """

    words: str = ""
    is_capacity: bool = attrs.field(default=False, kw_only=True)


_NOTHING: Final = IdleCost()


class _Environment(Protocol):
    min_vcpus: int


class _Volume(Protocol):
    throughput_mode: str
    provisioned_mibps: float | None


class _Tracker(Protocol):
    billing_mode: str


class _Secret(Protocol):
    store: str


def _environment(environment: _Environment) -> IdleCost:
    if not environment.min_vcpus:
        return _NOTHING
    return IdleCost(
        f"instances of {environment.min_vcpus} vCPUs or more, also without jobs and while it is disabled",
        is_capacity=True,
    )


def _volume(volume: _Volume) -> IdleCost:
    if volume.throughput_mode != "provisioned":
        return IdleCost("storage, by the GiB")
    return IdleCost(
        f"storage, by the GiB, and {volume.provisioned_mibps or 0:g} MiB a second of throughput, used or not",
        is_capacity=True,
    )


def _tracker(tracker: _Tracker) -> IdleCost:
    if tracker.billing_mode != "PROVISIONED":
        return IdleCost("storage and requests, little")
    return IdleCost(
        "storage, and provisioned read and write units by the hour, used or not",
        is_capacity=True,
    )


def _secret(secret: _Secret) -> IdleCost:
    return IdleCost("0.40 USD a month in Secrets Manager") if secret.store == "secretsmanager" else _NOTHING


def _teardown(_: object) -> IdleCost:
    return IdleCost("0.06 USD a day while it waits")


_BY_KIND: Final[dict[str, Callable[[Any], IdleCost]]] = {
    "compute environment": _environment,
    "EFS volume": _volume,
    "status tracker": _tracker,
    "stored secret": _secret,
    "tear-down": _teardown,
}


def idle_cost(kind: str, thing: object) -> IdleCost:
    """What one thing costs while nothing runs; the two figures are AWS's list prices of most regions.

    Args:
        kind: The kind of the resource.
        thing: Its declaration or its description: both have the fields that matter, under the same names.
    """
    cost = _BY_KIND.get(kind)
    return cost(thing) if cost else _NOTHING
