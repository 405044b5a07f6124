"""A second job of one submission, which only something outside the protocol's promise can make: it is ended."""

from __future__ import annotations

import logging
from typing import Final

from batchwright.connection import Connection
from batchwright.errors import SubmissionUnknownError
from batchwright.jobs.ledger import Row

logger: Final = logging.getLogger(__name__)


def end_duplicate(session: Connection, row: Row, job_id: str) -> None:
    """Terminate a job that is not the one of `row`, saying so (`batch:TerminateJob`).

    Raises:
        SubmissionUnknownError: It could not be terminated, and may go on running; with its id and the way out.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    reason = f"duplicate of {row.job_id}, the job of submission {row.submission_id}"
    logger.warning("Terminating job %s, a %s.", job_id, reason)
    try:
        session.batch.terminate_job(jobId=job_id, reason=reason)
    except (BotoCoreError, ClientError) as error:
        raise SubmissionUnknownError(
            f"job {job_id} is a {reason}, and could not be terminated: {error}",
            submission_id=row.submission_id,
            hint=f"Terminate it yourself: aws batch terminate-job --job-id {job_id} --reason duplicate",
        ) from error
