"""The one unit that a job needs to start at most once, from its making to its end."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from batchwright.declaration import resource
from batchwright.drift import Drift
from batchwright.errors import ConflictError
from batchwright.jobs.ledger import Row
from batchwright.outcome import Ensured, Resolved
from batchwright.resources.consumable_jobs import NeedingJob, jobs_needing
from batchwright.resources.consumable_resource import (
    NON_REPLENISHABLE,
    ConsumableResource,
    ConsumableResourceDescription,
    check_client,
)
from batchwright.resources.job_reading import row_of
from batchwright.resources.status_tracker import StatusTracker
from batchwright.translation import is_missing
from batchwright.values import Action, OnDrift, refuse

if TYPE_CHECKING:
    from batchwright.resources.batch_job import BatchJob

logger: Final = logging.getLogger(__name__)
NAME_MAX: Final = 128
HASH_DIGITS: Final = 20


class _TakenAwayError(Exception):
    """There is a row and no unit, so there was one."""

    def __init__(self, row: Row) -> None:
        self.row = row
        super().__init__(row.submission_id)


@resource(kw_only=True)
class StartUnit(ConsumableResource):
    """The right of one submission to start: a single unit that never comes back.

    It is made before the submission is claimed, and never again once the tracker has a row of the submission: whoever
    finds a row and no unit knows that it was taken away, and that another one would let a second job start.

    Args:
        tracker: The table that has the submission's row.
        submission_id: What the submission is known by.
    """

    total_quantity: int = 1
    replenishable: bool = False
    tracker: StatusTracker
    submission_id: str

    def _see(self, seen: ConsumableResourceDescription) -> None:
        """Remember nothing: there are as many as jobs, and none is looked at."""

    def converge(
        self, resolved: Resolved, *, on_drift: OnDrift | None = None
    ) -> Ensured[ConsumableResourceDescription]:
        """Make it, unless the submission has a row already.

        Raises:
            ConflictError: It was taken away while it is unknown whether a job was submitted.
        """
        try:
            return super().converge(resolved, on_drift=on_drift)
        except _TakenAwayError as taken:
            row = taken.row
        with self.translated():
            is_there = self._read(resolved) is not None
        if is_there:  # another process has made it, and claimed, between our look and our row
            return self.converge(resolved, on_drift=on_drift)
        if not row.job_id:
            raise self._disarmed(row)
        spent = self._spent()
        resolved.put(self, spent)
        return Ensured(resource=self, action=Action.UNCHANGED, owned=True, description=spent)

    def _create(self, request: Mapping[str, object]) -> None:
        if (row := self._row()) is not None:
            raise _TakenAwayError(row)
        super()._create(request)

    def plan(self, resolved: Resolved) -> tuple[Action, Drift]:
        """What `ensure()` would do; what is spent and gone stays so."""
        action, drift = super().plan(resolved)
        with self.translated():
            spent = action is Action.CREATED and self._row() is not None
        return (Action.UNCHANGED, drift) if spent else (action, drift)

    def _row(self) -> Row | None:
        return row_of(self.session, self.tracker, self.submission_id)

    def _spent(self) -> ConsumableResourceDescription:
        return ConsumableResourceDescription(
            name=self.name,
            arn="",
            status="SPENT",
            status_reason="taken away after its job was submitted, and never made again",
            resource_type=NON_REPLENISHABLE,
            read_at=self.session.clock.now(),
        )

    def _disarmed(self, row: Row) -> ConflictError:
        return ConflictError(
            f"{self.label} in {self.session.region} was taken away while submission {row.submission_id!r} was only "
            "claimed: a job of it may have been submitted, and making the unit anew could let a second one start.",
            resource=self,
            hint="Look for the job in its queue. If it is not to be waited for, submit again with run=2 or under "
            "another submission_id.",
        )

    # --- the end --------------------------------------------------------------------------------------------------

    def _delete(self, seen: ConsumableResourceDescription) -> None:
        """End every job that could still take it; then take it away."""
        unfinished = jobs_needing(self.session, seen.arn, unfinished=True)
        for job in unfinished:
            self._terminate(job, "deleted by batchwright")
        if not unfinished:
            super()._delete(seen)

    def put_away(self, job_id: str) -> None:
        """Take it away after the end of its job, and end what else of that submission waits for it.

        What else of it runs is left alone, and so is then the unit. A failure is logged: the job's end counts more.

        Args:
            job_id: The job that has ended.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            others = [job for job in jobs_needing(self.session, self.name, unfinished=True) if job.job_id != job_id]
            for job in (each for each in others if not each.started):
                self._terminate(job, f"duplicate of {job_id}: submission {self.submission_id} has ended")
            if not others:
                self.session.batch.delete_consumable_resource(consumableResource=self.name)
        except (ClientError, BotoCoreError) as error:
            if not isinstance(error, ClientError) or not is_missing(error):
                logger.warning("%s was not taken away after its job's end: %s", self.label, error)

    def _terminate(self, job: NeedingJob, reason: str) -> None:
        self.session.batch.terminate_job(jobId=job.job_id, reason=reason)


def start_unit_of(job: BatchJob) -> StartUnit | None:
    """The unit of a job that is to start at most once.

    Raises:
        ConfigurationError: The installed boto3 is too old for it.
    """
    if not job.run_at_most_once or job.tracker is None:
        return None
    check_client(f"{job.label} with run_at_most_once=True")
    name = unit_name(job.tracker.name, job.submission_id)
    return StartUnit(
        job.session, name=name, tracker=job.tracker, submission_id=job.submission_id, patience=job.patience
    )


def unit_name(table: str, submission_id: str) -> str:
    """A legal name that only this submission has: two tables may know two submissions of one id."""
    digest = hashlib.sha256(f"{table}\n{submission_id}".encode()).hexdigest()[:HASH_DIGITS]
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", submission_id)[: NAME_MAX - len("once--") - HASH_DIGITS]
    return f"once-{readable}-{digest}"


def check_start(job: BatchJob) -> None:
    """Refuse what could make a job that is to start at most once start again, or never.

    Raises:
        DeclarationError: It names the field and why.
    """
    if not job.run_at_most_once:
        return
    if job.tracker is None:
        legal = "a tracker with run_at_most_once=True: its row tells that the one unit was made before"
        raise refuse(job, "tracker", None, legal)
    if job.array_size is not None:
        legal = "none with run_at_most_once=True: each child would need the one unit. Submit a job for each"
        raise refuse(job, "array_size", job.array_size, legal)
    if job.retry is not None and job.retry.attempts > 1:
        legal = "attempts=1, or none, with run_at_most_once=True: another attempt is another run"
        raise refuse(job, "retry", job.retry, legal)


def start_part(job: BatchJob) -> dict[str, object]:
    """What the request of a job that is to start at most once says besides."""
    unit = job.start_unit
    if unit is None:
        return {}
    return {
        "consumableResourcePropertiesOverride": {
            "consumableResourceList": [{"consumableResource": unit.name, "quantity": unit.total_quantity}]
        },
        # Otherwise the definition's attempts count.
        "retryStrategy": {"attempts": 1},
    }
