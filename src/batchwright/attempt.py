"""One caller's work on one submission: claim, send, record, and look or take over where another was before."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Final

import attrs

from batchwright.connection import SIGNED_ANEW_MAX, Connection
from batchwright.errors import BatchwrightError, SubmissionUnknownError
from batchwright.jobs.claims import give_back, new_claim, put_claim
from batchwright.jobs.description import JobDescription
from batchwright.jobs.duplicates import end_duplicate
from batchwright.jobs.ledger import Ledger, Row, moment
from batchwright.jobs.looking import Sighting
from batchwright.jobs.places import Place, folded_elsewhere
from batchwright.jobs.sending import Submission, UnknownOutcomeError, conflict, look_for, send, unknown, unrecorded
from batchwright.jobs.signature_gate import Gate, SignedTooLateError
from batchwright.translation import (
    from_client_error,
    is_denied,
    is_missing,
    is_signed_at_wrong_time,
    is_throttled,
    translated,
)
from batchwright.waiting import Patience

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

logger: Final = logging.getLogger(__name__)
IN_DOUBT: Final = " in doubt"
"""Marks a claim that must not be sent under before looking."""
TOLD_AFTER_LOOKS: Final = 10
"""A live process records its job within moments; a wait that is longer than some looks is told."""


@attrs.frozen(kw_only=True)
class Submitted:
    """The outcome: the one job of a submission, whether this call made it, and whether it wrote it down.

    A job that was recorded and not created is that of a process which died before it could do so.
    """

    job_id: str
    created: bool
    recorded: bool = False


@attrs.define
class Attempt:
    """One caller's work on one submission."""

    session: Connection
    submission: Submission
    ledger: Ledger
    token: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    created: bool = False
    recorded: bool = False
    in_doubt: bool = False
    """Whether this attempt has sent a request of unknown outcome."""
    held: Row | None = None
    """Our own claim, as long as nothing that AWS may have accepted was sent under it."""
    made: str = ""
    """The job that AWS gave this attempt, as long as its row says none."""
    refusal: ClientError | None = None
    refused_signatures: int = 0
    waits: int = 0

    def run(self, claimed: Row | None = None) -> Submitted:
        """Step until there is a job; an error or Ctrl-C before anything was sent gives the claim back."""
        try:
            return self.pursued(claimed)
        except BaseException as error:
            if self.held is not None:
                give_back(self.ledger, self.held, error)
            raise

    def pursued(self, claimed: Row | None) -> Submitted:
        """Look at the row and take the next step, at the protocol's own pace."""
        policy = self.session.submission
        patience = Patience(timeout_s=policy.claim_s + policy.signature_window_s + 600.0)
        row = self.adopted(claimed) if claimed else self.claim()
        for _ in patience.pace(self.session.clock):
            if not self.checked(row).job_id:
                row = self.step(row)
            if self.checked(row).job_id:
                return Submitted(job_id=row.job_id, created=self.created, recorded=self.recorded)
        if self.held and self.refusal:
            raise self.refusal
        raise unknown(self.submission, "another process holds its claim and neither submits nor releases it")

    def step(self, row: Row) -> Row:
        """Send under our own claim, or follow another's; a claim that became ours just now is used at once."""
        before = self.token
        row = self.submit(row) if row.claim == self.token else self.follow(row)
        if row.claim == self.token != before and not row.job_id:
            # A pause could be longer than the claim, time and again.
            return self.submit(row)
        return row

    def adopted(self, row: Row) -> Row:
        """A row that the caller has just written itself."""
        self.token, self.held = row.claim, row
        return row

    def checked(self, row: Row) -> Row:
        """The row, if it is of this declaration, and its job is to be submitted by itself."""
        if row.wish and row.wish != self.submission.wish:
            raise conflict(self.submission, row)
        if not row.job_id and (place := Place.of(row)):
            label, submission_id = f"job {self.submission.job_name!r}", self.submission.submission_id
            raise folded_elsewhere(label, self.session.region, submission_id, place)
        return row

    def claim(self) -> Row:
        """Write the row, before there is a job; or the row that is there.

        Each time under a new token: whoever has looked under the old one must not take over this one.
        """
        mine = new_claim(self.session, self.submission)
        self.token = mine.claim
        there = put_claim(self.ledger, mine)
        if there is None:
            self.held = mine
        return there or mine

    def submit(self, row: Row) -> Row:
        """Send under our own claim, and record; the row as it is then."""
        from botocore.exceptions import ClientError

        gate = Gate(row.sign_before)
        try:
            job_id = self.send(gate)
        except SignedTooLateError:
            return self.renewed(row)
        except ClientError as error:
            if not self.may_pass(error):
                raise
            self.refusal = error
            return row
        except UnknownOutcomeError:
            self.in_doubt = True
            return attrs.evolve(row, claim=row.claim + IN_DOUBT)
        finally:
            if gate.sent:
                self.held = None
        return self.record(row, job_id)

    def send(self, gate: Gate) -> str:
        """One SubmitJob; the job's id."""
        return send(self.session, self.submission, gate)

    def may_pass(self, refusal: ClientError) -> bool:
        """Whether the same request, signed anew, may be taken a little later."""
        self.refused_signatures += is_signed_at_wrong_time(refusal)
        may_sign_anew = is_signed_at_wrong_time(refusal) and self.refused_signatures < SIGNED_ANEW_MAX
        return is_throttled(refusal) or may_sign_anew

    def record(self, row: Row, job_id: str) -> Row:
        """Write the job's id; where the claim was lost, the other's job counts and ours ends."""
        self.created = True
        try:
            with translated("its row", self.session.region):
                return self.recorded_row(row, job_id)
        except SubmissionUnknownError:
            raise
        except BatchwrightError as error:
            # No error of AWS's: whoever makes what is missing and calls again would have a second job.
            raise unrecorded(self.submission, job_id, error) from error

    def recorded_row(self, row: Row, job_id: str) -> Row:
        """The row, with the id of the one job that counts."""
        self.recorded = self.ledger.record(row, job_id)
        if self.recorded:
            return attrs.evolve(row, job_id=job_id)
        there = self.ledger.read(row.submission_id)
        if there is None:
            raise unknown(self.submission, f"job {job_id} was accepted, but its row is gone")
        self.made = job_id
        if not there.job_id:
            return attrs.evolve(there, claim=there.claim + IN_DOUBT)  # ours is the earlier of the two
        return self.without_duplicate(there)

    def without_duplicate(self, row: Row) -> Row:
        """The row; if it has come to say another job than the one that this attempt made, that one is ended."""
        if not self.made or not row.job_id:
            return row
        job_id, self.made = self.made, ""
        self.created = row.job_id == job_id
        if not self.created:
            end_duplicate(self.session, row, job_id)
        return row

    def renewed(self, row: Row) -> Row:
        """The row with a new claim of ours, its token new too; what is there instead, where somebody was faster."""
        self.token = uuid.uuid4().hex
        sign_before = self.session.clock.now() + self.session.submission.claim_s
        # Ours from now on, also where the answer gets lost: releasing asks for the token anyway.
        self.held = attrs.evolve(row, claim=self.token, sign_before=sign_before)
        if self.ledger.renew(row, claim=self.token, sign_before=sign_before):
            return self.held
        there = self.ledger.read(row.submission_id)
        # An update that botocore sent twice fails its own condition, as a put does.
        self.held = there if there is not None and there.claim == self.token else None
        return there or self.claim()

    def follow(self, row: Row) -> Row:
        """Somebody else's claim, or our own in doubt: wait for its job, find it, or take it over when it is dead."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self.without_duplicate(self.followed(row))
        except (BotoCoreError, ClientError) as error:
            if not (self.in_doubt or self.made):
                raise
            # No error of AWS's: it would say that there is no job.
            why = f"job {self.made} was accepted, but its row is not settled" if self.made else "looking for it failed"
            raise unknown(self.submission, f"{why}: {error}") from error

    def followed(self, row: Row) -> Row:
        """The row after one look."""
        there = self.row_there(row)
        if there is None:
            return self.claim()
        if there.job_id or (row.wish and there.wish != row.wish):
            return there
        seen = self.look(there)
        if seen.job is not None:
            return self.found(there, seen.job.job_id, seen.duplicates)
        policy = self.session.submission
        if seen.aws_time - there.sign_before > policy.forget_after_s:
            raise unknown(self.submission, "its claim is so old that AWS may have forgotten the job")
        if seen.aws_time <= there.sign_before + policy.signature_window_s:
            self.tell_wait(there.sign_before + policy.signature_window_s)
            return attrs.evolve(there, claim=there.claim + IN_DOUBT)
        return self.renewed(there)

    def found(self, row: Row, job_id: str, duplicates: tuple[str, ...]) -> Row:
        """The row with the job that a look found; what is there instead, where somebody was faster."""
        self.recorded = self.ledger.record(row, job_id)
        if not self.recorded:
            return self.ledger.read(row.submission_id) or self.claim()
        self.created = row.claim == self.token
        row = attrs.evolve(row, job_id=job_id)
        for duplicate in duplicates:
            end_duplicate(self.session, row, duplicate)
        return row

    def tell_wait(self, until: float) -> None:
        """Say once that a wait is long, and when it ends."""
        self.waits += 1
        if self.waits == TOLD_AFTER_LOOKS:
            logger.warning(
                "Job %r was claimed by a process that recorded no job: waiting until %s at the latest, when AWS can "
                "no longer accept a request of that process.",
                self.submission.job_name,
                moment(until),
            )

    def row_there(self, row: Row) -> Row | None:
        """The row as it is now; that a request of ours is in doubt must not be lost with it."""
        from botocore.exceptions import ClientError

        try:
            there = self.ledger.read(row.submission_id)
        except ClientError as error:
            if not ((self.in_doubt or self.made) and is_missing(error)):
                raise
            there = None
        if there is None and self.made:
            raise unknown(self.submission, f"job {self.made} was accepted, but its row is gone")
        if there is None and self.in_doubt:
            raise unknown(self.submission, "the answer was lost, and so was its row in the tracker")
        return there

    def look(self, row: Row) -> Sighting:
        """Look for a job that the claimant of `row` may have made; throttling counts as having seen nothing yet."""
        from botocore.exceptions import ClientError

        if self.made:  # what we were told ourselves need not be listed
            return Sighting(job=JobDescription(job_id=self.made, name=row.job_name), aws_time=row.sign_before)
        policy = self.session.submission
        # The claimant's clock may be as far ahead of AWS's as AWS lets a signature be.
        since = row.sign_before - policy.claim_s - policy.signature_window_s
        try:
            return look_for(self.session, self.submission, since)
        except ClientError as error:
            if is_throttled(error):
                return Sighting(job=None, aws_time=row.sign_before)
            if is_denied(error) or is_missing(error):
                said = from_client_error(error, f"queue {row.queue_arn}", self.session.region)
                raise unknown(self.submission, f"looking for it failed: {said.summary}") from error
            raise
