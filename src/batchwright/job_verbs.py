"""The verbs of a session for jobs that were submitted: wait for them, and end them."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import JobDescription
from batchwright.jobs.waiting import OnChange
from batchwright.many_jobs import as_completed, wait_for_all
from batchwright.remembering import Remembers
from batchwright.stopping_jobs import Verb, stop_all


class EndsJobs(Remembers):
    """A session that waits for jobs, and ends them."""

    def wait(
        self,
        jobs: Submittable | Iterable[Submittable],
        *,
        timeout_s: float | None = None,
        check: bool = True,
        on_change: OnChange | None = None,
    ) -> dict[Submittable, JobDescription]:
        """Wait until all of these have ended, a hundred of them a request; their rows are kept current.

        However many threads wait, on whatever jobs, the session looks for all of them together.

        Args:
            jobs: One job or many.
            timeout_s: Seconds to wait at the most; by default a day.
            check: Raise if one did not succeed.
            on_change: Called with the description whenever a job's status changes.

        Raises:
            ExceptionGroup: Of a `JobFailedError` for every job that failed.
            WaitTimeoutError: The time is over; nothing is lost.
        """
        return wait_for_all(self, jobs, self._memory, timeout_s=timeout_s, check=check, on_change=on_change)

    def as_completed(
        self,
        jobs: Submittable | Iterable[Submittable],
        *,
        timeout_s: float | None = None,
        on_change: OnChange | None = None,
    ) -> Generator[tuple[Submittable, JobDescription]]:
        """Each of these jobs with its description, as it ends, well or not; nothing of it is kept then.

        Args:
            jobs: One job or many, from any iterable, which is read when the first end is asked for.
            timeout_s: Seconds to wait at the most; by default a day.
            on_change: Called with the description whenever a job's status changes.

        Raises:
            WaitTimeoutError: The time is over; nothing is lost.
        """
        return as_completed(self, jobs, self._memory, timeout_s=timeout_s, on_change=on_change)

    def cancel(self, jobs: Submittable | Iterable[Submittable], *, reason: str = "cancelled by batchwright") -> None:
        """Take these out of the queue, fifty a request where boto3 knows how; what runs goes on.

        Args:
            jobs: One job or many.
            reason: Kept as the jobs' statusReason, 1 to 1024 characters.

        Raises:
            ExceptionGroup: Of every refusal.
        """
        stop_all(self, jobs, self._memory, Verb.CANCEL, reason=reason)

    def terminate(
        self, jobs: Submittable | Iterable[Submittable], *, reason: str = "terminated by batchwright"
    ) -> None:
        """End these, in whatever state they are, fifty a request where boto3 knows how.

        Args:
            jobs: One job or many.
            reason: Kept as the jobs' statusReason, 1 to 1024 characters.

        Raises:
            ExceptionGroup: Of every refusal.
        """
        stop_all(self, jobs, self._memory, Verb.TERMINATE, reason=reason)
