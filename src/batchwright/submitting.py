"""The one call: make what is missing, take the next free run of the name, submit."""

from __future__ import annotations

from typing import Final, cast

import attrs

from batchwright.declaration import Declaration
from batchwright.errors import AwsError, UnfinishedJobError
from batchwright.graph import edges
from batchwright.jobs.description import FINISHED, UNFINISHED, UNSEEN_S, describe_jobs
from batchwright.jobs.ledger import Ledger, Row
from batchwright.many import ensure_all
from batchwright.memory import Memory
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_surroundings import check_surroundings
from batchwright.submission import Submission, Submitted, new_claim, put_claim, submit_once
from batchwright.waiting import Patience

GONE: Final = ("does not exist", "not in active status", "not found", "cannot take jobs", "disabled", "not enabled")
"""How AWS says that a queue, a definition or a table is not what it was when this session last looked."""
SUBMITTING: Final = Patience(timeout_s=2.0)
"""How long a claim is left to whoever made it: a process that lives records its job within moments."""


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
    try:
        return _submit(job, memory, next_run=next_run)
    except (AwsError, ExceptionGroup) as error:
        if not says_gone(error):
            raise
    memory.distrust()
    return _submit(job, memory, next_run=next_run)


def says_gone(error: Exception) -> bool:
    """Whether a refusal says that something is not what it was when this session last looked."""
    if isinstance(error, ExceptionGroup):
        return any(map(says_gone, cast("ExceptionGroup[Exception]", error).exceptions))
    return isinstance(error, AwsError) and any(part in str(error).lower() for part in GONE)


def _submit(job: BatchJob, memory: Memory, *, next_run: bool) -> BatchJob:
    resolved = made_around(job, job.dependencies(), memory)
    submit = submit_next_run if next_run else submit_as_it_is
    job, job_id = submit(job, resolved)
    memory.remember_job(job, job_id)
    return job


def made_around(job: BatchJob, needed: tuple[Declaration, ...], memory: Memory) -> Resolved:
    """What `job` needs, made where the session does not know it yet.

    Args:
        job: For whom.
        needed: All of its dependencies, or some.
        memory: What the session trusts.
    """
    resolved = memory.known(edges(needed, _needed))
    report = ensure_all(needed, resolved)
    if report:
        memory.remember({resource: ensured.description for resource, ensured in report.items()})
        with job.translated():
            check_surroundings(job.definition, job.required_queue, resolved)
    return resolved


def _needed(resource: Declaration) -> tuple[Declaration, ...]:
    """What submitting takes: a job that was submitted needs nothing any more, so a chain is not walked to its start."""
    return () if isinstance(resource, BatchJob) else resource.dependencies()


def submit_as_it_is(job: BatchJob, resolved: Resolved) -> tuple[BatchJob, str]:
    """Submit under the job's own submission id; its dependencies are in `resolved`. Also gives AWS's id."""
    with job.translated():
        return job, submit_once(job.session, job.submission(resolved)).job_id


def submit_next_run(job: BatchJob, resolved: Resolved) -> tuple[BatchJob, str]:
    """Claim the first run, or the one after the last; a claim is one conditional write, so no two callers share it."""
    number = 1
    while True:
        job = attrs.evolve(job, run=number)
        with job.translated():
            submission = job.submission(resolved)
            there = _claimed_or_there(job, submission)
        if isinstance(there, Submitted):
            return job, there.job_id
        last = _last_run(job, submission, there) if number == 1 else there
        job = attrs.evolve(job, run=max(number, there.runs))
        with job.translated():
            resumed = _resumed(job, job.submission(resolved), last)
            if resumed is not None:
                return job, resumed
            refuse_unfinished_run(job, _current(submission.tracked, last))
        number = job.run + 1


def _claimed_or_there(job: BatchJob, submission: Submission) -> Submitted | Row:
    """What was submitted now, where the submission was free; the row that is there otherwise."""
    if submission.tracked is None:
        return submit_once(job.session, submission)
    row = new_claim(job.session, submission)
    there = put_claim(submission.tracked, row)
    if there is not None:
        return there
    submitted = submit_once(job.session, submission, claimed=row)
    _note_run(job, submission.tracked)
    return submitted


def _current(ledger: Ledger | None, row: Row) -> Row:
    """The row as it is now, where it was only claimed when it was read."""
    return row if row.job_id or ledger is None else ledger.read(row.submission_id) or row


def _last_run(job: BatchJob, submission: Submission, first: Row) -> Row:
    """The row of the last run that the first one's row tells of."""
    ledger = submission.tracked
    if ledger is None or first.runs <= 1:
        return first
    return ledger.read(job.default_submission_id(first.runs)) or first


def _resumed(job: BatchJob, submission: Submission, row: Row) -> str | None:
    """AWS's id, where a process that died while it submitted this very job left it to whoever makes the call again.

    None where there is nothing to resume, or where the other process lives and has submitted it itself.
    """
    ledger = submission.tracked
    if ledger is None or row.job_id or (row.submission_id, row.wish) != (submission.submission_id, submission.wish):
        return None
    for _ in SUBMITTING.pace(job.session.clock):
        seen = ledger.read(row.submission_id)
        if seen is not None and seen.job_id:
            return None
    done = submit_once(job.session, submission)
    if not done.created and not done.recorded:
        return None
    _note_run(job, ledger)
    return done.job_id


def _note_run(job: BatchJob, ledger: Ledger) -> None:
    if job.run > 1:
        ledger.note_runs(job.default_submission_id(1), job.run)


def refuse_unfinished_run(job: BatchJob, row: Row) -> None:
    """Refuse if the job of `row` has not ended; asks AWS only where the row does not say.

    Raises:
        UnfinishedJobError: It names the job's id and status.
    """
    if row.status in FINISHED:
        return
    found = describe_jobs(job.session, [row.job_id]).get(row.job_id) if row.job_id else None
    is_new = row.age_s(job.session.clock.now()) < UNSEEN_S
    if found.finished if found else row.job_id and not is_new:
        return
    status = found.status if found else "submitted just now" if row.job_id else "being submitted"
    resumed = (
        f"If whoever claimed it on {row.submitted_on} is gone, submission_id={row.submission_id!r} with the same "
        "declaration takes it over; another name does not wait for it."
    )
    raise UnfinishedJobError(
        f"{job.label} in {job.session.region}: job {row.job_id or row.submission_id} of this name is {status}.",
        resource=job,
        hint="" if row.job_id else resumed,
    )


def refuse_unfinished(job: BatchJob, resolved: Resolved) -> None:
    """Refuse if AWS lists an unfinished job of this name in the queue, whoever submitted it (`batch:ListJobs`).

    Raises:
        UnfinishedJobError: There is one; it names its id and status.
    """
    queue = resolved[job.required_queue]
    pages = job.session.batch.get_paginator("list_jobs").paginate(
        jobQueue=queue.arn, filters=[{"name": "JOB_NAME", "values": [job.name]}]
    )
    for found in (each for page in pages for each in page["jobSummaryList"]):
        if found["jobName"] == job.name and found.get("status") in UNFINISHED:
            raise UnfinishedJobError(
                f"{job.label} in {job.session.region}: job {found['jobId']} of this name is {found.get('status')} in "
                f"{job.required_queue.label}.",
                resource=job,
            )
