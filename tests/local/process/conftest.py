"""The process engine with real processes, and the few words that its tests need."""

import functools
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from batchwright.local.engines import Outcome, Run
from batchwright.local.namespaces import Namespaces
from batchwright.local.process_engine import ProcessEngine
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.local.volumes import VolumeStore

_PATIENCE_S = 20.0
FILE_SYSTEM = {"name": "my-data", "efsVolumeConfiguration": {"fileSystemId": "fs-0123", "transitEncryption": "ENABLED"}}


class KeptLog:
    """Keeps the lines by stream."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int, str]] = []

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        self.lines += [(stream, time_ms, text) for time_ms, text in lines]

    @property
    def texts(self) -> list[str]:
        return [text for _, _, text in self.lines]


@attrs.define(kw_only=True)
class Machine:
    """An engine, its volumes and its log."""

    engine: ProcessEngine
    volumes: VolumeStore
    log: KeptLog
    clock: ServerClock

    def start(
        self,
        command: Sequence[str],
        *,
        environment: dict[str, str] | None = None,
        mounts: Sequence[dict[str, Any]] = (),
        volumes: Sequence[dict[str, Any]] = (FILE_SYSTEM,),
    ) -> Run:
        """Start a command; each mount is a mountPoint of the volume `my-data` unless it says otherwise."""
        points = [{"sourceVolume": "my-data", **mount} for mount in mounts]
        container = {"image": "ghcr.io/lab/tool:1", "command": [*command], "volumes": volumes, "mountPoints": points}
        job = Job(
            id="job-1",
            arn="arn:aws:batch:us-east-2:123456789012:job/job-1",
            name="job",
            queue_arn="q",
            definition_arn="d",
            request={},
            container=container,
            created_at_ms=0,
            log_stream="tool/default/1",
        )
        return self.engine.start(job, 1, environment or {}, self.log)

    def run(self, command: Sequence[str], **options: Any) -> Outcome:  # noqa: ANN401 - passed on as they are
        """Start a command and wait for its end."""
        run = self.start(command, **options)
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


@pytest.fixture
def new_machine(tmp_path: Path) -> Iterator[Callable[..., Machine]]:
    """Makes machines and closes their engines afterwards."""
    made: list[Machine] = []

    def make(**options: Any) -> Machine:  # noqa: ANN401 - passed on as they are
        volumes = VolumeStore(tmp_path / "volumes")
        clock = ServerClock()
        engine = ProcessEngine(volumes, clock=clock, **options)
        machine = Machine(engine=engine, volumes=volumes, log=KeptLog(), clock=clock)
        made.append(machine)
        return machine

    yield make
    for machine in made:
        machine.engine.close()


@pytest.fixture
def machine(new_machine: Callable[..., Machine]) -> Machine:
    """A machine as users get it."""
    return new_machine()


@functools.cache
def _refusal() -> str | None:
    with tempfile.TemporaryDirectory() as scratch:
        return Namespaces(Path(scratch)).refusal()


def _skip_where_refused() -> None:
    if refusal := _refusal():
        pytest.skip(f"this machine makes no mount namespace: {refusal}")


@pytest.fixture
def namespace_machine(new_machine: Callable[..., Machine]) -> Machine:
    """A machine that shows volumes in namespaces; tests that use it are skipped where the kernel refuses."""
    _skip_where_refused()
    return new_machine(mounts="namespace")


@pytest.fixture(params=["namespace", "rewrite"])
def mounting(request: pytest.FixtureRequest, new_machine: Callable[..., Machine]) -> Machine:
    """A machine that shows volumes in one of the two ways."""
    if request.param == "namespace":
        _skip_where_refused()
    return new_machine(mounts=request.param)


@pytest.fixture
def is_running() -> Callable[[int], bool]:
    """Tells whether a process runs; a zombie does not, and who reaps it is not the engine's business."""

    def answer(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return False

    return answer
