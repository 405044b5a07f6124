"""One job as a list shows it: what was read, and all that can be done with a job."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from batchwright._display import Displayed, View, quiet
from batchwright._display.times import span_s
from batchwright.connection import Connection
from batchwright.errors import NotFoundError
from batchwright.jobs.acting import JobChild, Submittable
from batchwright.jobs.description import FINISHED, JobDescription, recorded
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.row_status import Tracked
from batchwright.jobs.showing import job_view
from batchwright.translation import translated

IN_AWS: Final = "listed"
FORGOTTEN: Final = "forgotten"
CLAIMED_ONLY: Final = "claimed"


@attrs.frozen(kw_only=True, repr=False)
class ListedJob(Displayed, Submittable):
    """One job of a `JobList`: what was read of it then, and the verbs of a job, which ask AWS.

    Attributes:
        name: The job's name.
        status: AWS's word; VANISHED where AWS forgot how it ended, CLAIMED where it is not submitted yet.
        status_reason: AWS's reason, or an empty string.
        created_at: When AWS took it.
        started_at: When its newest attempt began.
        stopped_at: When it ended.
        exit_code: The container's, or None when it never started.
        reason: The container's own reason, for example that its image could not be pulled.
        queue: The queue's name.
        definition: The definition's name and revision, such as `convert:3`.
        array_size: The number of children, or None.
        index: The place in its array, or None.
        share_identifier: Whose share it counts to, where the queue shares.
        submission_id: What its row in a tracker is known by, or None.
        submitted_on: When its submission was claimed, by its row.
        row_status: What its row says, which may be the word of the code inside the job.
        tracked_by: The tracker's table that its row is in, or an empty string.
        known: `"listed"` by AWS, `"forgotten"` by AWS so that only its row tells of it, or only `"claimed"`.
        read_at: When it was read, in seconds since the epoch.
    """

    kind = "job"

    session: Connection = attrs.field(metadata=quiet(), eq=False)
    name: str
    _job_id: str = attrs.field(alias="job_id")
    status: str
    status_reason: str = ""
    created_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    queue: str = ""
    definition: str = ""
    array_size: int | None = None
    index: int | None = None
    share_identifier: str | None = None
    submission_id: str | None = None
    submitted_on: dt.datetime | None = None
    row_status: str = ""
    tracked_by: str = ""
    known: str = IN_AWS
    read_at: float = attrs.field(default=0.0, metadata=quiet(), eq=False)
    # What the ARNs of all these jobs, queues and definitions begin with: of ten thousand jobs it is kept once.
    _arns: str = attrs.field(default="", metadata=quiet(), eq=False, alias="arns")

    def __hash__(self) -> int:
        return hash((self._job_id, self.submission_id))

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"job {self.name!r}"

    @property
    def finished(self) -> bool:
        """Whether it had ended, one way or the other."""
        return self.status in FINISHED

    @property
    def waited_s(self) -> float | None:
        """Seconds from AWS's taking it to the start of its newest attempt, or so far; None where that is not known.

        AWS does not say when the children of an array began.
        """
        if self.array_size is not None:
            return None
        if self._began is not None or self.finished:
            return span_s(self.created_at, self._began or self.stopped_at)
        return span_s(self.created_at, self.read_at)

    @property
    def ran_s(self) -> float | None:
        """Seconds that its newest attempt ran, or has run so far; None where it did not or that is not known."""
        return span_s(self._began, self.stopped_at if self.finished else self.read_at)

    @property
    def _began(self) -> dt.datetime | None:
        """When its newest attempt began: while it waits for another one AWS may tell when the one before did."""
        return self.started_at if self.finished or self.status == "RUNNING" else None

    def job_id(self) -> str:
        """AWS's id; asks nobody.

        Raises:
            NotFoundError: It is only claimed: whoever submits it has not written down a job yet.
        """
        if not self._job_id:
            raise NotFoundError(
                f"{self.label} in {self.session.region}: submission {self.submission_id!r} is claimed and no job of it "
                "is recorded.",
                resource=self,
                hint="Make the call that submits it again: it finds the job or submits it.",
            )
        return self._job_id

    def describe(self) -> JobDescription:
        """What AWS reports now.

        Raises:
            NotFoundError: AWS does not know it.
        """
        with translated(self.label, self.session.region, self):
            return self._current(self.job_id())

    def children(self) -> tuple[JobChild, ...]:
        """The children of an array job, in order; none of a plain one. Asks nobody."""
        indices = range(self.array_size or 0)
        return tuple(JobChild(self, parent_id=self.job_id(), index=index) for index in indices)

    def tracked(self) -> Tracked | None:
        """Its row in a tracker's table."""
        if not self.tracked_by or self.submission_id is None:
            return None
        return Tracked(Ledger(self.session, self.tracked_by), self.submission_id)

    def forgotten(self, row: Row | None = None) -> JobDescription | None:
        """What its row says of a job that AWS does not show, or the list that it is from."""
        tracked = self.tracked()
        row = row or (tracked.ledger.read(tracked.submission_id) if tracked else None)
        made_at = self.created_at or self.submitted_on
        now = self.session.clock.now()
        return recorded(
            self._job_id,
            name=self.name,
            status=row.status if row else self.status,
            age_s=now - made_at.timestamp() if made_at else float("inf"),
            read_at=now,
        )

    # --- shown ----------------------------------------------------------------------------------------------------

    def _identity(self) -> tuple[object, ...]:
        return ("job id", self._job_id or self.submission_id)

    def _view(self) -> View:
        """What the list said, or what was read of it since; and its row."""
        sightings = self.session.sightings
        seen = sightings.last(self, self._job_id)
        is_better = isinstance(seen, JobDescription) and (seen.finished or seen.read_at > self.read_at)
        job = seen if isinstance(seen, JobDescription) and is_better else self._read_then()
        return job_view(job, title=self.label, fields=self._of_its_row(), lines=sightings.last_lines(self))

    def _arn(self, kind: str, name: str) -> str:
        return f"{self._arns}:{kind}/{name}" if self._arns and name else name

    def _of_its_row(self) -> dict[str, object]:
        names = ("share_identifier", "submission_id", "submitted_on", "row_status", "tracked_by")
        told = {name: getattr(self, name) for name in names}
        return {name: value for name, value in told.items() if value not in (None, "", self.status)}

    def _read_then(self) -> JobDescription:
        """What the list said, as DescribeJobs would; where no ARN is known, names stand for these."""
        return JobDescription(
            job_id=self._job_id,
            name=self.name,
            status=self.status,
            status_reason=self.status_reason,
            arn=self._arn("job", self._job_id),
            queue_arn=self._arn("job-queue", self.queue),
            definition_arn=self._arn("job-definition", self.definition),
            created_at=self.created_at,
            started_at=self.started_at,
            stopped_at=self.stopped_at,
            exit_code=self.exit_code,
            reason=self.reason,
            array_size=self.array_size,
            index=self.index,
            read_at=self.read_at,
        )


