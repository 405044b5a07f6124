"""Jobs as they end: in that order, from any iterable, and nothing kept of those that were told."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from batchwright import BatchJob, BatchSession, NotFoundError, WaitTimeoutError
from batchwright.jobs.poller import poller_of

from .conftest import Asked, Lab

SECONDS = "BATCHWRIGHT_SCRIPT_SECONDS"


def running(lab: Lab, *seconds: int) -> list[BatchJob]:
    """Jobs that run for so long each, small enough to run all at once."""
    return [
        lab.submitted(f"sub-{each}", environment={SECONDS: str(each)}, vcpus=0.25, memory_gib=1) for each in seconds
    ]


def test_jobs_come_in_the_order_of_their_ends(session: BatchSession, lab: Lab) -> None:
    """Whatever the order in which they were given, well ended or not."""
    jobs = running(lab, 300, 5, 100)
    failed = lab.submitted("failed", command=["exit", "3"], vcpus=0.25, memory_gib=1)
    came = list(session.as_completed([*jobs, failed]))
    assert [job.name for job, _ in came[-2:]] == ["sub-100", "sub-300"]
    assert {job.name for job, _ in came[:2]} == {"failed", "sub-5"}
    assert {job.name: ended.status for job, ended in came} == {
        "failed": "FAILED",
        "sub-5": "SUCCEEDED",
        "sub-100": "SUCCEEDED",
        "sub-300": "SUCCEEDED",
    }


def test_ends_of_one_look_come_in_their_order(session: BatchSession, lab: Lab) -> None:
    """Jobs that ended long before anybody asked are told in the order in which they ended."""
    jobs = running(lab, 30, 10, 20)
    for _ in range(60):
        session.clock.sleep(1)
    assert [job.name for job, _ in session.as_completed(jobs)] == ["sub-10", "sub-20", "sub-30"]


def test_any_iterable_will_do(session: BatchSession, lab: Lab) -> None:
    """A generator, one job alone, the same job twice, or none."""
    jobs = running(lab, 1, 2)
    assert {job.name for job, _ in session.as_completed(job for job in jobs)} == {"sub-1", "sub-2"}
    assert [job.name for job, _ in session.as_completed(jobs[0])] == ["sub-1"]
    assert [job.name for job, _ in session.as_completed([jobs[0], jobs[0]])] == ["sub-1"]
    assert list(session.as_completed(iter(()))) == []


def test_nothing_is_asked_before_the_first_is_wanted(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """The iterator is inert; the jobs of the session are known without a question."""
    job = session.submit("sub-01", image="busybox:1.36")
    asked()
    ends = session.as_completed(job)
    assert asked() == []
    assert next(iter(ends))[1].status == "SUCCEEDED"
    assert {"GetItem", "BatchGetItem"} & set(asked()) == set()


def test_nothing_is_kept_of_what_was_told(session: BatchSession, lab: Lab) -> None:
    """When the next one is told, nothing holds the one before any more."""
    names = [job.name for job in running(lab, 1, 200, 900)]
    jobs = (lab.job(name, environment={SECONDS: name[4:]}, vcpus=0.25, memory_gib=1) for name in names)
    ends = session.as_completed(jobs)
    job, ended = next(ends)
    told = [weakref.ref(job), weakref.ref(ended)]
    del job, ended
    assert next(ends)[0].name == "sub-200"
    gc.collect()
    assert [each() for each in told] == [None, None]
    ends.close()


def test_leaving_the_loop_ends_the_wait(session: BatchSession, lab: Lab) -> None:
    """Whoever has seen enough leaves nothing behind, and the next wait sees the rest."""
    jobs = running(lab, 1, 200)
    ends = session.as_completed(jobs)
    next(ends)
    ends.close()
    assert len(poller_of(session)._watches) == 0
    assert {ended.status for ended in session.wait(jobs).values()} == {"SUCCEEDED"}


def test_its_time_can_be_over(session: BatchSession, lab: Lab) -> None:
    """What has ended in time was told before."""
    came: list[str] = []
    before = session.clock.now()
    with pytest.raises(WaitTimeoutError, match="job 'sub-900' in us-east-2: unfinished after 60 s"):
        came.extend(job.name for job, _ in session.as_completed(running(lab, 900, 5), timeout_s=60))
    assert came == ["sub-5"]
    assert 60 <= session.clock.now() - before < 120


def test_what_was_not_submitted_is_said(session: BatchSession, lab: Lab) -> None:
    """By name, before any waiting."""
    jobs: Iterator[BatchJob] = iter([*running(lab, 1), lab.job("never")])
    with pytest.raises(NotFoundError, match="job 'never'"):
        next(session.as_completed(jobs))


def test_changes_are_told_on_the_way(session: BatchSession, lab: Lab) -> None:
    """on_change hears of every status, of all jobs."""
    seen: set[tuple[str, str]] = set()
    for _ in session.as_completed(running(lab, 30, 60), on_change=lambda now: seen.add((now.name, now.status))):
        pass
    assert {(f"sub-{each}", status) for each in (30, 60) for status in ("RUNNING", "SUCCEEDED")} <= seen
