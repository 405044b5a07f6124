"""The local AWS as its faults see it."""

from collections.abc import Callable

import attrs

from batchwright.local.state import State


@attrs.frozen(kw_only=True)
class StateSite:
    """Faults happen by the clock of a state.

    Args:
        state: The server's memory.
        let_pass: Lets that many seconds go by; called without the state's lock.
    """

    state: State
    let_pass: Callable[[float], object]

    def now(self) -> float:
        """Return the server's time in epoch seconds."""
        return self.state.clock.now()

    def wait(self, seconds: float) -> None:
        """Let that time go by on the server's clock."""
        self.let_pass(seconds)
