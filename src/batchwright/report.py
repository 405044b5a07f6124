"""Results over many resources: a mapping in order that prints as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from batchwright._display import Displayed, rendered
from batchwright.declaration import Declaration
from batchwright.drift import Drift
from batchwright.ownership import PREFIX
from batchwright.values import Action

if TYPE_CHECKING:
    from rich.table import Table


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


class Report(Mapping[Declaration, O], Generic[O]):
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

    def __rich__(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(title=self.title, title_justify="left")
        for heading in ("kind", "name", "action", "details"):
            table.add_column(heading, overflow="fold")  # a name that is cut short names nothing
        for resource, outcome in self._outcomes.items():
            cells = (resource.kind, resource.name, outcome.action.value, _details(outcome))
            table.add_row(*(Text(cell) for cell in cells))  # Text: names may hold what rich takes for markup
        return table

    def __str__(self) -> str:
        return rendered(self.__rich__())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.title!r}, {len(self)} resources>"

    def _repr_html_(self) -> str:
        return f"<pre>{_escaped(str(self))}</pre>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401  # IPython's own class
        printer.text(str(self))


def _details(outcome: Outcome) -> str:
    note: str = getattr(outcome, "note", "")
    foreign = "" if getattr(outcome, "owned", True) else "found, not ours"
    said = outcome.drift.without(f"tags.{PREFIX}*")
    own = "batchwright's own tags" if outcome.drift and not said else ""
    return "\n".join(part for part in (foreign, note, *map(str, said), own) if part)


def _escaped(text: str) -> str:
    import html

    return html.escape(text)
