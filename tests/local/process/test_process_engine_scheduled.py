"""The scheduler with real processes, and the death of their server."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batchwright.local.delays import Delays
from batchwright.local.scheduler import Scheduler
from batchwright.local.state import Environment, Job, Queue, Region, State
from batchwright.local.stopping import ask_to_stop

Machine = Any  # the class of conftest.py


@pytest.fixture
def state(machine: Machine) -> State:
    """One environment of 64 vCPUs and one queue, without delays, on the machine's own clock."""
    state = State(clock=machine.clock, delays=Delays.none())
    region = state.region("us-east-2")
    region.environments["env"] = Environment(
        name="env",
        arn="env",
        uuid="",
        ecs_cluster_arn="",
        request={"computeResources": {"maxvCpus": 64}},
        status="VALID",
    )
    arn = region.arn("job-queue/queue")
    region.queues["queue"] = Queue(name="queue", arn=arn, status="VALID", environment_arns=["env"])
    return state


@pytest.fixture
def scheduler(machine: Machine, state: State) -> Scheduler:
    """A scheduler whose jobs run on the machine."""
    return Scheduler(state, machine.engine, log=machine.log)


def _job(region: Region, job_id: str, command: list[str], **fields: Any) -> Job:  # noqa: ANN401 - passed on as they are
    made = Job(
        id=job_id,
        arn=region.arn(f"job/{job_id}"),
        name="job",
        queue_arn=region.queues["queue"].arn,
        definition_arn=region.arn("job-definition/tool:1"),
        request={},
        container={"image": "tool", "command": command},
        created_at_ms=0,
        **fields,
    )
    region.jobs[job_id] = made
    return made


def test_twenty_children_are_each_told_their_index(machine: Machine, state: State, scheduler: Scheduler) -> None:
    """An array of real processes succeeds, and each child's line is in a stream of its own."""
    region, command = state.region("us-east-2"), ["sh", "-c", "echo $AWS_BATCH_JOB_ARRAY_INDEX"]
    parent = _job(region, "array", command, array_size=20)
    children = [_job(region, f"array:{no}", command, parent_id="array", index=no) for no in range(20)]

    def has_ended() -> bool:
        scheduler.tick()
        return parent.is_finished

    machine.until(has_ended)
    assert parent.status == "SUCCEEDED"
    lines = {stream: text for stream, _, text in machine.log.lines}
    assert [lines[str(child.log_stream)] for child in children] == [str(no) for no in range(20)]


def test_queued_jobs_cost_no_threads(machine: Machine, state: State, scheduler: Scheduler) -> None:
    """Of ten thousand jobs those that run have a thread each, and the others are entries in memory."""
    region = state.region("us-east-2")
    threads = threading.active_count()
    for number in range(10_000):
        _job(region, f"job-{number}", ["true"])
    most = 0

    def have_many_ended() -> bool:
        nonlocal most
        scheduler.tick()
        most = max(most, threading.active_count())
        return sum(job.is_finished for job in region.jobs.values()) >= 100

    machine.until(have_many_ended)
    scheduler.stop()
    assert most - threads <= 64 + 1


def test_the_end_of_a_process_is_told_without_a_look(machine: Machine, state: State, scheduler: Scheduler) -> None:
    """Who waits for `wake` ticks as soon as there is something to do, and not before."""
    job = _job(state.region("us-east-2"), "short", ["sh", "-c", "exit 4"])
    scheduler.tick()
    assert scheduler.wake.wait(20)
    scheduler.tick()
    assert (job.status, job.exit_code) == ("FAILED", 4)


def test_a_job_that_is_deaf_to_its_end_is_killed_thirty_seconds_later(
    machine: Machine, state: State, scheduler: Scheduler
) -> None:
    """The grace counts by the server's clock; the job FAILED with the reason of who terminated it."""
    deaf = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"]
    job = _job(state.region("us-east-2"), "deaf", deaf, retry={"attempts": 3})
    scheduler.tick()
    machine.until(lambda: "ready" in machine.log.texts)
    ask_to_stop(state.region("us-east-2"), job, "enough", is_cancel=False)
    scheduler.tick()
    machine.clock.advance(29)
    scheduler.tick()
    assert job.status == "RUNNING"
    machine.clock.advance(1)

    def has_ended() -> bool:
        scheduler.tick()
        return job.is_finished

    machine.until(has_ended)
    assert (job.status, job.status_reason, job.exit_code) == ("FAILED", "enough", 128 + signal.SIGKILL)
    assert len(job.attempts) == 1


_SERVER = """
import os, signal, sys, threading
from pathlib import Path
from batchwright.local.process_engine import ProcessEngine
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.local.volumes import VolumeStore

class Relay:
    def write(self, stream, lines):
        for _, text in lines:
            print(text, flush=True)

engine = ProcessEngine(VolumeStore(Path(sys.argv[1])), clock=ServerClock())
volume = {"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}
container = {
    "command": ["sh", "-c", "pwd; echo $$; setsid sh -c 'echo $$; exec sleep 300' & wait"],
    "volumes": [volume], "mountPoints": [{"sourceVolume": "v", "containerPath": "/mnt/efs"}],
}
words = dict.fromkeys(("id", "arn", "name", "queue_arn", "definition_arn"), "x")
job = Job(**words, request={}, container=container, created_at_ms=0)
engine.start(job, 1, {}, Relay())
threading.Event().wait()
"""


def test_jobs_do_not_outlive_a_server_that_was_killed(
    machine: Machine, tmp_path: Path, is_running: Callable[[int], bool]
) -> None:
    """Even where the server cannot clean up, its processes and directories go."""
    words = [sys.executable, "-c", _SERVER, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = [server.stdout.readline().strip() for _ in range(3)]
        server.kill()
    scratch = Path(next(text for text in said if text.startswith("/"))).parents[1]
    family = [int(text) for text in said if text.isdigit()]
    assert len(family) == 2
    machine.until(lambda: not any(is_running(pid) for pid in family))
    machine.until(lambda: not scratch.exists())
