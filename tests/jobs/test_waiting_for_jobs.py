"""Waiting for jobs: bounded, a hundred a call, and what is said of jobs that hang or are forgotten."""

from typing import Any, cast

import attrs
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright import BatchSession, JobDescription, JobFailedError, JobVanishedError, NotFoundError, WaitTimeoutError
from batchwright.jobs.description import UNSEEN_S
from batchwright.local.in_process import InProcessAws
from batchwright.local.messages import answer_json
from batchwright.local.transport import response_of

from .conftest import Asked, Lab, Refuse

LONG = {"BATCHWRIGHT_SCRIPT_SECONDS": "6000"}
DAY_S = 86_400.0


def show_no_jobs(session: BatchSession, *, times: int) -> None:
    """Have DescribeJobs answer so many times as if AWS knew no job."""
    left = [times]

    def handle(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        left[0] -= 1
        return response_of(request, answer_json({"jobs": []})) if left[0] >= 0 else None

    session.batch.meta.events.register_first("before-send.batch.DescribeJobs", cast("Any", handle))


def test_a_time_out_says_what_holds_the_job_up(lab: Lab) -> None:
    """A job that fits nowhere: AWS's reason, the first finding with its fix, and all of them; nothing is lost."""
    job = lab.submitted(definition=lab.definition(vcpus=8, memory_gib=16))
    with pytest.raises(WaitTimeoutError) as caught:
        job.wait(timeout_s=600)
    said = str(caught.value)
    assert "job 'sub-01' in us-east-2: unfinished after 600 s; it is RUNNABLE (MISCONFIGURATION:" in said
    assert "no compute environment of its queue may have more than 4" in said
    assert "Raise max_vcpus" in said
    assert "job.diagnose()" in said
    assert "wait() again goes on" in said
    assert isinstance(caught.value, TimeoutError)
    assert cast("JobDescription", caught.value.description).status == "RUNNABLE"
    job.terminate()
    assert job.wait(check=False).status == "FAILED"


def test_a_time_out_says_it_also_where_nobody_may_ask(lab: Lab, refuse: Refuse) -> None:
    """That the caller may not describe queues hides neither that the time is over nor what else is known."""
    lab.make_execution_role()
    job = lab.submitted(definition=lab.definition(vcpus=8, memory_gib=16))
    refuse("batch", "DescribeJobQueues", "AccessDeniedException", status=403)
    with pytest.raises(WaitTimeoutError, match=r"it is RUNNABLE .*needs more vCPUs") as caught:
        job.wait(timeout_s=60)
    assert caught.value.diagnosis is not None
    assert "batch:DescribeJobQueues" in {finding.subject for finding in caught.value.diagnosis}


def test_a_time_out_tells_the_time_of_the_wait(
    lab: Lab, session: BatchSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what it takes to look for the reason."""
    job = lab.submitted(definition=lab.definition(vcpus=8, memory_gib=16))
    monkeypatch.setattr(BatchSession, "diagnose", lambda *_, **__: session.clock.sleep(40))
    with pytest.raises(WaitTimeoutError, match="unfinished after 600 s"):
        job.wait(timeout_s=600)


def test_an_invalid_environment_is_named(session: BatchSession, lab: Lab, aws: InProcessAws) -> None:
    """AWS's own reason for the state of the environment is among the findings of the time-out."""
    job = lab.submitted(definition=lab.definition(vcpus=8, memory_gib=16))
    environment = aws.state.region("us-east-2").environments["lab"]
    environment.status, environment.status_reason = "INVALID", "CLIENT_ERROR - role is gone"
    with pytest.raises(WaitTimeoutError) as caught:
        job.wait(timeout_s=60)
    found = [finding.summary for finding in caught.value.diagnosis or ()]
    assert "compute environment 'lab' is INVALID: CLIENT_ERROR - role is gone." in found


def test_a_wait_goes_on_after_a_time_out(lab: Lab) -> None:
    """The second wait sees the end of the same job, and its status stands in the row."""
    job = lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "100"})
    with pytest.raises(WaitTimeoutError):
        job.wait(timeout_s=50)
    assert job.wait().status == "SUCCEEDED"
    assert lab.row(job).status == "SUCCEEDED"


