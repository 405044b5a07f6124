"""Moves jobs from SUBMITTED to their end, as far as the server's clock, their dependencies and the room allow."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import count

from batchwright.local.attempts import ENDED, NOT_STARTED, attempt_of, is_retried
from batchwright.local.dependencies import DEPENDENCY_FAILED, Waiting, prerequisites
from batchwright.local.dispatch import Dispatcher
from batchwright.local.engines import DiscardedLog, Engine, LogSink, Outcome
from batchwright.local.propagation import propagation_refusal
from batchwright.local.provisions import Provide, provide_nothing
from batchwright.local.scheduling.needs import needs_of
from batchwright.local.scheduling.statuses import OnStatus, Statuses, tell_nobody
from batchwright.local.scheduling.under_way import Launching, UnderWay
from batchwright.local.state import Environment, Job, Queue, State
from batchwright.local.timeline import Timeline
from batchwright.local.tracked import Tracked

CHILD_FAILED = "Array Child Job failed"


class Scheduler:
    """Carries out what the Batch API has written into `state`; call it with `state.lock` held.

    Its work is in proportion to what has changed: neither finished jobs nor those that wait are looked at again.

    Args:
        state: The server's memory.
        engine: Runs the jobs' commands.
        log: Takes the lines of jobs.
        extra_environment: Variables that every job gets besides its own.
        provide: Returns a job's secrets as variables, and refuses a start for which something is missing.
        on_status: Is told of each job whose status has changed, with the lock held; it must not raise.
        on_blocked: Is told likewise of a job at the head of its queue that cannot start, once for each reason.
    """

    wake: threading.Event
    """Set, from any thread, when a tick would find something to do: whoever ticks may wait for it, and clears it."""

    def __init__(
        self,
        state: State,
        engine: Engine,
        *,
        log: LogSink | None = None,
        extra_environment: Mapping[str, str] | None = None,
        provide: Provide = provide_nothing,
        on_status: OnStatus = tell_nobody,
        on_blocked: OnStatus = tell_nobody,
    ) -> None:
        self.wake = threading.Event()
        self._state = state
        self._statuses = Statuses(on_status)
        self._on_blocked = on_blocked
        self._launching = Launching(
            clock=state.clock,
            engine=engine,
            log=log or DiscardedLog(),
            lock=state.lock,
            provide=provide,
            extra_environment=dict(extra_environment or {}),
            statuses=self._statuses,
            wake=self.wake,
        )
        state.front_of_queue, state.vcpus_in_use = self._front_of_queue, self._vcpus_in_use
        self._forget()

    def tick(self) -> None:
        """Move every job as far as the clock allows, without waiting for anything."""
        self._admit_new()
        if not self._open:
            return
        self._end_attempts(self._under_way.ended())  # before the next line: who ended by himself was not stopped
        self._stop_unwanted()
        is_moving = True
        while is_moving:  # without those whose end was told meanwhile, or jobs of no length would keep everybody out
            now = self._state.clock.now()
            self._end_attempts(self._under_way.ended_silently())
            self._under_way.begin_held()
            is_moving = self._timeline.run_due(now) or bool(self._dispatcher.dispatch(now))

    def stop(self) -> None:
        """Kill what runs and forget all jobs; the scheduler can be used again with other ones."""
        self._under_way.kill_all()
        self._forget()

    def _forget(self) -> None:
        self._open: dict[str, Tracked] = {}
        self._numbers = count()
        self._waiting: Waiting[Tracked] = Waiting()
        self._timeline = Timeline()
        self._under_way = UnderWay(self._launching, self._timeline)
        self._ending: deque[tuple[Tracked, str, str | None]] = deque()
        self._is_ending = False
        self._dispatcher = Dispatcher(self._state.clock, self._start, self._fail, self._on_blocked)

    def _front_of_queue(self, queue: Queue, most: int) -> Sequence[Job]:
        return self._dispatcher.front(queue, most)

    def _vcpus_in_use(self, environment: Environment) -> float:
        return self._dispatcher.vcpus_in_use(environment)

    def _admit_new(self) -> None:
        """Take in the jobs that were added since; they are the last ones of each region, in order."""
        for region in self._state.regions.values():
            new: list[Job] = []
            for job in reversed(region.jobs.values()):
                if job.status != "SUBMITTED" or job.id in self._open:
                    break
                new.append(job)
            admitted = [
                Tracked(job=job, region=region, number=number, needs=needs_of(job), children_left=job.array_size or 0)
                for job, number in zip(reversed(new), self._numbers, strict=False)
            ]
            self._open.update((tracked.job.id, tracked) for tracked in admitted)
            for tracked in admitted:
                self._admit(tracked)

    def _admit(self, tracked: Tracked) -> None:
        job = tracked.job
        self._dispatcher.enter(tracked)
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
            self._statuses.change(tracked.job, "PENDING")
        else:
            self._make_runnable(tracked)

    def _make_runnable(self, tracked: Tracked, *, is_retry: bool = False) -> None:
        job = tracked.job
        if job.is_cancelled or job.is_terminated:
            self._end(tracked, "FAILED", job.stop_reason)
            return
        job.runnable_at_ms = self._state.clock.now_ms()
        self._statuses.change(job, "RUNNABLE")
        tracked.ready_at, tracked.is_retry = self._state.clock.now() + self._state.delays.job_start_s / 2, is_retry
        self._dispatcher.add(tracked)

    def _start(self, tracked: Tracked, environment: Environment) -> None:
        """Let a job start in an environment that has just given it room."""
        tracked.environment = environment
        self._statuses.change(tracked.job, "STARTING")
        due_at = self._state.clock.now() + self._state.delays.job_start_s / 2
        self._timeline.add(due_at, partial(self._under_way.begin, tracked, environment))

    def _end_attempts(self, ended: Iterable[tuple[Tracked, Outcome]]) -> None:
        for tracked, outcome in ended:
            self._end_attempt(tracked, outcome)

    def _end_attempt(self, tracked: Tracked, outcome: Outcome) -> None:
        job = tracked.job
        reason = tracked.stopping or (NOT_STARTED if outcome.exit_code is None else ENDED)
        attempt = attempt_of(job, outcome, reason, self._state.clock.now_ms())
        job.attempts.append(attempt)
        job.exit_code, job.reason = outcome.exit_code, outcome.reason
        if outcome.exit_code == 0 and tracked.stopping is None:
            self._end(tracked, "SUCCEEDED", reason)
        elif tracked.stopping is None and is_retried(job.retry, attempt, len(job.attempts)):
            self._dispatcher.release(tracked)
            self._make_runnable(tracked, is_retry=True)
        else:
            self._end(tracked, "FAILED", reason)

    def _stop_unwanted(self) -> None:
        """Carry out the cancelling and terminating that was asked for since."""
        for region in self._state.regions.values():
            wanted, region.to_stop = region.to_stop, []
            for tracked in [self._open[job.id] for job in wanted if job.id in self._open]:
                self._stop(tracked)

    def _stop(self, tracked: Tracked) -> None:
        job = tracked.job
        if job.is_finished or job.array_size is not None:
            return  # an array ends when its children have
        if tracked.run is not None:
            if job.is_terminated:
                self._under_way.interrupt(tracked, tracked.run, job.stop_reason)
        elif not tracked.waits and (job.is_terminated or job.status != "STARTING"):
            # What has not started is only cancelled, and what waits for others only when they have ended.
            self._end(tracked, "FAILED", job.stop_reason)

    def _fail(self, tracked: Tracked, reason: str) -> None:
        self._end(tracked, "FAILED", reason)

    def _end(self, tracked: Tracked, status: str, reason: str | None) -> None:
        """End a job, and all that this ends in turn (by a list, since chains of jobs may be long)."""
        self._ending.append((tracked, status, reason))
        if self._is_ending:
            return  # the loop below is under way further up
        self._is_ending = True
        try:
            while self._ending:
                self._end_one(*self._ending.popleft())
        finally:
            self._is_ending = False

    def _end_one(self, tracked: Tracked, status: str, reason: str | None) -> None:
        job = tracked.job
        if job.is_finished:
            return
        self._dispatcher.leave(tracked)
        tracked.units.give_back()
        job.stopped_at_ms = self._state.clock.now_ms()
        self._statuses.change(job, status, reason)
        del self._open[job.id]
        for waiter in self._waiting.take(job.id):
            self._tell_waiter(waiter, has_succeeded=status == "SUCCEEDED")
        if parent := self._open.get(job.parent_id or ""):
            self._tell_parent(parent, has_failed=status == "FAILED")

    def _tell_waiter(self, waiter: Tracked, *, has_succeeded: bool) -> None:
        waiter.waits -= 1
        if not has_succeeded:
            self._end(waiter, "FAILED", waiter.job.stop_reason or DEPENDENCY_FAILED)
        elif not waiter.waits and waiter.job.status == "PENDING":
            self._make_runnable(waiter)

    def _tell_parent(self, parent: Tracked, *, has_failed: bool) -> None:
        parent.children_left -= 1
        parent.has_failed_child |= has_failed
        if parent.children_left == 0:
            status = "FAILED" if parent.has_failed_child else "SUCCEEDED"
            self._end(parent, status, (parent.job.stop_reason or CHILD_FAILED) if parent.has_failed_child else None)
