"""A job shows its states with their times, its attempts, the end of its log, and where the console is."""

import datetime as dt
from typing import Any

import pytest

from batchwright import BatchSession, JobFailedError
from batchwright._display import Lines, Text, Tone
from batchwright.jobs.description import JobDescription, job_description
from batchwright.jobs.logs import Logs

from .looking import facts, grid, links, text

BEGAN = dt.datetime(2026, 11, 23, 12, 0, 0, tzinfo=dt.UTC)
ARN = "arn:aws:batch:us-east-2:111122223333"
CONSOLE = "https://us-east-2.console.aws.amazon.com"


def _ms(seconds: float) -> int:
    return int((BEGAN.timestamp() + seconds) * 1000)


def _described(**members: Any) -> JobDescription:  # noqa: ANN401  # members of an answer
    answer = {
        "jobId": "0a1b",
        "jobName": "sub-01",
        "jobArn": f"{ARN}:job/0a1b",
        "jobQueue": f"{ARN}:job-queue/lab",
        "jobDefinition": f"{ARN}:job-definition/convert:3",
        "createdAt": _ms(0),
        "tags": {"project": "reads", "batchwright:namespace": "lab"},
        **members,
    }
    return job_description(answer, read_at=BEGAN.timestamp() + 600)


def _attempt(number: int, exit_code: int, reason: str) -> dict[str, object]:
    container = {"exitCode": exit_code, "reason": reason, "logStreamName": f"convert/default/{number}"}
    status_reason = "Essential container in task exited"
    began = 200 * number
    return {
        "container": container,
        "startedAt": _ms(began),
        "stoppedAt": _ms(began + 65),
        "statusReason": status_reason,
    }


def test_a_job_that_ended_shows_its_times_and_how_long_each_took() -> None:
    """As far as AWS tells them; its own tags are no news."""
    view = _described(status="SUCCEEDED", startedAt=_ms(200), stoppedAt=_ms(265), statusReason="all well")._view()
    assert (view.title, view.status) == ("job 'sub-01'", Text("SUCCEEDED", Tone.GOOD))
    said = facts(view)
    assert said["created_at"] == "2026-11-23 12:00:00 UTC"
    assert said["started_at"] == "2026-11-23 12:03:20 UTC, after waiting 3 min 20 s"
    assert said["stopped_at"] == "2026-11-23 12:04:25 UTC, after running 1 min 5 s"
    assert said["status_reason"] == "all well"
    assert said["tags"] == "project=reads"
    assert view.note == "read 2026-11-23 12:10:00 UTC"


@pytest.mark.parametrize(
    ("members", "name", "end"),
    [
        ({"status": "RUNNABLE"}, "created_at", ", waiting for 10 min"),
        ({"status": "RUNNING", "startedAt": _ms(60)}, "started_at", ", after waiting 1 min, running for 9 min"),
        (
            {"status": "RUNNABLE", "startedAt": _ms(60), "attempts": [{}]},
            "started_at",
            ", the newest attempt, after 1 min",
        ),
        (
            {"status": "RUNNING", "startedAt": _ms(60), "attempts": [{}]},
            "started_at",
            ", the newest attempt, after 1 min, running for 9 min",
        ),
        ({"status": "FAILED", "stoppedAt": _ms(90)}, "stopped_at", ", after 1 min 30 s"),
        ({"status": "FAILED", "createdAt": None, "stoppedAt": _ms(90)}, "stopped_at", " UTC"),
    ],
)
def test_what_lasts_is_told_until_it_was_read(members: dict[str, object], name: str, end: str) -> None:
    """A description is of one moment; what never ran did not run."""
    assert facts(_described(**members)._view())[name].endswith(end)


def test_what_waits_for_long_says_whom_to_ask() -> None:
    """That is what everybody asks of a job then; one that waits for five minutes, or runs, needs no help."""
    asked = "session.diagnose(job) says why a job waits"
    assert _described(status="RUNNABLE")._view().note == f"{asked}\nread 2026-11-23 12:10:00 UTC"
    for members in ({"status": "RUNNABLE", "createdAt": _ms(300)}, {"status": "RUNNING"}, {"status": "FAILED"}):
        assert asked not in _described(**members)._view().note


