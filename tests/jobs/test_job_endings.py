"""How jobs fail, and what is read of their logs."""

import pytest

from batchwright import BatchSession, JobFailedError, RetryPolicy
from batchwright._error_view import printed
from batchwright.jobs.description import JobDescription
from batchwright.jobs.logs import log_streams
from batchwright.local.in_process import InProcessAws

from .conftest import Lab


def test_a_failure_carries_all_that_aws_says(lab: Lab) -> None:
    """Status reason, exit code, the last lines, the job itself, and the way to the rest."""
    job = lab.submitted(command=["sh", "-c", "exit 3"])
    with pytest.raises(JobFailedError) as caught:
        job.wait()
    error = caught.value
    assert (error.exit_code, error.last_lines, error.resource) == (3, ("sh -c exit 3",), job)
    assert isinstance(error.description, JobDescription)
    said = str(error)
    assert "job 'sub-01' in us-east-2 FAILED: Essential container in task exited. Exit code 3." in said
    assert "Last lines:\n  sh -c exit 3" in said
    assert "job.logs()" in said


def test_nothing_of_a_log_acts_where_its_failure_is_printed() -> None:
    """A traceback is printed as it is: what would act on a terminal is named, and no line is endless."""
    lines = ("\x1b[2Jgone", "x" * 1_000_000)
    error = JobFailedError(f"It FAILED: \x9b31m\r.\n{printed(lines)}", last_lines=lines, hint="See \u202e.")
    said = str(error)
    assert said.startswith("It FAILED: \\x9b31m\\x0d.\nLast lines:\n  \\x1b[2Jgone\n  xxx")
    assert said.endswith("\nSee \\u202e.")
    assert len(said) < 1_200
    assert error.last_lines == lines
    told = error._view()
    assert [fact.value for fact in told.facts[:2]] == ["It FAILED: \\x9b31m\\x0d.", "See \\u202e."]


def test_the_log_of_a_failed_job_does_not_act(lab: Lab) -> None:
    """From the container to the message; the lines themselves stay as they came."""
    job = lab.submitted(command=["sh", "-c", "\x1b[2J"])
    lab.session.terminate(job, reason="\x1b]0;title\x07")
    with pytest.raises(JobFailedError) as caught:
        job.wait()
    assert "\x1b" not in str(caught.value)
    assert "\\x1b]0;title\\x07" in str(caught.value)


def test_an_array_names_the_children_that_failed(lab: Lab) -> None:
    """How many ended how, which failed, and where their logs are; the array itself prints nothing."""
    job = lab.submitted(command=["false"], array_size=12)
    with pytest.raises(JobFailedError) as caught:
        job.wait()
    said = str(caught.value)
    assert "Children: 12 FAILED. Failed: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …." in said
    assert "printed nothing" not in said
    assert "job.children()[index].logs()" in said
    with pytest.raises(JobFailedError, match=r"child 4 of job 'sub-01' in us-east-2 FAILED.*Exit code 1"):
        job.children()[4].wait()


def test_the_log_has_every_attempt(session: BatchSession, lab: Lab) -> None:
    """A job that was run three times has three streams, the oldest first."""
    job = lab.submitted(command=["false"], retry=RetryPolicy(attempts=3))
    seen = job.wait(check=False)
    assert len(set(log_streams(seen))) == len(seen.attempts) == 3
    assert [event.message for event in job.logs()] == ["false"] * 3
    assert str(job.logs()[1:]) == "false\nfalse"
    assert [event.message for event in job.follow_logs()] == ["false"] * 3


def test_no_lines_yet_is_no_error(lab: Lab, aws: InProcessAws) -> None:
    """A job that has not started has an empty log, also where AWS does not show the job yet."""
    job = lab.submitted(depends_on=lab.job("first", environment={"BATCHWRIGHT_SCRIPT_SECONDS": "6000"}))
    assert len(job.logs()) == 0
    aws.state.region("us-east-2").jobs.clear()
    assert len(job.logs()) == 0


def test_following_ends_with_the_job_or_the_time(lab: Lab) -> None:
    """Each line comes once, and a job that hangs is followed for so long and no longer."""
    job = lab.submitted(command=["hello"], environment={"BATCHWRIGHT_SCRIPT_SECONDS": "100"})
    assert [event.message for event in job.follow_logs()] == ["hello"]
    hanging = lab.submitted("hanging", command=["hello"], environment={"BATCHWRIGHT_SCRIPT_SECONDS": "6000"})
    before = lab.session.clock.now()
    assert [event.message for event in hanging.follow_logs(timeout_s=60)] == ["hello"]
    assert lab.session.clock.now() - before == pytest.approx(60)


def test_deleting_a_job_ends_it_and_keeps_its_row(lab: Lab) -> None:
    """A running job is FAILED in AWS and in the table; one that ended is left alone."""
    job = lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "6000"})
    job.delete()
    assert (job.describe().status, lab.row(job).status) == ("FAILED", "FAILED")
    done = lab.submitted("done")
    done.wait()
    done.delete()
    assert done.describe().status == "SUCCEEDED"
