"""The vCPUs of the compute environments: who may start where, and what keeps a job from it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from batchwright.local.state import Environment, Job, Queue, Region

TOO_LARGE = (
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU "
    "requirement of the job."
)
NO_ENVIRONMENT = "ACTION_REQUIRED - CE(s) associated with the job queue are invalid."
_SETTLING = ("CREATING", "UPDATING")


@attrs.frozen
class Hindrance:
    """Why no environment takes the job now; `reason` is None where it only has to wait its turn."""

    reason: str | None


class Capacity:
    """Counts the vCPUs in use in each compute environment."""

    def __init__(self) -> None:
        self._used: defaultdict[str, float] = defaultdict(float)

    def place(self, queue: Queue, region: Region, vcpus: float, reserved: set[str]) -> Environment | Hindrance:
        """Return the first environment in the queue's order with room, or what hinders.

        Args:
            queue: Whose environments count if they are ENABLED and VALID.
            region: Where they are.
            vcpus: What the job needs.
            reserved: ARNs of environments whose room is kept for a queue of higher priority.
        """
        by_arn = {environment.arn: environment for environment in region.environments.values()}
        attached = [by_arn[arn] for arn in queue.environment_arns if arn in by_arn]
        usable = [each for each in attached if each.state == "ENABLED" and each.status == "VALID"]
        if not usable:
            is_settling = any(each.state == "ENABLED" and each.status in _SETTLING for each in attached)
            return Hindrance(None if is_settling else NO_ENVIRONMENT)
        if all(vcpus > most_vcpus(each) for each in usable):
            return Hindrance(TOO_LARGE)
        for each in usable:
            if each.arn not in reserved and self._used[each.arn] + vcpus <= most_vcpus(each):
                return each
        return Hindrance(None)

    def take(self, environment: Environment, vcpus: float) -> None:
        """Count the vCPUs as used."""
        self._used[environment.arn] += vcpus

    def give_back(self, environment: Environment, vcpus: float) -> None:
        """Count the vCPUs as free again."""
        self._used[environment.arn] -= vcpus


def vcpus_of(job: Job) -> float:
    """Return the vCPUs that the job requires (Fargate knows fractions)."""
    requirements: Sequence[Mapping[str, Any]] = job.container.get("resourceRequirements") or ()
    for requirement in requirements:
        if requirement.get("type") == "VCPU":
            return float(requirement["value"])
    return float(job.container.get("vcpus") or 1)


def most_vcpus(environment: Environment) -> float:
    """Return the vCPUs that the environment may use at most; an unmanaged one without a number has no limit."""
    resources: Mapping[str, Any] = environment.request.get("computeResources") or {}
    most: float | None = resources.get("maxvCpus", environment.request.get("unmanagedvCpus"))
    return float("inf") if most is None else float(most)
