"""Each engine that runs commands, with a volume and a log, by the one protocol that both have."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import attrs
import pytest

from batchwright.local.docker.engine import DockerEngine
from batchwright.local.docker.reach import reached_engine
from batchwright.local.engines import Engine, Outcome, Run
from batchwright.local.process_engine import ProcessEngine
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.local.volumes import VolumeStore

from ...containers.images import busybox_image

_PATIENCE_S = 60.0
_VOLUME = {"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-0123", "transitEncryption": "ENABLED"}}
STREAM = "tool/default/1"


class KeptLog:
    """Keeps the lines with their stream and time."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int, str]] = []

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        self.lines += [(stream, time_ms, text) for time_ms, text in lines]

    @property
    def texts(self) -> list[str]:
        return [text for _, _, text in self.lines]


@attrs.define(kw_only=True)
class Machine:
    """An engine and what goes with it; every job sees the volume `fs-0123` at /mnt/data."""

    engine: Engine
    volume: Path
    image: str
    log: KeptLog = attrs.field(factory=KeptLog)

    def start(self, command: Sequence[str], *, environment: dict[str, str] | None = None, image: str = "") -> Run:
        """Start a command."""
        container = {
            "image": image or self.image,
            "command": [*command],
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
            "volumes": [_VOLUME],
            "mountPoints": [{"sourceVolume": "data", "containerPath": "/mnt/data"}],
        }
        job = Job(
            id="job-1",
            arn="arn:aws:batch:us-east-2:123456789012:job/job-1",
            name="job",
            queue_arn="q",
            definition_arn="d",
            request={},
            container=container,
            created_at_ms=0,
            log_stream=STREAM,
        )
        return self.engine.start(job, 1, environment or {}, self.log)

    def run(self, command: Sequence[str], **environment: str) -> Outcome:
        """Start a command with those variables and wait for its end."""
        return self.end_of(self.start(command, environment=environment))

    def end_of(self, run: Run) -> Outcome:
        """Wait for the end of a run."""
        self.until(lambda: run.poll() is not None)
        outcome = run.poll()
        assert outcome is not None
        return outcome

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something outside this process has happened."""
        ends_at, pause = time.monotonic() + _PATIENCE_S, threading.Event()
        while not condition():
            assert time.monotonic() < ends_at, "it did not happen in time"
            pause.wait(0.01)


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    """Each engine in turn."""
    volumes, clock = VolumeStore(tmp_path / "volumes"), ServerClock()
    is_docker = request.param == "docker"
    engine: Engine = (
        DockerEngine(reached_engine(), volumes, clock=clock) if is_docker else ProcessEngine(volumes, clock=clock)
    )
    image = _test_image() if is_docker else "ghcr.io/lab/tool:1"
    yield Machine(engine=engine, volume=volumes.directory("fs-0123"), image=image)
    engine.close()


def _test_image() -> str:
    import docker

    client = docker.from_env()
    try:
        return busybox_image(client)
    finally:
        client.close()
