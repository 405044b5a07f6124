"""One poller for all waits of a session: how much it asks, who goes on when one wait ends, and what ends no wait."""

import json
import pickle
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest

from batchwright import (
    AccessDeniedError,
    AwsError,
    BatchJob,
    BatchSession,
    JobChild,
    JobDescription,
    WaitTimeoutError,
)
from batchwright.jobs.poller import TROUBLE_S, poller_of
from batchwright.local.in_process import InProcessAws

from .conftest import Asked, Lab, Refuse, send_once
from .shared_clock import SharedClock

SECONDS = "BATCHWRIGHT_SCRIPT_SECONDS"


@pytest.fixture
def clock(aws: InProcessAws) -> SharedClock:
    """The time, for several threads."""
    return SharedClock(aws)


@pytest.fixture
def shared(session: BatchSession, clock: SharedClock) -> Iterator[Lab]:
    """What a job needs, declared for a session that several threads use."""
    with BatchSession("test", boto3_session=session.boto3_session, clock=clock) as threaded:
        yield Lab(threaded)


Looks = dict[float, list[list[str]]]
Waited = dict[BatchJob | JobChild, JobDescription]


def watched(session: BatchSession) -> int:
    """How many waits the session's poller serves."""
    return len(poller_of(session)._watches)


def looks_of(session: BatchSession) -> Looks:
    """By the time, the jobs that each DescribeJobs asks about from now on."""
    looks: Looks = defaultdict(list)

    def note(request: AWSPreparedRequest, **_: object) -> None:
        looks[session.clock.now()].append(json.loads(cast("Any", request.body))["jobs"])

    session.batch.meta.events.register_first("before-send.batch.DescribeJobs", cast("Any", note))
    return looks


def children(lab: Lab, number: int, **fields: object) -> Sequence[JobChild]:
    """So many jobs that take turns, of a second each: one submission, and no row for any of them."""
    return lab.submitted(array_size=number, **{"environment": {SECONDS: "1"}, **fields}).children()


@pytest.fixture
def refuse_at_once(session: BatchSession, refuse: Refuse) -> Refuse:
    """`refuse`, without botocore's own retries, which take real time."""
    send_once(session.batch)
    return refuse


def submitted(lab: Lab, number: int, seconds: int, **fields: object) -> list[BatchJob]:
    """So many jobs that run for so long."""
    return [lab.submitted(f"sub-{place}", environment={SECONDS: str(seconds)}, **fields) for place in range(number)]


