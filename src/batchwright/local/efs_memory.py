"""What the EFS rules share: which things are settling, EFS's own refusals, and a second look at moto."""

from collections.abc import Callable
from typing import Any, Protocol

import attrs

from batchwright.local.delays import Delays
from batchwright.local.messages import Answer, Call, answer_json, as_list, as_object
from batchwright.local.neighbour_rules import Forward, Key, Settling
from batchwright.local.server_clock import ServerClock

ROOT = "/2015-02-01"


class Subnets(Protocol):
    """Looks up what EFS needs to know of EC2."""

    def subnet(self, region: str, subnet_id: str) -> dict[str, str] | None:
        """Return the subnet's AvailabilityZone and VpcId, None where it does not exist."""
        ...

    def default_group(self, region: str, vpc_id: str) -> str | None:
        """Return the id of the VPC's default security group."""
        ...


@attrs.define(kw_only=True, eq=False)
class EfsMemory:
    """The passing states of file systems, mount targets and access points, all known by region and id.

    `remove_contents` is called with the id of each file system that is deleted.
    """

    clock: ServerClock
    delays: Delays
    subnets: Subnets
    remove_contents: Callable[[str], object] = lambda _: None
    things: Settling = attrs.field(init=False)
    throughput: dict[Key, dict[str, Any]] = attrs.field(factory=dict[Key, dict[str, Any]])
    access_point_roots: dict[str, str] = attrs.field(factory=dict[str, str])
    throughput_changed_at: dict[Key, float] = attrs.field(factory=dict[Key, float])
    saved: dict[Key, bool] = attrs.field(factory=dict[Key, bool])
    """Every file system that there is, and whether AWS Backup saves it."""
    targets: dict[Key, str] = attrs.field(factory=dict[Key, str])
    """The file system of every mount target that there is."""
    points: dict[Key, str] = attrs.field(factory=dict[Key, str])
    """The file system of every access point that there is."""

    def __attrs_post_init__(self) -> None:
        """Begin with nothing on its way."""
        self.things = Settling(clock=self.clock)

    def reset(self) -> None:
        """Forget everything."""
        self.things.reset()
        self.throughput.clear()
        self.throughput_changed_at.clear()
        self.access_point_roots.clear()
        self.saved.clear()
        self.targets.clear()
        self.points.clear()

    def ghosts(self, region: str, kind: str, file_system_id: str | None = None) -> list[dict[str, Any]]:
        """Return the deleted things of one kind (`MountTargetId`, say) that are still seen."""
        found = [seen for seen in self.things.ghosts(region) if id_key(seen) == kind]
        return [seen for seen in found if file_system_id in (None, seen["FileSystemId"])]

    def held_groups(self, region: str) -> set[str]:
        """Return the security groups of mount targets that are being deleted: their interfaces are still there."""
        return {group for seen in self.ghosts(region, "MountTargetId") for group in seen.get("SecurityGroups") or ()}

    def shown(self, region: str, thing: dict[str, Any]) -> dict[str, Any]:
        """Return what AWS would show of what moto shows."""
        key = (region, str(thing[id_key(thing)]))
        seen = {**thing, **self.throughput.get(key, {})}
        seen["LifeCycleState"] = self.things.state(key) or thing["LifeCycleState"]
        if "NumberOfMountTargets" in thing:
            seen["NumberOfMountTargets"] += len(self.ghosts(region, "MountTargetId", key[1]))
        return {name: value for name, value in seen.items() if value is not None and (name, value) != ("Name", "")}

    def is_reachable(self, region: str, file_system_id: str) -> bool:
        """Return whether the file system's DNS name leads anywhere: it has a mount target that is available."""
        targets = [key for key, owner in self.targets.items() if (key[0], owner) == (region, file_system_id)]
        return any(self.things.state(key) is None for key in targets)

    def unready(self, region: str, file_system_id: str) -> Answer | None:
        """Return the refusal of what needs an available file system, None where it is one."""
        key = (region, file_system_id)
        state = "deleting" if self.things.ghost(key) is not None else self.things.state(key)
        if state in (None, "updating"):
            return None
        message = f"The file system {file_system_id} is not in the lifecycle state 'available' but in '{state}'."
        return efs_error("IncorrectFileSystemLifeCycleState", message, status=409)


def id_key(thing: dict[str, Any]) -> str:
    """Return which member is the id of an EFS description."""
    return next((key for key in ("MountTargetId", "AccessPointId") if key in thing), "FileSystemId")


def efs_error(code: str, message: str, *, status: int, **more: str) -> Answer:
    """Return an error of EFS; `more` are the members that this error carries besides."""
    answer = answer_json({"ErrorCode": code, "Message": message, **more}, status=status)
    return attrs.evolve(answer, headers={**answer.headers, "x-amzn-errortype": code})


def looked_up(call: Call, forward: Forward, collection: str, query: str) -> list[dict[str, Any]]:
    """Return what moto lists in `collection` (`file-systems`, say), an empty list where it answers an error."""
    answer = forward(attrs.evolve(call, method="GET", path=f"{ROOT}/{collection}", query=query, body=b""))
    if not answer.is_success:
        return []
    listed = (item for value in answer.json().values() for item in as_list(value))
    return [found for item in listed if (found := as_object(item)) is not None]
