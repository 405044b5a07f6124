"""Which jobs a list holds, and what it costs."""

import datetime as dt
import re
import threading

import attrs
import pytest

from batchwright import BatchSession, DeclarationError, NotFoundError, StatusTracker
from batchwright.jobs.selection import Since
from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws

from .conftest import EXIT_CODE, LAGS_S, SECONDS, Calls, Others, Submit, names


def test_jobs_in_every_state_are_listed(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """Not only those that run, which is all that ListJobs shows unless it is told otherwise."""
    for name, seconds, code in (("ends", "1", "0"), ("fails", "1", "7"), ("runs", "900", "0")):
        submit(name, environment={SECONDS: seconds, EXIT_CODE: code})
    for _ in range(10):
        aws.advance(10)
    submit("waits", lag_s=LAGS_S)
    session.submit("depends", image="busybox:1.36", depends_on=session.jobs(name="waits")[0].job_id())
    aws.advance(LAGS_S)
    listed = {job.name: job.status for job in session.jobs()}
    assert listed == {
        "ends": "SUCCEEDED",
        "fails": "FAILED",
        "runs": "RUNNING",
        "waits": "RUNNABLE",
        "depends": "PENDING",
    }
    assert names(session.jobs()) == ["depends", "waits", "runs", "fails", "ends"]  # the newest first


def test_facts_of_a_listed_job(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """What AWS and the row say of it, with times in UTC."""
    job = submit("fails", environment={SECONDS: "10", EXIT_CODE: "7"})
    session.wait(job, check=False)
    (listed,) = session.jobs()
    description = job.describe()
    assert (listed.job_id(), listed.status, listed.exit_code) == (description.job_id, "FAILED", 7)
    assert (listed.created_at, listed.started_at) == (description.created_at, description.started_at)
    assert listed.created_at is not None
    assert listed.created_at.tzinfo is dt.UTC
    assert listed.started_at is not None
    assert listed.stopped_at is not None
    assert listed.waited_s == (listed.started_at - listed.created_at).total_seconds() > 20
    assert listed.ran_s == (listed.stopped_at - listed.started_at).total_seconds() >= 10
    assert (listed.queue, listed.definition) == ("batchwright-test", f"{job.definition.name}:1")
    assert (listed.submission_id, listed.row_status, listed.known) == ("test/fails", "FAILED", "listed")


@pytest.mark.parametrize(("status", "expected"), [("runnable", 1), ("finished", 7), ("unfinished", 5), (None, 7)])
def test_a_list_by_status_takes_a_call_for_each_status(
    session: BatchSession, submit: Submit, asked: Calls, status: str | None, expected: int
) -> None:
    """And one for the queues and one for the rows; what AWS forgot shows only where all statuses are known."""
    submit("sub-01")
    asked()
    session.jobs(status=status)
    assert asked() == {"DescribeJobQueues": 1, "ListJobs": expected, "Scan": 1}


def test_more_than_a_page_is_read_to_its_end(session: BatchSession, others: Others, asked: Calls) -> None:
    """A thousand jobs a call by status; by name a hundred, and no more than seven such calls are made in vain."""
    others(*(f"bulk-{number:04}" for number in range(1_050)))
    asked()
    assert len(session.jobs(queue="batchwright-test", tracked=False)) == 1_051
    assert asked() == {"ListJobs": 7 + 1}
    assert len(session.jobs(queue="batchwright-test", tracked=False, name="bulk-01*")) == 100
    assert asked() == {"ListJobs": 1}
    assert len(session.jobs(queue="batchwright-test", tracked=False, name="bulk-0[0-3]*")) == 400
    assert asked() == {"ListJobs": 7 + 7 + 1}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("sub-01", {"sub-01"}),
        ("sub-*", {"sub-01", "sub-02"}),
        ("*-01", {"sub-01"}),
        ("SUB-*", {"SUB-03"}),
        (["sub-02", "SUB-03"], {"sub-02", "SUB-03"}),
        ("sub-0?", {"sub-01", "sub-02"}),
        ("sub", set[str]()),
        ("<b>sub</b>", set[str]()),
    ],
)
def test_names_and_patterns(
    session: BatchSession, submit: Submit, others: Others, pattern: str | list[str], expected: set[str]
) -> None:
    """A name is the whole name, a pattern is a shell's, and case counts though it does not for AWS."""
    submit("sub-01")
    others("sub-02", "SUB-03", "another")
    assert set(names(session.jobs(name=pattern))) == expected


def test_since(session: BatchSession, submit: Submit, others: Others, aws: InProcessAws) -> None:
    """What was made before is not listed, whichever way the moment is said."""
    others("old")
    submit("old-01")
    aws.advance(3_600)
    submit("new-01")
    moment = dt.datetime.fromtimestamp(session.clock.now() - 60, dt.UTC)
    eastern = moment.astimezone(dt.timezone(dt.timedelta(hours=-5)))
    for since in (60, 60.0, dt.timedelta(minutes=1), moment, eastern):
        assert names(session.jobs(since=since)) == ["new-01"]
    assert names(session.jobs(since=60, name="*-01")) == names(session.jobs(since=60, name="new*")) == ["new-01"]


