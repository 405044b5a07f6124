"""How jobs end: failed, terminated, cancelled, not in time; and what is said of it."""

import time

import pytest

from batchwright import BatchSession, JobDescription, JobFailedError, WaitTimeoutError
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_definition import JobDefinition

FAILING = "import sys; [print('line', n) for n in range(30)]; print('no such file: sub-01.nwb'); sys.exit(3)"
# The first process of a container does not hear a SIGTERM that it does not ask for.
SLEEP = ["sh", "-c", "trap 'exit 143' TERM; sleep 120 & wait"]


def until(job: BatchJob, status: str) -> JobDescription:
    """The job once it has that status, within half a minute."""
    end = time.monotonic() + 30
    while (seen := job.describe()).status != status:
        assert time.monotonic() < end, f"{job.name} is {seen.status}, not {status}"
        job.session.clock.sleep(0.05)
    return seen


def test_a_failed_job_says_why(lab: BatchSession, python: JobDefinition) -> None:
    """Its error holds the exit code, AWS's reason and the last lines, and so does its text."""
    job = lab.batch_job(name="failing", definition=python, command=["python3", "-c", FAILING])
    job.ensure()
    with pytest.raises(JobFailedError) as caught:
        job.wait()
    error = caught.value
    assert error.exit_code == 3
    assert error.last_lines[-2:] == ("line 29", "no such file: sub-01.nwb")
    assert isinstance(error.description, JobDescription)
    assert error.description.status_reason in str(error)
    for part in ("job 'failing' in us-east-2 FAILED", "Exit code 3.", "no such file: sub-01.nwb", "run="):
        assert part in str(error)
    assert lab.defaults.tracker.rows()[-1].status == "FAILED"


def test_a_container_that_cannot_start_says_so(lab: BatchSession, python: JobDefinition) -> None:
    """The container's own reason is in the error, next to AWS's."""
    job = lab.batch_job(name="no-program", definition=python, command=["no-such-program"])
    job.ensure()
    with pytest.raises(JobFailedError, match=r"Container: CannotStartContainerError: .*no-such-program") as caught:
        job.wait()
    assert caught.value.last_lines == ()
    assert "It printed nothing." in str(caught.value)
    assert "gives the whole log" not in str(caught.value)


def test_a_job_that_sleeps_is_terminated(lab: BatchSession, python: JobDefinition) -> None:
    """`terminate()` ends the process, and the reason given is AWS's reason."""
    job = lab.batch_job(name="sleeping", definition=python, command=SLEEP)
    job.ensure()
    until(job, "RUNNING")
    job.terminate(reason="the wrong file")
    with pytest.raises(JobFailedError, match="the wrong file"):
        job.wait(timeout_s=40)


def test_deleting_a_running_job_ends_it(lab: BatchSession, python: JobDefinition) -> None:
    """`delete()` returns once the job has ended, and keeps its row."""
    job = lab.batch_job(name="deleted", definition=python, command=SLEEP)
    job.ensure()
    until(job, "RUNNING")
    job.delete()
    assert job.describe().status == "FAILED"
    assert "lab/deleted" in {row.id for row in lab.defaults.tracker.rows()}


def test_many_are_terminated_and_waited_for_at_once(lab: BatchSession, python: JobDefinition) -> None:
    """Each change of each job is reported, and one error holds one of every job that failed."""
    jobs = [lab.batch_job(name=f"many-{n}", definition=python, command=SLEEP) for n in range(3)]
    good = lab.batch_job(name="many-good", definition=python, command=["true"])
    lab.ensure(*jobs, good)
    until(jobs[-1], "RUNNING")
    lab.terminate(jobs, reason="enough")
    changes: list[tuple[str, str]] = []
    with pytest.raises(ExceptionGroup, match="3 of 4 jobs did not succeed") as caught:
        lab.wait([*jobs, good], timeout_s=60, on_change=lambda job: changes.append((job.name, job.status)))
    assert all(isinstance(error, JobFailedError) for error in caught.value.exceptions)
    assert {("many-good", "SUCCEEDED"), *((job.name, "FAILED") for job in jobs)} <= set(changes)
    assert len(changes) == len(set(changes))
    ended = lab.wait([*jobs, good], check=False)
    assert [job.status for job in ended.values()] == ["FAILED"] * 3 + ["SUCCEEDED"]


def test_waiting_jobs_are_cancelled(lab: BatchSession, python: JobDefinition) -> None:
    """`cancel()` takes what waits out of the queue; what it waits for runs on."""
    first = lab.batch_job(name="runs-on", definition=python, command=["sleep", "2"])
    waiting = [lab.batch_job(name=f"waits-{n}", definition=python, command=SLEEP, depends_on=first) for n in range(2)]
    lab.ensure(*waiting)
    lab.cancel(waiting, reason="not needed")
    ended = lab.wait(waiting, check=False, timeout_s=60)
    assert {(job.status, job.status_reason) for job in ended.values()} == {("FAILED", "not needed")}
    assert first.wait(timeout_s=60).status == "SUCCEEDED"


def test_a_wait_that_times_out_says_what_holds_the_job_up(lab: BatchSession, python: JobDefinition) -> None:
    """The job's reason, what diagnose() finds first, and its fix stand in the error; nothing is lost."""
    environment = lab.compute_environment(name="small", max_vcpus=2)
    queue = lab.job_queue(name="small", compute_environments=environment)
    job = lab.batch_job(name="too-large", definition=python, queue=queue, command=["true"], vcpus=4)
    job.ensure()
    until(job, "RUNNABLE")
    with pytest.raises(WaitTimeoutError) as caught:
        job.wait(timeout_s=1.5)
    said = str(caught.value)
    assert "job 'too-large' in us-east-2: unfinished after" in said
    assert "it is RUNNABLE (MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE" in said
    assert "asks for 4 vCPUs, and no compute environment of its queue may have more than 2" in said
    assert "Raise max_vcpus of compute environment 'small' to 4 or more, or ask for fewer vCPUs." in said
    assert caught.value.diagnosis is not None
    assert caught.value.diagnosis[0].rule == "job-over-max-vcpus"
    job.delete()
