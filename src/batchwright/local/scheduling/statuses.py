"""The one place where a job's status changes, once SubmitJob has made it SUBMITTED."""

from collections.abc import Callable

from batchwright.local.state import Job

OnStatus = Callable[[Job], None]
"""Is told of a job, an array's parent too, after each change of its status but the first one, to SUBMITTED."""


def tell_nobody(job: Job) -> None:
    """Do nothing with a job whose status has changed."""


class Statuses:
    """Changes the status of jobs and tells of it.

    Args:
        on_status: Is told of each job, when its record says all that is to be known.
    """

    def __init__(self, on_status: OnStatus) -> None:
        self._on_status = on_status

    def change(self, job: Job, status: str, reason: str | None = None) -> None:
        """Give the job another status, and the reason for it instead of any there was."""
        job.status, job.status_reason = status, reason
        self._on_status(job)
