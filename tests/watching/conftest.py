"""An account whose jobs go as a test says."""

import time
from collections.abc import Iterator

import attrs
import pytest

from batchwright import BatchJob, BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.local.server_clock import ServerClock
from batchwright.testing import JobScript
from batchwright.testing.job_scripts import ScriptedJobs


@attrs.frozen
class Lab:
    """Jobs by their names.

    Attributes:
        session: Whose jobs they are.
        aws: The account.
        scripts: How jobs go.
    """

    session: BatchSession
    aws: InProcessAws
    scripts: ScriptedJobs

    def submit(self, name: str, *attempts: JobScript, **fields: object) -> BatchJob:
        """A job whose attempts go so; by default it runs for ten seconds and succeeds."""
        self.scripts.script(name, *(attempts or (JobScript(duration_s=10),)))
        return self.session.submit(name, image="busybox:1.36", **{"command": ["true"], **fields})  # type: ignore[arg-type]  # given on


@pytest.fixture
def scripts_and_clock() -> tuple[ScriptedJobs, ServerClock]:
    """The engine of the account, and its time."""
    clock = ServerClock(frozen_at=float(int(time.time())))
    return ScriptedJobs(clock), clock


@pytest.fixture
def aws(scripts_and_clock: tuple[ScriptedJobs, ServerClock]) -> Iterator[InProcessAws]:
    """An empty account with AWS's own delays."""
    engine, clock = scripts_and_clock
    aws = InProcessAws(engine=engine, clock=clock)
    yield aws
    aws.close()


@pytest.fixture
def lab(session: BatchSession, aws: InProcessAws, scripts_and_clock: tuple[ScriptedJobs, ServerClock]) -> Lab:
    """Jobs that go as they are told."""
    return Lab(session, aws, scripts_and_clock[0])
