"""A clock for tests that need no time."""

from __future__ import annotations

from collections.abc import Callable


class FakeClock:
    """A clock that sleeps in no time.

    Args:
        start: The time at first, in seconds since the epoch.
        on_sleep: Called with the seconds of every sleep, for example `InProcessAws.advance`.
        now: Where the time comes from instead, for example `InProcessAws.clock.now`.
    """

    def __init__(
        self,
        start: float = 1_700_000_000.0,
        *,
        on_sleep: Callable[[float], object] | None = None,
        now: Callable[[], float] | None = None,
    ) -> None:
        self.time = start
        self.slept: list[float] = []
        self._on_sleep, self._now = on_sleep, now

    def now(self) -> float:
        """The time, in seconds since the epoch."""
        return self._now() if self._now else self.time

    def monotonic(self) -> float:
        """The same time, which never goes back."""
        return self.now()

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` go by at once."""
        self.slept.append(seconds)
        self.time += seconds
        if self._on_sleep:
            self._on_sleep(seconds)
