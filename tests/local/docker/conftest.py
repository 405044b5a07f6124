"""The docker engine with real containers, and the few words that its tests need."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import docker
import pytest

from batchwright.local.docker.engine import DockerEngine
from batchwright.local.docker.reach import Reached, reached_engine
from batchwright.local.engines import Outcome, Run
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.local.volumes import VolumeStore

from ...containers.images import busybox_image

_PATIENCE_S = 60.0
FILE_SYSTEM = {"name": "my-data", "efsVolumeConfiguration": {"fileSystemId": "fs-0123", "transitEncryption": "ENABLED"}}
SIZES = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}]


class KeptLog:
    """Keeps the lines with their time."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, str]] = []

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        assert stream == "tool/default/1"
        self.lines += lines

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.lines]


@attrs.define(kw_only=True)
class Machine:
    """An engine, its volumes and its log."""

    engine: DockerEngine
    volumes: VolumeStore
    log: KeptLog
    clock: ServerClock
    image: str

    def start(
        self,
        command: Sequence[str],
        *,
        environment: dict[str, str] | None = None,
        name: str = "job",
        **container: Any,  # noqa: ANN401 - any member of it
    ) -> Run:
        """Start a command in the test image; `container` holds members of the container in AWS's shape."""
        members = {"image": self.image, "command": [*command], "resourceRequirements": SIZES, **container}
        job = Job(
            id="job-1",
            arn="arn:aws:batch:us-east-2:123456789012:job/job-1",
            name=name,
            queue_arn="q",
            definition_arn="d",
            request={},
            container=members,
            created_at_ms=0,
            log_stream="tool/default/1",
        )
        return self.engine.start(job, 1, environment or {}, self.log)

    def run(self, command: Sequence[str], **options: Any) -> Outcome:  # noqa: ANN401 - passed on as they are
        """Start a command and wait for its end."""
        return self.end_of(self.start(command, **options))

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

    def left(self) -> tuple[list[str], list[str]]:
        """The containers and volumes of this engine that are there."""
        return self.engine.api.labelled(self.engine.label)


@pytest.fixture(scope="session")
def client() -> Iterator[docker.DockerClient]:
    """The engine of this machine, by another way than the code that is tested."""
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def new_machine(tmp_path: Path, client: docker.DockerClient) -> Iterator[Callable[..., Machine]]:
    """Makes machines, closes their engines afterwards, and sees that nothing is left of them."""
    made: list[Machine] = []

    def make(reached: Reached | None = None) -> Machine:
        clock, volumes = ServerClock(), VolumeStore(tmp_path / "volumes")
        engine = DockerEngine(reached or reached_engine(), volumes, clock=clock)
        machine = Machine(engine=engine, volumes=volumes, log=KeptLog(), clock=clock, image=busybox_image(client))
        made.append(machine)
        return machine

    yield make
    for machine in made:
        machine.engine.close()
        label = machine.engine.label
        assert client.containers.list(all=True, filters={"label": label}) == []
        assert client.volumes.list(filters={"label": label}) == []


@pytest.fixture
def machine(new_machine: Callable[..., Machine]) -> Machine:
    """A machine as users get it."""
    return new_machine()
