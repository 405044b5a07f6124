"""Which jobs wait for which others."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from batchwright.local.state import Job

DEPENDENCY_FAILED = "Dependent Job failed"
Waiter = TypeVar("Waiter")


def prerequisites(job: Job, jobs: Mapping[str, Job]) -> list[Job]:
    """Return the jobs that must succeed before `job` may run.

    The children of an array wait for what the array was told to wait for: N_TO_N for the child of the same index,
    SEQUENTIAL for their own neighbour.  The array itself waits for its children only.

    Args:
        job: A job or an array's child.
        jobs: All jobs of the region; one that is no longer there has ended long ago and is not waited for.
    """
    if job.array_size is not None:
        return []
    parent = jobs.get(job.parent_id or "")
    declared = (job if parent is None else parent).depends_on
    wanted = (_prerequisite(dict(entry), job, jobs) for entry in declared)
    return [jobs[job_id] for job_id in wanted if job_id is not None and job_id in jobs]


def _prerequisite(entry: Mapping[str, str], job: Job, jobs: Mapping[str, Job]) -> str | None:
    job_id, kind = entry.get("jobId"), entry.get("type")
    if job_id is None:
        is_first = kind != "SEQUENTIAL" or not job.index
        return None if is_first or job.index is None else f"{job.parent_id}:{job.index - 1}"
    twin = f"{job_id}:{job.index}"
    return twin if kind == "N_TO_N" and twin in jobs else job_id


class Waiting(Generic[Waiter]):
    """An index from unfinished jobs to those that wait for them."""

    def __init__(self) -> None:
        self._waiters: dict[str, list[Waiter]] = {}

    def add(self, waiter: Waiter, job_ids: Iterable[str]) -> None:
        """Remember that `waiter` waits for each of the jobs."""
        for job_id in job_ids:
            self._waiters.setdefault(job_id, []).append(waiter)

    def take(self, job_id: str) -> list[Waiter]:
        """Return who waited for the job, and forget it."""
        return self._waiters.pop(job_id, [])
