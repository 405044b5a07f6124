"""What other processes see: a script run twice, and the code inside a job."""

import os
import subprocess
import sys

from batchwright import BatchSession
from batchwright.local import LocalServer

from .conftest import Ground
from .image import SOURCES

SCRIPT = """
import os

from batchwright import BatchSession

with BatchSession("script") as session:
    python = session.job_definition(name="python", image=os.environ["IMAGE"])
    job = session.batch_job(name="sub-01", definition=python, command=["echo", "converted"])
    done = job.ensure()
    print(done.action.value, job.job_id(), job.wait().status, job.logs())
"""
REPORT = """
import os
from batchwright import BatchSession

with BatchSession("lab") as session:
    done = session.defaults.tracker.update(os.environ["BATCHWRIGHT_SUBMISSION_ID"], "Converting 40 %")
    print("reported", done, flush=True)
{then}
"""


def run_script(server: LocalServer, text: str, image: str) -> str:
    """Run a program of its own that reaches the server by environment variables alone; its last line."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-c", text],
        env={
            **variables,
            **server.environment(),
            "IMAGE": image,
            "PYTHONPATH": str(SOURCES),
            "AWS_CONFIG_FILE": os.devnull,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_script_run_twice_submits_once(server: LocalServer, ground: Ground) -> None:
    """The second run finds the job of the first: same id, same log, one job in the queue, one row."""
    first, second = (run_script(server, SCRIPT, ground.image).split() for _ in range(2))
    assert first[0] == "created"
    assert second == ["unchanged", *first[1:]]
    assert first[2:] == ["SUCCEEDED", "converted"]
    with BatchSession("script", boto3_session=server.boto3_session()) as session:
        filters = [{"name": "JOB_NAME", "values": ["sub-01"]}]
        listed = session.batch.list_jobs(jobQueue=session.defaults.job_queue.name, filters=filters)  # type: ignore[arg-type]  # a plain list
        assert [job["jobId"] for job in listed["jobSummaryList"]] == [first[1]]
        assert [row.job_id for row in session.defaults.tracker.rows()] == [first[1]]


def test_a_job_reports_its_own_status(lab: BatchSession, ground: Ground) -> None:
    """Code in a job writes to its row with what its environment holds; `sync()` leaves that until the job has ended."""
    held = "import time; time.sleep(6)"
    python = lab.job_definition(name="own-python", image=ground.image, environment={"PYTHONPATH": str(SOURCES)})
    job = lab.batch_job(name="reports", definition=python, command=[ground.python, "-c", REPORT.format(then=held)])
    job.ensure()
    assert next(iter(job.follow_logs(timeout_s=60))).message == "reported True"
    tracker = lab.defaults.tracker
    assert status_of(lab, "lab/reports") == "Converting 40 %"
    assert "lab/reports" not in {row.id for row in tracker.sync()}
    while not job.describe().finished:
        lab.clock.sleep(0.2)
    changed = {row.id: row.status for row in tracker.sync()}
    assert changed["lab/reports"] == "SUCCEEDED" == status_of(lab, "lab/reports")
    assert tracker.update("lab/reports", "too late") is False


def test_a_job_keeps_its_last_word_out_of_what_aws_says(lab: BatchSession, ground: Ground) -> None:
    """A job that failed after it reported is FAILED in its row, once somebody has waited for it."""
    python = lab.job_definition(name="own-python", image=ground.image, environment={"PYTHONPATH": str(SOURCES)})
    command = [ground.python, "-c", REPORT.format(then="raise SystemExit(4)")]
    job = lab.batch_job(name="reports-and-fails", definition=python, command=command)
    job.ensure()
    assert job.wait(check=False).exit_code == 4
    assert status_of(lab, "lab/reports-and-fails") == "FAILED"


def status_of(session: BatchSession, submission_id: str) -> str:
    """The status in that row."""
    return {row.id: row.status for row in session.defaults.tracker.rows()}[submission_id]
