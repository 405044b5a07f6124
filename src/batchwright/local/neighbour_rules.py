"""What the rules around moto share: their shape, and a memory of things that take time."""

from collections.abc import Callable
from typing import Any, Protocol

import attrs

from batchwright.local.messages import Answer, Call
from batchwright.local.server_clock import ServerClock

Forward = Callable[[Call], Answer]
"""Sends a call on to moto."""


class Rule(Protocol):
    """Wraps the calls of one service, named by its signing name."""

    @property
    def service(self) -> str:
        """The signing name of the service."""
        ...

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer the call, most often by sending it on and changing what comes back."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...


Key = tuple[str, str]
"""Region and id."""


@attrs.define(kw_only=True, eq=False)
class Settling:
    """The things that are on their way to a state, and those that are gone but still seen for a while.

    moto makes and unmakes everything at once.  This remembers until when a thing is still seen as `creating`, and what
    a deleted one looked like until it would be gone.
    """

    clock: ServerClock
    _due: dict[Key, tuple[float, str]] = attrs.field(factory=dict[Key, tuple[float, str]], alias="due")
    _ghosts: dict[Key, tuple[float, dict[str, Any]]] = attrs.field(
        factory=dict[Key, tuple[float, dict[str, Any]]], alias="ghosts"
    )

    def begin(self, key: Key, state: str, seconds: float) -> None:
        """See the thing in `state` for `seconds` from now."""
        self._due[key] = (self.clock.now() + seconds, state)

    def state(self, key: Key) -> str | None:
        """Return the passing state that the thing is in, None once it has settled."""
        until, state = self._due.get(key, (0.0, ""))
        return state if self.clock.now() < until else None

    def leave(self, key: Key, seen: dict[str, Any], seconds: float) -> None:
        """Go on showing `seen` for `seconds`, though the thing is gone."""
        self._due.pop(key, None)
        if seconds > 0:
            self._ghosts[key] = (self.clock.now() + seconds, seen)

    def ghost(self, key: Key) -> dict[str, Any] | None:
        """Return what the deleted thing looked like, None once it is gone."""
        until, seen = self._ghosts.get(key, (0.0, {}))
        return seen if self.clock.now() < until else None

    def ghosts(self, region: str) -> list[dict[str, Any]]:
        """Return what all deleted things of a region looked like that are still seen."""
        return [seen for key in self._ghosts if key[0] == region and (seen := self.ghost(key)) is not None]

    def reset(self) -> None:
        """Forget everything."""
        self._due.clear()
        self._ghosts.clear()
