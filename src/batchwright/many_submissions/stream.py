"""Reading jobs and yielding results, a bounded number of jobs ahead."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator, Sized
from typing import Final, cast

from batchwright.connection import Connection
from batchwright.declaration import Declaration
from batchwright.errors import DeclarationError
from batchwright.jobs.progress import live_line
from batchwright.many_submissions.entry import Entry
from batchwright.many_submissions.pipeline import Pipeline
from batchwright.many_submissions.result import SubmitResult
from batchwright.memory import Memory
from batchwright.resources.batch_job import BatchJob

AHEAD: Final = 400
"""Jobs that are read and whose results nobody has taken yet, at the most."""
AT_ONCE: Final = 100
"""Jobs that are read together, so that their claims fill a transaction."""


def submit_many(
    session: Connection, memory: Memory, jobs: Iterable[BatchJob], *, ordered: bool = True, ahead: int = AHEAD
) -> Generator[SubmitResult]:
    """Submit each job once; see `BatchSession.submit_many`."""
    total = len(jobs) if isinstance(jobs, Sized) else None
    told: Counter[str] = Counter()
    with live_line(session.clock, total=total, text="submitting") as draw, Pipeline(session, memory) as pipeline:
        for result in _Stream(pipeline, checked(session, jobs), ordered=ordered, most=ahead).results():
            if draw is not None:
                told["failed" if result.error else "submitted" if result.created else "found"] += 1
                draw(told.total(), ", ".join(f"{number} {what}" for what, number in told.items()))
            yield result


def checked(session: Connection, jobs: Iterable[BatchJob]) -> Iterator[BatchJob]:
    """The jobs, as long as they are jobs of this session.

    Raises:
        DeclarationError: One is something else.
    """
    for job in cast("Iterable[object]", jobs):
        if not isinstance(job, BatchJob) or job.session != session:
            shown = job.reference() if isinstance(job, Declaration) else type(job).__name__
            raise DeclarationError("submit_many()", "jobs", shown, "batch jobs of this session")
        yield job


class _Stream:
    """The jobs that were read, until their results are taken."""

    def __init__(self, pipeline: Pipeline, jobs: Iterator[BatchJob], *, ordered: bool, most: int) -> None:
        self._pipeline, self._jobs, self._ordered, self._most = pipeline, jobs, ordered, most
        self._ahead: deque[Entry] = deque()
        self._is_reading = self._is_filling = True
        self._error: Exception | None = None

    def results(self) -> Iterator[SubmitResult]:
        """One for each job; what the caller's iterable raised comes after those of the jobs before it."""
        while self._ahead or self._is_reading:
            entry = self._taken()
            if entry is not None:
                yield entry.result()
            elif self._may_read():
                self._read()
            else:
                self._pipeline.hurry()
                self._pipeline.wait(lambda: self._next() is not None)
        if self._error is not None:
            raise self._error

    def _next(self) -> int | None:
        """The place of the next entry to be yielded; None if it is not done."""
        for place, entry in enumerate(self._ahead):
            if entry.done:
                return place
            if self._ordered:
                break
        return None

    def _taken(self) -> Entry | None:
        place = self._next()
        if place is None:
            return None
        entry = self._ahead[place]
        del self._ahead[place]
        return entry

    def _may_read(self) -> bool:
        """Until so many are ahead, and then not before there is room for many."""
        if len(self._ahead) >= self._most:
            self._is_filling = False
        elif len(self._ahead) <= self._most - min(AT_ONCE, self._most // 2):
            self._is_filling = True
        return self._is_reading and self._is_filling

    def _read(self) -> None:
        try:
            job = next(self._jobs)
        except StopIteration:
            self._is_reading = False
        except Exception as error:
            self._is_reading, self._error = False, error
        else:
            self._ahead.append(self._pipeline.add(job))
