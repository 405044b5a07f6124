"""Many jobs: dependencies, arrays, queues and the room there is."""

from collections.abc import Callable
from typing import Any

import pytest

from batchwright.local.state import Job
from batchwright.local.stopping import ask_to_stop

Cluster = Any  # the class of conftest.py
NewCluster = Callable[..., Cluster]
StepsOf = Callable[[Callable[[], object]], int]


def _finish(cluster: Cluster, ticks: int = 30) -> None:
    for _ in range(ticks):
        cluster.tick(1)


def test_a_job_waits_for_those_it_depends_on(new_cluster: NewCluster) -> None:
    """It is PENDING while one of them is unfinished, and runs when all have succeeded."""
    cluster = new_cluster()
    first, second = cluster.submit(seconds=1), cluster.submit(seconds=3)
    last = cluster.submit(depends_on=[{"jobId": first.id}, {"jobId": second.id}])
    cluster.tick()
    cluster.tick(1)
    assert (first.status, second.status, last.status) == ("SUCCEEDED", "RUNNING", "PENDING")
    cluster.tick(2)
    assert last.status == "RUNNING"
    cluster.tick(1)
    assert last.status == "SUCCEEDED"


@pytest.mark.parametrize("is_late", [False, True])
def test_a_failed_job_fails_all_that_depend_on_it(new_cluster: NewCluster, is_late: bool) -> None:
    """So it is along a chain of any length, and for a job that is submitted after the failure."""
    cluster = new_cluster()
    jobs = [cluster.submit("exit 1")]
    if is_late:
        _finish(cluster, 3)
    for _ in range(2000):
        jobs.append(cluster.submit(depends_on=[{"jobId": jobs[-1].id}]))
    _finish(cluster, 3)
    assert {job.status for job in jobs} == {"FAILED"}
    assert {job.status_reason for job in jobs[1:]} == {"Dependent Job failed"}
    assert cluster.recorder.started == [(jobs[0].id, 1)]


def test_a_stopped_job_that_waits_for_others_ends_when_they_have(new_cluster: NewCluster) -> None:
    """Batch ends a PENDING job only after its dependencies, whether it was cancelled or terminated."""
    cluster = new_cluster()
    first = cluster.submit(seconds=5)
    cancelled, terminated = (cluster.submit(depends_on=[{"jobId": first.id}]) for _ in range(2))
    cluster.tick()
    ask_to_stop(cluster.region, cancelled, "no", is_cancel=True)
    ask_to_stop(cluster.region, terminated, "now", is_cancel=False)
    cluster.tick()
    assert (cancelled.status, terminated.status) == ("PENDING", "PENDING")
    cluster.tick(5)
    assert (cancelled.status, cancelled.status_reason) == ("FAILED", "no")
    assert (terminated.status, terminated.status_reason) == ("FAILED", "now")
    assert cluster.recorder.started == [(first.id, 1)]


def test_an_array_is_pending_until_its_children_have_ended(new_cluster: NewCluster) -> None:
    """The parent itself is never RUNNABLE or RUNNING; each child is told its index."""
    cluster = new_cluster(max_vcpus=4)
    parent = cluster.submit(array_size=10)
    seen: set[str] = set()
    for _ in range(5):
        cluster.tick(1)
        seen.add(parent.status)
    assert seen == {"PENDING", "SUCCEEDED"}
    assert [child.status for child in cluster.children(parent)] == ["SUCCEEDED"] * 10
    indexes = [told["AWS_BATCH_JOB_ARRAY_INDEX"] for told in cluster.recorder.environments]
    assert indexes == [str(index) for index in range(10)]


def test_an_array_with_a_failed_child_fails_after_the_others_have_run(new_cluster: NewCluster) -> None:
    """The other children are not ended for it."""
    cluster = new_cluster()
    parent = cluster.submit(array_size=3)
    failing = cluster.children(parent)[1]
    failing.container = {**failing.container, "command": ["false"]}
    _finish(cluster, 3)
    assert (parent.status, parent.status_reason) == ("FAILED", "Array Child Job failed")
    assert [child.status for child in cluster.children(parent)] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]


