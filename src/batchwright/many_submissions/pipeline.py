"""The way of many jobs: claimed in transactions, sent at AWS's pace by several threads, recorded in transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.jobs.description import JobDescription
from batchwright.jobs.transactions import WRITES_MAX
from batchwright.many_submissions.collecting import Collector
from batchwright.many_submissions.entry import Entry
from batchwright.many_submissions.ordering import Board
from batchwright.many_submissions.sending import Sending
from batchwright.many_submissions.surroundings import Surroundings
from batchwright.many_submissions.writing import Claims, Records
from batchwright.memory import Memory
from batchwright.resources.batch_job import BatchJob

SENDERS: Final = 64
"""Requests on their way at the most: enough for AWS's quota where an answer takes a second."""
LOOKERS: Final = 16
CLAIM_LINGER_S: Final = 0.1
CLAIMED_AHEAD_S: Final = 1.0
"""A transaction takes a fraction of this, so that sending never waits for one."""
TOGETHER_S: Final = 0.06
"""Requests that are due within this time go together: to wake threads for each is a quarter of all that a job costs."""
RECORD_LINGER_S: Final = 1.0
"""At 50 jobs a second, so many records travel together that they are a fiftieth of a call a job."""


class Pipeline:
    """Submits what it is given until it is left; then nothing new is sent, and what is on its way is awaited.

    Args:
        session: Whose clients, clock, limiter and policy to use.
        memory: What the session trusts.
    """

    def __init__(self, session: Connection, memory: Memory) -> None:
        self._session = session
        self._stopping = threading.Event()
        self._busy = 0  # claimed, sent or looked for, and not yet to be recorded
        self._crash: BaseException | None = None
        self._board = Board(memory, self._start)
        self.changed = self._board.changed
        self._surroundings = Surroundings(memory)
        self._sending = Sending(
            session, self._surroundings, self._to_record, self._settle, self._to_look, self._stopping.is_set
        )
        self._claims = Claims(session, self._settle, self._to_look, self._claims_refused)
        self._records = Records(session, self._finish, self._to_write_alone)
        self._slots = threading.Semaphore(SENDERS)
        self._senders = ThreadPoolExecutor(SENDERS, "batchwright-send")
        self._lookers = ThreadPoolExecutor(LOOKERS, "batchwright-look")
        self._front = self._collector(self._claim, CLAIM_LINGER_S, self._claims_at_once, "claim")
        self._out = self._collector(self._send_together, 0.0, self._together, "pace")
        self._back = self._collector(self._write, RECORD_LINGER_S, lambda: WRITES_MAX, "record")

    def add(self, job: BatchJob) -> Entry:
        """Take in a job; what it needs is made here, in the caller's thread, when it is the first to need it."""
        entry = self._board.add(job, self._prepare)
        if entry.waits_for:
            self._back.hurry()
        return entry

    def hurry(self) -> None:
        """No more comes for a while: let no claim wait for others."""
        self._front.hurry()

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait for entries to be done.

        Raises:
            BaseException: What went wrong that no job can be blamed for.
        """
        with self.changed:
            self.changed.wait_for(lambda: until() or self._crash is not None)
        if self._crash is not None:
            raise self._crash

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._front.close()
        self._out.close()
        self._senders.shutdown()
        self._back.close()
        self._lookers.shutdown()

    # --- the stations ---------------------------------------------------------------------------------------------

    def _prepare(self, entry: Entry) -> None:
        try:
            self._surroundings.describe(entry)
        except BatchwrightError as error:
            entry.error = error

    def _start(self, entry: Entry) -> None:
        if self._stopping.is_set():
            return
        self._sending.prepare(entry)
        if entry.error is not None:
            self._finish(entry)
            return
        with self.changed:
            self._busy += 1
        self._front.add(entry)

    def _claims_at_once(self) -> int:
        """So many that the last one can be sent well within its claim."""
        return max(1, min(WRITES_MAX, int(self._session.limiter.per_second * self._session.submission.claim_s / 2)))

    def _claim(self, entries: Sequence[Entry]) -> None:
        """Claim the next ones while the last ones are being sent, and no earlier: claims do not last."""
        self._out.wait_for_room(int(self._session.limiter.per_second * CLAIMED_AHEAD_S))
        if self._stopping.is_set():
            self._left(len(entries))
            return
        tracked = [entry for entry in entries if entry.attempt is not None]
        claimed = self._claims.made(tracked) if tracked else []
        self._out.add_all([*claimed, *(entry for entry in entries if entry.attempt is None)])

    def _together(self) -> int:
        return max(1, int(self._session.limiter.per_second * TOGETHER_S))

    def _send_together(self, entries: Sequence[Entry]) -> None:
        for _ in entries:
            self._slots.acquire()
        paced = [entry.attempt for entry in entries if entry.attempt is not None]
        if paced and not self._stopping.is_set():
            turn = self._session.limiter.turn(len(paced))
            for attempt in paced:
                attempt.turn = turn
        for entry in entries:
            self._work(self._senders, self._send, entry)

    def _send(self, entry: Entry) -> None:
        try:
            self._sending.send(entry)
        finally:
            self._slots.release()

    def _claims_refused(self, entries: Sequence[Entry], error: BatchwrightError) -> None:
        """No transaction got through: make the table again if it is gone, or tell everybody."""
        for entry in entries:
            if self._sending.is_cured(entry, error):
                self._front.add(entry)
            else:
                entry.error = entry.error or error
                self._to_record(entry)

    def _write(self, entries: Sequence[Entry]) -> None:
        self._records.write(entries)
        if any(entry.followers for entry in entries):  # nobody else knows that these can go on now
            self._front.hurry()

    def _to_look(self, entry: Entry) -> None:
        self._work(self._lookers, self._sending.look, entry)

    def _to_write_alone(self, entry: Entry) -> None:
        with self.changed:
            self._busy += 1
        self._work(self._lookers, self._sending.write_alone, entry)

    def _to_record(self, entry: Entry) -> None:
        self._back.add(entry, hurry=bool(entry.followers))
        self._left()

    def _settle(self, entry: Entry) -> None:
        self._finish(entry)
        self._left()

    def _finish(self, entry: Entry) -> None:
        if entry.created and entry.error is None:
            entry.description = JobDescription(job_id=entry.job_id, name=entry.job.name)
        if not self._board.finish(entry):
            self._work(self._lookers, self._describe, entry)

    def _describe(self, entry: Entry) -> None:
        self._sending.describe(entry)
        self._board.finish(entry)

    # --- threads --------------------------------------------------------------------------------------------------

    def _collector(
        self, work: Callable[[list[Entry]], None], linger_s: float, most: Callable[[], int], name: str
    ) -> Collector[Entry]:
        return Collector(work, self._crashed, linger_s=linger_s, most=most, name=name)

    def _work(self, pool: ThreadPoolExecutor, step: Callable[[Entry], None], entry: Entry) -> None:
        def run() -> None:
            try:
                step(entry)
            except BaseException as error:
                self._crashed(error)

        try:
            pool.submit(run)
        except RuntimeError:  # shut down, while the last of its threads has still something to record
            run()

    def _left(self, count: int = 1) -> None:
        """So many are no longer busy; where none is, no record has others to wait for."""
        with self.changed:
            self._busy -= count
            is_idle = not self._busy
        if is_idle:
            self._back.hurry()

    def _crashed(self, error: BaseException) -> None:
        with self.changed:
            self._crash = self._crash or error
            self.changed.notify_all()
