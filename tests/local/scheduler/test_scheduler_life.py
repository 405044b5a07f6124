"""One job's life: its states, attempts, retries, time-outs and stopping."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import pytest

from batchwright.local.attempts import is_retried
from batchwright.local.delays import Delays
from batchwright.local.engines import DiscardedLog, LogSink, Run, ScriptedEngine
from batchwright.local.scheduler import Scheduler
from batchwright.local.state import Attempt, Job
from batchwright.local.stopping import ask_to_stop

NewCluster = Callable[..., Any]
START = 1_800_000_000.0


def test_a_job_passes_through_every_state_as_the_clock_goes_on(new_cluster: NewCluster) -> None:
    """SUBMITTED, RUNNABLE, STARTING, RUNNING and SUCCEEDED take the time that the delays say, and no less."""
    cluster = new_cluster(delays=Delays(job_submit_s=2, job_start_s=20))
    job = cluster.submit()
    seen: list[str] = []
    for advance_s in (0, 1.9, 0.1, 9.9, 0.1, 9.9, 0.1, 0.9, 0.1):
        cluster.tick(advance_s)
        seen.append(job.status)
    assert seen == [
        *["SUBMITTED", "SUBMITTED", "RUNNABLE", "RUNNABLE", "STARTING"],
        *["STARTING", "RUNNING", "RUNNING", "SUCCEEDED"],
    ]


def test_a_finished_job_tells_its_times_its_exit_code_and_its_log_stream(new_cluster: NewCluster) -> None:
    """Times are epoch milliseconds of the server's clock; the one attempt carries the same facts as the job."""
    cluster = new_cluster()
    job = cluster.submit("exit 7", seconds=5)
    cluster.tick()
    assert (job.status, job.started_at_ms, job.exit_code) == ("RUNNING", int(START * 1000), None)
    stream = job.log_stream
    assert stream is not None
    assert stream.startswith("tool/default/")
    cluster.tick(5)
    assert (job.status, job.status_reason) == ("FAILED", "Essential container in task exited")
    assert (job.exit_code, job.stopped_at_ms) == (7, int((START + 5) * 1000))
    (attempt,) = job.attempts
    assert (attempt.exit_code, attempt.log_stream) == (7, stream)
    assert (attempt.started_at_ms, attempt.stopped_at_ms) == (job.started_at_ms, job.stopped_at_ms)


def test_a_job_is_told_who_it_is(new_cluster: NewCluster) -> None:
    """Batch's own variables win over the job's, the job's over those that every job gets."""
    cluster = new_cluster()
    job = cluster.submit(environment={"MINE": "1", "AWS_ENDPOINT_URL": "http://mine", "AWS_BATCH_JOB_ID": "forged"})
    cluster.tick()
    told = cluster.recorder.environments[0]
    assert told["AWS_BATCH_JOB_ID"] == job.id
    assert told["AWS_BATCH_JOB_ATTEMPT"] == "1"
    assert (told["AWS_BATCH_JQ_NAME"], told["AWS_BATCH_CE_NAME"]) == ("queue", "env")
    assert (told["MINE"], told["AWS_ENDPOINT_URL"]) == ("1", "http://mine")
    assert told["AWS_REGION"] == "us-east-2"
    assert "AWS_BATCH_JOB_ARRAY_INDEX" not in told


@pytest.mark.parametrize(
    ("retry", "attempts"),
    [
        ({}, 1),
        ({"attempts": 3}, 3),
        ({"attempts": 3, "evaluateOnExit": [{"onExitCode": "7", "action": "exit"}]}, 1),
        ({"attempts": 3, "evaluateOnExit": [{"onExitCode": "1*", "action": "EXIT"}]}, 3),
        ({"attempts": 2, "evaluateOnExit": [{"onExitCode": "7", "action": "RETRY"},
                                            {"onReason": "*", "action": "exit"}]}, 2),
        ({"attempts": 4, "evaluateOnExit": [{"onStatusReason": "Host EC2*", "action": "retry"},
                                            {"onReason": "*", "action": "EXIT"}]}, 1),
        ({"attempts": 2, "evaluateOnExit": [{"onExitCode": "7", "onReason": "OOM*", "action": "exit"}]}, 2),
    ],
)  # fmt: skip
def test_a_failed_job_is_tried_again_as_its_retry_strategy_says(
    new_cluster: NewCluster, retry: dict[str, Any], attempts: int
) -> None:
    """The first entry whose conditions all hold decides; none at all means another attempt while there is one left."""
    cluster = new_cluster()
    job = cluster.submit("exit 7", retry=retry)
    for _ in range(12):
        cluster.tick(1)
    assert job.status == "FAILED"
    assert [attempt.exit_code for attempt in job.attempts] == [7] * attempts
    assert cluster.recorder.started == [(job.id, number) for number in range(1, attempts + 1)]
    assert [told["AWS_BATCH_JOB_ATTEMPT"] for told in cluster.recorder.environments] == [
        str(number) for number in range(1, attempts + 1)
    ]


