"""Legal vCPUs, memory and GPUs of a container, on EC2 and on Fargate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from batchwright.values import refuse

FARGATE_MEMORY_MIB: Final[Mapping[float, Sequence[int]]] = {
    0.25: (512, 1024, 2048),
    0.5: range(1024, 4096 + 1, 1024),
    1: range(2048, 8192 + 1, 1024),
    2: range(4096, 16384 + 1, 1024),
    4: range(8192, 30720 + 1, 1024),
    8: range(16384, 61440 + 1, 4096),
    16: range(32768, 122880 + 1, 8192),
    32: (61440, 122880, 249856),
}
MEMORY_LEAST_MIB: Final = 4


def memory_mib(memory_gib: float) -> int:
    """`memory_gib` in the whole MiB that Batch counts in, rounded."""
    return round(memory_gib * 1024)


def requirements(vcpus: float | None, memory_gib: float | None, gpus: int | None = None) -> list[dict[str, str]]:
    """The `resourceRequirements` of a request, of what is given; their values are strings."""
    sizes = {
        "VCPU": None if vcpus is None else f"{vcpus:g}",
        "MEMORY": None if memory_gib is None else str(memory_mib(memory_gib)),
        "GPU": None if gpus is None else str(gpus),
    }
    return [{"type": kind, "value": value} for kind, value in sizes.items() if value is not None]


def check_sizes(owner: object, *, platform: str, vcpus: float, memory_gib: float, gpus: int | None = None) -> None:
    """Refuse sizes that AWS would not place.

    Args:
        owner: The declaration, for the error.
        platform: `"EC2"` or `"FARGATE"`.
        vcpus: Number of vCPUs.
        memory_gib: Memory in GiB.
        gpus: Number of GPUs, or None.

    Raises:
        DeclarationError: It names the field and, on Fargate, the memory that is legal with these vCPUs.
    """
    for field, value in (("vcpus", vcpus), ("memory_gib", memory_gib)):
        if not _is_number(value):
            raise refuse(owner, field, value, "a number")
    if platform == "FARGATE":
        _check_fargate(owner, vcpus, memory_gib, gpus)
    else:
        _check_ec2(owner, vcpus, memory_gib, gpus)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_ec2(owner: object, vcpus: float, memory_gib: float, gpus: int | None) -> None:
    if vcpus < 1 or vcpus != int(vcpus):
        raise refuse(owner, "vcpus", vcpus, "a whole number of 1 or more on EC2")
    if memory_mib(memory_gib) < MEMORY_LEAST_MIB:
        raise refuse(
            owner, "memory_gib", memory_gib, f"at least {MEMORY_LEAST_MIB} MiB ({MEMORY_LEAST_MIB / 1024} GiB)"
        )
    if gpus is not None and not (_is_number(gpus) and gpus == int(gpus) >= 1):
        raise refuse(owner, "gpus", gpus, "a whole number of 1 or more, or None")


def _check_fargate(owner: object, vcpus: float, memory_gib: float, gpus: int | None) -> None:
    if gpus is not None:
        raise refuse(owner, "gpus", gpus, "None on Fargate, which has no GPUs; platform='EC2' has them")
    legal = FARGATE_MEMORY_MIB.get(vcpus)
    if legal is None:
        raise refuse(owner, "vcpus", vcpus, f"{_listed(FARGATE_MEMORY_MIB)} on Fargate")
    if memory_mib(memory_gib) not in legal:
        raise refuse(owner, "memory_gib", memory_gib, f"{_in_gib(legal)} with {vcpus:g} vCPU on Fargate")


def _in_gib(legal: Sequence[int]) -> str:
    if isinstance(legal, range):
        return f"{legal[0] / 1024:g} to {legal[-1] / 1024:g} GiB in steps of {legal.step / 1024:g}"
    return f"{_listed([size / 1024 for size in legal])} GiB"


def _listed(numbers: Mapping[float, object] | Sequence[float]) -> str:
    *first, last = [f"{number:g}" for number in numbers]
    return f"{', '.join(first)} or {last}"
