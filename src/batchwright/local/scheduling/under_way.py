"""The attempts that are under way: begun, interrupted, and collected when they have ended."""

import logging
import secrets
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from queue import SimpleQueue

import attrs

from batchwright.local.attempts import TIMED_OUT, environment_of
from batchwright.local.engines import BoundedEngine, EndedRun, Engine, LogSink, Outcome, PreparedRun, Run, TellingRun
from batchwright.local.provisions import Provide
from batchwright.local.scheduling.cut_log import CutLog
from batchwright.local.scheduling.statuses import Statuses
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Environment, Job
from batchwright.local.timeline import Timeline
from batchwright.local.tracked import Tracked
from batchwright.local.unprovided import UnprovidedError

logger = logging.getLogger(__name__)

KILL_AFTER_S = 30.0
"""How long a job may take to obey SIGTERM, as on AWS."""


@attrs.frozen(kw_only=True)
class Launching:
    """What every attempt begins with.

    Args:
        clock: The server's time.
        engine: Runs the commands.
        log: Takes their lines.
        lock: That of the state, which whoever calls holds.
        provide: Returns a job's secrets as variables, and refuses a start for which something is missing.
        extra_environment: Variables that every job gets besides its own.
        statuses: Changes the status of jobs.
        wake: Set when there is something to collect.
    """

    clock: ServerClock
    engine: Engine
    log: LogSink
    lock: AbstractContextManager[object]
    provide: Provide
    extra_environment: Mapping[str, str] = attrs.field(repr=False)
    statuses: Statuses
    wake: threading.Event


class UnderWay:
    """The attempts of one scheduler.

    Those that tell of their end are looked at then only; the others are asked each time.

    Args:
        launching: How attempts begin.
        timeline: Takes what is due later: time-outs, and the end of the patience with them.
    """

    def __init__(self, launching: Launching, timeline: Timeline) -> None:
        self._launching = launching
        self._timeline = timeline
        self._bounded = launching.engine if isinstance(launching.engine, BoundedEngine) else None
        self._running: dict[str, Tracked] = {}
        self._asked: dict[str, Tracked] = {}
        self._told: SimpleQueue[tuple[Tracked, Run, bool]] = SimpleQueue()  # and whether it has ended, or begun
        self._held: deque[tuple[Tracked, Environment]] = deque()
        self._log = CutLog(launching.log, launching.lock)

    def begin(self, tracked: Tracked, environment: Environment) -> None:
        """Begin an attempt of a job that is STARTING, or hold it until the engine has room for one more."""
        self._held.append((tracked, environment))
        self.begin_held()

    def begin_held(self) -> None:
        """Begin what was held, as far as the engine has room for it now."""
        most = float("inf") if self._bounded is None else self._bounded.most_runs
        while self._held and len(self._running) < most:
            tracked, environment = self._held.popleft()
            if tracked.job.status == "STARTING" and tracked.environment is environment:
                self._begin(tracked, environment)

    def interrupt(self, tracked: Tracked, run: Run, reason: str | None) -> None:
        """Ask a run to end, and kill it when it has not obeyed in time."""
        if tracked.run is not run or tracked.stopping is not None:
            return
        tracked.stopping = reason or "Job terminated"
        run.signal()
        self._timeline.add(self._launching.clock.now() + KILL_AFTER_S, partial(_kill, tracked, run))

    def ended(self) -> Iterator[tuple[Tracked, Outcome]]:
        """Yield each attempt that has told of its end by now, or is asked and has ended; and forget it.

        Those that have told of their beginning are RUNNING from now on.
        """
        for _ in range(self._told.qsize()):
            tracked, run, has_ended = self._told.get_nowait()
            if has_ended:
                yield from self._collected(tracked, run)
            elif tracked.run is run:
                self._began(tracked, run)
        yield from self.ended_silently()

    def ended_silently(self) -> Iterator[tuple[Tracked, Outcome]]:
        """Yield each attempt that does not tell, and has ended; and forget it."""
        for tracked in list(self._asked.values()):
            yield from self._collected(tracked, tracked.run)

    def kill_all(self) -> None:
        """Kill what runs, and hear no more of it."""
        self._log.cut()
        for tracked in self._running.values():
            if tracked.run is not None:
                tracked.run.kill()

    def _begin(self, tracked: Tracked, environment: Environment) -> None:
        job = tracked.job
        job.started_at_ms, job.stopped_at_ms = None, None
        job.exit_code, job.reason, job.log_stream = None, None, log_stream_of(job.definition_arn)
        run = self._started(job, environment)
        tracked.run, tracked.stopping = run, None
        self._running[job.id] = tracked
        if isinstance(run, PreparedRun):
            run.when_began(partial(self._tell, tracked, run, has_ended=False))
        elif not isinstance(run, EndedRun):
            self._began(tracked, run)
        if isinstance(run, TellingRun):
            run.when_ended(partial(self._tell, tracked, run, has_ended=True))
        else:
            self._asked[job.id] = tracked

    def _began(self, tracked: Tracked, run: Run) -> None:
        """Let the job be RUNNING; its time-out counts from now."""
        job, now = tracked.job, self._launching.clock.now()
        job.started_at_ms = round(now * 1000)
        self._launching.statuses.change(job, "RUNNING")
        if job.timeout_s is not None:
            self._timeline.add(now + job.timeout_s, partial(self.interrupt, tracked, run, TIMED_OUT))

    def _started(self, job: Job, environment: Environment) -> Run:
        launching = self._launching
        variables = environment_of(
            job,
            queue_name=job.queue_arn.rpartition("/")[2],
            environment_name=environment.name,
            extra=launching.extra_environment,
        )
        try:
            secrets_of_job = launching.provide(job)
            return launching.engine.start(job, len(job.attempts) + 1, {**variables, **secrets_of_job}, self._log)
        except UnprovidedError as error:
            return EndedRun(Outcome(exit_code=None, reason=str(error)))
        except Exception as error:  # or the job would be RUNNING for ever, and those after it would wait
            logger.exception("Job %s could not be started", job.id)
            why = f"the local AWS could not start it: {type(error).__name__}: {error}"
            return EndedRun(Outcome(exit_code=None, reason=why))

    def _tell(self, tracked: Tracked, run: Run, *, has_ended: bool) -> None:
        """Remember, in whatever thread a run begins or ends, that it has."""
        self._told.put((tracked, run, has_ended))
        self._launching.wake.set()

    def _collected(self, tracked: Tracked, run: Run | None) -> Iterator[tuple[Tracked, Outcome]]:
        outcome = run.poll() if run is not None and tracked.run is run else None
        if outcome is None:
            return
        tracked.run = None
        del self._running[tracked.job.id]
        self._asked.pop(tracked.job.id, None)
        yield tracked, outcome


def log_stream_of(definition_arn: str) -> str:
    """Return a new log stream name for an attempt, in the form that AWS Batch gives it."""
    name = definition_arn.rpartition("/")[2].partition(":")[0]
    return f"{name}/default/{secrets.token_hex(16)}"


def _kill(tracked: Tracked, run: Run) -> None:
    if tracked.run is run:
        run.kill()
