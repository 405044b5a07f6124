"""Reading many jobs at once, the children of arrays with them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from batchwright.connection import Connection
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import JobDescription, describe_jobs
from batchwright.jobs.forgotten import what_became


def descriptions_of(session: Connection, jobs: Mapping[str, Submittable]) -> list[JobDescription]:
    """What AWS says of these jobs; of an array what it says of the children.

    Of a job that AWS does not show, what its row says, or nothing but its name. Those of `jobs` are named as there.

    Args:
        session: Whose clients and clock to use.
        jobs: By job id.
    """
    found = describe_jobs(session, jobs)
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
    return [*told, *describe_jobs(session, others).values()]