def test_a_container_that_never_started_is_matched_by_its_reason() -> None:
    """Without an exit code no `onExitCode` holds, and the container's reason decides."""
    retry = {
        "attempts": 2,
        "evaluateOnExit": [{"onExitCode": "*", "action": "exit"}, {"onReason": "CannotPull*", "action": "retry"}],
    }
    never_ran = Attempt(reason="CannotPullContainerError: no such image", status_reason="Task failed to start")
    assert is_retried(retry, never_ran, 1)


def test_a_retried_job_comes_before_those_that_wait(new_cluster: NewCluster) -> None:
    """A failed attempt goes back to the front of its queue."""
    cluster = new_cluster(max_vcpus=1)
    first = cluster.submit("exit 1", retry={"attempts": 2})
    second = cluster.submit()
    cluster.tick()
    cluster.tick(1)
    assert cluster.recorder.started == [(first.id, 1), (first.id, 2)]
    assert second.status == "RUNNABLE"


def test_a_job_over_its_time_fails_and_is_not_tried_again(new_cluster: NewCluster) -> None:
    """The limit counts from the start of the attempt by the server's clock."""
    cluster = new_cluster()
    job = cluster.submit(seconds=1000, timeout_s=60, retry={"attempts": 3})
    cluster.tick()
    cluster.tick(59)
    assert job.status == "RUNNING"
    cluster.tick(1)
    assert (job.status, job.status_reason) == ("FAILED", "Job attempt duration exceeded timeout")
    assert len(job.attempts) == 1


@pytest.mark.parametrize("ticks_before", [0, 1])
def test_a_terminated_job_fails_with_the_reason_given(new_cluster: NewCluster, ticks_before: int) -> None:
    """It makes no difference whether it ran already, and it is never tried again."""
    cluster = new_cluster()
    job = cluster.submit(seconds=1000, retry={"attempts": 3})
    for _ in range(ticks_before):
        cluster.tick()
    ask_to_stop(cluster.region, job, "enough", is_cancel=False)
    cluster.tick()
    cluster.tick()
    assert (job.status, job.status_reason) == ("FAILED", "enough")
    assert len(cluster.recorder.started) == ticks_before


def test_cancelling_ends_a_job_that_waits_for_room_and_leaves_a_running_one(new_cluster: NewCluster) -> None:
    """CancelJob is for jobs that have not started."""
    cluster = new_cluster(max_vcpus=1)
    running, queued = cluster.submit(seconds=5), cluster.submit()
    cluster.tick()
    for job in (running, queued):
        ask_to_stop(cluster.region, job, "not needed", is_cancel=True)
    cluster.tick()
    assert (running.status, queued.status, queued.status_reason) == ("RUNNING", "FAILED", "not needed")
    cluster.tick(5)
    assert running.status == "SUCCEEDED"


def test_stopping_the_scheduler_kills_what_runs_and_forgets_it(new_cluster: NewCluster) -> None:
    """After `stop` no run is polled or ended by a tick, and another job can still be scheduled."""
    cluster = new_cluster()
    job = cluster.submit(seconds=1)
    cluster.tick()
    cluster.scheduler.stop()
    cluster.region.jobs.clear()
    cluster.tick(10)
    assert job.status == "RUNNING"
    later = cluster.submit()
    cluster.tick()
    cluster.tick(1)
    assert later.status == "SUCCEEDED"


class FailingEngine(ScriptedEngine):
    """An engine that fails with the first job, and not as engines are to fail."""

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        if job.id == "job-0":
            raise OSError("no room")
        return super().start(job, attempt_no, environment, log)


def test_a_job_that_cannot_be_started_fails_and_the_next_one_runs(new_cluster: NewCluster) -> None:
    """A failure in the midst of a start ends that job with its reason, and keeps no other one from its turn."""
    cluster = new_cluster()
    cluster.scheduler = Scheduler(cluster.state, FailingEngine(cluster.clock))
    first, second = cluster.submit(seconds=1), cluster.submit(seconds=1)
    cluster.tick()
    assert (first.status, first.status_reason) == ("FAILED", "Task failed to start")
    assert first.reason == "the local AWS could not start it: OSError: no room"
    cluster.tick(1)
    assert second.status == "SUCCEEDED"


def test_what_a_run_writes_after_the_end_of_its_account_is_dropped(new_cluster: NewCluster) -> None:
    """The last lines of a run that is being killed do not come into the account that follows a reset."""
    written: list[str] = []
    cluster = new_cluster()
    engine = WritingEngine(cluster.clock)
    cluster.scheduler = Scheduler(cluster.state, engine, log=KeptLog(written))
    cluster.submit()
    cluster.tick()
    engine.log.write("stream", [(1, "before")])
    cluster.scheduler.stop()
    engine.log.write("stream", [(2, "after")])
    assert written == ["before"]


@attrs.frozen
class KeptLog:
    """Keeps the lines."""

    lines: list[str]

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        self.lines.extend(text for _, text in lines)


class WritingEngine(ScriptedEngine):
    """Lets the test write in a run's stead."""

    log: LogSink

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        self.log = log
        return super().start(job, attempt_no, environment, DiscardedLog())
