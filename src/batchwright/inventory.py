"""What a namespace owns in an account's region, whoever made it and whether anybody remembers it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol, overload

import attrs

from batchwright._display import Displayed, Fact, Grid, Text, View, spoken, status_text
from batchwright._display.times import counted, read_note
from batchwright._wire import Description
from batchwright.connection import Connection
from batchwright.console import page_of
from batchwright.costs import idle_cost
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.consumable_resource import ConsumableResource
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.iam_role import IamRole
from batchwright.resources.instance_profile import InstanceProfile
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.scheduling_policy import SchedulingPolicy
from batchwright.resources.security_group import SecurityGroup
from batchwright.resources.state_machine import StateMachine
from batchwright.resources.status_tracker import StatusTracker
from batchwright.resources.stored_secret import StoredSecret
from batchwright.resources.teardown import Teardown
from batchwright.translation import translated
from batchwright.waiting import Phase, States


class Listed(Protocol):
    """A kind that can say what the namespace owns of it."""

    kind: str
    states: States

    def list_owned(self, session: Connection) -> Iterator[Description]:
        """Everything of this kind that the session's namespace made."""
        ...


KINDS: Final[tuple[Listed, ...]] = (
    JobQueue,
    ComputeEnvironment,
    SchedulingPolicy,
    ConsumableResource,
    JobDefinition,
    EfsVolume,
    StatusTracker,
    StoredSecret,
    Teardown,
    StateMachine,
    SecurityGroup,
    InstanceProfile,
    IamRole,
)
COSTS: Final = {
    EfsVolume.kind: "storage, by the GiB",
    StatusTracker.kind: "storage and requests, little",
    StoredSecret.kind: "0.40 USD a month in Secrets Manager",
    Teardown.kind: "0.06 USD a day while it waits",
    ComputeEnvironment.kind: "only while instances run, or min_vcpus above 0",
}


@attrs.frozen(kw_only=True)
class InventoryItem(Displayed):
    """One thing that the namespace owns.

    Attributes:
        kind: What it is.
        name: Its name.
        status: Its status in AWS's own word, and AWS's reason where it failed.
        costs: What it costs while nothing runs; empty for nothing.
        declared: Whether this session has declared it; false for an orphan, or another program's.
        description: What AWS reports.
    """

    kind: str
    name: str
    status: str
    costs: str
    declared: bool
    description: Description

    def _view(self) -> View:
        said = self.description._view()
        costs = (Fact("costs while idle", self.costs or "nothing"), Fact("declared here", spoken(self.declared)))
        return attrs.evolve(said, title=f"{self.kind} {self.name!r}", facts=[*costs, *said.facts])

    def _line(self) -> tuple[Text | str, ...]:
        name = Text(self.name, url=page_of(str(getattr(self.description, "arn", ""))))
        status = Text(self.status, status_text(self.description.status).tone)
        return (self.kind, name, status, spoken(self.declared), self.costs or "nothing")


class Inventory(Displayed, Sequence[InventoryItem]):
    """Everything that a namespace owns in one region, and its IAM roles; prints as a table."""

    def __init__(self, title: str, items: Sequence[InventoryItem]) -> None:
        self.title, self._items = title, tuple(items)

    @overload
    def __getitem__(self, index: int) -> InventoryItem: ...
    @overload
    def __getitem__(self, index: slice) -> Inventory: ...
    def __getitem__(self, index: int | slice) -> InventoryItem | Inventory:
        return Inventory(self.title, self._items[index]) if isinstance(index, slice) else self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    __str__ = Displayed._told

    def _view(self) -> View:
        headings = ("kind", "name", "status", "declared here", "costs while idle")
        return View(
            title=self.title,
            status=counted(len(self), "thing"),
            parts=[Grid(headings, [item._line() for item in self])] if self else [],
            note=read_note(max((item.description.read_at for item in self), default=0.0)),
        )

    def __repr__(self) -> str:
        return f"<Inventory {self.title!r}, {len(self)} things>"


def inventory(session: Connection, declared: frozenset[tuple[object, ...]]) -> Inventory:
    """What the session's namespace owns.

    Args:
        session: Whose namespace and region.
        declared: (kind, name) of what the session has declared.
    """
    items: list[InventoryItem] = []
    for kind in KINDS:
        with translated(f"inventory of every {kind.kind}", session.region):
            for description in kind.list_owned(session):
                items.append(_item(kind, description, declared))
    return Inventory(f"namespace {session.namespace!r} in {session.region}", items)


def _item(kind: Listed, description: Description, declared: frozenset[tuple[object, ...]]) -> InventoryItem:
    name = str(getattr(description, "name", ""))
    has_failed = kind.states.phase(description.status) is Phase.FAILED and description.status_reason
    return InventoryItem(
        kind=kind.kind,
        name=name,
        status=f"{description.status}: {description.status_reason}" if has_failed else description.status,
        costs=idle_cost(kind.kind, description).words + _until(description),
        declared=(kind.kind, name) in declared,
        description=description,
    )


def _until(description: Description) -> str:
    """Which tear-down takes a temporary volume away."""
    teardown = getattr(description, "teardown", None)
    return f", until tear-down {teardown!r} takes it away" if teardown else ""
