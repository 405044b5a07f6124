"""What jobs need of consumable resources: which they name, and what they take and give back."""

import attrs

from batchwright.local.refusals import Refusal, does_not_exist
from batchwright.local.state import Consumable, Definition, Job, Region, Wire

_MOST_NEEDED = 5
_MEMBER = "consumableResourceList"


@attrs.define
class Units:
    """What one job has taken; a retry goes on with what the first attempt took."""

    _taken: list[tuple[Consumable, int]] = attrs.field(factory=list[tuple[Consumable, int]])

    def lacking(self, region: Region, job: Job) -> str | None:
        """Return what keeps the job from starting, or None if it has all or can have it now."""
        if self._taken:
            return None
        short = [need for need in job.consumables if available(_find(region, need)) < need["quantity"]]
        names = ", ".join(str(need["consumableResource"]).rpartition("/")[2] for need in short)
        return f"Waiting for units of consumable resource {names}." if short else None

    def take(self, region: Region, job: Job) -> None:
        """Take what the job needs, at its first start."""
        if self._taken:
            return
        for need in job.consumables:
            if (resource := _find(region, need)) is not None:
                _lock(resource, need["quantity"])
                self._taken.append((resource, need["quantity"]))

    def give_back(self) -> None:
        """Give back at the job's end what can be used again."""
        for resource, quantity in self._taken:
            resource.in_use -= quantity
        self._taken.clear()


def _lock(resource: Consumable, quantity: int) -> None:
    resource.in_use += quantity
    if not resource.is_replenishable:
        resource.total -= quantity


def available(resource: Consumable | None) -> int:
    """Return how many units a job could take now; none of what was deleted."""
    if resource is None:
        return 0
    return max(0, resource.total - (resource.in_use if resource.is_replenishable else 0))


def find_consumable(region: Region, name_or_arn: str) -> Consumable | None:
    """Return the consumable resource of that name or ARN."""
    found = region.consumables.get(name_or_arn.rpartition("/")[2])
    return found if found and name_or_arn in (found.name, found.arn) else None


def _find(region: Region, need: Wire) -> Consumable | None:
    return find_consumable(region, need["consumableResource"])


def needed_by(region: Region, definition: Definition, request: Wire) -> list[Wire]:
    """Return what a submission needs, resources by ARN: what it says itself, or else what its definition says."""
    properties: Wire = request.get("consumableResourcePropertiesOverride") or definition.request.get(
        "consumableResourceProperties", {}
    )
    check_list(properties)
    found = [(_find(region, need), need) for need in properties.get(_MEMBER, [])]
    return [{**need, "consumableResource": each.arn} if each else dict(need) for each, need in found]


def check_list(properties: Wire) -> None:
    """Raise Refusal for a list that no job can have; the resources themselves need not be there yet."""
    needs: list[Wire] = properties.get(_MEMBER, [])
    if len(needs) > _MOST_NEEDED:
        raise Refusal(f"A job needs at most {_MOST_NEEDED} consumable resources, not {len(needs)}.")
    for need in needs:
        if "consumableResource" not in need or need.get("quantity", 0) < 1:
            raise Refusal("An entry of consumableResourceList needs a consumableResource and a quantity of at least 1.")


def check_needed(region: Region, needs: list[Wire]) -> None:
    """Raise Refusal where a job needs a consumable resource that is not there."""
    for need in needs:
        if _find(region, need) is None:
            raise does_not_exist(f"Consumable resource {need['consumableResource']}")
