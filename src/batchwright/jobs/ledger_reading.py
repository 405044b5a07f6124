"""Reading many rows of tracker tables in few requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.row_status import Tracked
from batchwright.side_by_side import read_each
from batchwright.translation import is_denied, is_missing
from batchwright.waiting import Patience

KEYS_PER_CALL: Final = 100
CALLS_AT_ONCE: Final = 8
PATIENCE: Final = Patience(timeout_s=60.0, interval_s=0.2, max_interval_s=5.0, growth=1.5)
"""How long a table may leave all that was asked for unread; every row that it gives begins anew."""


def read_tracked(tracked: Iterable[Tracked]) -> dict[Tracked, Row]:
    """These rows, of whatever tables; those that are not there, or cannot be read many at a time, are left out."""
    by_ledger: defaultdict[Ledger, list[str]] = defaultdict(list)
    for each in tracked:
        by_ledger[each.ledger].append(each.submission_id)
    found = {ledger: _read_if_allowed(ledger, ids) for ledger, ids in by_ledger.items()}
    return {Tracked(ledger, key): row for ledger, rows in found.items() for key, row in rows.items()}


def _read_if_allowed(ledger: Ledger, submission_ids: Iterable[str]) -> dict[str, Row]:
    from botocore.exceptions import ClientError

    try:
        return read_many(ledger, submission_ids)
    except ClientError as error:
        if is_denied(error) or is_missing(error):
            return {}
        raise


def read_many(ledger: Ledger, submission_ids: Iterable[str]) -> dict[str, Row]:
    """The rows of these ids, consistently (`dynamodb:BatchGetItem`), a hundred a call.

    Those that are not there are left out, and those that the table leaves unread for a minute, for lack of read units.
    """
    ids = list(dict.fromkeys(submission_ids))
    chunks = [ids[start : start + KEYS_PER_CALL] for start in range(0, len(ids), KEYS_PER_CALL)]
    answers = read_each(chunks, partial(_read_chunk, ledger), at_once=CALLS_AT_ONCE)
    return {row.submission_id: row for rows in answers for row in rows}


def _read_chunk(ledger: Ledger, ids: Sequence[str]) -> list[Row]:
    """Up to a hundred rows; what DynamoDB leaves unprocessed is asked for again."""
    rows: list[Row] = []
    keys: list[Mapping[str, Any]] = [{"id": {"S": each}} for each in ids]
    asked: Mapping[str, Any] = {ledger.table_name: {"Keys": keys, "ConsistentRead": True}}
    pace = PATIENCE.pace(ledger.session.clock)
    next(pace)
    while True:
        answer = ledger.session.dynamodb.batch_get_item(RequestItems=asked)
        found = cast("Sequence[Mapping[str, Any]]", answer.get("Responses", {}).get(ledger.table_name, ()))
        rows += map(Row.from_item, found)
        asked = cast("Mapping[str, Any]", answer.get("UnprocessedKeys") or {})
        if found:
            pace = PATIENCE.pace(ledger.session.clock)
            next(pace)
        if not asked or next(pace, None) is None:
            return rows
