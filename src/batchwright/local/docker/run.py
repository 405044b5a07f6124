"""One attempt of a job as a container: made, started, read and removed by a thread of its own."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

import attrs

from batchwright.local.docker import reasons
from batchwright.local.docker.api import Body, DockerApi, EngineGoneError, EngineRefusedError
from batchwright.local.docker.images import PullFailedError, StoppedError
from batchwright.local.docker.kernel_log import was_killed_for_memory
from batchwright.local.docker.output import LineWriter
from batchwright.local.engines import Outcome
from batchwright.local.scheduling.moment import Moment
from batchwright.local.volumes import VolumeError

Signal = Literal["SIGTERM", "SIGKILL"]


@attrs.frozen(kw_only=True)
class Plan:
    """A container to be made.

    Args:
        name: The container's name.
        image: The image that the job names.
        platform: The platform that it asks for.
        body: Returns the body of ContainerCreate; may raise VolumeError.
    """

    name: str
    image: str
    platform: str | None
    body: Callable[[], Body]


class House(Protocol):
    """What runs share: their engine, and what is to be done with what they leave."""

    @property
    def api(self) -> DockerApi:
        """The engine."""
        ...

    @property
    def architecture(self) -> str:
        """The engine's processor architecture."""
        ...

    def image_architecture(self, name: str, platform: str | None, is_stopped: Callable[[], bool]) -> str:
        """Return what processors the image is for, once it is there; see `Images.ready`."""
        ...

    def deliver(self, task: Callable[[], None]) -> None:
        """Have something done soon, by a thread that may wait for the engine."""
        ...

    def removed(self, container_id: str, body: Mapping[str, Any]) -> None:
        """Remove a container and its volumes, now or, where the engine is away, later."""
        ...


class DockerRun:
    """Runs one container; poll it for the end.

    Args:
        house: The engine.
        plan: What to run.
        lines: Takes what it writes.
    """

    def __init__(self, house: House, plan: Plan, lines: LineWriter) -> None:
        self._house = house
        self._plan = plan
        self._lines = lines
        self._lock = threading.Lock()  # guards the three below
        self._container_id: str | None = None  # while it is started and not yet removed
        self._wanted: Signal | None = None
        self._outcome: Outcome | None = None
        self._beginning, self._end = Moment(), Moment()
        self._thread = threading.Thread(target=self._work, name=plan.name, daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:  # this machine has no room for another thread
            self._outcome = Outcome(exit_code=None, reason=f"the docker engine failed: {error}")
            self._end.come()

    def poll(self) -> Outcome | None:
        """Return how the run ended once all its lines are written and its container is removed."""
        return self._outcome

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Call `tell` once the run has ended, in its own thread, or at once where it has already."""
        self._end.when(tell)

    def when_began(self, tell: Callable[[], None]) -> None:
        """Call `tell` once the container has been started, in the run's thread, or at once where it has already."""
        self._beginning.when(tell)

    def signal(self) -> None:
        """Send SIGTERM to the container's first process, as ECS does."""
        self._send("SIGTERM")

    def kill(self) -> None:
        """Kill all processes of the container."""
        self._send("SIGKILL")

    def join(self, timeout_s: float) -> None:
        """Wait until the run has ended, at most so long."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _is_stopped(self) -> bool:
        return self._wanted is not None

    def _send(self, signal: Signal) -> None:
        with self._lock:
            self._wanted = signal
            container_id = self._container_id
        if container_id is not None:
            self._house.deliver(lambda: self._house.api.kill(container_id, signal))

    def _work(self) -> None:
        try:
            outcome = self._ran()
        except StoppedError:
            outcome = Outcome(exit_code=None)
        except (PullFailedError, VolumeError) as refusal:
            outcome = Outcome(exit_code=None, reason=str(refusal))
        except EngineRefusedError as refused:
            outcome = reasons.not_created(refused)
        except EngineGoneError as gone:
            outcome = reasons.engine_gone(self._house.api.base_url, gone, was_running=False)
        except Exception as error:  # a thread has nobody to raise to: the job says it
            outcome = Outcome(exit_code=None, reason=f"the docker engine failed: {type(error).__name__}: {error}")
        with self._lock:
            self._outcome = outcome.with_lost(self._lines.lost)
        self._end.come()

    def _ran(self) -> Outcome:
        plan = self._plan
        its_architecture = self._house.image_architecture(plan.image, plan.platform, self._is_stopped)
        foreign = reasons.foreign_image(plan.image, its_architecture, self._house.architecture)
        body = plan.body()
        if self._is_stopped():
            raise StoppedError
        container_id = self._house.api.create(plan.name, body, plan.platform)
        try:
            return self._executed(container_id, foreign)
        finally:
            with self._lock:
                self._container_id = None
            self._house.removed(container_id, body)

    def _executed(self, container_id: str, foreign: str | None) -> Outcome:
        api = self._house.api
        with contextlib.ExitStack() as stack:
            try:
                output = stack.enter_context(api.attached(container_id))
                self._start(container_id)
            except EngineRefusedError as refused:
                return reasons.not_started(refused, api.ended(container_id), foreign=foreign)
            with contextlib.suppress(OSError):  # what became of the container, the next call says
                self._lines.follow(output)
        try:
            return self._ended(container_id, foreign)
        except EngineRefusedError as refused:
            return reasons.not_inspected(refused)
        except EngineGoneError as gone:
            return reasons.engine_gone(api.base_url, gone, was_running=True)

    def _start(self, container_id: str) -> None:
        """Start it; a signal that came meanwhile is sent afterwards, since before there is no process to get it."""
        if self._is_stopped():
            raise StoppedError
        self._house.api.start(container_id)
        with self._lock:
            self._container_id = container_id
            signal = self._wanted
        self._beginning.come()
        if signal is not None:
            self._house.api.kill(container_id, signal)

    def _ended(self, container_id: str, foreign: str | None) -> Outcome:
        ending = self._house.api.ended(container_id)
        reason = reasons.format_refusal(foreign, ending.exit_code, self._lines.last_lines)
        is_killed = ending.exit_code == reasons.KILLED and self._wanted != "SIGKILL"
        if ending.is_out_of_memory or (is_killed and was_killed_for_memory(container_id)):
            reason = reasons.OUT_OF_MEMORY
        return Outcome(exit_code=ending.exit_code, reason=reason or ending.error or None)
