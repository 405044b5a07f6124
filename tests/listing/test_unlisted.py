"""Jobs that AWS does not list: forgotten, too new, in between, claimed only, and children of arrays."""

from typing import cast

import pytest

from batchwright import BatchSession, NotFoundError
from batchwright.connection import Connection
from batchwright.jobs.description import SUCCEEDED
from batchwright.jobs.selection import LISTED, Selection
from batchwright.listing.answers import list_queues
from batchwright.listing.queues import Place
from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws

from .conftest import LAGS_S, SECONDS, Submit, names

WEEK_S = 7 * 86_400


def test_what_aws_forgot_is_listed_by_its_row(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """A row that says how the job ended is believed; one that does not is of a job that vanished."""
    seen, unseen = submit("seen"), submit("unseen")
    session.wait(seen)
    for _ in range(10):
        aws.advance(10)
    aws.advance(WEEK_S)
    submit("new")
    listed = {job.name: (job.status, job.known) for job in session.jobs()}
    assert listed == {
        "seen": ("SUCCEEDED", "forgotten"),
        "unseen": ("VANISHED", "forgotten"),
        "new": ("RUNNABLE", "listed"),
    }
    assert names(session.jobs(status="VANISHED")) == ["unseen"]
    assert names(session.jobs(status="SUCCEEDED")) == ["seen"]
    assert names(session.jobs(tracked=False)) == ["new"]
    (vanished,) = session.jobs(name="unseen")
    assert vanished.job_id() == unseen.job_id()
    assert session.wait(vanished, check=False)[vanished].status == "VANISHED"


def test_a_job_that_aws_does_not_show_yet_is_listed(session: BatchSession, submit: Submit) -> None:
    """Whoever lists right after submitting misses nothing."""
    submit("sub-01", lag_s=0)
    for status in (None, "unfinished", "SUBMITTED"):
        (job,) = session.jobs(status=status)
        assert (job.name, job.status, job.known) == ("sub-01", "SUBMITTED", "listed")
    assert not session.jobs(status="FAILED")


def test_stale_lists_lose_no_tracked_job(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """Where ListJobs and DescribeJobs both lag, rows tell of what was submitted."""
    aws.faults.add(Fault.stale_listing(120, operation="batch:ListJobs"))
    submit("sub-01")
    (job,) = session.jobs()
    assert job.status == "RUNNABLE"  # DescribeJobs knows
    aws.faults.add(Fault.stale_listing(120, operation="batch:DescribeJobs"))
    (job,) = session.jobs()
    assert job.status == "SUBMITTED"


def test_what_lists_show_late_is_not_forgotten(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """A job that has ended already, by its row, while no list shows it yet."""
    session.wait(submit("sub-01"))
    aws.faults.add(Fault.stale_listing(250, operation="batch:ListJobs"))
    (job,) = session.jobs(status="SUCCEEDED")
    assert (job.known, job.exit_code) == ("listed", 0)


class OneJobMoving:
    """A Batch whose one job goes on from RUNNABLE to RUNNING between two lists."""

    def list_jobs(self, **asked: str) -> dict[str, object]:
        """The job in both lists."""
        found = [{"jobId": "a", "jobName": "sub-01", "status": asked["jobStatus"]}]
        return {"jobSummaryList": found if asked["jobStatus"] in ("RUNNABLE", "RUNNING") else []}


class Moving:
    """A session on that Batch."""

    batch = OneJobMoving()


def test_a_job_that_goes_on_meanwhile_is_listed_once() -> None:
    """In its later state."""
    found = list_queues(cast("Connection", Moving()), [Place("lab", "lab")], Selection(), named=True)
    assert {job_id: answer["status"] for job_id, (_, answer) in found.jobs.items()} == {"a": "RUNNING"}


class OneJobHurrying:
    """A Batch whose one job goes on whenever the list of its state is read, just before that."""

    def __init__(self) -> None:
        self.place = 0
        self.asked: list[str] = []

    def list_jobs(self, **asked: str) -> dict[str, object]:
        """The job, where it stays."""
        status = asked["jobStatus"]
        self.asked.append(status)
        if LISTED[self.place] == status != SUCCEEDED:
            self.place += 1
        found = [{"jobId": "a", "jobName": "sub-01", "status": status}]
        return {"jobSummaryList": found if LISTED[self.place] == status else []}


def test_a_job_that_goes_on_meanwhile_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists are read one after the other, in the order of a job's life."""
    batch = OneJobHurrying()
    monkeypatch.setattr(Moving, "batch", batch)
    found = list_queues(cast("Connection", Moving()), [Place("lab", "lab")], Selection(), named=True)
    assert batch.asked == list(LISTED)
    assert {job_id: answer["status"] for job_id, (_, answer) in found.jobs.items()} == {"a": SUCCEEDED}


def test_a_submission_that_is_only_claimed_is_listed(session: BatchSession, submit: Submit) -> None:
    """Somebody died between claiming and submitting; there is no id, and the error says what to do."""
    submit("sub-01")
    session.dynamodb.update_item(
        TableName="batchwright-test-jobs",
        Key={"id": {"S": "test/sub-01"}},
        UpdateExpression="SET job_id = :none, #s = :claimed",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":none": {"S": ""}, ":claimed": {"S": "CLAIMED"}},
    )
    (claimed,) = session.jobs(status="CLAIMED")
    assert (claimed.submission_id, claimed.known) == ("test/sub-01", "claimed")
    with pytest.raises(NotFoundError, match="Make the call that submits it again"):
        claimed.job_id()
    assert "CLAIMED" in str(claimed._view())
    assert [finding.rule for finding in claimed.diagnose()] == ["job-not-submitted"]
    assert len(session.jobs().ids) == 1  # the job itself, which AWS lists


def test_an_array_is_one_job_and_has_children(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """AWS lists no children, and they can be had."""
    submit("array", array_size=3, environment={SECONDS: "1"})
    (array,) = session.jobs()
    assert array.array_size == 3
    assert [child.name for child in array.children()] == ["array:0", "array:1", "array:2"]
    assert {child.wait().status for child in array.children()} == {"SUCCEEDED"}


def test_jobs_that_were_folded_into_an_array_are_listed_by_their_own_names(
    session: BatchSession, submit: Submit, aws: InProcessAws
) -> None:
    """They are nobody's children to whom has submitted them."""
    first = submit("first")
    jobs = [session.batch_job(name=f"fold-{place}", definition=first.definition, command=["x"]) for place in range(3)]
    assert all(result.error is None for result in session.submit_many(jobs, fold=True))
    aws.advance(LAGS_S)
    listed = session.jobs(name="fold-?")
    assert {job.name: job.index for job in listed} == {"fold-0": 0, "fold-1": 1, "fold-2": 2}
    assert {job.status for job in listed} == {"RUNNABLE"}
