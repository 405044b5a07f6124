"""The claim on a submission: a row that is there before its job is, and is taken back when nothing was sent."""

from __future__ import annotations

import uuid

from batchwright.connection import Connection
from batchwright.jobs.ledger import CLAIMED, Ledger, Row, moment
from batchwright.jobs.sending import Submission


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


def put_claim(ledger: Ledger, row: Row) -> Row | None:
    """Write a claim; the row that is there instead of it, or None. One whose answer never came is taken back."""
    try:
        there = ledger.put_new(row)
    except BaseException as error:
        give_back(ledger, row, error)
        raise
    # A put that botocore sent twice fails its own condition: the token tells.
    return None if there is None or there.claim == row.claim else there


def give_back(ledger: Ledger, row: Row, error: BaseException) -> None:
    """Release a claim under which nothing was sent, so that the next call need not wait."""
    try:
        ledger.release(row)
    except Exception as reason:
        error.add_note(f"The claim on {row.submission_id!r} could not be released ({reason}): the next call waits.")
