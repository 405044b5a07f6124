"""What a list tells of jobs that the session knows already, for showing these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from batchwright._wire import Description
from batchwright.connection import Connection
from batchwright.jobs.description import JobDescription
from batchwright.jobs.listed import IN_AWS, ListedJob
from batchwright.sightings import KEPT


def see_listed(session: Connection, jobs: Sequence[ListedJob], submitted: Iterable[str]) -> None:
    """Remember how these jobs are now, as far as they were read before or are among those `submitted` here.

    Args:
        session: Whose jobs they are.
        jobs: The list, the newest first.
        submitted: AWS's ids of the jobs that were submitted in this session.
    """
    sightings = session.sightings
    known = {*submitted, *(job.job_id for job in sightings.jobs() if isinstance(job, JobDescription))}
    meant = [job for job in jobs if job.known == IN_AWS and job._job_id in known]
    for job in reversed(meant[:KEPT]):
        sightings.see_job(job._job_id, _merged(job._read_then(), sightings.last_of_job(job._job_id)))


def _merged(now: JobDescription, before: Description | None) -> JobDescription:
    """A list tells less than a description: what this told stays, as long as it still holds."""
    if not isinstance(before, JobDescription):
        return now
    if before.finished:
        return before
    if before.status == now.status:
        return attrs.evolve(before, status_reason=now.status_reason or before.status_reason, read_at=now.read_at)
    return attrs.evolve(now, arn=before.arn, queue_arn=before.queue_arn, definition_arn=before.definition_arn)
