"""Time as an object, so that tests and the local AWS can move it."""

from __future__ import annotations

import time
from typing import Protocol, runtime_checkable


@runtime_checkable
class Clock(Protocol):
    """What a session needs of time: the only place of the package that may sleep."""

    def now(self) -> float:
        """Seconds since the epoch, comparable between machines."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring how long something took."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Let `seconds` go by."""
        ...


class SystemClock:
    """This machine's own clock."""

    def now(self) -> float:
        """Seconds since the epoch (`time.time`)."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds of `time.monotonic`, which stand still while the machine is suspended."""
        return time.monotonic()

    def sleep(self, seconds: float, /) -> None:
        """Sleep for `seconds`, or not at all when that is not positive."""
        if seconds > 0:
            time.sleep(seconds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SystemClock)

    def __hash__(self) -> int:
        return hash(SystemClock)

    def __repr__(self) -> str:
        return "SystemClock()"