def test_waits_share_their_looks(lab: Lab, shared: Lab, clock: SharedClock) -> None:
    """Three threads that wait for overlapping parts of 250 jobs ask together, in three calls a look."""
    jobs = children(lab, 250)
    looks = looks_of(shared.session)
    parts = (jobs[:150], jobs[100:], jobs[50:200])
    ends = clock.run(*(lambda part=part: shared.session.wait(part) for part in parts))
    assert [list(cast("Waited", end)) for end in ends] == [list(part) for part in parts]
    first, *later = looks.values()
    assert len(first) <= 2 + 2 + 2
    assert len(later[0]) == 3
    assert len(later) > 10
    for look in later:
        asked = [job_id for call in look for job_id in call]
        assert len(asked) == len(set(asked))
        assert len(look) == -(-len(asked) // 100)


def test_waiting_more_is_not_looking_more_often(lab: Lab, shared: Lab, clock: SharedClock) -> None:
    """Ten threads that wait for a job each ask as often as one that waits for all ten."""
    jobs = submitted(lab, 10, 200)
    looks = looks_of(shared.session)
    clock.run(*(lambda job=job: shared.session.wait(job) for job in jobs))
    together = sum(map(len, looks.values()))
    more = [lab.submitted(f"more-{place}", environment={SECONDS: "200"}) for place in range(10)]
    looks = looks_of(lab.session)
    lab.session.wait(more)
    alone = sum(map(len, looks.values()))
    assert 20 < alone < 50
    assert together <= alone + 9 + 5  # each has a first look of its own; chance makes some difference


def test_a_wait_that_ends_leaves_the_others_looking(lab: Lab, shared: Lab, clock: SharedClock) -> None:
    """One has its job, one runs out of time to the second, and the third goes on alone."""
    short, long = (
        lab.submitted("short", environment={SECONDS: "5"}),
        lab.submitted("long", environment={SECONDS: "900"}),
    )
    began, left = clock.now(), dict[str, float]()

    def wait(name: str, job: BatchJob, timeout_s: float | None = None) -> object:
        try:
            return shared.session.wait(job, timeout_s=timeout_s)
        finally:
            left[name] = clock.now() - began

    ends = clock.run(
        lambda: wait("short", short), lambda: wait("hasty", long, timeout_s=123.0), lambda: wait("long", long)
    )
    assert [type(end) for end in ends] == [dict, WaitTimeoutError, dict]
    assert left["short"] < 20
    assert left["hasty"] == pytest.approx(123.0, abs=0.1)
    assert 900 <= left["long"] < 900 + 40
    assert watched(shared.session) == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_who_is_interrupted_in_a_look_leaves_the_others_looking(
    lab: Lab, shared: Lab, clock: SharedClock, error: type[BaseException]
) -> None:
    """Ctrl-C in the thread that happens to look is nobody else's: the next one to wake goes on."""
    jobs = submitted(lab, 3, 100)
    stopped: list[str] = []

    def interrupt(**_: object) -> None:
        if clock.now() > began + 20 and not stopped:
            stopped.append(threading.current_thread().name)
            raise error

    began = clock.now()
    shared.session.batch.meta.events.register_first("before-send.batch.DescribeJobs", cast("Any", interrupt))
    ends = clock.run(*(lambda job=job: shared.session.wait(job) for job in jobs))
    assert len(stopped) == 1
    if error is KeyboardInterrupt:
        assert sorted(type(end).__name__ for end in ends) == ["KeyboardInterrupt", "dict", "dict"]
    else:
        assert {type(end).__name__ for end in ends} <= {"MemoryError", "dict"}
    assert watched(shared.session) == 0


def test_throttling_ends_no_wait(lab: Lab, refuse_at_once: Refuse) -> None:
    """However long AWS asks for patience, the wait gets slower and goes on."""
    job = lab.submitted(environment={SECONDS: "60"})
    refuse_at_once("batch", "DescribeJobs", "TooManyRequestsException", status=429, times=100)
    looks = looks_of(lab.session)
    assert job.wait().status == "SUCCEEDED"
    assert sum(map(len, looks.values())) >= 101


def test_throttling_does_not_outlast_the_time(session: BatchSession, lab: Lab, refuse_at_once: Refuse) -> None:
    """A wait that AWS never answers ends with its time, and says that nothing was seen."""
    job, before = lab.submitted(environment={SECONDS: "60"}), session.clock.now()
    refuse_at_once("batch", "DescribeJobs", "TooManyRequestsException", status=429)
    with pytest.raises(WaitTimeoutError, match="unfinished after 600 s; it is not shown by AWS yet"):
        job.wait(timeout_s=600)
    assert session.clock.now() - before == pytest.approx(600, abs=0.1)


def test_a_failure_of_awss_own_is_borne_for_a_while(session: BatchSession, lab: Lab, refuse_at_once: Refuse) -> None:
    """Some answers of 500 end no wait; five minutes of nothing else do."""
    job, other = submitted(lab, 2, 60)
    refuse_at_once("batch", "DescribeJobs", "ServerException", "oops", status=500, times=10)
    assert job.wait().status == "SUCCEEDED"
    refuse_at_once("batch", "DescribeJobs", "ServerException", "oops", status=500)
    before = session.clock.now()
    with pytest.raises(AwsError, match="oops"):
        session.wait(other)
    refuse_at_once("batch", "DescribeJobs", "ServerException", "oops", status=500, times=1)
    assert session.wait(other)[other].status == "SUCCEEDED"
    assert TROUBLE_S < session.clock.now() - before < TROUBLE_S + 120


def test_a_refusal_ends_the_waits_that_it_is_about(lab: Lab, shared: Lab, clock: SharedClock, refuse: Refuse) -> None:
    """Whoever may not describe jobs is told so at once, in every thread."""
    jobs = submitted(lab, 3, 100)
    refuse(
        "batch", "DescribeJobs", "AccessDeniedException", "not authorized to perform: batch:DescribeJobs", status=403
    )
    ends = clock.run(*(lambda job=job: shared.session.wait(job) for job in jobs))
    assert [type(end) for end in ends] == [AccessDeniedError] * 3
    assert watched(shared.session) == 0


def test_a_session_that_waits_can_be_pickled() -> None:
    """The poller stays in its process."""
    session = BatchSession("test", region="us-east-2")
    poller = poller_of(session)
    assert poller_of(session) is poller
    again = pickle.loads(pickle.dumps(session))  # its own bytes
    assert poller_of(again) is not poller


def test_jobs_forgotten_by_aws_are_as_their_rows_say(
    session: BatchSession, lab: Lab, aws: InProcessAws, asked: Asked
) -> None:
    """The rows of many are read together, and a job whose row says no end has vanished."""
    jobs = submitted(lab, 6, 1)
    session.wait(jobs[:4])
    for _ in range(3):
        session.clock.sleep(20)  # the others start, run and end, and nobody looks
    aws.advance(8 * 86_400.0)
    asked()
    ended = session.wait(jobs, check=False)
    assert [job.status for job in ended.values()] == ["SUCCEEDED"] * 4 + ["VANISHED"] * 2
    operations = asked()
    assert (operations.count("BatchGetItem"), operations.count("GetItem")) == (2, 0)
    assert [lab.row(job).status for job in jobs] == ["SUCCEEDED"] * 4 + ["VANISHED"] * 2
