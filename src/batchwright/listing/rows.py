"""Every row of a session's trackers, as little of each as a list of jobs needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.jobs.ledger import Row
from batchwright.side_by_side import go_on
from batchwright.translation import is_missing

READ: Final = ("id", "job_id", "job_name", "submitted_on", "queue_arn", "#s")


@attrs.frozen
class TableRow:
    """A row and the table that it is in."""

    table: str
    row: Row


def rows_of(session: Connection, tables: Iterable[str]) -> list[TableRow]:
    """Every row of these tables (`dynamodb:Scan`, consistently); none of a table that does not exist."""
    return [TableRow(table, row) for table in tables for row in _scanned(session, table)]


def _scanned(session: Connection, table: str) -> list[Row]:
    from botocore.exceptions import ClientError

    pages = session.dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ConsistentRead=True,
        ProjectionExpression=", ".join(READ),
        ExpressionAttributeNames={"#s": "status"},
    )
    try:
        rows: list[Row] = []
        for page in pages:
            rows += [Row.from_item(cast("Mapping[str, Any]", item)) for item in page["Items"]]
            go_on()
        return rows
    except ClientError as error:
        if is_missing(error):
            return []  # no table yet, so nothing was submitted
        raise
