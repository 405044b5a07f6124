"""Verbs over many jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import JobDescription
from batchwright.jobs.waiting import OnChange, check_end, wait_for
from batchwright.parallel import WORKERS
from batchwright.translation import translated

Jobs = Submittable | Iterable[Submittable]


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
    ids = {job.job_id(): job for job in many}
    if not ids:
        return {}
    with translated(f"{len(many)} jobs", session.region):
        ended = wait_for(session, ids, timeout_s=timeout_s, on_change=on_change)
        for job_id, job in ids.items():
            job.ended(ended[job_id])
        failed = [error for job_id, job in ids.items() if check and (error := _failure(session, job, ended[job_id]))]
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {len(ids)} jobs did not succeed", failed)
    return {job: ended[job_id] for job_id, job in ids.items()}


def _failure(session: Connection, job: Submittable, description: JobDescription) -> BatchwrightError | None:
    try:
        check_end(session, job, description)
    except BatchwrightError as error:
        return error
    return None


def act_on_all(jobs: Jobs, act: Callable[[Submittable], None], *, doing: str) -> None:
    """Do something with each, several at a time.

    Raises:
        ExceptionGroup: Of every refusal.
    """
    with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="batchwright") as pool:
        futures = [pool.submit(act, job) for job in one_or_many(jobs)]
    failed = [error for future in futures if isinstance(error := future.exception(), Exception)]
    if failed:
        raise ExceptionGroup(f"{doing} failed for {len(failed)} of {len(futures)} jobs", failed)