def from_answer(
    session: Connection, answer: Mapping[str, Any], *, queue: str, row: Row | None, table: str, read_at: float
) -> ListedJob:
    """The job that an entry of ListJobs or DescribeJobs tells of, with its row.

    Args:
        session: Whose job it is.
        answer: The entry, as boto3 gives it.
        queue: The queue's name.
        row: Its row, if it has one.
        table: The table that the row is in.
        read_at: When it was read, in seconds since the epoch.
    """
    container = cast("Mapping[str, Any]", answer.get("container") or {})
    array = cast("Mapping[str, Any]", answer.get("arrayProperties") or {})
    share: str | None = answer.get("shareIdentifier")
    return ListedJob(
        session=session,
        # A job that was folded into an array is known to its user by the name that its row has.
        name=row.job_name if row and row.job_name else answer.get("jobName", ""),
        job_id=answer["jobId"],
        status=sys.intern(answer.get("status", "SUBMITTED")),
        status_reason=sys.intern(answer.get("statusReason") or ""),
        created_at=_moment(answer.get("createdAt")),
        started_at=_moment(answer.get("startedAt")),
        stopped_at=_moment(answer.get("stoppedAt")),
        exit_code=container.get("exitCode"),
        reason=sys.intern(container.get("reason") or ""),
        queue=sys.intern(queue),
        definition=sys.intern(str(answer.get("jobDefinition", "")).rpartition("/")[2]),
        array_size=array.get("size"),
        index=array.get("index"),
        share_identifier=sys.intern(share) if share else None,
        read_at=read_at,
        arns=_arns_in(str(answer.get("jobArn", ""))),
        **_of_row(row, table),
    )


def from_row(session: Connection, row: Row, table: str, *, status: str, known: str, read_at: float) -> ListedJob:
    """The job of which only its row tells.

    Args:
        session: Whose job it is.
        row: Its row.
        table: The table that the row is in.
        status: Its status, as far as that is known.
        known: Why only the row tells of it.
        read_at: When it was read, in seconds since the epoch.
    """
    return ListedJob(
        session=session,
        name=row.job_name,
        job_id=row.job_id,
        status=sys.intern(status),
        status_reason="AWS no longer knows this job" if known == FORGOTTEN else "",
        queue=sys.intern(row.queue_arn.rpartition("/")[2]),
        known=known,
        read_at=read_at,
        **_of_row(row, table),
    )


def _of_row(row: Row | None, table: str) -> dict[str, Any]:
    if row is None:
        return {}
    return {
        "submission_id": row.submission_id,
        "submitted_on": submitted_on(row),
        "row_status": sys.intern(row.status),
        "tracked_by": table,
    }


def submitted_on(row: Row) -> dt.datetime | None:
    """When a submission was claimed; None where an older program wrote the local time of a zone that nobody knows."""
    try:
        at = dt.datetime.fromisoformat(row.submitted_on)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _arns_in(arn: str) -> str:
    """What the ARNs of its neighbours begin with: all but the kind and the name."""
    *place, resource = arn.split(":", 5)
    return sys.intern(":".join(place)) if resource.startswith("job/") else ""


def _moment(value: object) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime.fromtimestamp(value / 1000, dt.UTC) if isinstance(value, int | float) else None
