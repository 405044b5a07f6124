"""What runs a job's command: the protocols, and an engine for tests that runs nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import attrs

from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job


@attrs.frozen(kw_only=True)
class Outcome:
    """How a run ended.

    Args:
        exit_code: What the command returned (128 + n for signal n); None when it never started.
        reason: AWS's `container.reason`, such as `CannotPullContainerError: ...`; None when there is nothing to say.
    """

    exit_code: int | None
    reason: str | None = None

    def with_lost(self, lost: str | None) -> "Outcome":
        """Return the outcome that also says why lines were lost, if any were."""
        if lost is None:
            return self
        said = f"log lines were lost: {lost}"
        return attrs.evolve(self, reason=f"{self.reason}; {said}" if self.reason else said)


class Run(Protocol):
    """One attempt of a job under way; no method of it blocks."""

    def poll(self) -> Outcome | None:
        """Return how the run ended, or None while it goes on; nothing of it is left behind once it ended."""
        ...

    def signal(self) -> None:
        """Ask the run to end (SIGTERM)."""
        ...

    def kill(self) -> None:
        """End the run and whatever it started (SIGKILL)."""
        ...


@runtime_checkable
class TellingRun(Run, Protocol):
    """A run that tells of its end, so that nobody has to ask again and again."""

    def when_ended(self, tell: Callable[[], None]) -> None:
        """Call `tell` once `poll` has something to return, in whatever thread, or at once where it has already."""
        ...


@runtime_checkable
class PreparedRun(Run, Protocol):
    """A run that first has something to make ready, such as an image to pull, and then begins or ends."""

    def when_began(self, tell: Callable[[], None]) -> None:
        """Call `tell` once the command has been started, in whatever thread, or at once where it has already."""
        ...


@attrs.frozen
class EndedRun:
    """A run that was over before it began, since what it needs is not there."""

    outcome: Outcome

    def poll(self) -> Outcome | None:
        """Return how it ended."""
        return self.outcome

    def signal(self) -> None:
        """Do nothing: it has ended."""

    def kill(self) -> None:
        """Do nothing: it has ended."""


class LogSink(Protocol):
    """Takes the lines that jobs write; called from the threads that read them."""

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        """Append lines, each with its time in epoch milliseconds, to the log stream."""
        ...


class Engine(Protocol):
    """Starts runs."""

    @property
    def name(self) -> str:
        """The engine's name as users choose it."""
        ...

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        """Start one attempt, without waiting for anything and without raising: what fails is the run's outcome.

        Args:
            job: What to run; `container` holds the command, `log_stream` the stream for its lines.
            attempt_no: From 1.
            environment: The variables of the job, complete but for what a machine must add (PATH, HOME).
            log: Where the job's lines go.
        """
        ...

    def close(self) -> None:
        """End what still runs and remove what the engine made on this machine."""
        ...


@runtime_checkable
class BoundedEngine(Engine, Protocol):
    """An engine with room for so many runs at a time; further jobs stay STARTING until one has ended."""

    @property
    def most_runs(self) -> int:
        """How many runs there may be at a time."""
        ...


class DiscardedLog:
    """A log sink that keeps nothing."""

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        """Forget the lines."""


class ScriptedRun:
    """A run that lasts for some seconds of the server's clock and then ends as its job said."""

    def __init__(self, clock: ServerClock, seconds: float, outcome: Outcome) -> None:
        self._clock = clock
        self._ends_at = clock.now() + seconds
        self._outcome = outcome
        self._stopped: Outcome | None = None

    def poll(self) -> Outcome | None:
        """Return the outcome once the time is over or the run was stopped."""
        if self._stopped is not None:
            return self._stopped
        return self._outcome if self._clock.now() >= self._ends_at else None

    def signal(self) -> None:
        """End at once, as a program does that obeys SIGTERM."""
        self._stopped = self._stopped or Outcome(exit_code=143)

    def kill(self) -> None:
        """End at once, as any program does on SIGKILL."""
        self._stopped = self._stopped or Outcome(exit_code=137)


class ScriptedEngine:
    """Runs nothing: a job lasts BATCHWRIGHT_SCRIPT_SECONDS (default 1) of the server's clock and returns what it says.

    The exit code is BATCHWRIGHT_SCRIPT_EXIT, else that of the command where it is `false`, `exit N` or
    `sh -c "exit N"`, else 0.  The command itself is the one line that the job logs.
    """

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock

    @property
    def name(self) -> str:
        """The engine's name."""
        return "scripted"

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        """Log the command and pretend to run it."""
        del attempt_no  # each attempt goes alike
        command = [str(word) for word in job.container.get("command") or ()]
        if job.log_stream is not None:
            log.write(job.log_stream, [(self._clock.now_ms(), " ".join(command) or "(no command)")])
        seconds = float(environment.get("BATCHWRIGHT_SCRIPT_SECONDS", "1"))
        code = environment.get("BATCHWRIGHT_SCRIPT_EXIT")
        return ScriptedRun(
            self._clock, seconds, Outcome(exit_code=_scripted_code(command) if code is None else int(code))
        )

    def close(self) -> None:
        """Do nothing: nothing runs."""


def _scripted_code(command: Sequence[str]) -> int:
    words = list(command)
    if words[:2] in (["sh", "-c"], ["bash", "-c"]) and len(words) == 3:
        words = words[2].split()
    if words == ["false"]:
        return 1
    is_exit = len(words) == 2 and words[0] == "exit" and words[1].isdigit()
    return int(words[1]) if is_exit else 0
