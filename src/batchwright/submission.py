"""Submitting a job exactly once: claim a row, send while the signature counts, record, and look before sending again.

The promise: for one submission id in one tracker table no second SubmitJob is sent while AWS could still
accept an earlier one, whatever crashes, freezes or clocks do.
"""

from __future__ import annotations

from typing import Final

from batchwright.attempt import Attempt, Submitted
from batchwright.connection import Connection
from batchwright.jobs.claims import new_claim, put_claim
from batchwright.jobs.ledger import Row
from batchwright.jobs.sending import Submission, UnknownOutcomeError, look_for, send, unknown
from batchwright.jobs.signature_gate import Gate
from batchwright.translation import is_throttled, translated
from batchwright.waiting import Patience

__all__ = ["Submission", "Submitted", "new_claim", "put_claim", "submit_once"]
THROTTLED: Final = Patience(timeout_s=60.0)
"""How long AWS may refuse a job without a tracker for its pace; one that has a row can wait longer."""


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
    attempt = Attempt(session, submission, submission.tracked)
    if seen is not None and attempt.checked(seen).job_id:
        return Submitted(job_id=seen.job_id, created=False)
    return attempt.run(claimed)


def _submit_untracked(session: Connection, submission: Submission) -> Submitted:
    label = f"job {submission.job_name!r}"
    with translated(label, session.region):
        seen = look_for(session, submission)
        if seen.job:
            return Submitted(job_id=seen.job.job_id, created=False)
        try:
            return Submitted(job_id=_sent(session, submission), created=True)
        except UnknownOutcomeError as lost:
            raise unknown(submission, "the answer was lost and there is no tracker to resume from") from lost


def _sent(session: Connection, submission: Submission) -> str:
    """AWS's id; a request that was refused for its pace made no job, and is sent again."""
    from botocore.exceptions import ClientError

    pace = THROTTLED.pace(session.clock)
    next(pace)
    while True:
        try:
            return send(session, submission, Gate(float("inf")))
        except ClientError as error:
            if not is_throttled(error) or next(pace, None) is None:
                raise