def test_every_change_is_told_once(lab: Lab, aws: InProcessAws) -> None:
    """on_change gets each status in turn."""
    aws.state.delays = attrs.evolve(aws.state.delays, job_submit_s=5, job_start_s=20)
    seen: list[str] = []
    lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "30"}).wait(on_change=lambda job: seen.append(job.status))
    assert seen == ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]


def test_check_decides_whether_a_failure_raises(lab: Lab) -> None:
    """check=False returns the description of a FAILED job."""
    job = lab.submitted(command=["exit", "3"])
    assert (job.wait(check=False).status, job.wait(check=False).exit_code) == ("FAILED", 3)
    with pytest.raises(JobFailedError):
        job.wait()


def test_a_job_that_shows_late_is_waited_for(session: BatchSession, lab: Lab) -> None:
    """AWS may not show a job for a while after it took it."""
    job = lab.submitted()
    show_no_jobs(session, times=8)
    assert job.describe().status == "SUBMITTED"
    assert job.wait().status == "SUCCEEDED"


def test_a_running_job_that_is_missed_for_a_moment_is_not_given_up(session: BatchSession, lab: Lab) -> None:
    """Also long after its submission one answer without it means nothing."""
    job = lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "2000"})
    seen: list[str] = []

    def miss(now: JobDescription) -> None:
        seen.append(now.status)

    session.clock.sleep(1_000)
    show_no_jobs(session, times=3)
    assert job.wait(on_change=miss).status == "SUCCEEDED"
    assert "VANISHED" not in seen


@pytest.mark.parametrize(
    ("status", "raised"), [("SUCCEEDED", None), ("FAILED", JobFailedError), ("RUNNING", JobVanishedError)]
)
def test_a_job_that_aws_has_forgotten_is_as_its_row_says(
    session: BatchSession, lab: Lab, aws: InProcessAws, status: str, raised: type[Exception] | None
) -> None:
    """How it ended if the row says so; VANISHED, not running, otherwise; and this without a long wait."""
    job = lab.submitted()
    for _ in range(3):
        session.clock.sleep(20)  # it starts, runs and ends
    lab.tracker.update(job.submission_id, status)
    aws.advance(8 * DAY_S)
    before = session.clock.now()
    if raised:
        with pytest.raises(raised):
            job.wait()
    ended = job.wait(check=False)
    expected = status if raised is not JobVanishedError else "VANISHED"
    assert (ended.status, job.describe().status, ended.forgotten) == (expected, expected, True)
    assert session.clock.now() - before < 120
    with pytest.raises(NotFoundError, match="AWS forgets finished jobs"):
        job.logs()


def test_a_forgotten_job_without_a_row_has_vanished(session: BatchSession, lab: Lab) -> None:
    """Without a tracker nothing says how it ended, and the wait ends after five minutes."""
    job = lab.submitted(tracker=None, environment=LONG)
    job_id = job.job_id()
    before = session.clock.now()
    unlisted = attrs.evolve(job, tracker=None)
    object.__setattr__(unlisted, "job_id", lambda: job_id)
    show_no_jobs(session, times=10_000)
    with pytest.raises(JobVanishedError, match="nothing says how it ended"):
        unlisted.wait()
    assert UNSEEN_S <= session.clock.now() - before < UNSEEN_S + 60


def test_a_child_that_aws_has_forgotten_is_as_its_array(lab: Lab, aws: InProcessAws) -> None:
    """An array that succeeded had children that succeeded."""
    job = lab.submitted(array_size=2)
    job.wait()
    children = job.children()
    aws.advance(8 * DAY_S)
    assert [child.wait().status for child in children] == ["SUCCEEDED", "SUCCEEDED"]


