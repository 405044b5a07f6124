"""How large the instances are that a compute environment may start, as far as their names tell.

The sizes follow from the names in the families that people use for Batch (Amazon EC2 Instance Types Guide); of a family
that is not known here nothing is said, so that no job is told that it cannot fit where it might.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import attrs

from batchwright.local.scheduling.needs import Needs


@attrs.frozen
class Size:
    """The most that one instance has."""

    vcpus: float
    memory_mib: float
    gpus: int = 0

    def holds(self, needs: Needs) -> bool:
        """Tell whether a job fits; some memory of every instance is the system's and the agent's own."""
        usable_mib = min(self.memory_mib - 32, self.memory_mib * 63 / 64)
        return needs.vcpus <= self.vcpus and needs.memory_mib <= usable_mib and needs.gpus <= self.gpus


UNKNOWN = Size(float("inf"), float("inf"), 1_000_000)

_GIB = 1024.0
_BUNDLES = {
    "optimal": ("m6i", "c6i", "r6i", "c7i"),
    "default_x86_64": ("m6i", "c6i", "r6i", "c7i"),
    "default_arm64": ("m6g", "c6g", "r6g", "c7g"),
}
_GENERAL = re.compile(r"([cmr])([5-8])(a|g|i)?(?:b|d|n|dn|dz)?(-flex)?")
_GIB_PER_VCPU = {"c": 2.0, "m": 4.0, "r": 8.0}
_MOST_VCPUS = {
    "5": 96, "5a": 96, "6a": 192, "6g": 64, "6i": 128, "7a": 192, "7g": 64, "7i": 192, "8a": 192, "8g": 192, "8i": 384,
}  # fmt: skip
_FLEX_VCPUS = 64
_GPUS: Mapping[str, tuple[float, int, Mapping[str, int]]] = {
    "g4dn": (4.0, 96, {"12xlarge": 4, "metal": 8}),
    "g5": (4.0, 192, {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8}),
    "g6": (4.0, 192, {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8}),
    "g6e": (8.0, 192, {"12xlarge": 4, "24xlarge": 4, "48xlarge": 8}),
}
"""GiB a vCPU, the most vCPUs, and the sizes with more than one GPU, by family."""
_BURSTABLE = {"nano": 0.5, "micro": 1.0, "small": 2.0, "medium": 4.0, "large": 8.0, "xlarge": 16.0, "2xlarge": 32.0}
_UNLIKE = frozenset({"c5n"})  # its name says otherwise than it is


@lru_cache(maxsize=1024)
def sizes_of(instance_types: tuple[str, ...]) -> tuple[Size, ...]:
    """Return the largest sizes that an environment's `instanceTypes` allow.

    Args:
        instance_types: Names of types, families or AWS's own bundles.
    """
    named = [member for each in instance_types for member in _BUNDLES.get(each, (each,))]
    return tuple(dict.fromkeys(_size(*each.partition(".")[::2]) for each in named))


def _size(family: str, size: str) -> Size:
    """Return the size of a type, or of a family's largest where `size` is empty."""
    if family in _GPUS:
        gib_per_vcpu, most, several = _GPUS[family]
        vcpus = _vcpus(size, most)
        gpus = several.get(size, 1) if size else max(several.values())
        return UNKNOWN if vcpus is None else Size(vcpus, vcpus * gib_per_vcpu * _GIB, gpus)
    if family in ("t3", "t3a", "t4g"):
        gib = _BURSTABLE.get(size or "2xlarge")
        return UNKNOWN if gib is None else Size(max(2.0, gib / 4), gib * _GIB)
    return _general(family, size)


def _general(family: str, size: str) -> Size:
    match = None if family in _UNLIKE else _GENERAL.fullmatch(family)
    most = match and _MOST_VCPUS.get(f"{match[2]}{match[3] or ''}")
    if match is None or most is None:
        return UNKNOWN
    vcpus = _vcpus(size, _FLEX_VCPUS if match[4] else most)
    return UNKNOWN if vcpus is None else Size(vcpus, vcpus * _GIB_PER_VCPU[match[1]] * _GIB)


def _vcpus(size: str, most: int) -> float | None:
    """Return how many vCPUs a size has in families that go by four for each `xlarge`."""
    plain = {"": most, "metal": most, "medium": 1, "large": 2, "xlarge": 4}
    if size in plain:
        return float(plain[size])
    match = re.fullmatch(r"(?:metal-)?(\d+)(?:xlarge|xl)", size)
    return None if match is None else 4.0 * int(match[1])
