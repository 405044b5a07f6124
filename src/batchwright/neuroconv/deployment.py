"""What `deploy_neuroconv_batch_job` returns: NeuroConv's dictionary, which can be waited for."""

from __future__ import annotations

from typing import Final, Self

import attrs

from batchwright._display import Displayed, Fact, Grid, Text, View
from batchwright.console import page_of
from batchwright.neuroconv.answers import SubmissionInfo
from batchwright.neuroconv.found import session_in
from batchwright.neuroconv.job import NeuroConvJob
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.teardown_description import TeardownDescription
from batchwright.session import BatchSession

TRANSFER: Final = "rclone_job_submission_info"
CONVERSION: Final = "neuroconv_job_submission_info"


@attrs.frozen(kw_only=True)
class Whereabouts:
    """Where the jobs of a deployment are found again.

    Attributes:
        region: The AWS region.
        table_name: The table with their rows.
        queue_name: Where they wait.
        environment_name: Where they run.
        volume_name: The volume that they share.
        teardown_name: What takes the secret and the volume away; None where there is nothing to take away.
    """

    region: str
    table_name: str
    queue_name: str
    environment_name: str
    volume_name: str
    teardown_name: str | None


class Deployment(Displayed, dict[str, SubmissionInfo]):
    """The submissions of a transfer and of the conversion after it, by NeuroConv's two keys.

    It holds names and ids only: it can be printed, pickled, and waited for in another process.

    Args:
        transfer: What was submitted as `rclone_job_submission_info`.
        conversion: What was submitted as `neuroconv_job_submission_info`.
        whereabouts: Where to find them again.
    """

    def __init__(self, transfer: SubmissionInfo, conversion: SubmissionInfo, whereabouts: Whereabouts) -> None:
        super().__init__({TRANSFER: transfer, CONVERSION: conversion})
        self.whereabouts = whereabouts

    def _view(self) -> View:
        headings = ("step", "job", "job_id", "submission_id")
        lines = [(Text(step), *_told(self[key])) for step, key in (("transfer", TRANSFER), ("conversion", CONVERSION))]
        where = attrs.asdict(self.whereabouts)
        return View(
            title="NeuroConv deployment",
            facts=[Fact(name, str(value)) for name, value in where.items() if value],
            parts=[Grid(headings, lines)],
        )

    def wait(self, *, timeout_s: float | None = None) -> Self:
        """Wait until both jobs have ended; itself, when both succeeded.

        Args:
            timeout_s: Seconds to wait at the most; by default a day for each job.

        Raises:
            JobFailedError: One FAILED; with exit code, reasons and the last lines of its log.
            WaitTimeoutError: The time is over; nothing is lost.
        """
        with session_in(self.whereabouts.region) as session:
            end = None if timeout_s is None else session.clock.monotonic() + timeout_s
            for job in self._jobs(session):
                job.wait(timeout_s=None if end is None else max(0.0, end - session.clock.monotonic()))
        return self

    def wait_for_teardown(self, *, timeout_s: float | None = None) -> TeardownDescription | None:
        """Wait until the secret, and the volume if it was made for this, are gone; AWS needs nobody to wait for that.

        Args:
            timeout_s: Seconds to wait at the most; by default a day.

        Returns:
            What AWS says of the tear-down, or None where there was nothing to take away.

        Raises:
            ResourceFailedError: Something is still there; with AWS's reason.
            WaitTimeoutError: The time is over; AWS goes on.
        """
        where = self.whereabouts
        if where.teardown_name is None:
            return None
        with session_in(where.region) as session:
            volume = session.efs_volume(name=where.volume_name, retain=False, teardown=where.teardown_name)
            teardown = session.teardown(name=where.teardown_name, after=self._jobs(session), volume=volume)
            return teardown.wait(timeout_s=timeout_s)

    def _jobs(self, session: BatchSession) -> tuple[NeuroConvJob, ...]:
        """The jobs as things to look for: what they run is of no concern any more."""
        where = self.whereabouts
        environment = session.compute_environment(name=where.environment_name)
        queue = session.job_queue(name=where.queue_name, compute_environments=environment)
        tracker = session.status_tracker(name=where.table_name)
        definition = JobDefinition(session, name="submitted", image="submitted")
        return tuple(
            NeuroConvJob(
                session,
                name=info["job_submission_info"]["jobName"],
                definition=definition,
                queue=queue,
                tracker=tracker,
                submission_id=info["table_submission_info"]["id"],
            )
            for info in (self[TRANSFER], self[CONVERSION])
        )


def _told(info: SubmissionInfo) -> tuple[Text, ...]:
    """The job's name, its id, which leads to the console, and what its submission is known by."""
    job = info["job_submission_info"]
    return (
        Text(job["jobName"]),
        Text(job["jobId"], url=page_of(job["jobArn"])),
        Text(info["table_submission_info"]["id"]),
    )
