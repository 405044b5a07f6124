"""Results over many resources: a mapping in order that prints as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, Protocol, TypeVar

import attrs

from batchwright._display import Displayed, Grid, View
from batchwright.declaration import Declaration
from batchwright.drift import Drift
from batchwright.ownership import PREFIX
from batchwright.values import Action


class Outcome(Protocol):
    """One line of a report."""

    @property
    def action(self) -> Action:
        """What was done, or would be."""
        ...

    @property
    def drift(self) -> Drift:
        """What differed."""
        ...


O = TypeVar("O", bound=Outcome)  # noqa: E741  # a type variable


@attrs.frozen(kw_only=True)
class Step(Displayed):
    """What `ensure()` would do, or `delete()` did, with one resource.

    Attributes:
        resource: The declaration.
        action: What is done to it.
        drift: What differs.
        note: What else there is to say.
    """

    resource: Declaration
    action: Action
    drift: Drift = attrs.field(factory=Drift)
    note: str = ""

    def _view(self) -> View:
        parts = [self.drift._view()] if self.drift else []
        return View(title=self.resource.label, status=self.action.value, parts=parts, note=self.note)


class Report(Displayed, Mapping[Declaration, O], Generic[O]):
    """One outcome a resource, in the order of the dependencies; `print()` it, or look at it in a notebook."""

    def __init__(self, title: str, outcomes: Mapping[Declaration, O]) -> None:
        self.title = title
        self._outcomes = dict(outcomes)

    def __getitem__(self, resource: Declaration) -> O:
        return self._outcomes[resource]

    def __iter__(self) -> Iterator[Declaration]:
        return iter(self._outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    @property
    def changed(self) -> bool:
        """Whether anything was done, or would be."""
        still = (Action.UNCHANGED, Action.ABSENT, Action.RETAINED)
        return any(outcome.action not in still for outcome in self._outcomes.values())

    __str__ = Displayed._told

    def _view(self) -> View:
        lines = [
            (resource.kind, resource.name, outcome.action.value, _details(outcome))
            for resource, outcome in self._outcomes.items()
        ]
        return View(title=self.title, parts=[Grid(("kind", "name", "action", "details"), lines)])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title!r}, {len(self)} resources>"


def _details(outcome: Outcome) -> str:
    note: str = getattr(outcome, "note", "")
    foreign = "" if getattr(outcome, "owned", True) else "found, not ours"
    said = outcome.drift.without(f"tags.{PREFIX}*")
    own = "batchwright's own tags" if outcome.drift and not said else ""
    return "\n".join(part for part in (foreign, note, *map(str, said), own) if part)
