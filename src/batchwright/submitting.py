"""The one call: make what is missing, refuse a second unfinished job of the name, submit."""

from __future__ import annotations

from typing import Final

from batchwright.errors import AwsError, UnfinishedJobError
from batchwright.jobs.description import UNFINISHED
from batchwright.many import ensure_all
from batchwright.memory import Memory
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_surroundings import check_mounts
from batchwright.submission import submit_once

GONE: Final = ("does not exist", "not in active status", "not found", "is disabled", "not enabled")
"""How AWS says that a queue, a definition or a table is not what it was when this session last looked."""


def submit_now(job: BatchJob, memory: Memory) -> None:
    """Submit `job` under its own fresh submission id.

    Raises:
        UnfinishedJobError: A job of this name has not ended yet.
        ExceptionGroup: Something that it needs could not be made.
        AwsError: AWS refuses the job.
    """
    resolved = memory.resolved(job.dependencies())
    if resolved is None:
        _submit(job, _converged(job, memory))
        return
    try:
        _submit(job, resolved)
    except AwsError as error:
        if not any(part in str(error).lower() for part in GONE):
            raise
        memory.forget()
        _submit(job, _converged(job, memory))


def _converged(job: BatchJob, memory: Memory) -> Resolved:
    resolved = Resolved()
    report = ensure_all(job.dependencies(), resolved)
    memory.remember({resource: ensured.description for resource, ensured in report.items()})
    with job.translated():
        check_mounts(job.definition, job.required_queue, resolved)
    return resolved


def _submit(job: BatchJob, resolved: Resolved) -> None:
    with job.translated():
        refuse_unfinished(job, resolved)
        submit_once(job.session, job.submission(resolved))


def refuse_unfinished(job: BatchJob, resolved: Resolved) -> None:
    """Refuse if a job of this name has not ended in the queue (one `batch:ListJobs`).

    Raises:
        UnfinishedJobError: There is one; it names its id and status.
    """
    queue = resolved[job.required_queue]
    filters = [{"name": "JOB_NAME", "values": [job.name]}]
    page = job.session.batch.list_jobs(jobQueue=queue.arn, filters=filters)  # type: ignore[arg-type]  # TypedDict
    for found in page["jobSummaryList"]:
        if found["jobName"] == job.name and found.get("status") in UNFINISHED:
            raise UnfinishedJobError(
                f"{job.label} in {job.session.region}: job {found['jobId']} of this name is {found.get('status')} in "
                f"{job.required_queue.label}.",
                resource=job,
            )
