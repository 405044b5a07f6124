"""The account that the tests run on: the local AWS inside this process, whose time the session's sleeps move."""

from collections.abc import Iterator

import pytest

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """An empty account with AWS's own delays, in no time."""
    aws = InProcessAws()
    yield aws
    aws.close()


@pytest.fixture
def session(aws: InProcessAws) -> Iterator[BatchSession]:
    """A session on that account."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    with BatchSession("test", boto3_session=aws.boto3_session(), clock=clock) as session:
        yield session
