"""What AWS does with a job that is to end before it has run, and how delete() goes about it."""

import pytest

from batchwright import Action, BatchJob, BatchSession
from batchwright.local.in_process import InProcessAws

SLEEPS = {"BATCHWRIGHT_SCRIPT_SECONDS": "100000"}


@pytest.fixture
def pair(session: BatchSession) -> tuple[BatchJob, BatchJob]:
    """A job that runs for more than a day, and one that waits for it."""
    definition = session.job_definition(name="convert", image="busybox", environment=SLEEPS)
    first = session.batch_job(name="first", definition=definition)
    second = session.batch_job(name="second", definition=definition, depends_on=first)
    session.ensure(second)
    while first.describe().status != "RUNNING":
        session.clock.sleep(1)
    assert second.describe().status == "PENDING"
    return first, second


def test_a_pending_job_ends_only_after_what_it_waits_for(pair: tuple[BatchJob, BatchJob], aws: InProcessAws) -> None:
    """TerminateJob cancels what has not started, and AWS cancels a PENDING job once its dependencies have ended."""
    first, second = pair
    second.terminate()
    aws.advance(600)
    assert (second.describe().status, second.describe().is_stopping) == ("PENDING", True)
    first.terminate()
    assert second.wait(check=False).status == "FAILED"


def test_jobs_that_wait_for_each_other_are_deleted_together(
    session: BatchSession, pair: tuple[BatchJob, BatchJob]
) -> None:
    """All are told to end before any end is waited for: waiting for the last of a chain first would never end."""
    began = session.clock.now()
    report = session.delete(*pair)
    assert report[pair[0]].action is Action.DELETED
    assert session.clock.now() - began < 120
    assert {job.describe().status for job in pair} == {"FAILED"}


def test_a_job_that_runs_in_spite_of_being_cancelled_is_terminated(
    pair: tuple[BatchJob, BatchJob], aws: InProcessAws
) -> None:
    """CancelJob does nothing to a job that runs, even where AWS notes that it was asked for: delete() ends it."""
    first, _ = pair
    (record,) = [job for job in aws.state.region("us-east-2").jobs.values() if job.name == "first"]
    record.is_cancelled = True
    assert first.remove() is Action.DELETED
    assert first.describe().status == "FAILED"
