"""Reading many jobs at once, the children of arrays with them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from batchwright.connection import Connection
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import IDS_PER_CALL, JobDescription, describe_jobs
from batchwright.jobs.forgotten import what_became
from batchwright.side_by_side import read_each


def descriptions_of(session: Connection, jobs: Mapping[str, Submittable]) -> list[JobDescription]:
    """What AWS says of these jobs; of an array what it says of the children.

    Of a job that AWS does not show, what its row says, or nothing but its name. Those of `jobs` are named as there.

    Args:
        session: Whose clients and clock to use.
        jobs: By job id.
    """
    found = _described(session, list(jobs))
    children = [f"{job.job_id}:{index}" for job in found.values() for index in range(job.array_size or 0)]
    others = [job_id for job_id in children if job_id not in jobs]  # a child that is asked for itself counts once
    missing = [job_id for job_id in jobs if job_id not in found]
    known = what_became(session, jobs, dict.fromkeys(missing, 0.0)) if missing else []
    by_id = {**found, **{job.job_id: job for job in known}}
    now = session.clock.now()
    told = [
        attrs.evolve(by_id[job_id], name=job.name, index=None)  # of one that was folded AWS knows the array's name
        if job_id in by_id
        else JobDescription(job_id=job_id, name=job.name, read_at=now)
        for job_id, job in jobs.items()
    ]
    return [*told, *_described(session, others).values()]


def _described(session: Connection, job_ids: list[str]) -> dict[str, JobDescription]:
    chunks = [job_ids[start : start + IDS_PER_CALL] for start in range(0, len(job_ids), IDS_PER_CALL)]
    answers = read_each(chunks, lambda chunk: describe_jobs(session, chunk))
    return {job_id: job for answer in answers for job_id, job in answer.items()}
