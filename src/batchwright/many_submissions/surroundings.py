"""What the jobs of one call need, ensured once for all of them."""

from __future__ import annotations

import threading
from typing import Final, cast

import attrs

from batchwright._wire import Description
from batchwright.declaration import Declaration
from batchwright.errors import BatchwrightError
from batchwright.graph import edges
from batchwright.many_submissions.entry import Entry
from batchwright.memory import Memory
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.submitting import made_around

KEPT: Final = 64
"""How many different surroundings are kept at hand; the session's memory knows the others too, only slower."""


@attrs.frozen
class _Known:
    """What was found or made, or why it could not be."""

    needed: tuple[Declaration, ...]
    descriptions: dict[Declaration, Description] = attrs.field(factory=dict[Declaration, Description])
    error: BatchwrightError | None = None


class Surroundings:
    """Makes what jobs need when the first one asks, and answers from memory after that.

    Args:
        memory: What the session trusts.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._lock = threading.Lock()
        self._known: dict[tuple[int, ...], _Known] = {}
        self.look = 0
        """Which look this is: one more whenever AWS refused for what had been trusted."""

    def describe(self, entry: Entry) -> None:
        """Give the entry descriptions of all that its job needs, but for other jobs.

        Raises:
            BatchwrightError: Something could not be made; the same for every job that needs it.
        """
        job = entry.job
        needed = tuple(other for other in entry.needed() if not isinstance(other, BatchJob))
        key = tuple(map(id, needed))  # quicker than comparing declarations, which are kept and so keep their ids
        with self._lock:
            known = self._known.pop(key, None) or self._made(job, needed)
            self._known[key] = known
            if len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
            if known.error is not None:
                raise known.error
            entry.known, entry.look = Resolved(known.descriptions), self.look

    def doubt(self, look: int) -> None:
        """AWS refused for what that look had found: trust nothing, unless somebody has looked again since."""
        with self._lock:
            if look == self.look:
                self.look += 1
                self._known.clear()
                self._memory.distrust()

    def _made(self, job: BatchJob, needed: tuple[Declaration, ...]) -> _Known:
        try:
            resolved = made_around(job, needed, self._memory)
        except BatchwrightError as error:
            return _Known(needed, error=error)
        except ExceptionGroup as group:
            return _Known(needed, error=_as_one(job, group))
        return _Known(needed, {each: resolved[cast("BatchJob", each)] for each in edges(needed, _needs)})


def _needs(resource: Declaration) -> tuple[Declaration, ...]:
    return resource.dependencies()


def _as_one(job: BatchJob, group: ExceptionGroup[Exception]) -> BatchwrightError:
    first = group.exceptions[0]
    if len(group.exceptions) == 1 and isinstance(first, BatchwrightError):
        return first
    reasons = "; ".join(str(getattr(each, "summary", each)) for each in group.exceptions)
    error = BatchwrightError(f"{job.label} in {job.session.region}: what it needs could not be made: {reasons}")
    error.__cause__ = group
    return error