def test_many_jobs_take_a_hundred_a_call(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """250 jobs: three DescribeJobs a look; their rows are read and written a hundred at a time."""
    jobs = [lab.job(f"sub-{number:03}", environment={"BATCHWRIGHT_SCRIPT_SECONDS": "5"}) for number in range(250)]
    session.ensure(*jobs)
    looks: list[float] = []
    session.batch.meta.events.register("before-send.batch.DescribeJobs", lambda **_: looks.append(session.clock.now()))
    asked()
    ended = session.wait(jobs)
    operations = asked()
    assert list(ended) == jobs
    assert {job.status for job in ended.values()} == {"SUCCEEDED"}
    assert max(looks.count(moment) for moment in looks) == 3
    assert operations.count("BatchGetItem") == 3
    assert {"GetItem", "UpdateItem"} & set(operations) == set()
    assert {row.status for row in lab.tracker.rows()} == {"SUCCEEDED"}


def test_no_jobs_are_waited_for_at_once(session: BatchSession, aws: InProcessAws) -> None:
    """An empty list asks nothing and returns nothing."""
    assert session.wait([]) == {}
    session.cancel([])
    session.terminate([])
    assert aws.calls == []


def test_a_group_names_every_failure(session: BatchSession, lab: Lab) -> None:
    """session.wait raises one group with one error for each job that failed, a single one too."""
    good, bad, worse = (
        lab.submitted("good"),
        lab.submitted("bad", command=["false"]),
        lab.submitted("worse", command=["exit", "7"]),
    )
    with pytest.raises(ExceptionGroup, match="2 of 3 jobs did not succeed") as caught:
        session.wait([good, bad, worse])
    failed = [cast("JobFailedError", error) for error in caught.value.exceptions]
    assert [(error.resource, error.exit_code) for error in failed] == [(bad, 1), (worse, 7)]
    with pytest.raises(ExceptionGroup):
        session.wait(bad)
    assert {job.name: seen.status for job, seen in session.wait([good, bad], check=False).items()} == {
        "good": "SUCCEEDED",
        "bad": "FAILED",
    }


def test_children_are_values(session: BatchSession, lab: Lab) -> None:
    """What session.wait returns by child can be looked up with a child asked for later."""
    job = lab.submitted(array_size=3)
    ended = session.wait(job.children())
    assert [ended[child].index for child in job.children()] == [0, 1, 2]
    assert [child.describe().status for child in job.children()] == ["SUCCEEDED"] * 3
    assert repr(job.children()[2]) == "<JobChild 'sub-01:2'>"
    assert lab.submitted("plain").children() == ()


def test_jobs_are_cancelled_and_terminated_together(session: BatchSession, lab: Lab) -> None:
    """A waiting job is cancelled, a running one goes on until it is terminated; the reason is kept."""
    jobs = [lab.submitted(f"sub-{number}", environment=LONG, vcpus=2, memory_gib=4) for number in range(3)]
    session.clock.sleep(1)
    session.cancel(jobs, reason="not needed")
    session.clock.sleep(1)
    assert [(job.describe().status, job.describe().status_reason) for job in jobs][2] == ("FAILED", "not needed")
    assert [job.describe().status for job in jobs[:2]] == ["RUNNING", "RUNNING"]
    session.terminate(jobs[:2], reason="enough")
    assert {seen.status_reason for seen in session.wait(jobs[:2], check=False).values()} == {"enough"}


def test_refusals_of_many_jobs_come_together(session: BatchSession, lab: Lab, refuse: Refuse) -> None:
    """One group with an error for each job that AWS did not end."""
    jobs = [lab.submitted(f"sub-{number}", environment=LONG) for number in range(2)]
    words = "User x is not authorized to perform: batch:TerminateJob"
    for operation in ("TerminateJob", "TerminateJobs"):
        refuse("batch", operation, "AccessDeniedException", words, status=403)
    with pytest.raises(ExceptionGroup, match=r"terminate\(\) failed for 2 of 2 jobs") as caught:
        session.terminate(jobs)
    assert {getattr(error, "action", None) for error in caught.value.exceptions} == {"batch:TerminateJob"}