@pytest.mark.parametrize(
    ("since", "number"),
    [(1.7e12, 1), (dt.timedelta.max, 1), (dt.datetime.max.replace(tzinfo=dt.UTC), 0)],
    ids=["milliseconds taken for seconds", "longest", "last"],
)
def test_since_before_and_after_all_times(session: BatchSession, submit: Submit, since: Since, number: int) -> None:
    """All jobs, or none: no calendar holds the moment itself."""
    submit("sub-01")
    assert len(session.jobs(since=since)) == number


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"status": "RUNING"}, "'RUNNING'"),
        ({"status": ["RUNNING", "done"]}, "'done'"),
        ({"status": ()}, "at least one character"),
        ({"status": 3}, "at least one character"),
        ({"name": ""}, "at least one character"),
        ({"since": dt.datetime(2026, 1, 1)}, "no zone"),  # that is the point
        ({"since": -1}, "not below 0"),
        ({"since": float("nan")}, "not below 0"),
        ({"since": True}, "a timedelta"),
        ({"since": "yesterday"}, "a timedelta"),
        ({"queue": 5}, "name of a queue"),
        ({"queue": []}, "name of a queue"),
        ({"queue": "arn:aws:batch:eu-west-1:123456789012:job-queue/lab"}, "us-east-2"),
    ],
)
def test_what_is_not_legal_is_refused_before_any_call(
    session: BatchSession, asked: Calls, arguments: dict[str, object], says: str
) -> None:
    """The error names what is legal, and of words the nearest."""
    with pytest.raises(DeclarationError, match=re.escape(says)):
        session.jobs(**arguments)  # type: ignore[arg-type]  # wrong on purpose
    assert not asked()


def test_a_queue_that_does_not_exist_brings_up_the_nearest(session: BatchSession, submit: Submit) -> None:
    """By name or ARN; nobody has to open the console to find the slip."""
    queue = submit("sub-01").required_queue
    with pytest.raises(NotFoundError, match="Did you mean 'batchwright-test'"):
        session.jobs(queue="batchwrigth-test")
    assert names(session.jobs(queue=queue)) == names(session.jobs(queue=queue.describe().arn)) == ["sub-01"]


def test_a_name_that_no_job_has_brings_up_the_nearest(session: BatchSession, submit: Submit, others: Others) -> None:
    """In the empty list, which is no error; also of jobs that have no row."""
    submit("sub-01")
    others("recording-7")
    assert session.jobs(name="sub_01").notes == ("Did you mean 'sub-01'?",)
    assert session.jobs(name="recordings-7").notes == ("Did you mean 'recording-7'?",)
    assert session.jobs(name="zzz").notes == ("No name is like it; the newest are 'recording-7', 'first', 'sub-01'.",)


def test_a_name_whose_jobs_are_otherwise_is_not_said_to_be_wrong(session: BatchSession, submit: Submit) -> None:
    """The name is right: what is told is how its jobs are."""
    session.wait([submit("sub-01"), submit("sub-02")])
    waiting = submit("other-01", vcpus=512)
    assert session.jobs(name="sub-01", status="FAILED").notes == ("So named there is 1 SUCCEEDED.",)
    assert session.jobs(name="*-0*", status="FAILED").notes == ("So named there are 1 RUNNABLE, 2 SUCCEEDED.",)
    assert session.jobs(name=waiting.name, since=0.001).notes == ("So named there is 1 RUNNABLE.",)


def test_without_any_queue_the_list_is_empty_and_says_so(session: BatchSession) -> None:
    """Nothing was ever made here."""
    jobs = session.jobs()
    assert len(jobs) == 0
    assert "No job queue of namespace 'test'" in str(jobs)


def test_which_queues_are_listed(session: BatchSession, submit: Submit, others: Others) -> None:
    """Where none is named: the namespace's own; of others the jobs that a row tells of."""
    own = submit("own").required_queue
    session.batch.create_job_queue(
        jobQueueName="foreign",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": own.compute_environments[0].name}],
    )
    session.clock.sleep(30)
    others("not-ours", queue="foreign")
    foreign = session.job_queue(name="foreign", compute_environments=own.compute_environments, time_limit_actions=())
    assert "not-ours" not in names(session.jobs())
    assert names(session.jobs(queue="foreign")) == ["not-ours"]
    submit("tracked", queue=foreign)
    assert "tracked" in names(session.jobs())
    assert set(names(session.jobs(queue=[own, foreign]))) == {"own", "first", "not-ours", "tracked"}
    assert "tracked" not in names(session.jobs(queue=own))


def test_a_tracker_that_may_not_be_read_can_be_left_out(
    session: BatchSession, submit: Submit, aws: InProcessAws
) -> None:
    """Who may only list jobs gets what AWS lists, if that is what is asked for."""
    submit("sub-01")
    aws.faults.add(
        Fault.error(
            "AccessDeniedException", message="not authorized to perform: dynamodb:Scan", operation="dynamodb:Scan"
        )
    )
    with pytest.raises(Exception, match="dynamodb:Scan"):
        session.jobs()
    (job,) = session.jobs(tracked=False)
    assert (job.submission_id, job.tracked()) == (None, None)


def test_several_trackers_are_joined(session: BatchSession, submit: Submit) -> None:
    """A table that this session has ensured counts as well as its own."""
    other = StatusTracker(session, name="other-jobs")
    session.ensure(other)
    job = submit("sub-01")
    session.ensure(attrs.evolve(job, name="sub-02", tracker=other))
    session.clock.sleep(LAGS_S)
    assert {job.name: job.tracked_by for job in session.jobs()} == {
        "sub-01": "batchwright-test-jobs",
        "sub-02": "other-jobs",
    }


def test_ctrl_c_ends_a_list_at_once(session: BatchSession, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one queue the main thread makes the calls itself, so that the one that is interrupted is the last."""
    submit("sub-01")
    asked = list[threading.Thread]()
    listed = session.batch.list_jobs

    def interrupted(**arguments: object) -> object:
        asked.append(threading.current_thread())
        if len(asked) == 3:
            raise KeyboardInterrupt
        return listed(**arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(session.batch, "list_jobs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.jobs()
    assert asked == [threading.main_thread()] * 3
