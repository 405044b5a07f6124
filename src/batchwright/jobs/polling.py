"""One look at many jobs: a hundred a DescribeJobs, several calls at a time, and what a failed one means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import FINISHED, IDS_PER_CALL
from batchwright.side_by_side import read_each
from batchwright.translation import is_throttled

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

CALLS_AT_ONCE: Final = 8
IDS_AT_ONCE: Final = CALLS_AT_ONCE * IDS_PER_CALL


@attrs.frozen
class Failure:
    """A DescribeJobs that brought nothing, after all of botocore's own retries.

    Attributes:
        job_ids: Those that it asked about.
        error: What it said.
    """

    job_ids: Sequence[str]
    error: Exception

    @property
    def is_throttled(self) -> bool:
        """Whether AWS asks for patience."""
        from botocore.exceptions import ClientError

        return isinstance(self.error, ClientError) and is_throttled(self.error)

    @property
    def may_pass(self) -> bool:
        """Whether the same call may well succeed soon: the network or AWS's own side failed."""
        from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

        if isinstance(self.error, ClientError):
            return self.is_throttled or _status(self.error) >= 500
        return isinstance(self.error, ConnectionError | HTTPClientError)


@attrs.frozen
class Look:
    """What a look has brought.

    Attributes:
        found: Entries of DescribeJobs by job id, in the order of what happened: a job that others waited for has ended
            before they run. What has no time of its own comes last.
        missing: The jobs that AWS does not show.
        failures: The calls that failed.
    """

    found: Mapping[str, Mapping[str, Any]]
    missing: Sequence[str]
    failures: Sequence[Failure]


def look_at(session: Connection, job_ids: Sequence[str]) -> Look:
    """Ask about these jobs (`batch:DescribeJobs`), ceil(N / 100) calls."""
    chunks = [job_ids[start : start + IDS_PER_CALL] for start in range(0, len(job_ids), IDS_PER_CALL)]
    answers = read_each(chunks, partial(_asked, session), at_once=CALLS_AT_ONCE)
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    jobs = [job for answer in answers if not isinstance(answer, Failure) for job in answer]
    found = {str(job["jobId"]): job for job in sorted(jobs, key=_happened)}
    failed = {job_id for failure in failures for job_id in failure.job_ids}
    return Look(found, [job_id for job_id in job_ids if job_id not in found and job_id not in failed], failures)


def _happened(job: Mapping[str, Any]) -> tuple[float, bool]:
    """When it got its status, as far as AWS says, and of what happened at once, ends first."""
    is_end = job["status"] in FINISHED
    at = job.get("stoppedAt") if is_end else job.get("startedAt") if job["status"] == "RUNNING" else None
    return (float(at or "inf"), not is_end)


def _asked(session: Connection, job_ids: Sequence[str]) -> Sequence[Mapping[str, Any]] | Failure:
    try:
        return cast("Sequence[Mapping[str, Any]]", session.batch.describe_jobs(jobs=list(job_ids))["jobs"])
    except Exception as error:
        return Failure(job_ids, error)


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
