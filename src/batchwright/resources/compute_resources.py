"""What a compute environment asks of AWS and what AWS changes in place: data and pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast

import attrs

from batchwright._display import Displayed
from batchwright.drift import ABSENT, Drift, DriftRules, Normaliser
from batchwright.values import refuse

FARGATE_TYPES: Final = ("FARGATE", "FARGATE_SPOT")
TYPES: Final = ("EC2", "SPOT", *FARGATE_TYPES)
DEFAULT_STRATEGY: Final = {"EC2": "BEST_FIT_PROGRESSIVE", "SPOT": "SPOT_PRICE_CAPACITY_OPTIMIZED"}
STRATEGIES: Final = {
    "EC2": ("BEST_FIT_PROGRESSIVE", "BEST_FIT_PROGRESSIVE_ORDERED", "BEST_FIT"),
    # BEST_FIT on Spot wants a Spot fleet role that no update can change, and can never be updated itself.
    "SPOT": (
        "SPOT_PRICE_CAPACITY_OPTIMIZED",
        "SPOT_CAPACITY_OPTIMIZED",
        "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED",
        "BEST_FIT_PROGRESSIVE",
    ),
}
_IN_ORDER: Final = ("BEST_FIT_PROGRESSIVE_ORDERED", "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED")
_NEVER_UPDATED: Final = "BEST_FIT"

_GRAVITON: Final = re.compile(r"(a1|[a-z]+[0-9]+g[a-z]*)(\.|\Z)")

RESOURCES: Final = "computeResources"
_ALWAYS: Final = ("state", "computeResources.minvCpus", "computeResources.maxvCpus")
_NETWORK: Final = ("computeResources.subnets", "computeResources.securityGroupIds")
_INFRASTRUCTURE: Final = tuple(
    f"{RESOURCES}.{member}"
    for member in (
        "type",
        "allocationStrategy",
        "instanceTypes",
        "instanceRole",
        "launchTemplate",
        "ec2Configuration",
        "imageId",
        "ec2KeyPair",
        "placementGroup",
        "bidPercentage",
        "tags",
    )
)


def is_fargate(type: str) -> bool:
    """Whether environments of this type have no instances of their own."""
    return type in FARGATE_TYPES


def is_arm(instance_type: str) -> bool:
    """Whether a type, family or bundle has ARM processors: their families carry a g after the generation."""
    return instance_type == "default_arm64" or bool(_GRAVITON.match(instance_type))


def last_segment(value: object) -> object:
    """The name in an ARN, and a name as it is: AWS takes both and gives back either."""
    return value.rpartition("/")[2] if isinstance(value, str) else value


def in_any_order(value: object) -> object:
    """A list of strings without its order."""
    return sorted(cast("Sequence[str]", value)) if isinstance(value, list | tuple) else value


_NORMALISE: Final[dict[str, Normaliser]] = {
    "serviceRole": last_segment,
    "computeResources.instanceRole": last_segment,
    "computeResources.subnets": in_any_order,
    "computeResources.securityGroupIds": in_any_order,
}
_RESET: Final[dict[str, object]] = {
    "computeResources.launchTemplate": {"launchTemplateId": ""},
    "computeResources.ec2Configuration": [],
    "computeResources.imageId": "",
    "computeResources.ec2KeyPair": "",
    "computeResources.placementGroup": "",
    "computeResources.bidPercentage": 100,
}
RULES: Final = DriftRules(
    update=(*_ALWAYS, "serviceRole", *_NETWORK, *_INFRASTRUCTURE),
    # Batch moves desiredvCpus itself.
    ignore=("computeResources.desiredvCpus",),
    atomic=("computeResources.launchTemplate",),
    normalise=_NORMALISE,
    reset=_RESET,
)


@attrs.frozen(kw_only=True)
class Side:
    """What decides how an environment can change, of the one that is there or of the one that is wanted.

    Args:
        type: `"EC2"`, `"SPOT"`, `"FARGATE"` or `"FARGATE_SPOT"`.
        allocation_strategy: AWS's word, or None where none is said: that is BEST_FIT.
        service_role: The role that Batch works with; empty for its own service-linked role.
    """

    type: str
    allocation_strategy: str | None
    service_role: str

    @property
    def has_own_role(self) -> bool:
        """Whether Batch works with another role than the service-linked one that it makes itself."""
        return bool(self.service_role) and "/aws-service-role/" not in self.service_role

    @property
    def can_be_rebuilt(self) -> bool:
        """Whether AWS replaces its instances on an update."""
        strategy = self.allocation_strategy or _NEVER_UPDATED
        return not (is_fargate(self.type) or self.has_own_role or strategy == _NEVER_UPDATED)


def rules_between(there: Side, wanted: Side) -> DriftRules:
    """The drift rules for one environment: some can only scale, for good."""
    allowed = [*_ALWAYS]
    if there.has_own_role == wanted.has_own_role:
        allowed.append("serviceRole")
    if there.can_be_rebuilt and wanted.can_be_rebuilt:
        allowed += [*_NETWORK, *_INFRASTRUCTURE]
    if is_fargate(there.type) and there.type == wanted.type:
        allowed += _NETWORK
    return attrs.evolve(RULES, update=tuple(allowed))


def arranged(instance_types: Collection[str], allocation_strategy: str | None) -> list[str]:
    """The instance types in an order that compares: their own only where the strategy goes by it."""
    return list(instance_types) if allocation_strategy in _IN_ORDER else sorted(instance_types)


def changed_resources(wanted: Mapping[str, object], drift: Drift, actual: Mapping[str, object]) -> dict[str, object]:
    """The `computeResources` of an update; AWS merges them, and leaves what is not sent as it is.

    Args:
        wanted: The `computeResources` of the creation request.
        drift: What differs.
        actual: The `computeResources` that are there.
    """
    # Some regions refuse an update of a managed environment without any member here.
    sent = {"maxvCpus": wanted["maxvCpus"]}
    for member in dict.fromkeys(change.path.split(".")[1] for change in drift.under(RESOURCES)):
        value = wanted.get(member, _RESET.get(f"{RESOURCES}.{member}", ABSENT))
        if member == "tags":
            sent[member] = _instance_tags(wanted, drift, actual)
        elif value is not ABSENT and not (member == "bidPercentage" and wanted["type"] != "SPOT"):
            sent[member] = value
    return sent


def _instance_tags(wanted: Mapping[str, object], drift: Drift, actual: Mapping[str, object]) -> dict[str, str]:
    prefix = f"{RESOURCES}.tags."
    removed = {change.path.removeprefix(prefix) for change in drift if change.desired is ABSENT}
    there = cast("Mapping[str, str]", actual.get("tags") or {})
    kept = {key: value for key, value in there.items() if key not in removed}
    return {**kept, **cast("Mapping[str, str]", wanted.get("tags") or {})}


def _one_name(instance: LaunchTemplate, field: attrs.Attribute[str | None], value: str | None) -> None:
    if bool(instance.template_id) == bool(instance.name):
        raise refuse(instance, field.name, value, "either template_id or name, and not both")


@attrs.frozen(kw_only=True)
class LaunchTemplate(Displayed):
    """An EC2 launch template for the instances of a compute environment.

    Args:
        template_id: Its id, such as `"lt-0123"`.
        name: Its name, instead of the id.
        version: A number as text, `"$Default"` or `"$Latest"`. Batch looks the last two up when the environment is
            made and when its instances are replaced, not each time that an instance starts.
    """

    template_id: str | None = attrs.field(default=None, validator=_one_name)
    name: str | None = None
    version: str = "$Default"

    def to_request(self) -> dict[str, str]:
        """The `launchTemplate` of a request."""
        named = {"launchTemplateId": self.template_id} if self.template_id else {"launchTemplateName": self.name or ""}
        return {**named, "version": self.version}


def launch_template_of(value: LaunchTemplate | str | None) -> LaunchTemplate | None:
    """A launch template, also from its id or its name alone."""
    if isinstance(value, str):
        return LaunchTemplate(template_id=value) if value.startswith("lt-") else LaunchTemplate(name=value)
    return value
