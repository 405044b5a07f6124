"""What can be done with a submitted job, an array's child included."""

from __future__ import annotations

import abc
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

import attrs

from batchwright._display import Displayed, View
from batchwright.connection import Connection
from batchwright.errors import DeclarationError, NotFoundError
from batchwright.jobs.description import SUCCEEDED, VANISHED, JobDescription, describe_jobs
from batchwright.jobs.ledger import Row
from batchwright.jobs.logs import LAST_LINES, LogEvent, Logs, follow_logs, read_logs
from batchwright.jobs.row_status import Tracked
from batchwright.jobs.showing import job_not_read, job_view
from batchwright.jobs.waiting import OnChange, check_end, patience_for, wait_for
from batchwright.translation import translated

if TYPE_CHECKING:
    from batchwright.findings import Diagnosis

REASON_MAX: Final = 1024
FOLLOW_MAX_S: Final = 5.0
"""Seconds between two looks at a log that is followed, at the most."""


class Submittable(abc.ABC):
    """The verbs of a job that has an id."""

    session: Connection
    name: str

    @property
    @abc.abstractmethod
    def label(self) -> str:
        """How messages name it."""

    @abc.abstractmethod
    def job_id(self) -> str:
        """AWS's id.

        Raises:
            NotFoundError: It was not submitted.
        """

    @abc.abstractmethod
    def forgotten(self, row: Row | None = None) -> JobDescription | None:
        """What else is known of it when AWS does not show it; None while that may be because it is new.

        Args:
            row: Its row in the tracker, where the caller has read it already.
        """

    def _identity(self) -> tuple[object, ...]:
        """What its session remembers it by, to show it."""
        return ("job id", self.job_id())

    def _seen(self, job: JobDescription) -> None:
        """Remember, for showing it, what was just read."""
        self.session.sightings.see_job(job.job_id, job, self)

    def _known_id(self) -> str:
        """AWS's id, as far as it is known without asking; else nothing."""
        return ""

    def _view_with(self, fields: Mapping[str, object]) -> View:
        """What was last read of it, and beside it the fields of its declaration."""
        sightings = self.session.sightings
        job_id = self._known_id()
        job, lines = sightings.last(self, job_id), sightings.last_lines(self)
        if isinstance(job, JobDescription):
            return job_view(job, title=self.label, fields=fields, lines=lines)
        return job_not_read(self.label, {"job_id": job_id, **fields} if job_id else fields, lines)

    def _seen_lines(self, messages: Sequence[str], *, left_out: int = 0) -> None:
        """Remember, for showing it, the last lines that it has printed, of which `left_out` are not among these."""
        now = self.session.clock.now()
        self.session.sightings.see_lines(self, messages, left_out=left_out, read_at=now)

    def ended(self, job: JobDescription) -> None:
        """Do what is to be done when a wait has seen its end; its row is written already."""
        del job

    def tracked(self) -> Tracked | None:
        """Which row in a tracker's table is its own; None without one, as for a child of an array. Asks nobody."""
        return None

    def wait(
        self, *, timeout_s: float | None = None, check: bool = True, on_change: OnChange | None = None
    ) -> JobDescription:
        """Wait until it has ended; in a terminal or notebook with a live line.

        Args:
            timeout_s: Seconds to wait at the most; by default a day.
            check: Raise if it did not succeed.
            on_change: Called with the description whenever its status changes.

        Raises:
            JobFailedError: It FAILED; with exit code, reasons and the last lines of its log.
            JobVanishedError: AWS no longer knows it.
            WaitTimeoutError: The time is over; with what holds it up. Nothing is lost.
        """
        with translated(self.label, self.session.region, self):
            job_id = self.job_id()
            job = wait_for(self.session, {job_id: self}, timeout_s=timeout_s, on_change=on_change)[job_id]
            if check:
                check_end(self.session, self, job)
        return job

    def logs(self) -> Logs:
        """Every line that it has printed so far, of all attempts; empty when there is none yet."""
        with translated(self.label, self.session.region, self):
            logs = read_logs(self.session, self._current(self.job_id()))
        self._seen_lines([event.message for event in logs[-LAST_LINES:]], left_out=max(0, len(logs) - LAST_LINES))
        return logs

    def diagnose(self) -> Diagnosis:
        """Why it does not start, or has failed: findings in order, from facts that AWS tells; nothing is written."""
        return self.session.diagnose(self)

    def follow_logs(self, *, timeout_s: float | None = None) -> Iterator[LogEvent]:
        """Each line as it comes, until the job has ended.

        Args:
            timeout_s: Seconds to follow at the most; by default a day.
        """
        with translated(self.label, self.session.region, self):
            describe = partial(self._current, self.job_id())
            events = follow_logs(self.session, describe, patience=patience_for(timeout_s, most_s=FOLLOW_MAX_S))
            last, count = deque[str](maxlen=LAST_LINES), 0
            try:
                for event in events:
                    last.append(event.message)
                    count += 1
                    yield event
            finally:
                self._seen_lines(tuple(last), left_out=count - len(last))

    def cancel(self, *, reason: str = "cancelled by batchwright") -> None:
        """Take it out of the queue unless it has started (`batch:CancelJob`); what runs goes on.

        Args:
            reason: Kept as the job's statusReason, 1 to 1024 characters.
        """
        check_reason(self.label, reason)
        with translated(self.label, self.session.region, self):
            self.session.batch.cancel_job(jobId=self.job_id(), reason=reason)

    def terminate(self, *, reason: str = "terminated by batchwright") -> None:
        """End it in whatever state it is (`batch:TerminateJob`).

        Args:
            reason: Kept as the job's statusReason, 1 to 1024 characters.
        """
        check_reason(self.label, reason)
        with translated(self.label, self.session.region, self):
            self.session.batch.terminate_job(jobId=self.job_id(), reason=reason)

    def _current(self, job_id: str) -> JobDescription:
        job = describe_jobs(self.session, [job_id]).get(job_id)
        if job is None and self.forgotten() is None:
            return JobDescription(job_id=job_id, name=self.name, read_at=self.session.clock.now())
        if job is None:
            raise NotFoundError(
                f"{self.label} in {self.session.region}: AWS does not know job {job_id}.",
                resource=self,
                hint="AWS forgets finished jobs after some days; what its row in the tracker says is kept.",
            )
        self._seen(job)
        return job


