"""What one wait knows of its jobs: of each that has not ended, where it is, and of those that moved, how."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from batchwright.jobs.description import FINISHED, JobDescription
from batchwright.jobs.progress import State
from batchwright.waiting import Patience

UNTOLD_MAX: Final = 1_000
"""Changes that are kept for a wait whose thread has not come for them."""
MISSED_S: Final = 10.0
"""Seconds for which a job must be missing in AWS's answers before anybody is asked what became of it."""
NEVER_S: Final = float("inf")
SLOWER: Final = 5
"""Steps of the growing interval that a refusal costs; they double it."""

Answer = Mapping[str, Any]
"""An entry of DescribeJobs."""


@attrs.frozen
class Change:
    """One job in another state than before.

    Attributes:
        job_id: AWS's id.
        before: Where it was, or None if it was not seen yet.
        after: Where it is.
        description: All of it, where it has ended, or the wait wants to know of every change.
    """

    job_id: str
    before: State | None
    after: State
    description: JobDescription | None = None

    @property
    def is_new_status(self) -> bool:
        """Whether its status is another than before, and not just what is told beside it."""
        return self.before is None or self.before.status != self.after.status


@attrs.frozen
class News:
    """What a wait is told; nothing when its time is over.

    Attributes:
        changes: The jobs that moved, those that ended in the order of their ends.
        missed: By job id, for how many seconds it was looked for in vain.
    """

    changes: tuple[Change, ...] = ()
    missed: Mapping[str, float] = attrs.field(factory=dict[str, float])

    def __bool__(self) -> bool:
        return bool(self.changes or self.missed)


@attrs.define(eq=False)
class _Job:
    """A job that has not ended, as far as its wait knows."""

    state: State | None = None
    asked: float = float("-inf")
    missing_since: float | None = None


@attrs.define(eq=False)
class Watch:
    """One wait, as the poller serves it, which alone touches it.

    Attributes:
        due: When it is to be looked at next, by the session's monotonic clock.
        is_over: Whether its time is over, and the last look behind it.
        tick: What its thread calls every `tick_s` seconds while it sleeps.
        is_present: Whether its thread is there to take what is seen.
        error: What ended it for everybody who waits for the same jobs.
    """

    patience: Patience
    began: float
    pending: dict[str, _Job]
    state_of: Callable[[Answer], State]
    wants_all: bool
    due: float
    tick: Callable[[], object]
    tick_s: float
    is_over: bool = False
    is_present: bool = False
    error: Exception | None = None
    _changes: list[Change] = attrs.field(factory=list[Change])
    _missed: dict[str, float] = attrs.field(factory=dict[str, float])
    _interval: float = 0.0
    _intervals: Iterator[float] = attrs.field(init=False)
    _round: Iterator[str] | None = None
    _again: deque[str] = attrs.field(factory=deque[str])
    _round_began: float = 0.0
    _is_through: bool = False

    def __attrs_post_init__(self) -> None:
        self._intervals = self.patience.intervals()

    @classmethod
    def over(
        cls,
        job_ids: Iterable[str],
        *,
        patience: Patience,
        now: float,
        state_of: Callable[[Answer], State],
        wants_all: bool = False,
        tick: Callable[[], object] = lambda: None,
        tick_s: float = NEVER_S,
    ) -> Watch:
        """A wait for these jobs, due at once.

        Args:
            job_ids: AWS's ids.
            patience: How long it waits, and at which pace.
            now: The time, by the session's monotonic clock.
            state_of: What is remembered of an entry of DescribeJobs.
            wants_all: Whether every change comes with a description, or ends only.
            tick: What is called every `tick_s` seconds while nothing happens.
            tick_s: Seconds; by default it is never called.
        """
        pending = {job_id: _Job() for job_id in job_ids}
        return cls(patience, now, pending, state_of, wants_all, due=now, tick=tick, tick_s=tick_s)

    @property
    def deadline(self) -> float:
        """When its time is over, by the session's monotonic clock."""
        return self.began + self.patience.timeout_s

    @property
    def has_news(self) -> bool:
        """Whether there is anything for its thread."""
        return bool(self._changes or self._missed or self.error)

    def take(self) -> News:
        """What there is to tell; it is told once.

        Raises:
            Exception: What DescribeJobs said about these jobs.
        """
        if self.error is not None:
            raise self.error
        news = News(tuple(self._changes), self._missed)
        self._changes, self._missed = [], {}
        return news

    # --- being looked at ------------------------------------------------------------------------------------------

    def is_ready(self, now: float) -> bool:
        """Whether a look should include it: it is due, or will be so soon that one look can serve."""
        return self.is_present and self.due - now <= self._interval / 2 and len(self._changes) < UNTOLD_MAX

    def next_ids(self, now: float, limit: int) -> list[str]:
        """The next jobs of its round to ask about, but for those that others have asked about meanwhile."""
        if self._round is None:
            self._round, self._round_began = iter(tuple(self.pending)), now
        ids: list[str] = []
        while len(ids) < limit:
            job_id = self._again.popleft() if self._again else next(self._round, None)
            if job_id is None:
                self._is_through = True
                break
            job = self.pending.get(job_id)
            if job is not None and job.asked < self._round_began:
                ids.append(job_id)
        return ids

    def note(self, job_id: str, answer: Answer, asked: float, describe: Callable[[], JobDescription]) -> None:
        """AWS shows one of its jobs."""
        job = self.pending.get(job_id)
        if job is None:
            return
        job.asked, job.missing_since = asked, None
        before, after = job.state, self.state_of(answer)
        if before == after:
            return
        job.state = after
        is_end = after.status in FINISHED
        if is_end:
            del self.pending[job_id]
        self._changes.append(Change(job_id, before, after, describe() if is_end or self.wants_all else None))

    def miss(self, job_id: str, asked: float) -> None:
        """AWS does not show one of its jobs."""
        job = self.pending.get(job_id)
        if job is None:
            return
        job.asked = asked
        if job.missing_since is None:
            job.missing_since = asked
        elif asked - job.missing_since > MISSED_S:
            self._missed[job_id] = asked - job.missing_since

    def conclude(self, job: JobDescription) -> Change | None:
        """One of its jobs ended otherwise than by AWS's word; None if it is none of those that it waits for."""
        known = self.pending.pop(job.job_id, None)
        return Change(job.job_id, known.state, State(job.status), job) if known else None

    def settle(self, now: float, chance: float) -> None:
        """Rest until the next round, if this one is through."""
        if self._round is None or not self._is_through:
            return
        self._round, self._is_through = None, False
        self._rest(now, chance, is_last=self._round_began >= self.deadline)

    def ask_again(self, ids: Collection[str]) -> bool:
        """Ask about these again in this round, since the look failed; whether any of them was part of it."""
        again = [job_id for job_id in ids if job_id in self.pending]
        if self._round is None or not again:
            return False
        self._again.extend(again)
        self._is_through = False
        return True

    def slow_down(self, now: float, chance: float) -> None:
        """Look again later, and less often from now on."""
        for _ in range(SLOWER - 1):
            next(self._intervals)
        self._rest(now, chance, is_last=now >= self.deadline)

    def _rest(self, now: float, chance: float, *, is_last: bool) -> None:
        self._interval = self.patience.varied(next(self._intervals), chance)
        self.due, self.is_over = min(now + self._interval, self.deadline), is_last
