"""Writing the status of rows: from inside a job, and from what AWS says of the jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import FINISHED, UNFINISHED, VANISHED, describe_jobs
from batchwright.jobs.ledger import CLAIMED
from batchwright.jobs.transactions import CONDITION_FAILED
from batchwright.resources.tracker_rows import Rows, TrackerRow, row_of
from batchwright.translation import code_of

VANISHED_AFTER_S: Final = 600.0
"""The age of a row below which a job that AWS does not know may only not show yet."""
OVERWRITTEN: Final = frozenset({*UNFINISHED, CLAIMED, "Job submitted...", ""})
"""What AWS's word for an unfinished job replaces: its own earlier ones and what submitting writes.

Any other text was written by the code inside the job, and stays until the job has ended.
"""
_ENDS: Final = {f":end{index}": {"S": word} for index, word in enumerate(FINISHED)}
_NOT_ENDED: Final = f"attribute_exists(id) AND NOT #s IN ({', '.join(_ENDS)})"


def write_status(
    session: Connection, table_name: str, submission_id: str, status: str, *, seen: TrackerRow | None = None
) -> TrackerRow | None:
    """Write a status unless the row's own is final already, with one UpdateItem; None when that was done.

    Args:
        session: Whose clients to use.
        table_name: The table.
        submission_id: The row.
        status: The new status.
        seen: The row as it was read: write only if job and status are still those.

    Returns:
        The row that stood against it, with an empty id where there is none.
    """
    from botocore.exceptions import ClientError

    condition, values = _NOT_ENDED, {":status": {"S": status}, **_ENDS}
    if seen is not None:
        condition += " AND job_id = :job AND #s = :seen"
        values |= {":job": {"S": seen.job_id}, ":seen": {"S": seen.status}}
    try:
        session.dynamodb.update_item(
            TableName=table_name,
            Key={"id": {"S": submission_id}},
            UpdateExpression="SET #s = :status",
            ConditionExpression=condition,
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues=cast("Any", values),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
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
        if status == row.status:
            continue
        if status == VANISHED and row.age_s(now) < VANISHED_AFTER_S:
            continue
        if status not in FINISHED and row.status not in OVERWRITTEN:
            continue
        # How a job ended replaces whatever stands there now; anything less only what was there when AWS was asked.
        seen = None if status in FINISHED and status != VANISHED else row
        if write_status(session, table_name, row.id, status, seen=seen) is None:
            yield attrs.evolve(row, status=status, raw={**row.raw, "status": status})


def _is_here(row: TrackerRow, session: Connection) -> bool:
    """Whether the row's job can be known in this region, as far as its queue's ARN says."""
    region = row.queue_arn.split(":")[3:4]
    return not region or region == [session.region]
