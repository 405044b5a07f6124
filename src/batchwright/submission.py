"""Submitting a job exactly once: claim a row, send while the signature counts, record, and look before sending again.

The promise: for one submission id in one tracker table no second SubmitJob is sent while AWS could still
accept an earlier one, whatever crashes, freezes or clocks do.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from batchwright.connection import Connection
from batchwright.errors import ConflictError, SubmissionUnknownError
from batchwright.jobs.ledger import CLAIMED, Ledger, Row, moment
from batchwright.jobs.looking import Sighting, look
from batchwright.jobs.signature_gate import Gate, SignedTooLateError, gated
from batchwright.translation import from_client_error, is_denied, is_missing, is_throttled, translated
from batchwright.waiting import Patience

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

CERTAIN_STATUSES: Final = frozenset({400, 403, 404, 409, 413, 429})
"""HTTP answers after which AWS has certainly made no job."""


@attrs.frozen(kw_only=True)
class Submission:
    """One job to be submitted once.

    Attributes:
        submission_id: What it is known by in the tracker's table and in the job's container.
        request: The arguments of SubmitJob.
        wish: The salted hash of the declaration.
        tracked: The tracker's table, or None to go without.
    """

    submission_id: str
    request: Mapping[str, Any] = attrs.field(repr=False)
    wish: str
    tracked: Ledger | None

    @property
    def job_name(self) -> str:
        """The job's name."""
        return str(self.request["jobName"])

    @property
    def queue(self) -> str:
        """The ARN of its queue."""
        return str(self.request["jobQueue"])


@attrs.frozen(kw_only=True)
class Submitted:
    """The outcome: the one job of a submission, and whether this call made it."""

    job_id: str
    created: bool


class _UnknownOutcomeError(Exception):
    """The request went out and nobody knows what became of it."""


def submit_once(session: Connection, submission: Submission) -> Submitted:
    """Submit, or find the job that was submitted before.

    Raises:
        ConflictError: Another declaration was submitted under this id.
        SubmissionUnknownError: Nobody can say whether AWS accepted an earlier request.
        AwsError: AWS refused the job; nothing is left behind.
    """
    if submission.tracked is None:
        return _submit_untracked(session, submission)
    return _Attempt(session, submission, submission.tracked).run()


def _submit_untracked(session: Connection, submission: Submission) -> Submitted:
    label = f"job {submission.job_name!r}"
    with translated(label, session.region):
        seen = _look(session, submission)
        if seen.job:
            return Submitted(job_id=seen.job.job_id, created=False)
        try:
            return Submitted(job_id=_send(session, submission, float("inf")), created=True)
        except _UnknownOutcomeError as unknown:
            raise _unknown(submission, "the answer was lost and there is no tracker to resume from") from unknown


def _look(session: Connection, submission: Submission, since: float | None = None) -> Sighting:
    return look(
        session,
        queue=submission.queue,
        job_name=submission.job_name,
        submission_id=submission.submission_id,
        since=since,
    )


def _send(session: Connection, submission: Submission, sign_before: float) -> str:
    """One SubmitJob; the job's id.

    Raises:
        SignedTooLateError: The claim ran out before the signature; nothing was sent.
        ClientError: AWS certainly refused.
        _UnknownOutcomeError: Anything else once the request was on its way.
    """
    from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

    with gated(session.batch_once, sign_before) as gate:
        try:
            return session.batch_once.submit_job(**submission.request)["jobId"]
        except (SignedTooLateError, EndpointConnectionError, ConnectTimeoutError):
            gate.sent = False
            raise
        except ClientError as error:
            if _certain(error):
                gate.sent = False
                raise
            raise _UnknownOutcomeError from error
        except Exception as error:
            raise _unsure(gate, error) from error


def _unsure(gate: Gate, error: Exception) -> Exception:
    return _UnknownOutcomeError() if gate.sent else error


def _certain(error: ClientError) -> bool:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in CERTAIN_STATUSES


def _unknown(submission: Submission, why: str) -> SubmissionUnknownError:
    return SubmissionUnknownError(
        f"job {submission.job_name!r}: whether AWS accepted submission {submission.submission_id!r} is unknown: {why}.",
        submission_id=submission.submission_id,
        hint=f"Look for the job in the queue {submission.queue}; if there is none, submit again with run=... or under "
        "another submission_id. batchwright does not guess.",
    )


