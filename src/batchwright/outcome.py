"""What verbs hand around: the descriptions of dependencies, and what `ensure()` did."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

from batchwright._display import Displayed, Fact, Text, Tone, View
from batchwright._wire import Description
from batchwright.drift import Drift
from batchwright.values import Action

if TYPE_CHECKING:
    from batchwright.declaration import Declaration
    from batchwright.lifecycle import Resource

D = TypeVar("D", bound=Description)


class Resolved:
    """What AWS reports of the dependencies, each read at most once within one verb.

    `resolved[self.volume].file_system_id` is how a hook comes by another resource's id.
    """

    def __init__(self, known: Mapping[Declaration, Description] | None = None) -> None:
        self._known = dict(known or {})
        self._lock = threading.Lock()

    def __getitem__(self, resource: Resource[D]) -> D:
        with self._lock:
            seen = self._known.get(resource)
        if seen is None:
            seen = resource.read(self)
            self.put(resource, seen)
        return cast("D", seen)

    def __contains__(self, resource: Declaration) -> bool:
        """Whether it is known without asking AWS."""
        with self._lock:
            return resource in self._known

    def put(self, resource: Declaration, description: Description) -> None:
        """Remember what was just read."""
        with self._lock:
            self._known[resource] = description


@attrs.frozen(kw_only=True)
class Ensured(Displayed, Generic[D]):
    """What `ensure()` did.

    Attributes:
        resource: The declaration.
        action: CREATED, UPDATED or UNCHANGED.
        owned: Whether this namespace made it; false for what was found.
        description: What AWS reports now.
        drift: What was brought into line or, of what is not ours, what differs still.
    """

    resource: Resource[D]
    action: Action
    owned: bool
    description: D
    drift: Drift = attrs.field(factory=Drift)

    def _view(self) -> View:
        reported = self.description._view()
        found = () if self.owned else (Fact("owned", "no: found, and used as it is"),)
        return View(
            title=self.resource.label,
            status=Text(self.action.value, Tone.PLAIN if self.action is Action.UNCHANGED else Tone.GOOD),
            facts=found,
            parts=[*([self.drift._view()] if self.drift else []), attrs.evolve(reported, title="as AWS reports it")],
        )
