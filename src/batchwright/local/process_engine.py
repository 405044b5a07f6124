"""The `process` engine: a job's command as a real process of this machine, without an image."""

import contextlib
import os
import re
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs

from batchwright.local import leftovers
from batchwright.local.engines import LogSink, Outcome, Run
from batchwright.local.mounts import Mount, mounts_of
from batchwright.local.namespaces import Namespace, NamespaceRefusedError, Namespaces
from batchwright.local.path_rewriting import path_rewriter
from batchwright.local.process_run import Launch, LaunchRefusedError, ProcessRun
from batchwright.local.processes.places import Place
from batchwright.local.processes.sweeper import Sweeper
from batchwright.local.processes.workers import Workers
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job
from batchwright.local.volumes import VolumeError, VolumeStore

MountMode = Literal["auto", "namespace", "rewrite"]
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SHELL_SAFE = re.compile(r"[\w./+-]+")
_CLOSE_S = 5.0
_FEWEST_RUNS, _MOST_RUNS = 8, 1024
_FILES_A_RUN, _FILES_BESIDES = 4, 128


class ProcessEngine:
    """Runs commands with a clean environment, in a directory of their own that goes when they end.

    Args:
        volumes: Where EFS file systems are.
        clock: Tells the time of log lines.
        mounts: `namespace` shows volumes at their path in a mount namespace, read-only ones read-only; `rewrite`
            replaces their paths in command and environment by the real directories and cannot keep a job from
            writing; `auto` is `namespace` where the kernel allows it, else `rewrite`.
        no_docker: Why jobs do not run in containers, for those whose program is not on this machine.
    """

    def __init__(
        self, volumes: VolumeStore, *, clock: ServerClock, mounts: MountMode = "auto", no_docker: str = ""
    ) -> None:
        self._no_docker = no_docker
        self._volumes = volumes
        self._clock = clock
        self._mode: MountMode = mounts
        self._scratch = Path(tempfile.mkdtemp(prefix="batchwright-"))
        self._namespaces = Namespaces(self._scratch)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._runs: set[ProcessRun] = set()
        self._sweeper = Sweeper()
        self._workers = Workers()
        self._prefix = f"{secrets.token_hex(8)}-"
        self._guard = _guard(self._prefix, self._scratch)

    @property
    def name(self) -> str:
        """The engine's name as users choose it."""
        return "process"

    @property
    def most_runs(self) -> int:
        """How many runs there may be at a time: each holds a few of the files that this process may open."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return max(_FEWEST_RUNS, min(_MOST_RUNS, (soft - _FILES_BESIDES) // _FILES_A_RUN))

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        """Start the job's command in a thread that also reads its lines; failures are the run's outcome."""
        del attempt_no  # it is in the environment
        marker, stream = f"{self._prefix}{secrets.token_hex(8)}", job.log_stream or job.id
        container, variables = dict(job.container), {**environment, leftovers.MARKER: marker}
        run = ProcessRun(
            lambda: self._prepared(container, variables),
            marker=marker,
            sweeper=self._sweeper,
            workers=self._workers,
            write=lambda lines: self._write(log, stream, lines),
            now_ms=self._clock.now_ms,
        )
        with self._lock:
            self._runs.add(run)
        run.when_ended(lambda: self._forget(run))
        return run

    def _write(self, log: LogSink, stream: str, lines: list[tuple[int, str]]) -> None:
        with self._writing:  # one at a time: hundreds of runs would keep everybody else from what the log is kept in
            log.write(stream, lines)

    def _forget(self, run: ProcessRun) -> None:
        with self._lock:
            self._runs.discard(run)

    def close(self) -> None:
        """Kill what runs and remove the engine's directories and namespaces."""
        with self._lock:
            runs, self._runs = self._runs, set()
        for run in runs:
            run.kill()
        for run in runs:
            run.join(_CLOSE_S)
        self._namespaces.close()
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):  # large directories may go after we have gone
            self._guard.wait(_CLOSE_S)

    @contextlib.contextmanager
    def _prepared(self, container: Mapping[str, Any], environment: Mapping[str, str]) -> Generator[Launch, None, None]:
        place = Place.make(self._scratch)
        try:
            mounts = mounts_of(container, self._volumes, place.top)
            launch = _launch(container, place, environment)
            with self._with_mounts(launch, mounts, place) as mounted:
                yield mounted
        except VolumeError as error:
            raise LaunchRefusedError(Outcome(exit_code=None, reason=str(error))) from error
        finally:
            place.remove()

    @contextlib.contextmanager
    def _with_mounts(self, launch: Launch, mounts: tuple[Mount, ...], place: Place) -> Generator[Launch, None, None]:
        space = self._borrowed(mounts) if mounts else None
        if space is None:
            rewritten = _rewritten(launch, mounts, place)
            _require_program(rewritten, str, self._no_docker)
            yield rewritten
            return
        try:
            _require_program(launch, path_rewriter(mounts), self._no_docker)
            shown = {mount.variable: mount.path for mount in mounts}
            words = tuple(space.entering(launch.command, place.work))
            yield Launch(command=words, environment={**launch.environment, **shown}, directory=None, image=launch.image)
        finally:
            self._namespaces.give_back(space)

    def _borrowed(self, mounts: tuple[Mount, ...]) -> Namespace | None:
        """Return a namespace with the mounts, or None where paths are to be rewritten instead."""
        if self._mode == "rewrite":
            return None
        try:
            return self._namespaces.borrow(mounts)
        except NamespaceRefusedError as refusal:
            if self._mode == "auto":
                return None
            reason = (
                f"ResourceInitializationError: this machine allows no mount namespace ({refusal}), so the process "
                f"engine cannot show {', '.join(mount.path for mount in mounts)}. Let it rewrite paths "
                "(mounts='auto'), or run the job in a container with docker."
            )
            raise LaunchRefusedError(Outcome(exit_code=None, reason=reason)) from refusal


