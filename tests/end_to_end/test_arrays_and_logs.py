"""Arrays, and logs while and after a job runs."""

from datetime import UTC, datetime

import pytest

from batchwright import BatchSession, JobFailedError, NotFoundError
from batchwright.resources.job_definition import JobDefinition

INDEX = "import os; print('child', os.environ['AWS_BATCH_JOB_ARRAY_INDEX'])"


def test_twenty_children_each_know_their_index(lab: BatchSession, python: JobDefinition) -> None:
    """Every child can be described, waited for and read on its own, and the parent counts them."""
    job = lab.batch_job(name="array", definition=python, command=["python3", "-c", INDEX], array_size=20)
    job.ensure()
    parent = job.wait(timeout_s=120)
    assert (parent.array_size, parent.status_summary.get("SUCCEEDED")) == (20, 20)
    children = job.children()
    assert [child.describe().index for child in children] == list(range(20))
    assert {child.wait().status for child in children} == {"SUCCEEDED"}
    assert [str(child.logs()) for child in children] == [f"child {n}" for n in range(20)]


def test_a_failed_child_is_counted_and_found(lab: BatchSession, python: JobDefinition) -> None:
    """The parent's error counts the children, and the child's own has the exit code."""
    odd = "import os; raise SystemExit(int(os.environ['AWS_BATCH_JOB_ARRAY_INDEX']) % 2 * 7)"
    job = lab.batch_job(name="half", definition=python, command=["python3", "-c", odd], array_size=4)
    job.ensure()
    with pytest.raises(JobFailedError, match=r"Children: (2 SUCCEEDED, 2 FAILED|2 FAILED, 2 SUCCEEDED)"):
        job.wait(timeout_s=60)
    assert [child.wait(check=False).exit_code for child in job.children()] == [0, 7, 0, 7]
    with pytest.raises(JobFailedError, match="child 1 of job 'half' in us-east-2 FAILED"):
        job.children()[1].wait()


def test_lines_come_while_the_job_runs(lab: BatchSession, python: JobDefinition) -> None:
    """The first line is handed over before the job ends, and the last one is not lost."""
    slow = "import time; print('begun', flush=True); time.sleep(4); print('done')"
    job = lab.batch_job(name="slow", definition=python, command=["python3", "-c", slow])
    job.ensure()
    lines = job.follow_logs(timeout_s=60)
    first = next(lines)
    assert (first.message, job.describe().status) == ("begun", "RUNNING")
    assert abs((datetime.now(UTC) - first.timestamp).total_seconds()) < 60
    assert [line.message for line in lines] == ["done"]
    assert job.describe().status == "SUCCEEDED"


def test_no_lines_yet_is_no_error(lab: BatchSession, python: JobDefinition) -> None:
    """A job that waits, and one that never prints, have an empty log; one that was not submitted has none."""
    first = lab.batch_job(name="silent", definition=python, command=["sleep", "1"])
    second = lab.batch_job(name="waiting", definition=python, command=["true"], depends_on=first)
    lab.ensure(second)
    assert (list(second.logs()), str(second.logs())) == ([], "")
    assert list(first.follow_logs(timeout_s=60)) == []
    assert list(second.follow_logs(timeout_s=60)) == []
    with pytest.raises(NotFoundError, match="never-sent"):
        lab.batch_job(name="never-sent", definition=python, command=["true"]).logs()
