"""One poller for all waits of a session: whoever wakes first looks for everybody whose turn is near."""

from __future__ import annotations

import contextlib
import os
import random
import threading
from collections.abc import Generator, Iterable, Sequence
from functools import cache, partial
from typing import Final

from batchwright.connection import Connection
from batchwright.jobs.description import JobDescription, job_description
from batchwright.jobs.polling import IDS_AT_ONCE, Failure, Look, look_at
from batchwright.jobs.watches import Change, News, Watch

TROUBLE_S: Final = 300.0
"""Seconds for which the network or AWS's own side may fail before a wait ends with that."""


class Poller:
    """Looks at the jobs of all waits; needs no thread of its own.

    Every waiting thread sleeps until its own next look is due. Who wakes first looks, for all those too that are due
    within half of their interval, and so moves their looks to the next time: however many wait, a round takes
    ceil(N / 100) calls, at the pace of one. If it ends, or is ended, the next one to wake goes on.

    Args:
        session: Whose clients and clock to use.
    """

    def __init__(self, session: Connection) -> None:
        self.process = os.getpid()
        self._session = session
        self._changed = threading.Condition()
        self._is_looking = False
        self._watches: dict[Watch, None] = {}
        self._failing_since: float | None = None

    @contextlib.contextmanager
    def joined(self, watch: Watch) -> Generator[None]:
        """Serve this wait as well."""
        with self._changed:
            if not self._watches:
                self._failing_since = None  # of whatever failed when somebody looked last
            self._watches[watch] = None
        try:
            yield
        finally:
            with self._changed:
                del self._watches[watch]

    def news(self, watch: Watch) -> News:
        """Sleep, and look, until there is something to tell about the jobs of `watch`; nothing when its time is over.

        Raises:
            ClientError: AWS refuses to tell of these jobs.
        """
        watch.is_present = True
        try:
            while (news := self._turn(watch)) is None:
                watch.tick()
        finally:
            watch.is_present = False
        return news

    def _turn(self, watch: Watch) -> News | None:
        """Take what there is, or look if it is time to, or sleep until it is."""
        is_mine = False
        try:
            with self._changed:
                self._changed.wait_for(lambda: watch.has_news or not self._is_looking)
                if watch.has_news or watch.is_over:
                    return watch.take()
                now = self._session.clock.monotonic()
                is_mine = self._is_looking = now >= watch.due
            if is_mine:
                self._look(now)
            else:
                self._session.clock.sleep(min(watch.due - now, watch.tick_s))
            return None
        finally:
            if is_mine:
                with self._changed:
                    self._is_looking = False
                    self._changed.notify_all()

    def conclude(self, watch: Watch, jobs: Iterable[JobDescription]) -> tuple[Change, ...]:
        """These jobs of the wait have ended otherwise than by AWS's word."""
        with self._changed:
            changes = map(watch.conclude, jobs)
            return tuple(change for change in changes if change is not None)

    def _look(self, now: float) -> None:
        """Ask about as many jobs as one look takes, for everybody."""
        with self._changed:
            ids = self._ids_to_ask(now)
        try:
            look = look_at(self._session, ids)
        except BaseException:
            with self._changed:
                for watch in self._watches:
                    watch.ask_again(ids)
            raise
        with self._changed:
            self._deliver(look, asked=now)

    def _ids_to_ask(self, now: float) -> list[str]:
        """Of those whose turn it is, the small waits first, so that a large one holds nobody up."""
        ids: dict[str, None] = {}
        for watch in sorted(self._watches, key=lambda watch: len(watch.pending)):
            if len(ids) < IDS_AT_ONCE and watch.is_ready(now):
                ids |= dict.fromkeys(watch.next_ids(now, IDS_AT_ONCE - len(ids)))
        return list(ids)

    def _deliver(self, look: Look, *, asked: float) -> None:
        now, chance = self._session.clock.monotonic(), random.random()  # noqa: S311  # one for all, who stay together
        for job_id, answer in look.found.items():
            describe = cache(partial(job_description, answer, read_at=self._session.clock.now()))
            for watch in self._watches:
                watch.note(job_id, answer, asked, describe)
        for job_id in look.missing:
            for watch in self._watches:
                watch.miss(job_id, asked)
        if look.found or look.missing:
            self._failing_since = None
        self._fail(look.failures, now, chance)
        for watch in self._watches:
            watch.settle(now, chance)

    def _fail(self, failures: Sequence[Failure], now: float, chance: float) -> None:
        """Throttling, and for a while what may pass too, makes those slower who asked; all else ends their waits."""
        slower: dict[Watch, None] = {}
        for failure in failures:
            if not failure.is_throttled and self._failing_since is None:
                self._failing_since = now
            lasts = self._failing_since is not None and now - self._failing_since > TROUBLE_S
            is_borne = failure.is_throttled or (failure.may_pass and not lasts)
            for watch in self._watches:
                if watch.ask_again(failure.job_ids):
                    slower[watch] = None
                    watch.error = watch.error if is_borne else failure.error
        for watch in slower:
            watch.slow_down(now, chance)


def poller_of(session: Connection) -> Poller:
    """The session's one poller, made when first needed; a forked process has its own."""
    with session.lock:
        poller: Poller | None = session.__dict__.get("poller")
        if poller is None or poller.process != os.getpid():
            poller = session.__dict__["poller"] = Poller(session)
        return poller
