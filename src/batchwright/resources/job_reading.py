"""What is known of a job: its row, what AWS describes, what its queue lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batchwright.connection import Connection
from batchwright.jobs.description import JobDescription, describe_jobs, recorded
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.looking import look
from batchwright.resources.status_tracker import StatusTracker
from batchwright.translation import is_missing

if TYPE_CHECKING:
    from batchwright.resources.batch_job import BatchJob


def row_of(session: Connection, tracker: StatusTracker, submission_id: str) -> Row | None:
    """The row of a submission; None where nothing was submitted."""
    from botocore.exceptions import ClientError

    try:
        return Ledger(session, tracker.name).read(submission_id)
    except ClientError as error:
        if is_missing(error):
            return None  # no table yet, so nothing was submitted
        raise


def looked_for(job: BatchJob) -> JobDescription | None:
    """The job as its queue lists it, where no row tells its id: there is no tracker, or it is only claimed yet."""
    from botocore.exceptions import ClientError

    try:
        queue = job.required_queue.name
        return look(job.session, queue=queue, job_name=job.name, submission_id=job.submission_id).job
    except ClientError as error:
        if is_missing(error):
            return None  # no queue yet, so nothing was submitted
        raise


def described(job: BatchJob, job_id: str, row: Row | None) -> JobDescription:
    """What AWS says of the job, or, where it has forgotten it, what its row says."""
    found = describe_jobs(job.session, [job_id]).get(job_id) or recorded_in(job, row)
    return found or JobDescription(job_id=job_id, name=job.name, read_at=job.session.clock.now())


def recorded_in(job: BatchJob, row: Row | None) -> JobDescription | None:
    """What its row says of a job that AWS does not show; None while that may be because it is new."""
    now = job.session.clock.now()
    if row is None or not row.job_id:
        return None
    return recorded(row.job_id, name=job.name, status=row.status, age_s=row.age_s(now), read_at=now)
