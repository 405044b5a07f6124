"""A small Batch for tests of the scheduler: environments, queues and jobs under a clock that stands still."""

import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

import pytest

from batchwright.local.delays import Delays
from batchwright.local.engines import Engine, LogSink, Run, ScriptedEngine
from batchwright.local.scheduler import Scheduler
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Environment, Job, Policy, Queue, State

START = 1_800_000_000.0
TraceFunction = Callable[[FrameType, str, object], Any]


class RecordingEngine:
    """A scripted engine that remembers what it was asked to run."""

    def __init__(self, clock: ServerClock) -> None:
        self.inner = ScriptedEngine(clock)
        self.started: list[tuple[str, int]] = []
        self.environments: list[dict[str, str]] = []

    @property
    def name(self) -> str:
        return "recording"

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        self.started.append((job.id, attempt_no))
        self.environments.append(dict(environment))
        return self.inner.start(job, attempt_no, environment, log)

    def close(self) -> None:
        self.inner.close()


class Cluster:
    """State, clock, engine and scheduler together, with short ways to add what a test needs."""

    def __init__(self, *, max_vcpus: int = 16, delays: Delays | None = None, engine: Engine | None = None) -> None:
        self.clock = ServerClock(frozen_at=START)
        self.state = State(clock=self.clock, delays=delays or Delays.none())
        self.region = self.state.region("us-east-2")
        self.recorder = RecordingEngine(self.clock)
        self.told: list[tuple[str, str]] = []
        """(job id, status) of every change, in order."""
        self.scheduler = Scheduler(
            self.state,
            engine or self.recorder,
            extra_environment={"AWS_ENDPOINT_URL": "http://x"},
            on_status=lambda job: self.told.append((job.id, job.status)),
        )
        self._numbers = itertools.count()
        self.environment("env", max_vcpus)
        self.queue("queue", ["env"])

    def environment(self, name: str, max_vcpus: int, **resources: object) -> Environment:
        arn = self.region.arn(f"compute-environment/{name}")
        request = {"computeResources": {"maxvCpus": max_vcpus, **resources}}
        made = Environment(name=name, arn=arn, uuid=name, ecs_cluster_arn="", request=request, status="VALID")
        self.region.environments[name] = made
        return made

    def queue(self, name: str, environments: Sequence[str], *, priority: int = 1) -> Queue:
        arns = [self.region.environments[each].arn for each in environments]
        arn = self.region.arn(f"job-queue/{name}")
        made = Queue(name=name, arn=arn, status="VALID", priority=priority, environment_arns=arns)
        self.region.queues[name] = made
        return made

    def share_out(self, queue: str = "queue", **fairshare: object) -> Policy:
        """Give the queue a fair share policy."""
        arn = self.region.arn(f"scheduling-policy/{queue}")
        made = self.region.policies[arn] = Policy(name=queue, arn=arn, fairshare=fairshare)
        self.region.queues[queue].scheduling_policy_arn = arn
        return made

    def front(self, queue: str = "queue", most: int = 100) -> list[str]:
        """Return the ids of the jobs that GetJobQueueSnapshot shows."""
        return [job.id for job in self.state.front_of_queue(self.region.queues[queue], most)]

    def submit(
        self,
        command: str = "true",
        *,
        queue: str = "queue",
        seconds: float = 1,
        vcpus: str = "1",
        needs: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        array_size: int | None = None,
        **fields: object,
    ) -> Job:
        """Add a job as the API does, an array with all its children."""
        variables = {"BATCHWRIGHT_SCRIPT_SECONDS": str(seconds), **(environment or {})}
        container = {
            "image": "busybox",
            "command": ["sh", "-c", command],
            "environment": [{"name": name, "value": value} for name, value in variables.items()],
            "resourceRequirements": [
                {"type": kind, "value": value} for kind, value in {"VCPU": vcpus, **(needs or {})}.items()
            ],
        }
        common: dict[str, Any] = {
            "name": "job",
            "queue_arn": self.region.queues[queue].arn,
            "definition_arn": self.region.arn("job-definition/tool:3"),
            "request": {},
            "container": container,
            "created_at_ms": self.clock.now_ms(),
            **fields,
        }
        job_id = f"job-{next(self._numbers)}"
        self._add(job_id, common | {"array_size": array_size})
        for index in range(array_size or 0):
            self._add(f"{job_id}:{index}", common | {"depends_on": [], "parent_id": job_id, "index": index})
        return self.region.jobs[job_id]

    def children(self, parent: Job) -> list[Job]:
        return [self.region.jobs[f"{parent.id}:{index}"] for index in range(parent.array_size or 0)]

    def tick(self, advance_s: float = 0.0) -> None:
        self.clock.advance(advance_s)
        with self.state.lock:
            self.scheduler.tick()

    def _add(self, job_id: str, fields: Mapping[str, Any]) -> None:
        self.region.jobs[job_id] = Job(id=job_id, arn=self.region.arn(f"job/{job_id}"), **fields)


@pytest.fixture
def new_cluster() -> Callable[..., Cluster]:
    """Makes clusters, so that each test says what is special about its own."""
    return Cluster


@pytest.fixture
def steps_of() -> Callable[[Callable[[], object]], int]:
    """Counts what an action does, by a measure that does not depend on how busy the machine is."""
    return _steps_of


def _steps_of(action: Callable[[], object]) -> int:
    """How many instructions of Python an action takes, which does not depend on how busy the machine is."""
    steps = 0

    def count(frame: FrameType, event: str, argument: object) -> TraceFunction:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        action()
    finally:
        sys.settrace(before)
    return steps