def test_a_terminated_array_ends_with_its_children(new_cluster: NewCluster) -> None:
    """The parent takes the reason that was given."""
    cluster = new_cluster(max_vcpus=1)
    parent = cluster.submit(array_size=3, seconds=100)
    cluster.tick()
    for job in (parent, *cluster.children(parent)):
        ask_to_stop(cluster.region, job, "stop it", is_cancel=False)
    cluster.tick()
    cluster.tick()
    assert {job.status for job in (parent, *cluster.children(parent))} == {"FAILED"}
    assert {job.status_reason for job in (parent, *cluster.children(parent))} == {"stop it"}


def test_n_to_n_waits_for_the_child_of_the_same_index(new_cluster: NewCluster) -> None:
    """A child starts when its twin has succeeded, fails when that failed, and does not care about the rest."""
    cluster = new_cluster()
    first = cluster.submit(array_size=3)
    slow, failing = cluster.children(first)[1:]
    slow.container = {**slow.container, "environment": [{"name": "BATCHWRIGHT_SCRIPT_SECONDS", "value": "9"}]}
    failing.container = {**failing.container, "command": ["false"]}
    second = cluster.submit(array_size=3, depends_on=[{"jobId": first.id, "type": "N_TO_N"}])
    cluster.tick()
    assert [child.status for child in cluster.children(second)] == ["PENDING"] * 3
    cluster.tick(1)
    assert [child.status for child in cluster.children(second)] == ["RUNNING", "PENDING", "FAILED"]


def test_sequential_children_run_one_after_the_other(new_cluster: NewCluster) -> None:
    """Child N starts when child N-1 has succeeded; after a failure the rest never starts."""
    cluster = new_cluster()
    parent = cluster.submit(array_size=4, depends_on=[{"type": "SEQUENTIAL"}])
    failing = cluster.children(parent)[2]
    failing.container = {**failing.container, "command": ["false"]}
    running: list[int] = []
    for _ in range(6):
        cluster.tick()
        running.append(sum(child.status == "RUNNING" for child in cluster.children(parent)))
        cluster.tick(1)
    assert max(running) == 1
    assert [child.status for child in cluster.children(parent)] == ["SUCCEEDED", "SUCCEEDED", "FAILED", "FAILED"]
    assert parent.status == "FAILED"


def test_a_job_may_depend_on_a_whole_array_and_an_array_on_a_job(new_cluster: NewCluster) -> None:
    """Without a type all children count as one."""
    cluster = new_cluster()
    before = cluster.submit(seconds=2)
    parent = cluster.submit(array_size=2, depends_on=[{"jobId": before.id}])
    after = cluster.submit(depends_on=[{"jobId": parent.id}])
    cluster.tick()
    assert {job.status for job in (parent, after, *cluster.children(parent))} == {"PENDING"}
    _finish(cluster, 4)
    assert [started for started, _ in cluster.recorder.started] == [
        before.id, f"{parent.id}:0", f"{parent.id}:1", after.id,
    ]  # fmt: skip
    assert after.status == "SUCCEEDED"


def test_no_more_vcpus_are_used_than_the_environment_has(new_cluster: NewCluster) -> None:
    """Jobs wait their turn, and at no time more than maxvCpus are in use."""
    cluster = new_cluster(max_vcpus=5)
    jobs = [cluster.submit(vcpus="2") for _ in range(5)]
    most = 0
    for _ in range(6):
        cluster.tick()
        most = max(most, sum(job.status in ("STARTING", "RUNNING") for job in jobs))
        cluster.tick(1)
    assert most == 2
    assert {job.status for job in jobs} == {"SUCCEEDED"}


