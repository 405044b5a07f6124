"""Waiting for many jobs."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.job_ids import identified, one_or_many
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import JobDescription
from batchwright.jobs.waiting import OnChange, check_end, ends_of, wait_for
from batchwright.memory import Memory
from batchwright.side_by_side import read_each
from batchwright.translation import translated

Jobs = Submittable | Iterable[Submittable]


def wait_for_all(
    session: Connection,
    jobs: Jobs,
    memory: Memory,
    *,
    timeout_s: float | None = None,
    check: bool = True,
    on_change: OnChange | None = None,
) -> dict[Submittable, JobDescription]:
    """Wait until all of these have ended; see `BatchSession.wait`."""
    ids, rows = submitted_ids(session, jobs, memory)
    if not ids:
        return {}
    with translated(f"{len(ids)} jobs", session.region):
        ended = wait_for(session, ids, timeout_s=timeout_s, on_change=on_change, row_statuses=rows)
        checked = read_each(ids, lambda job_id: _failure(session, ids[job_id], ended[job_id])) if check else []
    failed = [error for error in checked if error is not None]
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {len(ids)} jobs did not succeed", failed)
    return {job: ended[job_id] for job_id, job in ids.items()}


def as_completed(
    session: Connection,
    jobs: Jobs,
    memory: Memory,
    *,
    timeout_s: float | None = None,
    on_change: OnChange | None = None,
) -> Generator[tuple[Submittable, JobDescription]]:
    """Each job as it ends; see `BatchSession.as_completed`."""
    ids, rows = submitted_ids(session, jobs, memory)
    with translated(f"{len(ids)} jobs", session.region):
        ends = ends_of(session, ids, timeout_s=timeout_s, on_change=on_change, row_statuses=rows)
        yield from ((job, description) for _, job, description in ends)


def submitted_ids(session: Connection, jobs: Jobs, memory: Memory) -> tuple[dict[str, Submittable], dict[str, str]]:
    """The jobs by id, and what the rows say of those whose rows were read.

    Raises:
        NotFoundError: One was not submitted.
    """
    ids: dict[str, Submittable] = {}
    rows: dict[str, str] = {}
    for each in identified(session, one_or_many(jobs), memory):
        if isinstance(each.job_id, BatchwrightError):
            raise each.job_id
        ids[each.job_id] = each.job
        if each.row_status is not None:
            rows[each.job_id] = each.row_status
    return ids, rows


def _failure(session: Connection, job: Submittable, description: JobDescription) -> BatchwrightError | None:
    try:
        check_end(session, job, description)
    except BatchwrightError as error:
        return error
    return None
