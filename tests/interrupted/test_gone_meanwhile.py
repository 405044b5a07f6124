"""What another process takes away in the middle of the checks of a `delete()`."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock


@pytest.fixture
def other(aws: InProcessAws) -> BatchSession:
    """Another process of the same namespace."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    return BatchSession("test", boto3_session=aws.boto3_session(), clock=clock)


def once_before(client: object, event: str, act: Callable[[], object]) -> None:
    """Do this before the first call of that kind."""
    acts = iter([act])
    events = client.meta.events  # type: ignore[attr-defined]  # every client has it
    events.register(f"before-call.{event}", lambda **_: next(acts, lambda: None)() and None)


def test_a_queue_that_goes_before_its_jobs_are_listed(session: BatchSession, other: BatchSession) -> None:
    """Nothing is left to delete, so nothing fails."""
    queue = session.defaults.job_queue
    queue.ensure()
    once_before(session.batch, "batch.ListJobs", other.defaults.job_queue.delete)
    queue.delete()
    assert not queue.exists()


def test_a_table_that_goes_before_its_tags_are_read(session: BatchSession, other: BatchSession) -> None:
    """A table without tags looks like another's; one that is gone is not."""
    tracker = attrs.evolve(session.defaults.tracker, retain=False)
    tracker.ensure()
    again = attrs.evolve(other.defaults.tracker, retain=False)
    once_before(session.dynamodb, "dynamodb.ListTagsOfResource", again.delete)
    tracker.delete()
    assert not tracker.exists()
