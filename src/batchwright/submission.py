"""Submitting a job exactly once: claim a row, send while the signature counts, record, and look before sending again.

The promise: for one submission id in one tracker table no second SubmitJob is sent while AWS could still
accept an earlier one, whatever crashes, freezes or clocks do.
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Final

import attrs

from batchwright.connection import SIGNED_ANEW_MAX, Connection
from batchwright.errors import ConflictError
from batchwright.jobs.ledger import CLAIMED, Ledger, Row, moment
from batchwright.jobs.looking import Sighting
from batchwright.jobs.sending import Submission, UnknownOutcomeError, look_for, send, unknown
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

__all__ = ["Submission", "Submitted", "new_claim", "submit_once"]
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


def submit_once(
    session: Connection, submission: Submission, *, claimed: Row | None = None, seen: Row | None = None
) -> Submitted:
    """Submit, or find the job that was submitted before.

    Args:
        session: Whose clients, clock and policy to use.
        submission: What to submit.
        claimed: Its row, if the caller has just written it itself, with a claim of its own.
        seen: Its row, if the caller has just read it; a job that is recorded there is the answer.

    Raises:
        ConflictError: Another declaration was submitted under this id.
        SubmissionUnknownError: Nobody can say whether AWS accepted an earlier request.
        AwsError: AWS refused the job; nothing is left behind.
    """
    if submission.tracked is None:
        return _submit_untracked(session, submission)
    attempt = _Attempt(session, submission, submission.tracked)
    if seen is not None and attempt.checked(seen).job_id:
        return Submitted(job_id=seen.job_id, created=False)
    return attempt.run(claimed)


def new_claim(session: Connection, submission: Submission) -> Row:
    """A row that claims `submission` for whoever writes it first."""
    now = session.clock.now()
    return Row(
        submission_id=submission.submission_id,
        job_name=submission.job_name,
        submitted_on=moment(now),
        status=CLAIMED,
        claim=uuid.uuid4().hex,
        sign_before=now + session.submission.claim_s,
        wish=submission.wish,
        queue_arn=submission.queue,
    )


def _submit_untracked(session: Connection, submission: Submission) -> Submitted:
    label = f"job {submission.job_name!r}"
    with translated(label, session.region):
        seen = look_for(session, submission)
        if seen.job:
            return Submitted(job_id=seen.job.job_id, created=False)
        try:
            return Submitted(job_id=send(session, submission, Gate(float("inf"))), created=True)
        except UnknownOutcomeError as lost:
            raise unknown(submission, "the answer was lost and there is no tracker to resume from") from lost


@attrs.define
class _Attempt:
    """One caller's work on one submission."""

    session: Connection
    submission: Submission
    ledger: Ledger
    token: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    created: bool = False
    recorded: bool = False
    held: Row | None = None
    """Our own claim, as long as nothing that AWS may have accepted was sent under it."""
    refusal: ClientError | None = None
    refused_signatures: int = 0
    waits: int = 0

    def run(self, claimed: Row | None = None) -> Submitted:
        """Step until there is a job; an error or Ctrl-C before anything was sent gives the claim back."""
        try:
            return self.pursued(claimed)
        except BaseException as error:
            self.give_back(error)
            raise

    def pursued(self, claimed: Row | None) -> Submitted:
        """Look at the row and take the next step, at the protocol's own pace."""
        policy = self.session.submission
        patience = Patience(timeout_s=policy.claim_s + policy.signature_window_s + 600.0)
        row = self.adopted(claimed) if claimed else self.claim()
        for _ in patience.pace(self.session.clock):
            if not self.checked(row).job_id:
                row = self.submit(row) if row.claim == self.token else self.follow(row)
            if self.checked(row).job_id:
                return Submitted(job_id=row.job_id, created=self.created, recorded=self.recorded)
        if self.held and self.refusal:
            raise self.refusal
        raise unknown(self.submission, "another process holds its claim and neither submits nor releases it")

    def adopted(self, row: Row) -> Row:
        """A row that the caller has just written itself."""
        self.token, self.held = row.claim, row
        return row

    def checked(self, row: Row) -> Row:
        """The row, if it is of this declaration."""
        if row.wish and row.wish != self.submission.wish:
            raise self.conflict(row)
        return row

    def give_back(self, error: BaseException) -> None:
        """Release a claim under which nothing was sent, so that the next call need not wait."""
        row, self.held = self.held, None
        if row is None:
            return
        try:
            self.ledger.release(row)
        except Exception as reason:
            error.add_note(f"The claim on {row.submission_id!r} could not be released ({reason}): the next call waits.")

    def claim(self) -> Row:
        """Write the row, before there is a job; or the row that is there."""
        mine = attrs.evolve(new_claim(self.session, self.submission), claim=self.token)
        there = self.ledger.put_new(mine)
        # A put that botocore sent twice fails its own condition: the token tells.
        if there is not None and there.claim != mine.claim:
            return there
        self.held = mine
        return mine

    def submit(self, row: Row) -> Row:
        """Send under our own claim, and record; the row as it is then."""
        from botocore.exceptions import ClientError

        gate = Gate(row.sign_before)
        try:
            job_id = send(self.session, self.submission, gate)
        except SignedTooLateError:
            return self.renewed(row)
        except ClientError as error:
            if not self.may_pass(error):
                raise
            self.refusal = error
            return row
        except UnknownOutcomeError:
            return attrs.evolve(row, claim=row.claim + IN_DOUBT)
        finally:
            if gate.sent:
                self.held = None
        return self.record(row, job_id)

    def may_pass(self, refusal: ClientError) -> bool:
        """Whether the same request, signed anew, may be taken a little later."""
        self.refused_signatures += is_signed_at_wrong_time(refusal)
        may_sign_anew = is_signed_at_wrong_time(refusal) and self.refused_signatures < SIGNED_ANEW_MAX
        return is_throttled(refusal) or may_sign_anew

    def record(self, row: Row, job_id: str) -> Row:
        """Write the job's id; where the claim was lost, the other's job counts and ours ends."""
        self.created = True
        with translated(f"job {self.submission.job_name!r}, which was accepted as {job_id},", self.session.region):
            return self.recorded_row(row, job_id)

    def recorded_row(self, row: Row, job_id: str) -> Row:
        """The row, with the id of the one job that counts."""
        self.recorded = self.ledger.record(row, job_id)
        if self.recorded:
            return attrs.evolve(row, job_id=job_id)
        there = self.ledger.read(row.submission_id)
        if there is None:
            raise unknown(self.submission, f"job {job_id} was accepted, but its row is gone")
        if not there.job_id:
            return attrs.evolve(there, claim=there.claim + IN_DOUBT)  # looking finds the earlier of the two
        if there.job_id != job_id:
            self.created = False
            reason = f"duplicate of {there.job_id}: the claim on {row.submission_id} was lost"
            logger.warning("Terminating job %s, a %s.", job_id, reason)
            self.session.batch.terminate_job(jobId=job_id, reason=reason)
        return there

    def renewed(self, row: Row) -> Row:
        """The row with our claim and a new time to sign by; what is there instead, where somebody was faster."""
        sign_before = self.session.clock.now() + self.session.submission.claim_s
        if self.ledger.renew(row, claim=self.token, sign_before=sign_before):
            self.held = attrs.evolve(row, claim=self.token, sign_before=sign_before)
            return self.held
        self.held = None
        return self.ledger.read(row.submission_id) or self.claim()

    def follow(self, row: Row) -> Row:
        """Somebody else's claim, or our own in doubt: wait for its job, find it, or take it over when it is dead."""
        there = self.ledger.read(row.submission_id)
        if there is None:
            return self.claim()
        if there.job_id or (row.wish and there.wish != row.wish):
            return there
        seen = self.look(there)
        if seen.job is not None:
            self.recorded = self.ledger.record(there, seen.job.job_id)
            if self.recorded:
                self.created = there.claim == self.token
                return attrs.evolve(there, job_id=seen.job.job_id)
            return self.ledger.read(row.submission_id) or self.claim()
        policy = self.session.submission
        if seen.aws_time - there.sign_before > policy.forget_after_s:
            raise unknown(self.submission, "its claim is so old that AWS may have forgotten the job")
        if seen.aws_time <= there.sign_before + policy.signature_window_s:
            self.waits += 1
            if self.waits == TOLD_AFTER_LOOKS:
                logger.warning(
                    "Job %r was claimed by a process that recorded no job: waiting until %s at the latest, when AWS "
                    "can no longer accept a request of that process.",
                    self.submission.job_name,
                    moment(there.sign_before + policy.signature_window_s),
                )
            return attrs.evolve(there, claim=there.claim + IN_DOUBT)
        return self.renewed(there)

    def look(self, row: Row) -> Sighting:
        """Look for a job that the claimant of `row` may have made; throttling counts as having seen nothing yet."""
        from botocore.exceptions import ClientError

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

    def conflict(self, row: Row) -> ConflictError:
        return ConflictError(
            f"job {self.submission.job_name!r}: another declaration was submitted as {row.submission_id!r} "
            f"on {row.submitted_on}.",
            hint="To run the changed job too, give it another name or run=2; the submitted one stays as it is.",
        )
