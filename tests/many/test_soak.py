"""Hundreds of jobs through faults of all kinds, by seed: the same call, made again, ends with one job each."""

from collections.abc import Iterator

import pytest

from batchwright.errors import BatchwrightError, SubmissionUnknownError
from batchwright.local import Fault
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws

from .conftest import Lab

JOBS = 120
ROUNDS = 6


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """An account that looks as soon as something is asked for."""
    aws = InProcessAws(delays=Delays.none())
    yield aws
    aws.close()


def faults(seed: int) -> list[Fault]:
    """A fifth of the requests go wrong, one way or the other."""
    submit, write = "batch:SubmitJob", "dynamodb:TransactWriteItems"
    return [
        Fault.lost_answer(operation=submit, probability=0.07, seed=seed),
        Fault.error(operation=submit, probability=0.05, seed=seed + 1),
        Fault.reset(operation=submit, probability=0.05, seed=seed + 2),
        Fault.error(
            operation=submit,
            probability=0.05,
            seed=seed + 3,
            code="TooManyRequestsException",
            status=429,
            message="slow",
        ),
        Fault.lost_answer(operation=write, probability=0.1, seed=seed + 4),
        Fault.stale_listing(1.5, operation="batch:ListJobs"),
    ]


@pytest.mark.parametrize("seed", [1, 20, 300])
def test_one_job_each_whatever_goes_wrong(lab: Lab, seed: int) -> None:
    """Jobs at AWS = rows = asked for; an error is unknown or none, and later the same call settles it."""
    jobs = lab.made().jobs(JOBS)
    lab.aws.faults.add(*faults(seed))
    policy = lab.session.submission
    unknown: list[BatchwrightError] = []
    for _ in range(ROUNDS):
        results = list(lab.session.submit_many(jobs, ordered=seed % 2 == 0))
        errors = [result.error for result in results if result.error is not None]
        assert all(isinstance(error, SubmissionUnknownError) for error in errors)
        unknown += errors
        if not errors:
            break
        lab.aws.advance(policy.claim_s + policy.signature_window_s)
    else:
        pytest.fail(f"still unknown after {ROUNDS} rounds: {errors}")
    lab.aws.faults.clear()
    lab.agree(jobs)
    assert unknown, "the faults did nothing"
