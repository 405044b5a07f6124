"""A session whose queue is there, and what it asks AWS."""

from collections import Counter
from collections.abc import Callable

import pytest

from batchwright import BatchJob, BatchSession, JobList
from batchwright.local.in_process import InProcessAws

SECONDS = "BATCHWRIGHT_SCRIPT_SECONDS"
EXIT_CODE = "BATCHWRIGHT_SCRIPT_EXIT"
LAGS_S = 5
"""Seconds after which AWS shows a job everywhere."""

Submit = Callable[..., BatchJob]
Calls = Callable[[], Counter[str]]
Others = Callable[..., list[str]]


def names(jobs: JobList) -> list[str]:
    """The names, in order."""
    return [job.name for job in jobs]


@pytest.fixture
def submit(session: BatchSession, aws: InProcessAws) -> Submit:
    """Submits a small job of this name, and lets AWS see it."""

    def submit(name: str, *, lag_s: float = LAGS_S, **fields: object) -> BatchJob:
        job = session.submit(name, image="busybox:1.36", command=["true"], **fields)  # type: ignore[arg-type]  # given on
        aws.advance(lag_s)
        return job

    return submit


@pytest.fixture
def others(session: BatchSession, aws: InProcessAws, submit: Submit) -> Others:
    """Submits jobs of these names as another program does, with no row; their ids."""

    def others(*names: str, queue: str = "batchwright-test") -> list[str]:
        definition = submit("first").definition.name
        ids = [
            session.batch.submit_job(jobName=name, jobQueue=queue, jobDefinition=definition)["jobId"] for name in names
        ]
        aws.advance(LAGS_S)
        return ids

    return others


@pytest.fixture
def asked(aws: InProcessAws) -> Calls:
    """How often each operation was called since the last time."""

    def asked() -> Counter[str]:
        counted = Counter(operation for _, operation in aws.calls)
        aws.calls.clear()
        return counted

    return asked
