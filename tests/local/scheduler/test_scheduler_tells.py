"""Who wants to know of changes is told of each, when the record says all that is to be known."""

from collections.abc import Callable
from typing import Any

import pytest

from batchwright.local.delays import Delays
from batchwright.local.scheduler import Scheduler
from batchwright.local.state import Job

Cluster = Any  # the class of conftest.py
NewCluster = Callable[..., Cluster]


def _told_of(cluster: Cluster, job: Job) -> list[str]:
    return [status for job_id, status in cluster.told if job_id == job.id]


def test_each_change_of_a_jobs_status_is_told_once_a_retry_included(new_cluster: NewCluster) -> None:
    """SUBMITTED is not: that is SubmitJob's own doing."""
    cluster = new_cluster(delays=Delays(job_submit_s=2, job_start_s=2))
    job = cluster.submit("exit 1", retry={"attempts": 2})
    for _ in range(12):
        cluster.tick(1)
    attempt = ["RUNNABLE", "STARTING", "RUNNING"]
    assert _told_of(cluster, job) == [*attempt, *attempt, "FAILED"]


def test_an_array_is_told_of_besides_its_children(new_cluster: NewCluster) -> None:
    """The parent goes from PENDING to its end, after the last of its children."""
    cluster = new_cluster()
    parent = cluster.submit(array_size=3)
    cluster.tick()
    cluster.tick(1)
    assert _told_of(cluster, parent) == ["PENDING", "SUCCEEDED"]
    assert cluster.told[-1] == (parent.id, "SUCCEEDED")
    assert all(_told_of(cluster, child)[-1] == "SUCCEEDED" for child in cluster.children(parent))


def test_what_is_told_is_complete(new_cluster: NewCluster) -> None:
    """A job that is RUNNING has its start and log stream, one that FAILED its exit code, reason, end and attempt."""
    cluster = new_cluster()
    seen: list[dict[str, object]] = []

    def look(job: Job) -> None:
        facts = (job.log_stream, job.started_at_ms, job.stopped_at_ms, job.exit_code, job.status_reason)
        seen.append({"status": job.status, "facts": facts, "attempts": len(job.attempts)})

    cluster.scheduler = Scheduler(cluster.state, cluster.recorder, on_status=look)
    job = cluster.submit("exit 3", seconds=1)
    cluster.tick()
    cluster.tick(1)
    running, failed = seen[-2:]
    stream, started_at_ms = job.log_stream, job.started_at_ms
    assert stream is not None
    assert running == {"status": "RUNNING", "facts": (stream, started_at_ms, None, None, None), "attempts": 0}
    reason = "Essential container in task exited"
    facts = (stream, started_at_ms, job.stopped_at_ms, 3, reason)
    assert failed == {"status": "FAILED", "facts": facts, "attempts": 1}


def test_a_listener_that_fails_stops_nobody_for_ever(new_cluster: NewCluster) -> None:
    """It must not raise; if it does, the turn is lost, and the next one goes on with all other jobs."""
    cluster = new_cluster()
    fails: list[bool] = []

    def listen(job: Job) -> None:
        if job.status == "SUCCEEDED" and fails.pop():
            raise RuntimeError("the bus is away")

    cluster.scheduler = Scheduler(cluster.state, cluster.recorder, on_status=listen)
    jobs = [cluster.submit() for _ in range(3)]
    cluster.tick()
    fails += [*[False] * 9, True]
    with pytest.raises(RuntimeError, match="bus"):
        cluster.tick(1)
    cluster.tick()
    assert [job.status for job in jobs] == ["SUCCEEDED"] * 3