def check_reason(owner: str, reason: object) -> None:
    """Refuse a reason that AWS would not take.

    Args:
        owner: What it is a reason for, for the error.
        reason: The reason.

    Raises:
        DeclarationError: It is no string of 1 to 1024 characters.
    """
    if not isinstance(reason, str) or not 1 <= len(reason) <= REASON_MAX:
        raise DeclarationError(owner, "reason", reason, f"a string of 1 to {REASON_MAX} characters")


@attrs.frozen(repr=False)
class JobChild(Displayed, Submittable):
    """One child of an array job.

    Attributes:
        parent: The array job.
        parent_id: AWS's id of the array job.
        index: Its place, from 0.
    """

    kind = "child job"

    parent: Submittable
    parent_id: str = attrs.field(kw_only=True)
    index: int = attrs.field(kw_only=True)

    @property
    def session(self) -> Connection:  # type: ignore[override]  # read-only here, and nobody writes it there
        """The session of the array job."""
        return self.parent.session

    @property
    def name(self) -> str:  # type: ignore[override]  # as above
        """The array job's name, a colon and the index."""
        return f"{self.parent.name}:{self.index}"

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"child {self.index} of {self.parent.label}"

    def job_id(self) -> str:
        """The parent's id, a colon and the index."""
        return f"{self.parent_id}:{self.index}"

    def describe(self) -> JobDescription:
        """What AWS reports now.

        Raises:
            NotFoundError: AWS does not know it.
        """
        with translated(self.label, self.session.region, self):
            return self._current(self.job_id())

    def forgotten(self, row: Row | None = None) -> JobDescription | None:
        """What the array's row says: all its children succeeded if it did, and nothing is known otherwise."""
        array = self.parent.forgotten()
        if array is None:
            return None
        status = SUCCEEDED if array.status == SUCCEEDED else VANISHED
        return attrs.evolve(array, job_id=self.job_id(), name=self.name, status=status, index=self.index)

    def __repr__(self) -> str:
        return f"<JobChild {self.name!r}>"

    def _known_id(self) -> str:
        return self.job_id()

    def _view(self) -> View:
        return self._view_with({})