def test_each_attempt_has_a_line_that_leads_to_its_log() -> None:
    """With how it ended, and why."""
    attempts = [_attempt(1, 137, "OutOfMemoryError"), _attempt(2, 0, "")]
    view = _described(status="SUCCEEDED", attempts=attempts, container=attempts[-1]["container"])._view()
    first, second = grid(view, "attempts")
    assert first == {
        "attempt": "1",
        "exit code": "137",
        "reason": "OutOfMemoryError\nEssential container in task exited",
        "started": "2026-11-23 12:03:20 UTC",
        "ran": "1 min 5 s",
        "log": "convert/default/1",
    }
    assert second["exit code"] == facts(view)["exit_code"] == "0"
    stream = f"{CONSOLE}/cloudwatch/home?region=us-east-2#logsV2:log-groups/log-group/$252Faws$252Fbatch$252Fjob"
    assert links(view) == {
        "job_id": f"{CONSOLE}/batch/home?region=us-east-2#jobs/detail/0a1b",
        "queue": f"{CONSOLE}/batch/home?region=us-east-2#queues/detail/{ARN}:job-queue/lab",
        "definition": f"{CONSOLE}/batch/home?region=us-east-2#job-definition/detail/{ARN}:job-definition/convert:3",
        "log": f"{stream}/log-events/convert$252Fdefault$252F2",
    }


def test_an_attempt_that_tells_nothing_is_shown() -> None:
    """AWS leaves members out of one that never started."""
    view = _described(status="FAILED", attempts=[{"statusReason": "CannotPullContainerError"}])._view()
    assert grid(view, "attempts") == [
        {
            "attempt": "1",
            "exit code": "",
            "reason": "CannotPullContainerError",
            "started": "",
            "ran": "",
            "log": "",
        }
    ]


def test_an_array_counts_its_children() -> None:
    """And a child says whose it is."""
    summary = {"SUCCEEDED": 7, "FAILED": 3, "RUNNING": 0}
    array = _described(status="FAILED", arrayProperties={"size": 10, "statusSummary": summary})
    assert facts(array._view())["children"] == "10: 7 SUCCEEDED, 3 FAILED"
    assert facts(_described(status="PENDING", arrayProperties={"size": 10})._view())["children"] == "10"
    assert _described(status="RUNNING", arrayProperties={"index": 4})._view().title == "child 4 of job 'sub-01'"


def test_a_job_that_was_not_read_shows_what_is_declared(lab: BatchSession) -> None:
    """Nothing is made up."""
    definition = lab.job_definition(name="convert", image="busybox")
    job = lab.batch_job(name="new", definition=definition, command=["echo", "two words"], environment={"A": "b"})
    view = job._view()
    assert (view.title, view.status) == ("job 'new'", "")
    assert view.note == "not read yet in this session; describe() asks AWS"
    said = facts(view)
    assert said["command"] == "echo 'two words'"
    assert said["environment"] == "A=•••"
    assert said["definition"] == "<JobDefinition 'convert'>"


def test_a_job_shows_what_was_last_read_of_it(lab: BatchSession) -> None:
    """Beside what is declared; and the end of its log, in a child as in a job, and in the error."""
    definition = lab.job_definition(name="convert", image="busybox")
    job = lab.batch_job(name="failing", definition=definition, array_size=None)
    job.ensure()
    with pytest.raises(JobFailedError) as failure:
        job.wait()
    view = job._view()
    assert view.status == Text("FAILED", Tone.BAD)
    assert facts(view)["exit_code"] == "3"
    assert facts(view)["queue"] == lab.defaults.job_queue.name
    assert facts(view)["tracker"] == lab.defaults.tracker.reference()
    assert links(view) == {}, "no console shows what runs on this machine"
    lines = next(part for part in view.parts if isinstance(part, Lines))
    assert list(lines.lines) == ["reading", "no such subject"]
    assert lines.title.startswith("last lines, read 20")
    logs = job.logs()
    assert (logs._view().title, logs._view().status) == ("log", "2 lines")
    assert logs._view().note.startswith("from 20")
    assert list(Logs()._view().parts) == []
    error = failure.value._view()
    assert (error.title, text(error.status)) == ("JobFailedError", "error")
    assert facts(error)["exit_code"] == "3"
    assert "no such subject" not in facts(error)["what"]
    assert ["reading", "no such subject"] in [list(part.lines) for part in error.parts if isinstance(part, Lines)]


def test_a_child_shows_itself(lab: BatchSession) -> None:
    """Once it was read."""
    definition = lab.job_definition(name="convert", image="busybox")
    job = lab.batch_job(name="array", definition=definition, array_size=2)
    job.ensure()
    job.wait()
    child = job.children()[1]
    assert child._view().note.startswith("not read yet")
    child.describe()
    assert (child._view().title, text(child._view().status)) == ("child 1 of job 'array'", "SUCCEEDED")
