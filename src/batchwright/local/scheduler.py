"""Moves jobs from SUBMITTED to their end, as far as the server's clock, their dependencies and the vCPUs allow."""

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from batchwright.local.attempts import ENDED, NOT_STARTED, TIMED_OUT, attempt_of, environment_of, is_retried
from batchwright.local.capacity import vcpus_of
from batchwright.local.dependencies import DEPENDENCY_FAILED, Waiting, prerequisites
from batchwright.local.dispatch import Dispatcher
from batchwright.local.engines import DiscardedLog, EndedRun, Engine, LogSink, Outcome, Run
from batchwright.local.propagation import propagation_refusal
from batchwright.local.provisions import Provide, provide_nothing
from batchwright.local.state import Environment, Job, State
from batchwright.local.timeline import Timeline
from batchwright.local.tracked import Tracked
from batchwright.local.unprovided import UnprovidedError

KILL_AFTER_S = 30.0
"""How long a job may take to obey SIGTERM, as on AWS."""
CHILD_FAILED = "Array Child Job failed"

OnStatus = Callable[[Job], None]
"""Is told of a job, an array's parent too, after each change of its status but the first one, to SUBMITTED."""


def tell_nobody(job: Job) -> None:
    """Do nothing with a job whose status has changed."""


class Scheduler:
    """Carries out what the Batch API has written into `state`; call it with `state.lock` held.

    Its work is in proportion to the jobs that are unfinished: finished ones are never looked at again.

    Args:
        state: The server's memory.
        engine: Runs the jobs' commands.
        log: Takes the lines of jobs.
        extra_environment: Variables that every job gets besides its own.
        provide: Returns a job's secrets as variables, and refuses a start for which something is missing.
        on_status: Is told of each job whose status has changed, with the lock held; it must not raise.
    """

    def __init__(
        self,
        state: State,
        engine: Engine,
        *,
        log: LogSink | None = None,
        extra_environment: Mapping[str, str] | None = None,
        provide: Provide = provide_nothing,
        on_status: OnStatus = tell_nobody,
    ) -> None:
        self._state = state
        self._engine = engine
        self._log = log or DiscardedLog()
        self._extra_environment = dict(extra_environment or {})
        self._provide = provide
        self._on_status = on_status
        self._forget()

    def tick(self) -> None:
        """Move every job as far as the clock allows, without waiting for anything."""
        self._admit_new()
        if not self._open:
            return
        self._collect_ended_runs()  # before the next line: who ended by himself was not stopped
        self._stop_unwanted()
        is_moving = True
        while is_moving:
            now = self._state.clock.now()
            self._collect_ended_runs()
            is_moving = self._timeline.run_due(now) or bool(self._dispatcher.dispatch(now))

    def stop(self) -> None:
        """Kill what runs and forget all jobs; the scheduler can be used again with other ones."""
        for tracked in self._running.values():
            if tracked.run is not None:
                tracked.run.kill()
        self._forget()

    def _forget(self) -> None:
        self._open: dict[str, Tracked] = {}
        self._running: dict[str, Tracked] = {}
        self._waiting: Waiting[Tracked] = Waiting()
        self._timeline = Timeline()
        self._ending: deque[tuple[Tracked, str, str | None]] = deque()
        self._dispatcher = Dispatcher(self._start, self._fail)

    def _admit_new(self) -> None:
        """Take in the jobs that were added since; they are the last ones of each region, in order."""
        for region in self._state.regions.values():
            new: list[Tracked] = []
            for job in reversed(region.jobs.values()):
                if job.status != "SUBMITTED" or job.id in self._open:
                    break
                new.append(Tracked(job=job, region=region, vcpus=vcpus_of(job), children_left=job.array_size or 0))
            for tracked in reversed(new):
                self._open[tracked.job.id] = tracked
            for tracked in reversed(new):
                self._admit(tracked)

    def _admit(self, tracked: Tracked) -> None:
        job = tracked.job
        needed = prerequisites(job, tracked.region.jobs)
        unfinished = [each.id for each in needed if not each.is_finished]
        tracked.waits = len(unfinished)
        self._waiting.add(tracked, unfinished)
        if any(each.status == "FAILED" for each in needed):
            self._end(tracked, "FAILED", DEPENDENCY_FAILED)
            return
        due_at = job.created_at_ms / 1000 + self._state.delays.job_submit_s
        self._timeline.add(due_at, partial(self._leave_submitted, tracked))

    def _leave_submitted(self, tracked: Tracked) -> None:
        if tracked.job.status != "SUBMITTED":
            return
        if reason := propagation_refusal(tracked.job, tracked.region):
            self._end(tracked, "FAILED", reason)
        elif tracked.waits or tracked.children_left:
            self._set_status(tracked.job, "PENDING")
        else:
            self._make_runnable(tracked)

    def _make_runnable(self, tracked: Tracked, *, is_retry: bool = False) -> None:
        job = tracked.job
        if job.is_cancelled or job.is_terminated:
            self._end(tracked, "FAILED", job.stop_reason)
            return
        self._set_status(job, "RUNNABLE")
        tracked.ready_at = self._state.clock.now() + self._state.delays.job_start_s / 2
        self._dispatcher.add(tracked, is_retry=is_retry)

    def _start(self, tracked: Tracked, environment: Environment) -> None:
        """Let a job start in an environment that has just given it room."""
        tracked.environment = environment
        self._set_status(tracked.job, "STARTING")
        due_at = self._state.clock.now() + self._state.delays.job_start_s / 2
        self._timeline.add(due_at, partial(self._begin_run, tracked, environment))

    def _begin_run(self, tracked: Tracked, environment: Environment) -> None:
        job = tracked.job
        if job.status != "STARTING":
            return
        job.started_at_ms, job.stopped_at_ms = self._state.clock.now_ms(), None
        job.exit_code, job.reason, job.log_stream = None, None, log_stream_of(job.definition_arn)
        self._set_status(job, "RUNNING")
        variables = environment_of(
            job,
            queue_name=job.queue_arn.rpartition("/")[2],
            environment_name=environment.name,
            extra=self._extra_environment,
        )
        run = self._started(job, variables)
        tracked.run, tracked.stopping = run, None
        self._running[job.id] = tracked
        if job.timeout_s is not None:
            due_at = self._state.clock.now() + job.timeout_s
            self._timeline.add(due_at, partial(self._interrupt, tracked, run, TIMED_OUT))

    def _started(self, job: Job, variables: Mapping[str, str]) -> Run:
        try:
            secrets_of_job = self._provide(job)
        except UnprovidedError as error:
            return EndedRun(Outcome(exit_code=None, reason=str(error)))
        return self._engine.start(job, len(job.attempts) + 1, {**variables, **secrets_of_job}, self._log)

    def _interrupt(self, tracked: Tracked, run: Run, reason: str | None) -> None:
        """Ask a run to end, and kill it when it has not obeyed in time."""
        if tracked.run is not run or tracked.stopping is not None:
            return
        tracked.stopping = reason or "Job terminated"
        run.signal()
        self._timeline.add(self._state.clock.now() + KILL_AFTER_S, partial(_kill, tracked, run))

    def _collect_ended_runs(self) -> None:
        for tracked in list(self._running.values()):
            outcome = None if tracked.run is None else tracked.run.poll()
            if outcome is not None:
                self._end_attempt(tracked, outcome)

    def _end_attempt(self, tracked: Tracked, outcome: Outcome) -> None:
        job = tracked.job
        reason = tracked.stopping or (NOT_STARTED if outcome.exit_code is None else ENDED)
        attempt = attempt_of(job, outcome, reason, self._state.clock.now_ms())
        job.attempts.append(attempt)
        job.exit_code, job.reason = outcome.exit_code, outcome.reason
        del self._running[job.id]
        tracked.run = None
        if outcome.exit_code == 0 and tracked.stopping is None:
            self._end(tracked, "SUCCEEDED", reason)
        elif tracked.stopping is None and is_retried(job.retry, attempt, len(job.attempts)):
            self._dispatcher.release(tracked)
            self._make_runnable(tracked, is_retry=True)
        else:
            self._end(tracked, "FAILED", reason)

    def _stop_unwanted(self) -> None:
        """Carry out the cancelling and terminating that was asked for."""
        for tracked in [each for each in self._open.values() if each.job.is_terminated or each.job.is_cancelled]:
            job = tracked.job
            if job.is_finished or job.array_size is not None:
                continue  # an array ends when its children have
            if tracked.run is not None:
                if job.is_terminated:
                    self._interrupt(tracked, tracked.run, job.stop_reason)
            elif not tracked.waits and (job.is_terminated or job.status != "STARTING"):
                # What has not started is only cancelled, and what waits for others only when they have ended.
                self._end(tracked, "FAILED", job.stop_reason)

    def _fail(self, tracked: Tracked, reason: str) -> None:
        self._end(tracked, "FAILED", reason)

    def _end(self, tracked: Tracked, status: str, reason: str | None) -> None:
        """End a job, and all that this ends in turn (by a list, since chains of jobs may be long)."""
        self._ending.append((tracked, status, reason))
        if len(self._ending) > 1:
            return  # the loop below is under way further up
        while self._ending:
            self._end_one(*self._ending[0])
            self._ending.popleft()

    def _end_one(self, tracked: Tracked, status: str, reason: str | None) -> None:
        job = tracked.job
        if job.is_finished:
            return
        self._dispatcher.release(tracked)
        tracked.units.give_back()
        job.stopped_at_ms = self._state.clock.now_ms()
        self._set_status(job, status, reason)
        del self._open[job.id]
        for waiter in self._waiting.take(job.id):
            self._tell_waiter(waiter, has_succeeded=status == "SUCCEEDED")
        if parent := self._open.get(job.parent_id or ""):
            self._tell_parent(parent, has_failed=status == "FAILED")

    def _set_status(self, job: Job, status: str, reason: str | None = None) -> None:
        """Change a job's status: nobody else does, once it is SUBMITTED."""
        job.status, job.status_reason = status, reason
        self._on_status(job)

    def _tell_waiter(self, waiter: Tracked, *, has_succeeded: bool) -> None:
        waiter.waits -= 1
        if not has_succeeded:
            self._end(waiter, "FAILED", DEPENDENCY_FAILED)
        elif not waiter.waits and waiter.job.status == "PENDING":
            self._make_runnable(waiter)

    def _tell_parent(self, parent: Tracked, *, has_failed: bool) -> None:
        parent.children_left -= 1
        parent.has_failed_child |= has_failed
        if parent.children_left == 0:
            status = "FAILED" if parent.has_failed_child else "SUCCEEDED"
            self._end(parent, status, (parent.job.stop_reason or CHILD_FAILED) if parent.has_failed_child else None)


def log_stream_of(definition_arn: str) -> str:
    """Return a new log stream name for an attempt, in the form that AWS Batch gives it."""
    name = definition_arn.rpartition("/")[2].partition(":")[0]
    return f"{name}/default/{secrets.token_hex(16)}"


def _kill(tracked: Tracked, run: Run) -> None:
    if tracked.run is run:
        run.kill()
