"""AWS's ids of many jobs, with few requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Final, TypeVar

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.jobs.acting import Submittable
from batchwright.jobs.ledger import Row
from batchwright.jobs.ledger_reading import read_tracked
from batchwright.jobs.row_status import Tracked
from batchwright.memory import Memory
from batchwright.parallel import WORKERS
from batchwright.resources.batch_job import BatchJob
from batchwright.side_by_side import read_each
from batchwright.translation import translated

AT_ONCE: Final = 1_000
"""Jobs whose rows are read at a time."""
A = TypeVar("A")
T = TypeVar("T")


@attrs.frozen
class Identified:
    """A job and its id.

    Attributes:
        job: The job.
        job_id: AWS's id, or why there is none.
        row_status: What its row says, if that was read.
    """

    job: Submittable
    job_id: str | BatchwrightError
    row_status: str | None = None


def each_of(items: Iterable[A], work: Callable[[A], T]) -> list[T]:
    """`work` for each, several at a time; what it returned, in order."""
    with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="batchwright") as pool:
        return list(pool.map(work, items))


def one_or_many(jobs: Submittable | Iterable[Submittable]) -> Iterable[Submittable]:
    """One job or an iterable of them, as an iterable.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(jobs, Submittable):
        return (jobs,)
    _check(jobs, Iterable)
    return jobs


def _check(given: object, wanted: type) -> None:
    """Refuse what a caller without a type checker may give: a string is an iterable too."""
    if isinstance(given, str):
        raise TypeError(f"this takes jobs, not names or ids: session.jobs(name={given!r}) finds the jobs of a name")
    if not isinstance(given, wanted):
        raise TypeError(f"this takes jobs, or iterables of them, not {type(given).__name__}")


def identified(session: Connection, jobs: Iterable[Submittable], memory: Memory) -> Iterator[Identified]:
    """Each of these jobs with its id, in order: what the session has submitted it knows, rows are read together.

    Args:
        session: Whose jobs they are.
        jobs: Any number of jobs.
        memory: What the session knows of those that it has submitted.

    Raises:
        TypeError: Something among them is no job.
    """
    rest = iter(jobs)
    while some := list(islice(rest, AT_ONCE)):
        for each in some:
            _check(each, Submittable)
        found = [_remembered(session, job, memory) for job in some]
        unknown = [job for job, each in zip(some, found, strict=True) if each is None]
        with translated(f"{len(unknown)} jobs", session.region):
            rows = read_tracked(row for job in unknown if (row := job.tracked()))
        asked = iter(read_each(unknown, partial(_read_or_asked, rows)))
        yield from (each or next(asked) for each in found)


def _remembered(session: Connection, job: Submittable, memory: Memory) -> Identified | None:
    job_id = memory.known_job_id(job.submission_id) if isinstance(job, BatchJob) and job.session == session else ""
    return Identified(job, job_id) if job_id else None


def _read_or_asked(rows: Mapping[Tracked, Row], job: Submittable) -> Identified:
    tracked = job.tracked()
    row = rows.get(tracked) if tracked else None
    if row and row.job_id:
        return Identified(job, row.job_id, row.status)
    try:
        return Identified(job, job.job_id())
    except BatchwrightError as error:
        return Identified(job, error)
