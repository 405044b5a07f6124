"""What a plan's rules look at: the steps, what was read for them, and the region that they are in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from batchwright.declaration import Declaration
from batchwright.planning.plan import Standing, standing_of

if TYPE_CHECKING:
    from batchwright.connection import Connection
    from batchwright.outcome import Resolved
    from batchwright.report import Step


@attrs.frozen(eq=False)
class Outlook:
    """A whole plan before it has warnings.

    Attributes:
        session: Whose region and clients.
        steps: By resource what is to be done.
        resolved: What was read of them.
    """

    session: Connection
    steps: Mapping[Declaration, Step]
    resolved: Resolved

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"region {self.session.region}"

    def coming(self, kind: type[Declaration]) -> int:
        """How many of one kind are to be made."""
        return sum(isinstance(each.resource, kind) and each.is_new for each in self.wanted())

    def wanted(self) -> tuple[Wanted, ...]:
        """Every resource that will be as it is declared."""
        standings = {resource: standing_of(step) for resource, step in self.steps.items()}
        return tuple(
            Wanted(resource, standing, self)
            for resource, standing in standings.items()
            if standing in (Standing.NEW, Standing.UPDATED, Standing.KEPT)
        )


@attrs.frozen
class Wanted:
    """One resource of a plan that will be as it is declared.

    Attributes:
        resource: The declaration.
        standing: What becomes of it.
        outlook: The plan.
    """

    resource: Declaration
    standing: Standing
    outlook: Outlook

    @property
    def label(self) -> str:
        """How findings name it."""
        return self.resource.label

    @property
    def is_new(self) -> bool:
        """Whether it is to be made."""
        return self.standing is Standing.NEW
