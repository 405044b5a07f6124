"""A log that can be cut off from those who still write to it."""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from batchwright.local.engines import LogSink


class CutLog:
    """Passes lines on until it is cut: what a killed run writes last is not to reach an account that was reset.

    Args:
        log: Takes the lines.
        lock: Held while it does; `cut` is called with it held.
    """

    def __init__(self, log: LogSink, lock: AbstractContextManager[object]) -> None:
        self._log = log
        self._lock = lock
        self._is_cut = False

    def cut(self) -> None:
        """Take no further lines."""
        self._is_cut = True

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        """Append lines, each with its time in epoch milliseconds, to the log stream."""
        with self._lock:
            if not self._is_cut:
                self._log.write(stream, lines)