def _guard(prefix: str, scratch: Path) -> subprocess.Popen[bytes]:
    """Start the process that ends all runs and removes `scratch` once this one has closed its pipe, or has died."""
    program = [sys.executable, "-I", "-S", leftovers.__file__, prefix, str(scratch)]
    return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - the words are ours


def _launch(container: Mapping[str, Any], place: Place, environment: Mapping[str, str]) -> Launch:
    command, image = tuple(str(word) for word in container.get("command") or ()), str(container.get("image") or "")
    if not command:
        reason = (
            f"CannotStartContainerError: the process engine runs no image, so it cannot know the default command of "
            f"{image or 'the image'}: give a command in the job definition or at submission."
        )
        raise LaunchRefusedError(Outcome(exit_code=None, reason=reason))
    base = {
        "PATH": os.environ.get("PATH", _DEFAULT_PATH),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "HOME": str(place.work),
        "TMPDIR": str(place.tmp),
    }
    return Launch(command=command, environment={**base, **environment}, directory=place.work, image=image)


def _rewritten(launch: Launch, mounts: Sequence[Mount], place: Place) -> Launch:
    """Return the launch with container paths replaced by real ones."""
    plain = [attrs.evolve(mount, source=_plain(mount.source, place, no)) for no, mount in enumerate(mounts)]
    rewrite = path_rewriter(plain)
    environment = {name: rewrite(value) for name, value in launch.environment.items()}
    environment |= {mount.variable: str(mount.source) for mount in plain}
    return attrs.evolve(launch, command=tuple(rewrite(word) for word in launch.command), environment=environment)


def _plain(source: Path, place: Place, number: int) -> Path:
    """Return a path to `source` that a shell takes as one word: itself, or a link to it."""
    if _SHELL_SAFE.fullmatch(str(source)):
        return source
    link = place.top / f"mount-{number}"
    link.symlink_to(source)
    return link


def _require_program(launch: Launch, real: Callable[[str], str], no_docker: str) -> None:
    """Refuse a command whose program is not on this machine.

    Args:
        launch: What is to be started.
        real: Turns a path that the job sees into the one where it is now.
        no_docker: Why the job does not run in a container.
    """
    program = launch.command[0]
    searched = real(launch.environment["PATH"])
    if shutil.which(real(program), path=searched) is not None:
        return
    # A variable that the job was declared with is shown nowhere, this one neither.
    shown = searched if searched == os.environ.get("PATH", _DEFAULT_PATH) else "the job's own"
    reason = (
        f"CannotStartContainerError: the program {program!r} is not on this machine (PATH is {shown}). The process "
        f"engine runs no image ({launch.image or 'none given'}): install the program here, or run the job with docker."
        f"{no_docker and ' '}{no_docker}"
    )
    raise LaunchRefusedError(Outcome(exit_code=127, reason=reason))
