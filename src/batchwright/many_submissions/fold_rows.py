"""The rows of jobs that are folded into an array: each says which array, and which child of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import attrs

from batchwright.jobs.claims import new_claim
from batchwright.jobs.ledger import Row
from batchwright.jobs.places import MARK, Place
from batchwright.jobs.sending import Submission
from batchwright.resources.batch_job import BatchJob

NEVER: Final = 221_845_305_600.0
"""A time to sign by in the year 9000: such a job is not found under its own name, so nobody may take its claim over."""
NAME_PART: Final = 80


def child_claim(job: BatchJob, place: Place, queue_arn: str) -> Row:
    """The row of a job that is to be a child: the same whoever writes it."""
    request = {"jobName": job.name, "jobQueue": queue_arn}
    submission = Submission(submission_id=job.submission_id, request=request, wish=job.wish(), tracked=None)
    return attrs.evolve(new_claim(job.session, submission), claim=str(place), sign_before=NEVER)


def array_of(jobs: Sequence[BatchJob]) -> BatchJob:
    """The array job that stands for these; the same jobs in the same order give the same array."""
    first = jobs[0]
    ids = "\n".join(job.submission_id for job in jobs)
    digest = hashlib.sha256(ids.encode()).hexdigest()[:24]
    name = f"{first.name[:NAME_PART]}-x{len(jobs)}-{digest[:8]}"
    submission_id = f"{first.session.namespace}/{MARK}/{digest}"
    return attrs.evolve(first, name=name, run=1, submission_id=submission_id, array_size=len(jobs))
