"""Something that happens once, in whatever thread, and is told to whoever asked to know."""

import threading
from collections.abc import Callable


class Moment:
    """A moment that has not come yet, or has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the two below
        self._has_come = False
        self._tells: list[Callable[[], None]] = []

    def when(self, tell: Callable[[], None]) -> None:
        """Call `tell` once the moment has come, in the thread that brings it, or at once where it has already."""
        with self._lock:
            if not self._has_come:
                self._tells.append(tell)
                return
        tell()

    def come(self) -> None:
        """Let the moment be now, and tell everybody; a second time does nothing."""
        with self._lock:
            self._has_come, tells, self._tells = True, self._tells, []
        for tell in tells:
            tell()
