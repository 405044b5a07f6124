"""One attempt of a job as a real process: started, read and cleaned up in a thread."""

import contextlib
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals

import attrs

from batchwright.local.engines import Outcome
from batchwright.local.log_lines import LineBuffer
from batchwright.local.processes.sweeper import Sweeper
from batchwright.local.processes.watch import Watch
from batchwright.local.processes.workers import Workers
from batchwright.local.scheduling.moment import Moment

_FLUSH_S = 0.2
_DRAIN_S = 2.0  # how long output may still come after everything of the run was killed
_CHUNK_BYTES = 65536


@attrs.frozen(kw_only=True)
class Launch:
    """What to start.

    Args:
        command: The words, program first.
        environment: All of the process's variables.
        directory: Where it starts; None where the command sees to that itself.
        image: The image that the job asked for, to be named in refusals.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = attrs.field(repr=False)
    directory: Path | None
    image: str = ""


class LaunchRefusedError(Exception):
    """The command cannot be started; `outcome` says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


Prepare = Callable[[], contextlib.AbstractContextManager[Launch]]


class ProcessRun:
    """Runs what `prepare` gives; poll it for the end.

    Args:
        prepare: Makes ready what the process needs, and takes it away again; may raise LaunchRefusedError.
        marker: The run's value of `BATCHWRIGHT_RUN`, already in the launch's environment.
        sweeper: Ends what the process leaves behind.
        workers: Have the thread.
        write: Takes the lines.
        now_ms: Tells the time of a line.
    """

    def __init__(
        self,
        prepare: Prepare,
        *,
        marker: str,
        sweeper: Sweeper,
        workers: Workers,
        write: Callable[[list[tuple[int, str]]], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._prepare = prepare
        self._marker = marker
        self._sweeper = sweeper
        self._write = write
        self._lines = LineBuffer(now_ms)
        self._lock = threading.Lock()  # guards the three below: a signal must not hit a process id that is free again
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted_signal: Signals | None = None
        self._outcome: Outcome | None = None
        self._lost: str | None = None
        self._end = Moment()
        self._is_over = threading.Event()
        try:
            workers.do(self._work)
        except RuntimeError as error:  # this machine has no room for another thread
            self._outcome = Outcome(exit_code=None, reason=f"the process engine failed: {error}")
            self._is_over.set()
            self._end.come()

    def poll(self) -> Outcome | None:
        """Return how the run ended once all its lines are written and all its processes are gone."""
        return self._outcome

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Call `tell` once `poll` has something to return, from the run's thread, or at once."""
        self._end.when(tell)

    def signal(self) -> None:
        """Send SIGTERM to the process and the group it leads."""
        self._send(SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL likewise; what left the group is killed once the process has ended."""
        self._send(SIGKILL)

    def join(self, timeout_s: float) -> None:
        """Wait until the run has ended, at most so long."""
        self._is_over.wait(timeout_s)

    def _send(self, number: Signals) -> None:
        with self._lock:
            self._wanted_signal = number
            if self._process is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, number)

    def _work(self) -> None:
        try:
            with self._prepare() as launch:
                outcome = self._execute(launch)
        except LaunchRefusedError as refusal:
            outcome = refusal.outcome
        except Exception as error:  # a thread has nobody to raise to: the job says it
            outcome = Outcome(exit_code=None, reason=f"the process engine failed: {type(error).__name__}: {error}")
        with self._lock:
            self._outcome = outcome.with_lost(self._lost)
        self._is_over.set()
        self._end.come()

    def _execute(self, launch: Launch) -> Outcome:
        process = self._start(launch)
        if process is None:
            return Outcome(exit_code=128 + int(self._wanted_signal or SIGTERM))
        try:
            self._read_until_end(process)
        finally:
            self._sweeper.sweep(process.pid, self._marker)
            with self._lock:
                self._process = None
                code = process.wait()
        self._drain(process)
        return Outcome(exit_code=code if code >= 0 else 128 - code)

    def _start(self, launch: Launch) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._wanted_signal is not None:
                return None
            try:
                self._process = subprocess.Popen(  # noqa: S603 - running a user's command is what this is for
                    launch.command,
                    env=dict(launch.environment),
                    cwd=launch.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except (OSError, ValueError) as error:
                reason = f"CannotStartContainerError: {launch.command[0]!r} could not be started: {error}"
                raise LaunchRefusedError(Outcome(exit_code=126, reason=reason)) from error
            self._sweeper.began(self._process.pid)
            return self._process

    def _read_until_end(self, process: subprocess.Popen[bytes]) -> None:
        """Pass on lines until the process itself has ended; children that hold the pipe open do not count."""
        output = _output(process)
        with contextlib.closing(Watch(process, output)) as watch:
            flushed_at, is_fresh, has_ended = time.monotonic(), False, False
            while not has_ended:
                has_output, has_ended = watch.wait(_FLUSH_S if is_fresh else None)
                if has_output:
                    is_fresh = True
                    if not self._read_once(output):
                        watch.forget_output()
                if is_fresh and (not has_output or time.monotonic() - flushed_at >= _FLUSH_S):
                    self._flush()
                    flushed_at, is_fresh = time.monotonic(), False

    def _drain(self, process: subprocess.Popen[bytes]) -> None:
        """Pass on what is left in the pipe; bounded, since a process that could not be killed may hold it open."""
        output = _output(process)
        until = time.monotonic() + _DRAIN_S
        while time.monotonic() < until and _is_readable(output, _FLUSH_S):
            if not self._read_once(output):
                break
        self._lines.finish()
        self._flush()
        if process.stdout is not None:
            process.stdout.close()

    def _read_once(self, output: int) -> bool:
        data = os.read(output, _CHUNK_BYTES)
        self._lines.feed(data)
        return bool(data)

    def _flush(self) -> None:
        lines = self._lines.take()
        if not lines:
            return
        try:
            self._write(lines)
        except Exception as error:  # a log that is away must not end the job, nor go unsaid
            self._lost = f"{type(error).__name__}: {error}"


def _output(process: subprocess.Popen[bytes]) -> int:
    if process.stdout is None:
        raise RuntimeError("the process was started without a pipe")
    return process.stdout.fileno()


def _is_readable(descriptor: int, timeout_s: float) -> bool:
    """Wait for data or the end of the pipe (`poll`, since `select` refuses descriptors over 1023)."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))
