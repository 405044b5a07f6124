"""Writing the status of rows: from inside a job, and from what AWS says of the jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import FINISHED, VANISHED, describe_jobs
from batchwright.jobs.row_status import may_replace, read_update, seen_update
from batchwright.jobs.transactions import CONDITION_FAILED, TELLING
from batchwright.resources.tracker_rows import Rows, TrackerRow, row_of
from batchwright.translation import code_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateTypeDef

VANISHED_AFTER_S: Final = 600.0
"""The age of a row below which a job that AWS does not know may only not show yet."""


def write_status(session: Connection, update: UpdateTypeDef) -> TrackerRow | None:
    """Write a status as `jobs.row_status` has put it, with one UpdateItem; None when that was done.

    Returns:
        The row that stood against it, with an empty id where there is none.
    """
    from botocore.exceptions import ClientError

    try:
        session.dynamodb.update_item(**cast("Any", update), **TELLING)
    except ClientError as error:
        if code_of(error) != CONDITION_FAILED:
            raise
        return row_of(cast("Mapping[str, Any]", cast("Any", error.response).get("Item") or {}))
    return None


def sync_rows(session: Connection, table_name: str, rows: Iterable[TrackerRow]) -> Rows:
    """Bring unfinished rows up to date from `batch:DescribeJobs`, a hundred ids a call.

    Returns:
        The rows that were changed, with their new status.
    """
    asked = [row for row in rows if row.job_id and not row.finished and _is_here(row, session)]
    jobs = describe_jobs(session, [row.job_id for row in asked])
    found = {job_id: job.status for job_id, job in jobs.items()}
    return Rows.of(_changed(session, table_name, asked, found))


def _changed(
    session: Connection, table_name: str, rows: Iterable[TrackerRow], found: Mapping[str, str]
) -> Iterator[TrackerRow]:
    now = session.clock.now()
    for row in rows:
        status = found.get(row.job_id, VANISHED)
        if status == VANISHED and row.age_s(now) < VANISHED_AFTER_S:
            continue
        if not may_replace(row.status, status):
            continue
        # How a job ended replaces whatever stands there now; anything less only what was there when AWS was asked.
        if status in FINISHED and status != VANISHED:
            update = seen_update(table_name, row.id, status, job_id=row.job_id)
        else:
            update = read_update(table_name, row.id, status, job_id=row.job_id, there=row.status)
        if write_status(session, update) is None:
            yield attrs.evolve(row, status=status, raw={**row.raw, "status": status})


def _is_here(row: TrackerRow, session: Connection) -> bool:
    """Whether the row's job can be known in this region, as far as its queue's ARN says."""
    region = row.queue_arn.split(":")[3:4]
    return not region or region == [session.region]
