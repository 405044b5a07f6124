"""What is done for one of many submissions on a thread of its own: send, look, take over, record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError, SubmissionUnknownError
from batchwright.jobs.ledger import Row, moment
from batchwright.many_submissions.entry import Entry, OneOfMany
from batchwright.many_submissions.surroundings import Surroundings
from batchwright.resources.job_reading import described
from batchwright.submission import submit_once
from batchwright.submitting import says_gone

LOOKS: Final = 2
"""How often an unknown outcome is looked for before it is told as such."""
LOOK_AGAIN_S: Final = 1.0
THROTTLED_S: Final = 900.0
"""How long AWS may refuse one job for its pace, before that is its result."""


@attrs.define(eq=False)
class Sending:
    """Steps of one submission each; used by many threads.

    Args:
        session: Whose clients and clock to use.
        surroundings: What the jobs need.
        record: Called with what has to be written down: a job, or that there is none.
        settle: Called with each entry for which nothing is left to do.
        follow: Called with entries whose outcome is unknown.
        is_stopping: Whether nothing new is to be sent.
    """

    session: Connection
    surroundings: Surroundings
    record: Callable[[Entry], None]
    settle: Callable[[Entry], None]
    follow: Callable[[Entry], None]
    is_stopping: Callable[[], bool]

    def prepare(self, entry: Entry) -> None:
        """Make what has to be sent; an error goes into the entry."""
        try:
            with entry.job.translated():
                submission = entry.submission = entry.job.submission(entry.known)
        except BatchwrightError as error:
            entry.error = error
            return
        if entry.attempt is not None:
            entry.attempt.submission = submission
        elif submission.tracked is not None:
            entry.attempt = OneOfMany(self.session, submission, submission.tracked, token="")  # its claim brings one

    def send(self, entry: Entry) -> None:
        """Send it under our own claim."""
        self._guarded(entry, self._send if entry.attempt else self._send_untracked)

    def look(self, entry: Entry) -> None:
        """Look for the job of a claim that is somebody else's, or ours with an outcome that nobody knows."""
        self._guarded(entry, self._look)

    def write_alone(self, entry: Entry) -> None:
        """Record a job by itself: its container was faster, or its claim was lost."""
        self._guarded(entry, self._write_alone)

    def describe(self, entry: Entry) -> None:
        """Learn what those that depend on a job need to know: AWS may have forgotten it."""
        try:
            with entry.job.translated():
                entry.description = described(entry.job, entry.job_id, entry.row)
        except BatchwrightError as error:
            entry.error = error

    def is_cured(self, entry: Entry, error: BatchwrightError) -> bool:
        """Whether what the refusal names was made again; tried once for each job."""
        if entry.renewed or not says_gone(error) or self.is_stopping():
            return False
        entry.renewed = True
        return self._renewed(entry)

    def _renewed(self, entry: Entry) -> bool:
        """Trust nothing of what the entry needs, make what is missing, and prepare it again; whether that worked."""
        before = entry.known
        self.surroundings.doubt(entry.look)
        try:
            self.surroundings.describe(entry)
        except BatchwrightError as error:
            entry.error = error
            return False
        for other in entry.jobs():
            entry.known.put(other, before[other])
        self.prepare(entry)
        return entry.error is None

    # --- one step -------------------------------------------------------------------------------------------------

    def _guarded(self, entry: Entry, step: Callable[[Entry], None]) -> None:
        try:
            with entry.job.translated():
                step(entry)
        except BatchwrightError as error:
            if self.is_cured(entry, error):
                self.send(entry)
                return
            entry.error = entry.error or error
            (self.record if entry.attempt and entry.attempt.held else self.settle)(entry)

    def _send(self, entry: Entry) -> None:
        attempt, row = entry.tracked(), entry.row
        if row is None:
            raise AssertionError(f"{entry.job.label} is not claimed")
        give_up_at = self.session.clock.monotonic() + THROTTLED_S
        while row.claim == attempt.token and not row.job_id and not attempt.accepted:
            self._refuse_to_begin(entry)
            if attempt.refusal is not None and self.session.clock.monotonic() > give_up_at:
                raise attempt.refusal
            entry.row = row = attempt.submit(row)
        if attempt.accepted:
            self.record(entry)
        elif attempt.checked(row).job_id:
            self._found(entry, row)
        else:
            self.follow(entry)

    def _send_untracked(self, entry: Entry) -> None:
        if entry.submission is None:
            raise AssertionError(f"{entry.job.label} is not prepared")
        self._refuse_to_begin(entry)
        done = submit_once(self.session, entry.submission)
        entry.job_id, entry.created = done.job_id, done.created
        self.settle(entry)

    def _look(self, entry: Entry) -> None:
        attempt, row = entry.tracked(), entry.row
        for look in range(LOOKS):
            if look:
                self.session.clock.sleep(LOOK_AGAIN_S)
            if row is not None:
                row = entry.row = attempt.follow(row)
                if attempt.checked(row).job_id:
                    self._found(entry, row)
                    return
                if row.claim == attempt.token:
                    self._send(entry)
                    return
        raise self._unknown(entry)

    def _write_alone(self, entry: Entry) -> None:
        attempt = entry.tracked()
        if entry.row is not None:
            entry.row = attempt.record_alone(entry.row)
        attempt.accepted = ""
        if entry.row is not None and entry.row.job_id:
            self._found(entry, entry.row)
        else:
            self._look(entry)

    def _refuse_to_begin(self, entry: Entry) -> None:
        """Nothing new once the call is being ended."""
        if self.is_stopping():
            raise BatchwrightError(f"{entry.job.label}: not submitted, since the call was ended.", resource=entry.job)

    def _found(self, entry: Entry, row: Row) -> None:
        entry.row, entry.job_id, entry.created = row, row.job_id, entry.tracked().created
        self.settle(entry)

    def _unknown(self, entry: Entry) -> SubmissionUnknownError:
        attempt, row, window_s = entry.tracked(), entry.row, self.session.submission.signature_window_s
        why = "the answer was lost" if attempt.in_doubt else "another process claims it and has recorded no job yet"
        settled_at = moment((row.sign_before if row else self.session.clock.now()) + window_s)
        return SubmissionUnknownError(
            f"{entry.job.label} in {self.session.region}: whether AWS accepted submission {entry.key!r} is not known "
            f"yet: {why}.",
            submission_id=entry.key,
            resource=entry.job,
            hint=f"The same call finds the job once AWS lists it, and from {settled_at} on settles it in any case.",
        )
