"""Verbs over many jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.jobs.acting import Submittable, check_reason
from batchwright.jobs.description import JobDescription
from batchwright.jobs.waiting import OnChange, check_end, wait_for
from batchwright.parallel import WORKERS
from batchwright.translation import translated

Jobs = Submittable | Iterable[Submittable]
A = TypeVar("A")
T = TypeVar("T")


def one_or_many(jobs: Jobs) -> tuple[Submittable, ...]:
    """One job or an iterable of them, as a tuple."""
    return (jobs,) if isinstance(jobs, Submittable) else tuple(jobs)


def wait_for_all(
    session: Connection,
    jobs: Jobs,
    *,
    timeout_s: float | None = None,
    check: bool = True,
    on_change: OnChange | None = None,
) -> dict[Submittable, JobDescription]:
    """Wait until all of these have ended; see `BatchSession.wait`."""
    many = one_or_many(jobs)
    ids = dict(zip(_each(many, lambda job: job.job_id()), many, strict=True))
    if not ids:
        return {}
    with translated(f"{len(many)} jobs", session.region):
        ended = wait_for(session, ids, timeout_s=timeout_s, on_change=on_change)

        def conclude(job_id: str) -> BatchwrightError | None:
            ids[job_id].ended(ended[job_id])
            return _failure(session, ids[job_id], ended[job_id]) if check else None

        failed = [error for error in _each(ids, conclude) if error is not None]
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {len(ids)} jobs did not succeed", failed)
    return {job: ended[job_id] for job_id, job in ids.items()}


def _each(items: Iterable[A], work: Callable[[A], T]) -> list[T]:
    """`work` for each, several at a time; what it returned, in order."""
    with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="batchwright") as pool:
        return list(pool.map(work, items))


def _failure(session: Connection, job: Submittable, description: JobDescription) -> BatchwrightError | None:
    try:
        check_end(session, job, description)
    except BatchwrightError as error:
        return error
    return None


def cancel_all(jobs: Jobs, *, reason: str) -> None:
    """Cancel each; see `BatchSession.cancel`."""
    _act_on_all(jobs, lambda job: job.cancel(reason=reason), reason=reason, doing="cancel()")


def terminate_all(jobs: Jobs, *, reason: str) -> None:
    """Terminate each; see `BatchSession.terminate`."""
    _act_on_all(jobs, lambda job: job.terminate(reason=reason), reason=reason, doing="terminate()")


def _act_on_all(jobs: Jobs, act: Callable[[Submittable], None], *, reason: str, doing: str) -> None:
    many = one_or_many(jobs)
    check_reason(f"{len(many)} jobs", reason)  # once, and before any call

    def attempt(job: Submittable) -> Exception | None:
        try:
            act(job)
        except BatchwrightError as error:
            return error
        return None

    failed = [error for error in _each(many, attempt) if error is not None]
    if failed:
        raise ExceptionGroup(f"{doing} failed for {len(failed)} of {len(many)} jobs", failed)
