"""One SubmitJob, sent once: what is certain afterwards, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError, ConflictError, SubmissionUnknownError
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.looking import Sighting, look
from batchwright.jobs.signature_gate import Gate, SignedTooLateError, gated
from batchwright.limiter import Turn
from batchwright.translation import is_throttled

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


class UnknownOutcomeError(Exception):
    """The request went out and nobody knows what became of it."""


def look_for(session: Connection, submission: Submission, since: float | None = None) -> Sighting:
    """Look for its job, among those made since a time in seconds since the epoch."""
    return look(
        session,
        queue=submission.queue,
        job_name=submission.job_name,
        submission_id=submission.submission_id,
        since=since,
    )


def send(session: Connection, submission: Submission, gate: Gate, turn: Turn | None = None) -> str:
    """One SubmitJob; the job's id. `gate.sent` tells afterwards whether AWS may have got it.

    Args:
        session: Whose client to use.
        submission: What to submit.
        gate: Until when it may be signed.
        turn: Of the session's limiter, if the caller has waited for one already.

    Raises:
        SignedTooLateError: The claim ran out before the signature; nothing was sent.
        ClientError: AWS certainly refused.
        UnknownOutcomeError: Anything else once the request was on its way.
    """
    from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

    turn = turn or session.limiter.turn()
    with gated(session.batch_once, gate):
        try:
            return session.batch_once.submit_job(**submission.request)["jobId"]
        except (SignedTooLateError, EndpointConnectionError, ConnectTimeoutError):
            gate.sent = False
            raise
        except ClientError as error:
            if is_throttled(error):
                session.limiter.throttled(turn)
            if _certain(error) or not gate.sent:  # credentials that cannot be fetched are AWS's refusal as well
                gate.sent = False
                raise
            raise UnknownOutcomeError from error
        except Exception as error:
            if not gate.sent:
                raise
            raise UnknownOutcomeError from error


def _certain(error: ClientError) -> bool:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") in CERTAIN_STATUSES


def unrecorded(submission: Submission, job_id: str, reason: BatchwrightError) -> SubmissionUnknownError:
    """The error for a job that is there while its row does not say so."""
    return SubmissionUnknownError(
        f"job {submission.job_name!r}: AWS accepted submission {submission.submission_id!r} as job {job_id}, but that "
        f"could not be written down: {reason.summary}",
        submission_id=submission.submission_id,
        hint="Once the table can be written, the same call finds the job; as long as the row is there, it never "
        "submits another.",
    )


def unknown(submission: Submission, why: str) -> SubmissionUnknownError:
    """The error for an outcome that nobody knows."""
    return SubmissionUnknownError(
        f"job {submission.job_name!r}: whether AWS accepted submission {submission.submission_id!r} is unknown: {why}.",
        submission_id=submission.submission_id,
        hint=f"Look for the job in the queue {submission.queue}; if there is none, submit again with run=... or under "
        "another submission_id. batchwright does not guess.",
    )


def conflict(submission: Submission, row: Row) -> ConflictError:
    """The error for another declaration under the same submission id."""
    return ConflictError(
        f"job {submission.job_name!r}: another declaration was submitted as {row.submission_id!r} "
        f"on {row.submitted_on}.",
        hint="To run the changed job too, give it another name or run=2; the submitted one stays as it is.",
    )
