"""Legal vCPU, memory and GPU of a container, on EC2 and on Fargate.

The declarations of job definitions hold such a table too.  This one is written out again on purpose: an AWS that took
its rules from the code it is to test would agree with every mistake in it.
"""

from collections.abc import Mapping

from batchwright.local.refusals import Refusal
from batchwright.local.state import Wire

_FARGATE_MEMORY_MIB: Mapping[float, range | tuple[int, ...]] = {
    0.25: (512, 1024, 2048),
    0.5: range(1024, 4096 + 1, 1024),
    1: range(2048, 8192 + 1, 1024),
    2: range(4096, 16384 + 1, 1024),
    4: range(8192, 30720 + 1, 1024),
    8: range(16384, 61440 + 1, 4096),
    16: range(32768, 122880 + 1, 8192),
    32: (61440, 122880, 249856),
}
_LEAST_MEMORY_MIB = 4


def check_sizes(container: Wire, platform: str) -> None:
    """Raise Refusal where AWS would not place a container of these sizes.

    Args:
        container: Container properties in AWS's shape.
        platform: "EC2" or "FARGATE".
    """
    wanted = requirements(container)
    for kind in ("VCPU", "MEMORY"):
        if kind not in wanted:
            raise Refusal(f"resourceRequirements must hold {kind}.")
    if platform == "FARGATE":
        _check_fargate(container, wanted)
    else:
        _check_ec2(wanted)


def requirements(container: Wire) -> dict[str, str]:
    """Return the sizes by type, where the members of old (`vcpus`, `memory`) count if nothing newer is given."""
    sizes = {member: container.get(member) for member in ("vcpus", "memory")}
    old = {"VCPU": sizes["vcpus"], "MEMORY": sizes["memory"]}
    wanted = {kind: str(value) for kind, value in old.items() if value}
    entries: list[Wire] = container.get("resourceRequirements", [])
    kinds = [entry["type"] for entry in entries]
    if len(set(kinds)) < len(kinds):
        raise Refusal("resourceRequirements holds one type twice.")
    return wanted | {entry["type"]: entry["value"] for entry in entries}


def _check_fargate(container: Wire, wanted: dict[str, str]) -> None:
    if "GPU" in wanted:
        raise Refusal("GPU is not applicable for Fargate.")
    if container.get("vcpus") or container.get("memory"):
        raise Refusal("vcpus and memory are not applicable for Fargate, use resourceRequirements.")
    legal = _FARGATE_MEMORY_MIB.get(_number("VCPU", wanted["VCPU"]), ())
    if _number("MEMORY", wanted["MEMORY"]) not in legal:
        raise Refusal(f"Fargate has no {wanted['VCPU']} vCPU with {wanted['MEMORY']} MiB of memory.")


def _check_ec2(wanted: dict[str, str]) -> None:
    for kind, least in (("VCPU", 1), ("MEMORY", _LEAST_MEMORY_MIB), ("GPU", 1)):
        number = _number(kind, wanted.get(kind, str(least)))
        if number < least or number != int(number):
            raise Refusal(f"The value of {kind} must be a whole number of at least {least}, not {wanted[kind]}.")


def _number(kind: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refusal(f"The value of {kind} must be a number, not {text!r}.") from None
