"""What can be done with a submitted job, an array's child included."""

from __future__ import annotations

import abc
from collections.abc import Iterator

from batchwright.connection import Connection
from batchwright.errors import NotFoundError
from batchwright.jobs.description import JobDescription, describe_jobs
from batchwright.jobs.logs import LogEvent, Logs, follow_logs, read_logs
from batchwright.jobs.waiting import OnChange, check_end, patience_for, wait_for
from batchwright.translation import translated
from batchwright.values import refuse

REASON_MAX = 1024


class Submittable(abc.ABC):
    """The verbs of a job that has an id."""

    session: Connection

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
    def held_up_by(self, job: JobDescription) -> str:
        """What keeps it from running, in words; asks AWS about its queue and environments."""

    def ended(self, job: JobDescription) -> None:
        """Note how it ended, where somebody keeps count; a child has no row of its own."""
        del job

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
            self.ended(job)
            if check:
                check_end(self.session, self, job)
        return job

    def logs(self) -> Logs:
        """Every line that it has printed so far, of all attempts; empty when there is none yet."""
        with translated(self.label, self.session.region, self):
            return read_logs(self.session, self._current())

    def follow_logs(self, *, timeout_s: float | None = None) -> Iterator[LogEvent]:
        """Each line as it comes, until the job has ended.

        Args:
            timeout_s: Seconds to follow at the most; by default a day.
        """
        with translated(self.label, self.session.region, self):
            yield from follow_logs(self.session, self._current, patience=patience_for(timeout_s))

    def cancel(self, *, reason: str = "cancelled by batchwright") -> None:
        """Take it out of the queue unless it has started (`batch:CancelJob`); what runs goes on.

        Args:
            reason: Kept as the job's statusReason, 1 to 1024 characters.
        """
        self._check_reason(reason)
        with translated(self.label, self.session.region, self):
            self.session.batch.cancel_job(jobId=self.job_id(), reason=reason)

    def terminate(self, *, reason: str = "terminated by batchwright") -> None:
        """End it in whatever state it is (`batch:TerminateJob`).

        Args:
            reason: Kept as the job's statusReason, 1 to 1024 characters.
        """
        self._check_reason(reason)
        with translated(self.label, self.session.region, self):
            self.session.batch.terminate_job(jobId=self.job_id(), reason=reason)

    def _check_reason(self, reason: str) -> None:
        if not 1 <= len(reason) <= REASON_MAX:
            raise refuse(self, "reason", reason, f"1 to {REASON_MAX} characters")

    def _current(self) -> JobDescription:
        job_id = self.job_id()
        job = describe_jobs(self.session, [job_id]).get(job_id)
        if job is None:
            raise NotFoundError(
                f"{self.label} in {self.session.region}: AWS does not know job {job_id}.",
                resource=self,
                hint="AWS forgets finished jobs after some days; what its row in the tracker says is kept.",
            )
        return job


class JobChild(Submittable):
    """One child of an array job."""

    kind = "child job"

    def __init__(self, session: Connection, *, name: str, parent_id: str, index: int, parent: Submittable) -> None:
        self.session, self.name, self.index = session, f"{name}:{index}", index
        self._parent_id, self._parent = parent_id, parent

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"child {self.index} of {self._parent.label}"

    def job_id(self) -> str:
        """The parent's id, a colon and the index."""
        return f"{self._parent_id}:{self.index}"

    def describe(self) -> JobDescription:
        """What AWS reports now.

        Raises:
            NotFoundError: AWS does not know it.
        """
        with translated(self.label, self.session.region, self):
            return self._current()

    def held_up_by(self, job: JobDescription) -> str:
        """What keeps it from running, in words."""
        return self._parent.held_up_by(job)

    def __repr__(self) -> str:
        return f"<JobChild {self.name!r}>"
