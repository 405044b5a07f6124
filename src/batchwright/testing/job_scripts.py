"""How jobs go that run nothing: what they print, how long they take and how they end, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import attrs

from batchwright.errors import DeclarationError
from batchwright.local.engines import Engine, LogSink, Outcome, Run, ScriptedEngine, ScriptedRun
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job


def _lines(log: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(log.splitlines()) if isinstance(log, str) else tuple(log)


@attrs.frozen(kw_only=True)
class JobScript:
    """How one attempt of a job goes.

    Args:
        exit_code: What its command returns, 0 to 255; None for a container that never starts.
        log: The lines that it prints; a text is taken line by line.
        duration_s: How long it runs, in seconds of the account's time.
        reason: The container's reason, such as `OutOfMemoryError: Container killed due to memory usage`.
    """

    exit_code: int | None = attrs.field(default=0)
    log: tuple[str, ...] = attrs.field(default=(), converter=_lines)
    duration_s: float = attrs.field(default=1.0)
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.exit_code is not None and not 0 <= self.exit_code <= 255:
            raise DeclarationError("JobScript", "exit_code", self.exit_code, "0 to 255, or None")
        if self.duration_s < 0:
            raise DeclarationError("JobScript", "duration_s", self.duration_s, "a number of seconds from 0")


@attrs.frozen
class _Entry:
    pattern: str
    index: int | None
    attempts: tuple[JobScript, ...]

    def fits(self, job: Job) -> bool:
        return fnmatchcase(job.name, self.pattern) and self.index in (None, job.index)


class ScriptedJobs:
    """An engine that runs nothing: jobs go as their scripts say, and those without one as `ScriptedEngine` has it.

    Args:
        clock: The account's time.
    """

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._others: Engine = ScriptedEngine(clock)
        self._entries: list[_Entry] = []

    @property
    def name(self) -> str:
        """The engine's name."""
        return self._others.name

    def script(self, pattern: str, *attempts: JobScript, index: int | None = None) -> None:
        """Let the jobs whose names fit go so; of several scripts that fit, the one added last counts."""
        self._entries.insert(0, _Entry(pattern, index, attempts or (JobScript(),)))

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        """Print what the script says, and pretend to run."""
        attempts = next((entry.attempts for entry in self._entries if entry.fits(job)), None)
        if attempts is None:
            return self._others.start(job, attempt_no, environment, log)
        script = attempts[min(attempt_no, len(attempts)) - 1]
        if job.log_stream is not None and script.log:
            log.write(job.log_stream, [(self._clock.now_ms(), line) for line in script.log])
        return ScriptedRun(self._clock, script.duration_s, Outcome(exit_code=script.exit_code, reason=script.reason))

    def close(self) -> None:
        """Do nothing: nothing runs."""
