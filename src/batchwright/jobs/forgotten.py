"""What became of jobs that AWS does not show any more: what is known of them otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from batchwright.connection import Connection
from batchwright.jobs.description import UNSEEN_S, VANISHED, JobDescription
from batchwright.jobs.ledger import Row
from batchwright.jobs.ledger_reading import read_tracked
from batchwright.jobs.row_status import Tracked
from batchwright.side_by_side import read_each

AT_ONCE: Final = 8
"""How many jobs are asked about at a time where reading their rows together says nothing."""


class Forgettable(Protocol):
    """A job that AWS may forget."""

    def tracked(self) -> Tracked | None:
        """Which row is its own; asks nobody."""
        ...

    def forgotten(self, row: Row | None = None) -> JobDescription | None:
        """What else is known of it when AWS does not show it; None while that may be because it is new."""
        ...


def what_became(
    session: Connection, jobs: Mapping[str, Forgettable], missed: Mapping[str, float]
) -> list[JobDescription]:
    """How those of these jobs ended that are not just late to show.

    Args:
        session: Whose clients and clock to use.
        jobs: By job id, at least those that are missed.
        missed: By job id, for how many seconds AWS has not shown it.
    """
    tracked = {job_id: jobs[job_id].tracked() for job_id in missed}
    rows = read_tracked(row for row in tracked.values() if row) if len(missed) > 1 else {}

    def known(job_id: str) -> JobDescription | None:
        row = tracked[job_id]
        return jobs[job_id].forgotten(rows.get(row) if row else None)

    told = dict(zip(missed, read_each(missed, known, at_once=AT_ONCE), strict=True))
    ends = [_end(session, job_id, told[job_id], missing_s) for job_id, missing_s in missed.items()]
    return [end for end in ends if end is not None]


def _end(session: Connection, job_id: str, known: JobDescription | None, missing_s: float) -> JobDescription | None:
    if known is not None and known.job_id == job_id:
        return known
    if missing_s < UNSEEN_S:
        return None
    return JobDescription(
        job_id=job_id,
        name="",
        status=VANISHED,
        status_reason="AWS no longer knows this job",
        read_at=session.clock.now(),
    )
