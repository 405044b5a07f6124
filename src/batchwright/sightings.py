"""What a session has last read of each thing, so that it can be shown without asking AWS."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import attrs

if TYPE_CHECKING:
    from batchwright._wire import Description

V = TypeVar("V")
KEPT: Final = 1_000
"""Things that are remembered, and as many jobs: the newest."""
LOGS_KEPT: Final = 100
"""Jobs whose last lines are kept: the newest."""
LINE_MAX: Final = 2_000
"""Characters of a line that are kept."""


class Identified(Protocol):
    """What is known by an identity, such as a declaration by its kind and name."""

    def _identity(self) -> tuple[object, ...]: ...


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
        self.items: OrderedDict[Hashable, V] = OrderedDict()

    def put(self, key: Hashable, value: V) -> None:
        self.items[key] = value
        self.items.move_to_end(key)
        if len(self.items) > self._most:
            self.items.popitem(last=False)


class Sightings:
    """Descriptions and ends of logs by what they are of; bounded, and safe to share between threads.

    What is asked of AWS is never answered from here: this is for showing only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: _Newest[tuple[Identified, Description]] = _Newest(KEPT)
        self._jobs: _Newest[Description] = _Newest(KEPT)  # by AWS's id, under which they are read
        self._ids: _Newest[str] = _Newest(KEPT)
        self._logs: _Newest[LastLines] = _Newest(LOGS_KEPT)

    def see(self, thing: Identified, description: Description) -> None:
        """This was read just now, of anything but a job."""
        with self._lock:
            self._things.put(thing._identity(), (thing, description))

    def see_job(self, job_id: str, description: Description, job: Identified | None = None) -> None:
        """This was read of a job; there may be so many that they push out each other, and nothing else.

        Args:
            job_id: AWS's id.
            description: What was read; what is older than what is known changes nothing.
            job: What is known by another identity, and is this job.
        """
        with self._lock:
            if not job_id:
                return  # what is only claimed
            if job is not None:
                self._ids.put(job._identity(), job_id)
            known = self._jobs.items.get(job_id)
            if known is None or known.read_at <= description.read_at:
                self._jobs.put(job_id, description)

    def see_lines(self, job: Identified, messages: Sequence[str], *, left_out: int, read_at: float) -> None:
        """These are the last lines that a job has printed.

        Args:
            job: Whose they are.
            messages: The lines.
            left_out: How many came before these.
            read_at: When they were read, in seconds since the epoch.
        """
        key, last = job._identity(), LastLines(tuple(map(_cut, messages)), left_out, read_at)
        with self._lock:
            self._logs.put(key, last)

    def last(self, thing: Identified, job_id: str = "") -> Description | None:
        """What was last read of it; None where nothing was, or too much else since.

        Args:
            thing: What is looked at.
            job_id: AWS's id of it, where it is a job and that is known otherwise.
        """
        key = thing._identity()
        with self._lock:
            job = self._jobs.items.get(job_id or self._ids.items.get(key, ""))
            return job or self._things.items.get(key, (None, None))[1]

    def last_of_job(self, job_id: str) -> Description | None:
        """What was last read of the job of this id."""
        with self._lock:
            return self._jobs.items.get(job_id)

    def last_lines(self, job: Identified) -> LastLines | None:
        """The end of its log as it was last read."""
        with self._lock:
            return self._logs.items.get(job._identity())

    def things(self) -> tuple[Identified, ...]:
        """All but jobs of which something is known, the newest last."""
        with self._lock:
            return tuple(thing for thing, _ in self._things.items.values())

    def jobs(self) -> tuple[Description, ...]:
        """What was read of jobs, the newest last."""
        with self._lock:
            return tuple(self._jobs.items.values())

    def forget(self, thing: Identified) -> None:
        """It is gone."""
        key = thing._identity()
        with self._lock:
            self._jobs.items.pop(self._ids.items.pop(key, ""), None)
            for kept in (self._things, self._logs):
                kept.items.pop(key, None)


def _cut(message: str) -> str:
    left = len(message) - LINE_MAX
    return message if left <= 0 else f"{message[:LINE_MAX]}… ({left:,} characters more)"
