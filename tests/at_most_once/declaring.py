"""Jobs that are to start at most once, declared."""

from typing import Any

from batchwright import BatchJob, BatchSession, RetryPolicy
from batchwright.resources.job_start import StartUnit


def declared(session: BatchSession, name: str = "sub-01", **fields: object) -> BatchJob:
    """A job that is to start once, with the session's own queue and tracker."""
    definition = session.job_definition(name="convert", image="busybox:1.36", retry=RetryPolicy(attempts=3))
    said: dict[str, Any] = {"definition": definition, "command": ["true"], "run_at_most_once": True, **fields}
    return session.batch_job(name=name, **said)


def unit_of(job: BatchJob) -> StartUnit:
    assert job.start_unit is not None
    return job.start_unit