@attrs.define
class _Attempt:
    """One caller's work on one submission."""

    session: Connection
    submission: Submission
    ledger: Ledger
    token: str = attrs.field(factory=lambda: uuid.uuid4().hex)
    created: bool = False

    def run(self) -> Submitted:
        """Step until there is a job."""
        row, policy = self.claim(), self.session.submission
        patience = Patience(timeout_s=policy.claim_s + policy.signature_window_s + 600.0)
        for _ in patience.pace(self.session.clock):
            if row.wish and row.wish != self.submission.wish:
                raise self.conflict(row)
            if row.job_id:
                return Submitted(job_id=row.job_id, created=self.created)
            row = self.submit(row) if row.claim == self.token else self.follow(row)
        raise _unknown(self.submission, "another process holds its claim and neither submits nor releases it")

    def claim(self) -> Row:
        """Write the row, before there is a job; or the row that is there."""
        now = self.session.clock.now()
        mine = Row(
            submission_id=self.submission.submission_id,
            job_name=self.submission.job_name,
            submitted_on=moment(now),
            status=CLAIMED,
            claim=self.token,
            sign_before=now + self.session.submission.claim_s,
            wish=self.submission.wish,
            queue_arn=self.submission.queue,
        )
        there = self.ledger.put_new(mine)
        # A put that botocore sent twice fails its own condition: the token tells.
        return mine if there is None or there.claim == self.token else there

    def submit(self, row: Row) -> Row:
        """Send under our own claim, and record; the row as it is then."""
        from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

        try:
            job_id = _send(self.session, self.submission, row.sign_before)
        except SignedTooLateError:
            return self.renewed(row)
        except (EndpointConnectionError, ConnectTimeoutError):
            self.ledger.release(row)
            raise
        except ClientError as error:
            if is_throttled(error):
                return row
            self.ledger.release(row)
            raise
        except _UnknownOutcomeError:
            return attrs.evolve(row, claim=row.claim + " in doubt")
        return self.record(row, job_id)

    def record(self, row: Row, job_id: str) -> Row:
        """Write the job's id; where the claim was lost, the other's job counts and ours ends."""
        self.created = True
        if self.ledger.record(row, job_id):
            return attrs.evolve(row, job_id=job_id)
        there = self.ledger.read(row.submission_id)
        if there is None or not there.job_id:
            raise _unknown(self.submission, f"job {job_id} was accepted, its claim was lost and nothing is recorded")
        if there.job_id != job_id:
            self.created = False
            reason = f"duplicate of {there.job_id}: the claim on {row.submission_id} was lost"
            self.session.batch.terminate_job(jobId=job_id, reason=reason)
        return there

    def renewed(self, row: Row) -> Row:
        sign_before = self.session.clock.now() + self.session.submission.claim_s
        if self.ledger.renew(row, claim=self.token, sign_before=sign_before):
            return attrs.evolve(row, claim=self.token, sign_before=sign_before)
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
            if self.ledger.record(there, seen.job.job_id):
                return attrs.evolve(there, job_id=seen.job.job_id)
            return self.ledger.read(row.submission_id) or self.claim()
        policy = self.session.submission
        if seen.aws_time - there.sign_before > policy.forget_after_s:
            raise _unknown(self.submission, "its claim is so old that AWS may have forgotten the job")
        if seen.aws_time <= there.sign_before + policy.signature_window_s:
            return attrs.evolve(there, claim=there.claim + " in doubt")
        return self.renewed(there)

    def look(self, row: Row) -> Sighting:
        from botocore.exceptions import ClientError

        since = row.sign_before - self.session.submission.claim_s
        try:
            return _look(self.session, self.submission, since)
        except ClientError as error:
            if is_throttled(error):
                return Sighting(job=None, aws_time=row.sign_before)
            if is_denied(error) or is_missing(error):
                said = from_client_error(error, f"queue {row.queue_arn}", self.session.region)
                raise _unknown(self.submission, f"looking for it failed: {said.summary}") from error
            raise

    def conflict(self, row: Row) -> ConflictError:
        return ConflictError(
            f"job {self.submission.job_name!r}: another declaration was submitted as {row.submission_id!r} "
            f"on {row.submitted_on}.",
            hint="To run the changed job too, give it another name or run=2; the submitted one stays as it is.",
        )