def test_the_second_environment_takes_what_the_first_has_no_room_for(new_cluster: NewCluster) -> None:
    """A queue's environments are filled in order, and a job is told in which it is."""
    cluster = new_cluster(max_vcpus=1)
    cluster.environment("spill", 1)
    cluster.queue("both", ["env", "spill"])
    for _ in range(3):
        cluster.submit(queue="both")
    cluster.tick()
    assert [told["AWS_BATCH_CE_NAME"] for told in cluster.recorder.environments] == ["env", "spill"]


def test_the_queue_of_higher_priority_goes_first_and_is_not_starved(new_cluster: NewCluster) -> None:
    """A large job at the head of a higher queue keeps smaller ones of a lesser queue from taking the room it needs."""
    cluster = new_cluster(max_vcpus=4)
    cluster.queue("urgent", ["env"], priority=10)
    occupant = cluster.submit(vcpus="2", seconds=2)
    cluster.tick()
    small = cluster.submit(vcpus="1")
    large = cluster.submit(vcpus="4", queue="urgent")
    cluster.tick()
    assert (occupant.status, small.status, large.status) == ("RUNNING", "RUNNABLE", "RUNNABLE")
    cluster.tick(2)
    assert (small.status, large.status) == ("RUNNABLE", "RUNNING")
    _finish(cluster, 2)
    assert small.status == "SUCCEEDED"


def _too_large(cluster: Cluster) -> Job:
    return cluster.submit(vcpus="64")


def _nowhere(cluster: Cluster) -> Job:
    cluster.region.environments["env"].status = "INVALID"
    return cluster.submit()


@pytest.mark.parametrize(
    ("submit", "reason"),
    [
        (_too_large, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot "
                     "meet the CPU requirement of the job."),
        (_nowhere, "ACTION_REQUIRED - CE(s) associated with the job queue are invalid."),
    ],
    ids=["too large", "no valid environment"],
)  # fmt: skip
def test_a_job_that_cannot_start_says_why_and_starts_once_it_can(
    new_cluster: NewCluster, submit: Callable[[Cluster], Job], reason: str
) -> None:
    """It stays RUNNABLE with AWS's own words until the environment is mended."""
    cluster = new_cluster()
    job = submit(cluster)
    cluster.tick()
    assert (job.status, job.status_reason) == ("RUNNABLE", reason)
    cluster.environment("env", 256)
    cluster.tick()
    assert (job.status, job.status_reason) == ("RUNNING", None)


def test_a_stuck_head_is_cancelled_by_the_queues_time_limit(new_cluster: NewCluster) -> None:
    """Only the head is judged, from the time its reason stands; the job behind it goes on."""
    cluster = new_cluster()
    reason = "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE"
    cluster.region.queues["queue"].time_limit_actions = [
        {"state": "RUNNABLE", "action": "CANCEL", "maxTimeSeconds": limit_s, "reason": reason_code}
        for reason_code, limit_s in (("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", 600), (reason, 900))
    ]  # fmt: skip
    stuck, behind = _too_large(cluster), cluster.submit()
    cluster.tick()
    cluster.tick(899)
    assert (stuck.status, behind.status) == ("RUNNABLE", "RUNNABLE")
    cluster.tick(1)
    assert stuck.status == "FAILED"
    assert stuck.status_reason == f"Canceled by JobStateTimeLimit action due to reason: {reason}"
    assert behind.status == "RUNNING"


def test_a_tick_does_not_look_at_finished_jobs(new_cluster: NewCluster, steps_of: StepsOf) -> None:
    """With ten thousand children behind it an idle tick does next to nothing."""
    cluster = new_cluster(max_vcpus=20_000)
    parent = cluster.submit(array_size=10_000, seconds=0)
    cluster.tick()
    assert parent.status == "SUCCEEDED"
    assert 0 < steps_of(cluster.tick) < 5_000
