"""Ten thousand jobs: what the scheduler does is in proportion to what changes, and it makes no threads."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from batchwright.local.engines import LogSink, Outcome
from batchwright.local.state import Job
from batchwright.local.stopping import ask_to_stop

Cluster = Any  # the class of conftest.py
NewCluster = Callable[..., Cluster]
MANY = 10_000
StepsOf = Callable[[Callable[[], object]], int]


@attrs.define(eq=False)
class ToldRun:
    """A run that ends when the test says so, and tells of it."""

    polls: int = 0
    outcome: Outcome | None = None
    tell: Callable[[], None] | None = None

    def poll(self) -> Outcome | None:
        self.polls += 1
        return self.outcome

    def when_ended(self, tell: Callable[[], None]) -> None:
        self.tell = tell

    def signal(self) -> None:
        self.end(143)

    def kill(self) -> None:
        self.end(137)

    def end(self, exit_code: int = 0) -> None:
        self.outcome = Outcome(exit_code=exit_code)
        assert self.tell is not None
        self.tell()


class TellingEngine:
    """An engine whose runs are kept for the test, with room for so many of them."""

    def __init__(self, most_runs: int = MANY) -> None:
        self.most_runs = most_runs
        self.runs: list[ToldRun] = []

    @property
    def name(self) -> str:
        return "telling"

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> ToldRun:
        self.runs.append(ToldRun())
        return self.runs[-1]

    def close(self) -> None:
        """Do nothing."""


def test_ten_thousand_queued_jobs_cost_no_threads_and_an_idle_tick_nothing(
    new_cluster: NewCluster, steps_of: StepsOf
) -> None:
    """All but those that run wait in memory; a tick in which nothing happens looks at none of them."""
    engine = TellingEngine()
    cluster = new_cluster(max_vcpus=8, engine=engine)
    threads = set(threading.enumerate())
    for _ in range(MANY):
        cluster.submit()
    cluster.tick()
    assert set(threading.enumerate()) <= threads
    assert len(engine.runs) == 8
    assert 0 < steps_of(cluster.tick) < MANY / 2
    assert [run.polls for run in engine.runs] == [0] * 8


def test_the_end_of_a_run_wakes_whoever_ticks(new_cluster: NewCluster) -> None:
    """It is told from any thread, the run is asked once, and the next job takes its place."""
    engine = TellingEngine()
    cluster = new_cluster(max_vcpus=1, engine=engine)
    first, second = cluster.submit(), cluster.submit()
    cluster.tick()
    assert not cluster.scheduler.wake.is_set()
    teller = threading.Thread(target=engine.runs[0].end)
    teller.start()
    teller.join()
    assert cluster.scheduler.wake.is_set()
    assert first.status == "RUNNING"
    cluster.tick()
    assert (first.status, second.status, engine.runs[0].polls) == ("SUCCEEDED", "RUNNING", 1)


def test_a_run_that_ended_before_the_scheduler_was_stopped_disturbs_nobody(new_cluster: NewCluster) -> None:
    """Its end belongs to jobs that are forgotten."""
    engine = TellingEngine()
    cluster = new_cluster(engine=engine)
    job = cluster.submit()
    cluster.tick()
    cluster.scheduler.stop()
    cluster.region.jobs.clear()
    later = cluster.submit()
    cluster.tick()
    assert (job.status, later.status) == ("RUNNING", "RUNNING")
    assert engine.runs[0].outcome == Outcome(exit_code=137)


def test_jobs_stay_starting_while_the_engine_has_no_room(new_cluster: NewCluster) -> None:
    """They are RUNNING one after the other as others end, in their order; one that is terminated meanwhile never."""
    engine = TellingEngine(most_runs=2)
    cluster = new_cluster(max_vcpus=100, engine=engine)
    jobs = [cluster.submit() for _ in range(5)]
    cluster.tick()
    assert [job.status for job in jobs] == ["RUNNING"] * 2 + ["STARTING"] * 3
    ask_to_stop(cluster.region, jobs[2], "no more", is_cancel=False)
    engine.runs[1].end()
    cluster.tick()
    assert [job.status for job in jobs] == ["RUNNING", "SUCCEEDED", "FAILED", "RUNNING", "STARTING"]
    assert len(engine.runs) == 3


@pytest.mark.parametrize("kind", ["SEQUENTIAL", "N_TO_N"])
def test_ten_thousand_children_that_wait_for_each_other_finish(new_cluster: NewCluster, kind: str) -> None:
    """The time that it takes grows with the children, not with their square."""
    cluster = new_cluster(max_vcpus=2 * MANY)
    first = cluster.submit(array_size=MANY, seconds=0)
    wanted = [{"type": kind} if kind == "SEQUENTIAL" else {"type": kind, "jobId": first.id}]
    second = cluster.submit(array_size=MANY, seconds=0, depends_on=wanted)
    began_at = time.process_time()
    cluster.tick()
    assert (first.status, second.status) == ("SUCCEEDED", "SUCCEEDED")
    assert len(cluster.recorder.started) == 2 * MANY
    assert time.process_time() - began_at < 60


def test_ten_thousand_children_are_cancelled_at_once(new_cluster: NewCluster) -> None:
    """Also where each waits for the one before it, all end with the reason given."""
    cluster = new_cluster(max_vcpus=1)
    parent = cluster.submit(array_size=MANY, seconds=100, depends_on=[{"type": "SEQUENTIAL"}])
    cluster.tick()
    for job in (parent, *cluster.children(parent)):
        ask_to_stop(cluster.region, job, "enough", is_cancel=True)
    cluster.tick()
    assert cluster.children(parent)[0].status == "RUNNING"
    assert cluster.children(parent)[1].status == "PENDING"
    cluster.tick(100)
    assert parent.status_reason == "enough"
    assert {child.status_reason for child in cluster.children(parent)[1:]} == {"enough"}
