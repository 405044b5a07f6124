"""Bytes that a job writes become lines with a time, as CloudWatch Logs takes them."""

from collections.abc import Callable

_LONGEST_LINE_BYTES = 16 * 1024  # where Docker's log driver cuts a line


class LineBuffer:
    """Cuts a stream of bytes into timed lines; empty lines are dropped, since CloudWatch Logs refuses them.

    Args:
        now_ms: Tells the time of a line, in epoch milliseconds.
    """

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._rest = b""
        self._lines: list[tuple[int, str]] = []

    def feed(self, data: bytes) -> None:
        """Add what was read; whole lines become ready, an unfinished one waits for its end."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        while len(self._rest) > _LONGEST_LINE_BYTES:
            whole.append(self._rest[:_LONGEST_LINE_BYTES])
            self._rest = self._rest[_LONGEST_LINE_BYTES:]
        for line in whole:
            self._append(line)

    def finish(self) -> None:
        """Take the unfinished line as it is: no more will come."""
        self._append(self._rest)
        self._rest = b""

    def take(self) -> list[tuple[int, str]]:
        """Return the lines that are ready, and forget them."""
        lines, self._lines = self._lines, []
        return lines

    def _append(self, line: bytes) -> None:
        for start in range(0, len(line), _LONGEST_LINE_BYTES):
            text = line[start : start + _LONGEST_LINE_BYTES].decode("utf-8", "replace").rstrip("\r")
            if text:
                self._lines.append((self._now_ms(), text))
