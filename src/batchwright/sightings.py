"""What a session has last read of each thing, so that it can be shown without asking AWS."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from batchwright._wire import Description

V = TypeVar("V")
KEPT: Final = 1_000
"""Descriptions of jobs, and as many of everything else: the newest."""
LOGS_KEPT: Final = 100
"""Jobs whose last lines are kept: the newest."""
LINE_MAX: Final = 2_000
"""Characters of a line that are kept."""


@attrs.frozen
class LastLines:
    """The end of a log.

    Attributes:
        lines: The last lines, each cut where it is very long.
        left_out: How many lines came before these.
        read_at: When they were read, in seconds since the epoch.
    """

    lines: tuple[str, ...]
    left_out: int
    read_at: float


class _Newest(Generic[V]):
    """A mapping that forgets what was set longest ago."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: OrderedDict[Hashable, V] = OrderedDict()

    def put(self, key: Hashable, value: V) -> None:
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > self._most:
            self._items.popitem(last=False)

    def find(self, key: Hashable) -> V | None:
        return self._items.get(key)

    def drop(self, key: Hashable) -> None:
        self._items.pop(key, None)

    def __len__(self) -> int:
        return len(self._items)


class Sightings:
    """Descriptions and ends of logs by what they are of; bounded, and safe to share between threads.

    What is asked of AWS is never answered from here: this is for showing only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: _Newest[Description] = _Newest(KEPT)
        self._jobs: _Newest[Description] = _Newest(KEPT)
        self._logs: _Newest[LastLines] = _Newest(LOGS_KEPT)

    def see(self, key: Hashable, description: Description) -> None:
        """This was read just now.

        Args:
            key: What it is of: the identity of a declaration.
            description: What AWS reports.
        """
        with self._lock:
            self._things.put(key, description)

    def see_job(self, key: Hashable, description: Description) -> None:
        """`see()` for a job, of which there may be so many that they push out each other, and nothing else."""
        with self._lock:
            self._jobs.put(key, description)

    def see_lines(self, key: Hashable, messages: Sequence[str], *, left_out: int, read_at: float) -> None:
        """These are the last lines that a job has printed.

        Args:
            key: Whose they are.
            messages: The lines.
            left_out: How many came before these.
            read_at: When they were read, in seconds since the epoch.
        """
        last = LastLines(tuple(map(_cut, messages)), left_out, read_at)
        with self._lock:
            self._logs.put(key, last)

    def last(self, key: Hashable) -> Description | None:
        """What was last read of it; None where nothing was, or it was too long ago."""
        with self._lock:
            return self._jobs.find(key) or self._things.find(key)

    def last_lines(self, key: Hashable) -> LastLines | None:
        """The end of its log as it was last read."""
        with self._lock:
            return self._logs.find(key)

    def forget(self, key: Hashable) -> None:
        """It is gone."""
        with self._lock:
            self._things.drop(key)
            self._jobs.drop(key)
            self._logs.drop(key)

    @property
    def jobs_known(self) -> int:
        """Of how many jobs something is known."""
        with self._lock:
            return len(self._jobs)


def _cut(message: str) -> str:
    left = len(message) - LINE_MAX
    return message if left <= 0 else f"{message[:LINE_MAX]}… ({left:,} characters more)"
