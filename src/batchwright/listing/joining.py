"""What AWS lists and what rows tell, as one list of jobs: what AWS forgot, or has not seen yet, is in it too."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import (
    FINISHED,
    UNFINISHED,
    UNSEEN_S,
    VANISHED,
    JobDescription,
    describe_jobs,
)
from batchwright.jobs.ledger import CLAIMED, Row
from batchwright.jobs.listed import CLAIMED_ONLY, FORGOTTEN, IN_AWS, ListedJob, from_answer, from_row, submitted_on
from batchwright.jobs.selection import Selection
from batchwright.listing.answers import Listing
from batchwright.listing.rows import TableRow

KEPT_S: Final = 7 * 86_400.0
"""Seconds for which AWS shows a job after its end, at the least, by its user guide's page on job states."""


@attrs.frozen(kw_only=True)
class Join:
    """One join.

    Attributes:
        session: Whose clients and clock to use.
        selection: Which jobs are asked for.
        listing: What AWS lists.
        rows: All rows that there are.
        elsewhere: Whether jobs of other queues are asked for, as far as rows tell of them.
        now: When the listing began, in seconds since the epoch.
    """

    session: Connection
    selection: Selection
    listing: Listing
    rows: Sequence[TableRow]
    elsewhere: bool
    now: float

    def jobs(self) -> list[ListedJob]:
        """The jobs that are asked for, the newest first."""
        rows = {each.row.job_id: each for each in self.rows if each.row.job_id in self.listing.jobs}
        unlisted = [each for each in self.rows if each.row.job_id not in self.listing.jobs and self._is_meant(each.row)]
        asked = list(filter(self._is_in_doubt, unlisted))
        sure = itertools.filterfalse(self._is_in_doubt, unlisted)
        told = describe_jobs(self.session, sorted({each.row.job_id for each in asked}))
        found = (
            *(self._listed(job_id, rows.get(job_id)) for job_id in self.listing.jobs),
            *(self._asked(each, told.get(each.row.job_id)) for each in asked),
            *(self._recorded(each) for each in sure if each.row.status in FINISHED or not each.row.job_id),
        )
        return sorted(filter(self._is_wanted, found), key=_newest_first)

    # --- which rows -----------------------------------------------------------------------------------------------

    def _is_meant(self, row: Row) -> bool:
        """Whether a row that is none of a listed job may be of one that is asked for."""
        return (
            (self.elsewhere or self._is_covered(row))
            and row.queue_arn.split(":")[3:4] in ([self.session.region], [])
            and self.selection.names_it(row.job_name)
            and self.selection.reaches(submitted_on(row))
        )

    def _is_covered(self, row: Row) -> bool:
        """Whether the queue of a row's job is among those that were listed."""
        return row.queue_arn.rpartition("/")[2] in self.listing.queues

    def _is_in_doubt(self, tracked: TableRow) -> bool:
        """Whether AWS has to be asked about a job that is not among those listed."""
        row = tracked.row
        if not row.job_id:
            return False
        # Of an array's children no list tells, and neither does one of another queue.
        is_out_of_sight = ":" in row.job_id or not self._is_covered(row)
        age_s = row.age_s(self.now)
        if row.status in FINISHED:
            # One that lists show late is not forgotten.
            return row.status in self.selection.statuses and age_s < (KEPT_S if is_out_of_sight else UNSEEN_S)
        if is_out_of_sight or self.selection.is_of_all_statuses or self.selection.names:
            return True
        # It has gone on to a status that was not listed, but for one that AWS does not list yet.
        return "SUBMITTED" in self.selection.statuses and age_s < UNSEEN_S

    # --- jobs -----------------------------------------------------------------------------------------------------

    def _listed(self, job_id: str, tracked: TableRow | None) -> ListedJob:
        queue, answer = self.listing.jobs[job_id]
        row, table = (tracked.row, tracked.table) if tracked else (None, "")
        return from_answer(self.session, answer, queue=queue, row=row, table=table, read_at=self.now)

    def _asked(self, tracked: TableRow, told: JobDescription | None) -> ListedJob:
        row, table = tracked.row, tracked.table
        if told is not None:
            queue = told.queue_arn.rpartition("/")[2]
            return from_answer(self.session, told.raw, queue=queue, row=row, table=table, read_at=told.read_at)
        if row.status not in FINISHED and row.age_s(self.now) < UNSEEN_S:
            status = row.status if row.status in UNFINISHED else "SUBMITTED"
            return from_row(self.session, row, table, status=status, known=IN_AWS, read_at=self.now)
        return self._recorded(tracked)

    def _recorded(self, tracked: TableRow) -> ListedJob:
        row = tracked.row
        if row.job_id:
            status, known = row.status if row.status in FINISHED else VANISHED, FORGOTTEN
        else:
            status, known = CLAIMED, CLAIMED_ONLY
        return from_row(self.session, row, tracked.table, status=status, known=known, read_at=self.now)

    def _is_wanted(self, job: ListedJob) -> bool:
        selection = self.selection
        is_of_then = selection.reaches(job.created_at or job.submitted_on)
        return job.status in selection.statuses and selection.names_it(job.name) and is_of_then


def _newest_first(job: ListedJob) -> tuple[float, str]:
    made_at = job.created_at or job.submitted_on
    return (-made_at.timestamp() if made_at else 0.0, job.name)
