"""A job whose image is still pulled is STARTING: it is not RUNNING, has no log yet, and no time-out counts."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from batchwright.local.engines import LogSink, Outcome
from batchwright.local.job_views import job_detail
from batchwright.local.scheduling.moment import Moment
from batchwright.local.state import Job
from batchwright.local.stopping import ask_to_stop

Cluster = Any  # the class of conftest.py


class Pulling:
    """A run that begins and ends when a test says so, and obeys signals."""

    def __init__(self) -> None:
        self.beginning, self.end = Moment(), Moment()
        self.outcome: Outcome | None = None

    def poll(self) -> Outcome | None:
        return self.outcome

    def when_began(self, tell: Callable[[], None]) -> None:
        self.beginning.when(tell)

    def when_ended(self, tell: Callable[[], None]) -> None:
        self.end.when(tell)

    def finish(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.end.come()

    def signal(self) -> None:
        self.finish(Outcome(exit_code=None))

    kill = signal


class PullingEngine:
    """Starts such runs, and remembers them."""

    name = "pulling"

    def __init__(self) -> None:
        self.runs: list[Pulling] = []

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Pulling:
        self.runs.append(Pulling())
        return self.runs[-1]

    def close(self) -> None:
        """Nothing is kept."""


@pytest.fixture
def engine() -> PullingEngine:
    return PullingEngine()


@pytest.fixture
def cluster(new_cluster: Callable[..., Cluster], engine: PullingEngine) -> Cluster:
    return new_cluster(engine=engine)


def test_it_is_running_from_its_beginning_on(cluster: Cluster, engine: PullingEngine) -> None:
    """Ten minutes of pulling are STARTING; the time-out of five counts from then on."""
    job = cluster.submit(timeout_s=300)
    cluster.tick(600)
    assert job.status == "STARTING"
    shown = job_detail(cluster.region, job)
    assert "startedAt" not in shown
    assert "logStreamName" not in shown["container"]
    engine.runs[0].beginning.come()
    cluster.tick()
    assert (job.status, job.started_at_ms) == ("RUNNING", cluster.clock.now_ms())
    assert job_detail(cluster.region, job)["container"]["logStreamName"]
    cluster.tick(299)
    assert job.status == "RUNNING"
    cluster.tick(1)
    cluster.tick()
    assert (job.status, job.status_reason) == ("FAILED", "Job attempt duration exceeded timeout")


def test_what_never_began_was_never_running(cluster: Cluster, engine: PullingEngine) -> None:
    """A pull that fails goes from STARTING to FAILED; the attempt has no start and no log, and is retried."""
    job = cluster.submit(retry={"attempts": 2})
    for run_no in range(2):
        cluster.tick(5)
        engine.runs[run_no].finish(Outcome(exit_code=None, reason="CannotPullContainerError: no"))
        cluster.tick()
    statuses = [status for job_id, status in cluster.told if job_id == job.id]
    assert statuses == ["RUNNABLE", "STARTING", "RUNNABLE", "STARTING", "FAILED"]
    assert job.status_reason == "Task failed to start"
    for attempt in job_detail(cluster.region, job)["attempts"]:
        assert attempt["container"] == {"reason": "CannotPullContainerError: no"}
        assert "startedAt" not in attempt


def test_it_can_be_terminated_meanwhile(cluster: Cluster, engine: PullingEngine) -> None:
    """TerminateJob ends what is STARTING, with its reason; a beginning that is told afterwards changes nothing."""
    job = cluster.submit()
    cluster.tick(5)
    ask_to_stop(cluster.region, job, "enough", is_cancel=False)
    cluster.tick()
    engine.runs[0].beginning.come()
    cluster.tick()
    assert (job.status, job.status_reason) == ("FAILED", "enough")


def test_a_short_life_passes_through_running(cluster: Cluster, engine: PullingEngine) -> None:
    """What began and ended between two looks was RUNNING in between."""
    job = cluster.submit()
    cluster.tick(1)
    engine.runs[0].beginning.come()
    engine.runs[0].finish(Outcome(exit_code=0))
    cluster.tick()
    assert [status for job_id, status in cluster.told if job_id == job.id][-2:] == ["RUNNING", "SUCCEEDED"]
