"""Starting a run of a pipeline, or going on with one that was cut short: nothing of it is made twice."""

from __future__ import annotations

from batchwright.declaration import Declaration
from batchwright.errors import NotFoundError, UnfinishedJobError
from batchwright.jobs.description import JobDescription
from batchwright.jobs.ledger import Ledger, Row
from batchwright.many import ensure_all
from batchwright.neuroconv.found import queue_of
from batchwright.neuroconv.job import NeuroConvJob
from batchwright.neuroconv.pipeline import Around, Pipeline, Run
from batchwright.neuroconv.temporary import is_gone, volume_for
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_reading import row_of
from batchwright.submitting import refuse_unfinished
from batchwright.values import OnDrift


def open_run(pipeline: Pipeline) -> Run:
    """The run that is to be started or gone on with: the first one that is not over."""
    run = pipeline.run(1)
    if not pipeline.is_counted:
        return run
    if (row := _row(run.last)) is not None:
        run = pipeline.run(row.runs)
    while _is_over(pipeline, run):
        run = pipeline.run(run.number + 1)
    return run


def described(job: NeuroConvJob) -> JobDescription | None:
    """What is known of the job, or None where there is none yet."""
    try:
        return job.describe()
    except NotFoundError:
        return None


def _is_over(pipeline: Pipeline, run: Run) -> bool:
    """Whether nothing more can come of it: its last job has ended, or its tear-down waited for that job in vain."""
    seen = described(run.last)
    return seen.finished if seen is not None else is_gone(pipeline, run.number)


def started(pipeline: Pipeline, run: Run) -> Run:
    """The run, whose jobs are submitted; each step does nothing where it was done before.

    The tear-down comes first, so that from then on nothing can be left behind.

    Raises:
        UnfinishedJobError: A job of one of the names has not ended, and is not of this declaration.
        ConflictError: The volume is another deployment's, and is to go with that.
        ExceptionGroup: Something that a job needs could not be made.
    """
    number = run.number
    submitted = [_is_submitted(job) for job in run.jobs]
    queue = queue_of(pipeline.session, pipeline.queue_name, pipeline.environment_name)
    volume = volume_for(pipeline, number, queue)
    run = pipeline.run(number, Around(queue=queue, volume=volume))
    if (teardown := pipeline.teardown(run)) is not None:
        teardown.ensure()
    if all(submitted):
        return run
    resolved = Resolved()
    ensure_all(_needed(run), resolved)
    file_system_id = resolved[volume].file_system_id
    run = pipeline.run(number, Around(queue=queue, volume=volume, file_system_id=file_system_id))
    _submit(run, resolved)
    return run


def _needed(run: Run) -> tuple[Declaration, ...]:
    """All but the definitions, whose names carry the volume's id; the slow ones get ready side by side."""
    needed = [other for job in run.jobs for other in (*job.definition.dependencies(), *job.dependencies())]
    return tuple(dict.fromkeys(other for other in needed if not isinstance(other, BatchJob | JobDefinition)))


def _submit(run: Run, resolved: Resolved) -> None:
    # A new revision harms nobody; all else that was found stays as it is.
    ensure_all(tuple(job.definition for job in run.jobs), resolved, on_drift=OnDrift.UPDATE)
    ensure_all((run.last,), resolved)
    for job in run.jobs:
        if job.tracker is not None and run.number > 1:
            ledger = Ledger(job.session, job.tracker.name)
            ledger.note_runs(job.default_submission_id(1), run.number)


def _row(job: NeuroConvJob) -> Row | None:
    with job.translated():
        return row_of(job.session, job.tracker, job.submission_id) if job.tracker else None


def _is_submitted(job: NeuroConvJob) -> bool:
    """Whether its row says so; refuses if a job of the name is on its way that is not this one."""
    row = _row(job)
    if row is None:
        _refuse_listed(job)
        return False
    if row.wish not in ("", job.wish()):
        raise UnfinishedJobError(
            f"{job.label} in {job.session.region}: one of this name, or submission_id, was begun with other arguments: "
            f"{row.job_id or 'it is not submitted yet'}.",
            resource=job,
            hint="Call again with the same arguments to go on with it. Otherwise wait for its end, or take another "
            "name.",
        )
    return row.job_id != ""


def _refuse_listed(job: NeuroConvJob) -> None:
    try:
        with job.translated():
            refuse_unfinished(job, Resolved())
    except NotFoundError:
        return  # no queue yet, so no job
