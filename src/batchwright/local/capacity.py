"""The vCPUs of the compute environments: who may start where, and what keeps a job from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from batchwright.local.environment_rules import is_fargate
from batchwright.local.scheduling.instance_sizes import sizes_of
from batchwright.local.scheduling.needs import Needs
from batchwright.local.state import Environment, Queue, Region

TOO_LARGE = (
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU "
    "requirement of the job."
)
UNFITTING = (
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that "
    "can be met by the CE(s) attached to the job queue."
)
NO_ENVIRONMENT = "ACTION_REQUIRED - CE(s) associated with the job queue are invalid."
_SETTLING = ("CREATING", "UPDATING")


@attrs.frozen
class Hindrance:
    """Why no environment takes the job now.

    Args:
        reason: What to tell, None where the job only has to wait its turn.
        waits_for: ARNs of the environments that would take it once they have room.
    """

    reason: str | None
    waits_for: tuple[str, ...] = ()


class Capacity:
    """Counts the vCPUs in use in each compute environment."""

    def __init__(self) -> None:
        self._used: defaultdict[str, float] = defaultdict(float)

    def place(
        self, queue: Queue, region: Region, needs: Needs, reserved: set[str], *, part: float = 1.0
    ) -> Environment | Hindrance:
        """Return the first environment in the queue's order with room, or what hinders.

        Args:
            queue: Whose environments count if they are ENABLED and VALID.
            region: Where they are.
            needs: What the job needs.
            reserved: ARNs of environments whose room is kept for a queue of higher priority.
            part: How much of each environment the queue's jobs may fill.
        """
        by_arn = {environment.arn: environment for environment in region.environments.values()}
        attached = [by_arn[arn] for arn in queue.environment_arns if arn in by_arn]
        usable = [each for each in attached if each.state == "ENABLED" and each.status == "VALID"]
        if not usable:
            is_settling = any(each.state == "ENABLED" and each.status in _SETTLING for each in attached)
            return Hindrance(None if is_settling else NO_ENVIRONMENT)
        large = [each for each in usable if needs.vcpus <= most_vcpus(each)]
        fitting = [each for each in large if _has_instance_for(each, needs)]
        if not fitting:
            return Hindrance(UNFITTING if large else TOO_LARGE)
        for each in fitting:
            if each.arn not in reserved and self._has_room(each, needs.vcpus, part):
                return each
        return Hindrance(None, tuple(each.arn for each in fitting))

    def take(self, environment: Environment, vcpus: float) -> None:
        """Count the vCPUs as used."""
        self._used[environment.arn] += vcpus

    def give_back(self, environment: Environment, vcpus: float) -> None:
        """Count the vCPUs as free again."""
        self._used[environment.arn] -= vcpus

    def used(self, environment: Environment) -> float:
        """Return the vCPUs that count as used."""
        return self._used[environment.arn]

    def _has_room(self, environment: Environment, vcpus: float, part: float) -> bool:
        used, most = self._used[environment.arn], most_vcpus(environment)
        # A job larger than the part starts where nothing else runs, or it never would.
        return used + vcpus <= most * part or (not used and vcpus <= most)


def most_vcpus(environment: Environment) -> float:
    """Return the vCPUs that the environment may use at most; an unmanaged one without a number has no limit."""
    resources: Mapping[str, Any] = environment.request.get("computeResources") or {}
    most: float | None = resources.get("maxvCpus", environment.request.get("unmanagedvCpus"))
    return float("inf") if most is None else float(most)


def _has_instance_for(environment: Environment, needs: Needs) -> bool:
    resources: Mapping[str, Any] = environment.request.get("computeResources") or {}
    types: Sequence[str] = resources.get("instanceTypes") or ()
    if not types or is_fargate(environment):
        return True  # Fargate's sizes are checked with the definition, and an unmanaged environment may hold anything
    return any(size.holds(needs) for size in sizes_of(tuple(types)))
