"""Queues and their environments: who starts first, where, and what changes under way."""

from collections.abc import Callable
from typing import Any

from batchwright.local.delays import Delays

Cluster = Any  # the class of conftest.py
NewCluster = Callable[..., Cluster]


def _started(cluster: Cluster) -> list[str]:
    return [job_id for job_id, _ in cluster.recorder.started]


def test_two_queues_share_an_environment_by_priority(new_cluster: NewCluster) -> None:
    """All jobs of the higher queue start before the first of the lesser one, whenever they were submitted."""
    cluster = new_cluster(max_vcpus=2)
    cluster.queue("urgent", ["env"], priority=10)
    usual = [cluster.submit().id for _ in range(4)]
    urgent = [cluster.submit(queue="urgent").id for _ in range(4)]
    for _ in range(6):
        cluster.tick(1)
    assert _started(cluster) == [*urgent, *usual]


def test_a_lesser_queue_takes_the_environment_that_the_higher_one_cannot_use(new_cluster: NewCluster) -> None:
    """Room is kept only where the job at the head of the higher queue could start."""
    cluster = new_cluster(max_vcpus=4)
    cluster.environment("small", 2)
    cluster.queue("urgent", ["env", "small"], priority=10)
    cluster.queue("usual", ["small"])
    cluster.submit(vcpus="4", seconds=100)
    cluster.tick()
    waiting, usual = cluster.submit(vcpus="4", queue="urgent"), cluster.submit(queue="usual")
    cluster.tick()
    assert (waiting.status, usual.status) == ("RUNNABLE", "RUNNING")


def test_jobs_start_in_the_order_of_their_submission(new_cluster: NewCluster) -> None:
    """A job that had to wait for another one comes before those that were submitted after it."""
    cluster = new_cluster(max_vcpus=1)
    first = cluster.submit()
    dependent = cluster.submit(depends_on=[{"jobId": first.id}])
    cluster.clock.advance(1)
    later = [cluster.submit(seconds=1).id for _ in range(2)]
    for _ in range(5):
        cluster.tick(1)
    assert _started(cluster) == [first.id, dependent.id, *later]


def test_a_disabled_queue_runs_what_it_has(new_cluster: NewCluster) -> None:
    """DISABLED refuses new jobs only."""
    cluster = new_cluster()
    job = cluster.submit()
    cluster.region.queues["queue"].state = "DISABLED"
    cluster.tick()
    assert job.status == "RUNNING"


def test_a_disabled_environment_takes_no_more_and_ends_nothing(new_cluster: NewCluster) -> None:
    """What runs goes on, the next job goes to the other environment, and back when it is ENABLED again."""
    cluster = new_cluster(max_vcpus=2)
    cluster.environment("other", 2)
    cluster.queue("both", ["env", "other"])
    running = cluster.submit(queue="both", seconds=100)
    cluster.tick()
    cluster.region.environments["env"].state = "DISABLED"
    cluster.submit(queue="both", seconds=100)
    cluster.tick()
    cluster.region.environments["env"].state = "ENABLED"
    cluster.submit(queue="both", seconds=100)
    cluster.tick()
    assert running.status == "RUNNING"
    assert [told["AWS_BATCH_CE_NAME"] for told in cluster.recorder.environments] == ["env", "other", "env"]


def test_more_vcpus_are_used_as_soon_as_there_are_some_and_fewer_end_nothing(new_cluster: NewCluster) -> None:
    """maxvCpus counts as it is now; what runs above a new limit goes on, and nothing starts before it is below."""
    cluster = new_cluster(max_vcpus=1)
    resources = cluster.region.environments["env"].request["computeResources"]
    jobs = [cluster.submit(seconds=seconds) for seconds in (9, 9, 9, 1, 1)]
    cluster.tick()
    resources["maxvCpus"] = 4
    cluster.tick()
    assert [job.status for job in jobs] == ["RUNNING"] * 4 + ["RUNNABLE"]
    resources["maxvCpus"] = 3
    cluster.tick(1)
    assert [job.status for job in jobs] == ["RUNNING"] * 3 + ["SUCCEEDED", "RUNNABLE"]
    resources["maxvCpus"] = 4
    cluster.tick()
    assert jobs[4].status == "RUNNING"


def test_the_front_of_a_queue_shows_retries_first_and_those_that_have_just_come_last(new_cluster: NewCluster) -> None:
    """Also a job that Batch has not yet looked at is in the snapshot, and one that ended is not."""
    cluster = new_cluster(max_vcpus=1, delays=Delays(job_start_s=4))
    first = cluster.submit("exit 1", retry={"attempts": 2})
    second, third = cluster.submit(), cluster.submit()
    cluster.tick()
    assert cluster.front() == [first.id, second.id, third.id]
    for advance_s in (2, 2, 1):
        cluster.tick(advance_s)
    fourth = cluster.submit()
    cluster.tick()
    assert (first.status, len(first.attempts)) == ("RUNNABLE", 1)
    assert cluster.front() == [first.id, second.id, third.id, fourth.id]
    assert cluster.front(most=2) == [first.id, second.id]
    cluster.tick(2)
    assert first.status == "STARTING"
    assert cluster.front() == [second.id, third.id, fourth.id]
