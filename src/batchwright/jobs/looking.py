"""Finding a job that AWS may have accepted: by its name in its queue, and by the id that its container carries."""

from __future__ import annotations

import email.utils
from typing import Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import JobDescription, describe_jobs

SUBMISSION_VARIABLE: Final = "BATCHWRIGHT_SUBMISSION_ID"
NEVER: Final = float("-inf")
"""AWS's time, where a look has proved nothing: no claim is dead by then."""


@attrs.frozen(kw_only=True)
class Sighting:
    """What one look found, and what time AWS had when it began: a job that AWS took later may not have been seen.

    Attributes:
        job: The earliest job of the submission, if there is one.
        aws_time: AWS's time, in seconds since the epoch.
        duplicates: The ids of later ones that have not ended.
    """

    job: JobDescription | None
    aws_time: float
    duplicates: tuple[str, ...] = ()


def look(session: Connection, *, queue: str, job_name: str, submission_id: str, since: float | None = None) -> Sighting:
    """Look for the job of a submission, the earliest if there are two (`batch:ListJobs`, `batch:DescribeJobs`).

    Args:
        session: Whose clients to use.
        queue: Name or ARN of the queue.
        job_name: The job's name.
        submission_id: What its container carries.
        since: Jobs made before this time, in seconds since the epoch, are not looked at.
    """
    ids: list[str] = []
    aws_time: float | None = None
    token: dict[str, str] = {}
    while True:
        page = session.batch.list_jobs(
            jobQueue=queue, filters=[{"name": "JOB_NAME", "values": [job_name]}], **cast("Any", token)
        )
        aws_time = (server_time(page) or NEVER) if aws_time is None else aws_time
        fresh = [job for job in page["jobSummaryList"] if not _older(job.get("createdAt"), since)]
        ids.extend(job["jobId"] for job in fresh if job.get("jobName") == job_name)
        more = page.get("nextToken")
        # The newest come first, so a page of nothing but old ones is the end; an empty one may be anywhere.
        if not more or (page["jobSummaryList"] and not fresh):
            break
        token = {"nextToken": more}
    seen = describe_jobs(session, ids)
    found = sorted((job for job in seen.values() if carries(job, submission_id)), key=_age)
    # One that is listed and cannot be read yet may be the one: nothing has been seen for sure.
    is_whole = len(seen) == len(set(ids))
    return Sighting(
        job=found[0] if found else None,
        aws_time=aws_time if is_whole else NEVER,
        duplicates=tuple(job.job_id for job in found[1:] if not job.finished),
    )


def _age(job: JobDescription) -> float:
    return job.created_at.timestamp() if job.created_at else 0.0


def carries(job: JobDescription, submission_id: str) -> bool:
    """Whether this job was submitted under `submission_id`."""
    return job.environment.get(SUBMISSION_VARIABLE) == submission_id


def server_time(answer: object) -> float | None:
    """AWS's own time, from the `Date` header of an answer, in seconds since the epoch."""
    metadata = cast("dict[str, Any]", answer).get("ResponseMetadata", {})
    date: str | None = metadata.get("HTTPHeaders", {}).get("date")
    return email.utils.parsedate_to_datetime(date).timestamp() if date else None


def _older(created_at_ms: int | None, since: float | None) -> bool:
    return since is not None and created_at_ms is not None and created_at_ms / 1000 < since
