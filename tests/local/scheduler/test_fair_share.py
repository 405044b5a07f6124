"""A queue with a fair share policy: who is next, by what each share has had."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from batchwright.local.scheduling.fair_share import FairShare, Shares

Cluster = Any  # the class of conftest.py
NewCluster = Callable[..., Cluster]


def _shared(new_cluster: NewCluster, *, max_vcpus: int = 1, **fairshare: object) -> Cluster:
    cluster = new_cluster(max_vcpus=max_vcpus)
    cluster.share_out(**fairshare)
    return cluster


def _submit(cluster: Cluster, share: str, count: int, *, priority: int | None = None, **fields: object) -> list[str]:
    request = {} if priority is None else {"schedulingPriorityOverride": priority}
    return [cluster.submit(share_identifier=share, request=request, **fields).id for _ in range(count)]


def _starts(cluster: Cluster, ticks: int) -> list[str]:
    """Return the shares of the jobs that were started, in order."""
    for _ in range(ticks):
        cluster.tick(1)
    return [cluster.region.jobs[job_id].share_identifier for job_id, _ in cluster.recorder.started]


def test_shares_get_vcpu_time_by_the_inverse_of_their_weights(new_cluster: NewCluster) -> None:
    """With nine vCPUs a share of weight 1/8 holds eight where one of weight 1 holds one, all the time."""
    weights = [{"shareIdentifier": "few"}, {"shareIdentifier": "many", "weightFactor": 0.125}]
    cluster = _shared(new_cluster, max_vcpus=9, shareDistribution=weights)
    _submit(cluster, "few", 100)
    _submit(cluster, "many", 400)
    started = Counter(_starts(cluster, 40))
    assert sum(started.values()) == 9 * 40
    assert started["many"] / started["few"] == pytest.approx(8, rel=0.05)


def test_a_single_vcpu_is_shared_over_time(new_cluster: NewCluster) -> None:
    """One job at a time: what counts is what each has had of late, in vCPU seconds and not in jobs."""
    cluster = _shared(new_cluster)
    _submit(cluster, "long", 40, seconds=3)
    _submit(cluster, "short", 100, seconds=1)
    started = Counter(_starts(cluster, 120))
    assert 3 * started["long"] == pytest.approx(started["short"], rel=0.1)


def test_a_share_that_comes_late_goes_first(new_cluster: NewCluster) -> None:
    """It has had nothing yet, while a queue without shares would make it wait for all that came before."""
    cluster = _shared(new_cluster)
    _submit(cluster, "old", 20)
    _starts(cluster, 10)
    _submit(cluster, "new", 5)
    assert _starts(cluster, 6)[-6:] == [*["new"] * 5, "old"]


def test_what_was_used_long_ago_no_longer_counts(new_cluster: NewCluster) -> None:
    """After many times shareDecaySeconds both start from nothing; after a moment they do not."""
    policy, shares = FairShare(window_s=100.0), Shares()
    shares.change("a", 4, 0.0, policy)
    shares.change("a", -4, 50.0, policy)
    soon, later = shares.score("a", 50.0, policy), shares.score("a", 2000.0, policy)
    assert soon == pytest.approx(4 * (1 - 0.6065), rel=0.01)
    assert later < 1e-6


def test_within_a_share_the_higher_scheduling_priority_goes_first(new_cluster: NewCluster) -> None:
    """Then the age; priorities of different shares are not compared."""
    cluster = _shared(new_cluster)
    low = _submit(cluster, "a", 2)
    high = _submit(cluster, "a", 2, priority=5)
    _starts(cluster, 5)
    assert [job_id for job_id, _ in cluster.recorder.started] == [*high, *low]


@pytest.mark.parametrize(
    ("identifier", "weight"), [("red", 0.5), ("redder", 1.0), ("blueish", 3.0), ("blue", 3.0), ("other", 1.0)]
)
def test_a_weight_is_found_by_name_or_by_its_beginning(identifier: str, weight: float) -> None:
    """A trailing asterisk stands for the rest; who is not listed weighs 1."""
    entries = [{"shareIdentifier": "red", "weightFactor": 0.5}, {"shareIdentifier": "blue*", "weightFactor": 3.0}]
    assert FairShare.of({"shareDistribution": entries}).weight(identifier) == weight


def test_some_room_is_kept_for_shares_that_are_not_there_yet(new_cluster: NewCluster) -> None:
    """computeReservation 50 keeps half for the first, a quarter once two are active, as AWS says; none for ever."""
    cluster = _shared(new_cluster, max_vcpus=8, computeReservation=50)
    _submit(cluster, "a", 20, seconds=1000)
    cluster.tick()
    assert len(cluster.recorder.started) == 4
    _submit(cluster, "b", 20, seconds=1000)
    cluster.tick()
    assert Counter(_starts(cluster, 1)) == {"a": 4, "b": 2}


def test_a_job_larger_than_what_is_not_kept_starts_alone(new_cluster: NewCluster) -> None:
    """A reservation makes nobody wait for ever."""
    cluster = _shared(new_cluster, max_vcpus=8, computeReservation=50)
    (large,) = _submit(cluster, "a", 1, vcpus="6", seconds=2)
    _submit(cluster, "a", 1)
    cluster.tick()
    assert [job_id for job_id, _ in cluster.recorder.started] == [large]
    assert len(_starts(cluster, 3)) == 2


def test_a_policy_may_change_while_jobs_wait(new_cluster: NewCluster) -> None:
    """The next start goes by the new weights."""
    cluster = _shared(new_cluster, max_vcpus=4)
    policy = cluster.region.policies[cluster.region.queues["queue"].scheduling_policy_arn]
    _submit(cluster, "a", 40)
    _submit(cluster, "b", 40)
    assert Counter(_starts(cluster, 5)) == {"a": 10, "b": 10}
    policy.fairshare = {"shareDistribution": [{"shareIdentifier": "b", "weightFactor": 0.001}]}
    assert Counter(_starts(cluster, 5)) == {"a": 10, "b": 30}


def test_the_front_of_the_queue_tells_the_order_of_the_starts(new_cluster: NewCluster) -> None:
    """What GetJobQueueSnapshot shows, shares and priorities included, is what then happens, each time alike."""
    orders: list[list[str]] = []
    for _ in range(2):
        cluster = _shared(new_cluster, shareDistribution=[{"shareIdentifier": "b", "weightFactor": 0.5}])
        cluster.region.environments["env"].request["computeResources"]["maxvCpus"] = 0
        _submit(cluster, "a", 3)
        _submit(cluster, "b", 4)
        _submit(cluster, "c", 2, priority=9)
        cluster.tick()
        shown = cluster.front()
        cluster.region.environments["env"].request["computeResources"]["maxvCpus"] = 9
        cluster.tick()
        assert [job_id for job_id, _ in cluster.recorder.started] == shown
        orders.append(shown)
    assert orders[0] == orders[1]
    assert len(orders[0]) == 9
