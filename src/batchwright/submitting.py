"""The one call: make what is missing, take the next free run of the name, submit."""

from __future__ import annotations

from typing import Final

import attrs

from batchwright.errors import AwsError, UnfinishedJobError
from batchwright.jobs.description import FINISHED, UNFINISHED, describe_jobs
from batchwright.jobs.ledger import Row
from batchwright.many import ensure_all
from batchwright.memory import Memory
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_surroundings import check_mounts
from batchwright.submission import Submission, new_claim, submit_once

GONE: Final = ("does not exist", "not in active status", "not found", "is disabled", "not enabled")
"""How AWS says that a queue, a definition or a table is not what it was when this session last looked."""


def submit_now(job: BatchJob, memory: Memory, *, next_run: bool) -> BatchJob:
    """Submit `job`; what was submitted, which carries its run.

    Args:
        job: What to submit.
        memory: What the session trusts.
        next_run: Whether it gets the next free run of its name; otherwise its own submission id counts.

    Raises:
        UnfinishedJobError: A job of this name has not ended yet.
        ExceptionGroup: Something that it needs could not be made.
        AwsError: AWS refuses the job.
    """
    submit = _submit_next_run if next_run else _submit_as_it_is
    resolved = memory.resolved(job.dependencies())
    if resolved is None:
        return submit(job, _converged(job, memory))
    try:
        return submit(job, resolved)
    except AwsError as error:
        if not any(part in str(error).lower() for part in GONE):
            raise
        memory.forget()
        return submit(job, _converged(job, memory))


def _converged(job: BatchJob, memory: Memory) -> Resolved:
    resolved = Resolved()
    report = ensure_all(job.dependencies(), resolved)
    memory.remember({resource: ensured.description for resource, ensured in report.items()})
    with job.translated():
        check_mounts(job.definition, job.required_queue, resolved)
    return resolved


def _submit_as_it_is(job: BatchJob, resolved: Resolved) -> BatchJob:
    with job.translated():
        submit_once(job.session, job.submission(resolved))
    return job


def _submit_next_run(job: BatchJob, resolved: Resolved) -> BatchJob:
    """Claim the first run, or the one after the last; a claim is one conditional write, so no two callers share it."""
    number = 1
    while True:
        job = attrs.evolve(job, run=number, submission_id=job.default_submission_id(number))
        with job.translated():
            submission = job.submission(resolved)
            there = _claimed_or_there(job, submission)
        if there is None:
            return job
        last = _last_run(submission, there) if number == 1 else there
        with job.translated():
            refuse_unfinished_run(job, last)
        number = max(number, there.runs) + 1


def _claimed_or_there(job: BatchJob, submission: Submission) -> Row | None:
    """None when the submission was free, and is submitted now; its row otherwise."""
    if submission.tracked is None:
        submit_once(job.session, submission)
        return None
    row = new_claim(job.session, submission)
    there = submission.tracked.put_new(row)
    if there is not None and there.claim != row.claim:
        return there
    submit_once(job.session, submission, claimed=row)
    if job.run > 1:
        submission.tracked.note_runs(job.default_submission_id(1), job.run)
    return None


def _last_run(submission: Submission, first: Row) -> Row:
    """The row of the last run that the first one's row tells of."""
    ledger = submission.tracked
    if ledger is None or first.runs <= 1:
        return first
    return ledger.read(f"{first.submission_id}/{first.runs}") or first


def refuse_unfinished_run(job: BatchJob, row: Row) -> None:
    """Refuse if the job of `row` has not ended; asks AWS only where the row does not say.

    Raises:
        UnfinishedJobError: It names the job's id and status.
    """
    if row.status in FINISHED:
        return
    found = describe_jobs(job.session, [row.job_id]).get(row.job_id) if row.job_id else None
    if row.job_id and (found is None or found.finished):
        return
    status = found.status if found else "being submitted"
    raise UnfinishedJobError(
        f"{job.label} in {job.session.region}: job {row.job_id or row.submission_id} of this name is {status}.",
        resource=job,
    )


def refuse_unfinished(job: BatchJob, resolved: Resolved) -> None:
    """Refuse if AWS lists an unfinished job of this name in the queue, whoever submitted it (one `batch:ListJobs`).

    Raises:
        UnfinishedJobError: There is one; it names its id and status.
    """
    queue = resolved[job.required_queue]
    page = job.session.batch.list_jobs(jobQueue=queue.arn, filters=[{"name": "JOB_NAME", "values": [job.name]}])
    for found in page["jobSummaryList"]:
        if found["jobName"] == job.name and found.get("status") in UNFINISHED:
            raise UnfinishedJobError(
                f"{job.label} in {job.session.region}: job {found['jobId']} of this name is {found.get('status')} in "
                f"{job.required_queue.label}.",
                resource=job,
            )
