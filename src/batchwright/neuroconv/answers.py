"""What the functions return: plain dictionaries in the shapes that NeuroConv's users know."""

from __future__ import annotations

from typing import Final, TypedDict

from batchwright.jobs.ledger import Row
from batchwright.resources.batch_job import BatchJob

SUBMITTED: Final = "Job submitted..."


class JobSubmissionInfo(TypedDict):
    """What AWS said of the submitted job."""

    jobId: str
    jobName: str
    jobArn: str


class TableSubmissionInfo(TypedDict):
    """The row in the status tracker's table."""

    id: str
    job_id: str
    job_name: str
    submitted_on: str
    status: str


class SubmissionInfo(TypedDict):
    """What `submit_aws_batch_job` returns."""

    job_submission_info: JobSubmissionInfo
    table_submission_info: TableSubmissionInfo


def info_of(job: BatchJob) -> SubmissionInfo:
    """What AWS and the table say of a submitted job."""
    session, row = job.session, job._row() or Row(submission_id=job.submission_id, job_name=job.name)
    return {
        "job_submission_info": {
            "jobId": row.job_id,
            "jobName": job.name,
            "jobArn": f"arn:{session.partition}:batch:{session.region}:{session.account_id}:job/{row.job_id}",
        },
        "table_submission_info": {
            "id": job.submission_id,
            "job_id": row.job_id,
            "job_name": job.name,
            "submitted_on": row.submitted_on,
            "status": SUBMITTED,
        },
    }
