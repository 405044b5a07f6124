"""The account of a test within its process: how jobs go, time, faults, and code that makes its own sessions."""

import os
import time
from collections.abc import Mapping
from typing import cast

import boto3
import pytest

from batchwright import BatchSession, JobFailedError, RetryPolicy, SystemClock
from batchwright.local import Fault
from batchwright.testing import JobScript
from batchwright.testing.environment import lead_to

from .conftest import Open

OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"


def test_a_script_says_how_each_attempt_goes(account: Open) -> None:
    """Exit code, reason, lines and duration are those of the attempt, and the last one counts for the job."""
    attempts = [JobScript(exit_code=137, reason=OUT_OF_MEMORY, log="much"), JobScript(log="less", duration_s=90)]
    aws = account(jobs={"convert": attempts})
    session = aws.session()
    definition = session.job_definition(name="convert", image="lab/convert", retry=RetryPolicy(attempts=3))
    job = session.batch_job(name="convert", definition=definition, command=["convert"])
    job.ensure()
    ended = job.wait()
    first, second = (dict(cast("Mapping[str, object]", each["container"])) for each in ended.attempts)
    assert (first["exitCode"], first["reason"]) == (137, OUT_OF_MEMORY)
    assert (second["exitCode"], second.get("reason")) == (0, None)
    assert str(job.logs()) == "much\nless"  # of both attempts
    assert ended.started_at is not None
    assert ended.stopped_at is not None
    assert (ended.stopped_at - ended.started_at).total_seconds() == pytest.approx(90, abs=20)


def test_the_last_script_that_fits_counts(account: Open) -> None:
    """A pattern first, then the exception to it; a job without a script goes by its command."""
    aws = account(jobs={"sub-*": JobScript(exit_code=1)})
    aws.script("sub-02", JobScript(exit_code=2))
    session = aws.session()
    jobs = [session.submit(name, image="x", command=["sh", "-c", "exit 7"]) for name in ("sub-01", "sub-02", "other")]
    assert [job.wait(check=False).exit_code for job in jobs] == [1, 2, 7]


def test_one_child_of_an_array_fails(account: Open) -> None:
    """A script may be for one index."""
    aws = account()
    aws.script("array", JobScript(exit_code=5), index=2)
    job = aws.session().submit("array", image="x", command=["true"], array_size=4)
    with pytest.raises(JobFailedError, match="1 FAILED"):
        job.wait()
    assert [child.wait(check=False).exit_code for child in job.children()] == [0, 0, 5, 0]


def test_a_container_that_never_starts(account: Open) -> None:
    """No exit code, no lines, and the reason that AWS would give."""
    reason = "CannotPullContainerError: no such image"
    aws = account(jobs={"*": JobScript(exit_code=None, reason=reason)})
    with pytest.raises(JobFailedError, match=reason) as caught:
        aws.session().submit("pulls", image="nowhere/none", command=["true"]).wait()
    assert (caught.value.exit_code, caught.value.last_lines) == (None, ())


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were really slept."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def test_a_long_day_of_the_account_takes_no_time(account: Open, slept: list[float]) -> None:
    """To wait is to move the account's time, which `advance` moves too."""
    aws = account(jobs={"long": JobScript(duration_s=72_000)})
    at = aws.now()
    aws.session().submit("long", image="x", command=["true"]).wait()
    assert aws.now() - at > 72_000
    aws.advance(3600)
    assert aws.now() - at > 75_600
    assert slept == []


def test_faults_come_and_go_and_are_counted(account: Open) -> None:
    """From the start by settings, later by `inject`; a lost answer makes no second job."""
    aws = account(faults=Fault.lost_answer(operation="batch:SubmitJob", calls=1))
    job = aws.session().submit("once", image="x", command=["true"])
    assert job.wait().status == "SUCCEEDED"
    assert aws.calls.count(("batch", "SubmitJob")) == 1
    aws.inject(Fault.error(operation="batch:DescribeJobs", calls=1))
    job.describe()
    assert [count.acted for count in aws.fault_counts()] == [1, 1]
    aws.clear_faults()
    assert aws.fault_counts() == ()


def test_two_sessions_see_one_account(account: Open) -> None:
    """Namespaces and regions of their own, on what is there for both."""
    aws = account(namespace="mine")
    mine, theirs = aws.session(), aws.session("theirs", region="eu-west-1")
    assert (mine.namespace, theirs.namespace) == ("mine", "theirs")
    mine.job_queue(name="shared").ensure()
    assert aws.session("theirs").job_queue(name="shared").exists()
    assert not theirs.job_queue(name="shared").exists()


def pipeline() -> str:
    """A program as users have it, that makes what it needs itself."""
    with BatchSession("own", region="us-west-2") as session:
        return session.submit("own", image="x", command=["true"]).wait().job_id


@pytest.mark.usefixtures("home")
def test_code_that_makes_its_own_sessions_is_led_here(account: Open, slept: list[float]) -> None:
    """BatchSession and boto3's clients, whatever the user's own configuration says; afterwards all is as before."""
    aws, variables = account(), dict(os.environ)
    with pytest.MonkeyPatch.context() as patched:
        lead_to(aws, patched)
        job_id = pipeline()
        (seen,) = boto3.client("batch", region_name="us-west-2").describe_jobs(jobs=[job_id])["jobs"]
        assert seen["status"] == "SUCCEEDED"
        assert boto3.Session("key", "secret", None, "us-west-2").client("batch").describe_job_queues()["jobQueues"]
        assert boto3.Session().client("batch").describe_job_queues()["jobQueues"] == []  # the account's own region
        assert "AWS_PROFILE" not in os.environ
        assert SystemClock().now() == aws.now()
    assert slept == []
    assert aws.session("own", region="us-west-2").inventory()
    assert dict(os.environ) == variables
    assert abs(SystemClock().now() - time.time()) < 5
    assert boto3.Session(region_name="eu-west-1").profile_name == "lab"
