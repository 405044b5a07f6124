"""The pace of SubmitJob: as fast as AWS allows, shared by all threads of a session."""

from __future__ import annotations

import threading
from typing import Final

import attrs

from batchwright._clock import Clock

PER_SECOND: Final = 50.0
"""AWS's quota of SubmitJob for an account in a region."""
CUT: Final = 0.9
"""What throttling leaves of the rate: with a half, a tenth of the quota goes unused beside a small neighbour."""
RISE: Final = 0.12
"""Share of the full rate that comes back in a second."""
LEAST: Final = 0.01
"""Share of the full rate that is left in any case."""
CREDIT_S: Final = 0.05
"""Seconds of the rate that can be made up for, so that a caller that was held up for a moment loses nothing."""


@attrs.frozen
class Turn:
    """The right to send a request now, or several.

    Attributes:
        cuts: How often the rate had been cut when it was given.
    """

    cuts: int


class RateLimiter:
    """Gives turns at a rate that gives way when AWS throttles, and comes back; no lock is held while one waits.

    Args:
        clock: Whose time counts.
        per_second: The rate at first, and the highest one.
    """

    def __init__(self, clock: Clock, *, per_second: float = PER_SECOND) -> None:
        self._clock, self._most = clock, per_second
        self._lock = threading.Lock()
        self._rate, self._since = per_second, clock.monotonic()
        self._next = float("-inf")
        self._cuts = 0

    @property
    def per_second(self) -> float:
        """The rate as it is now."""
        with self._lock:
            return self._rate_at(self._clock.monotonic())

    def turn(self, count: int = 1) -> Turn:
        """Wait for one's turn; turns are given in the order of the calls.

        Args:
            count: How many requests may then be sent at once; it is the turn of the last of them that is waited for.
        """
        with self._lock:
            now = self._clock.monotonic()
            interval_s = 1 / self._rate_at(now)
            first = max(self._next, now - CREDIT_S)
            self._next = first + count * interval_s
            due = self._next - interval_s
            turn = Turn(self._cuts)
        if due > now:
            self._clock.sleep(due - now)
        return turn

    def throttled(self, turn: Turn) -> None:
        """AWS refused the request of this turn as one too many.

        What was on its way when the rate was cut says nothing about the rate that it was cut to, and counts no more.
        """
        with self._lock:
            if turn.cuts != self._cuts:
                return
            now = self._clock.monotonic()
            self._rate, self._since = max(self._rate_at(now) * CUT, self._most * LEAST), now
            self._cuts += 1

    def _rate_at(self, now: float) -> float:
        return min(self._most, self._rate + max(0.0, now - self._since) * self._most * RISE)
