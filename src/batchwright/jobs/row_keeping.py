"""Keeping the rows of waited jobs current, as far as their tables allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from batchwright.connection import Connection
from batchwright.jobs.description import VANISHED
from batchwright.jobs.row_status import Tracked, may_replace, seen_update
from batchwright.jobs.transactions import Transactions, Write
from batchwright.notices import warn_caller
from batchwright.translation import is_denied, is_missing
from batchwright.waiting import Patience

BUDGET_S: Final = 10.0
"""Seconds that writing the changes of one look may take; a slower table is not waited for."""
PAUSE_S: Final = 60.0
"""Seconds for which a table that failed otherwise is left alone; what moves after that is written again."""
PATIENCE: Final = Patience(timeout_s=BUDGET_S, interval_s=0.2, max_interval_s=5.0, growth=1.5)


class StaleRowsWarning(UserWarning):
    """A tracker's table did not take the status of a waited job, so its rows are behind."""


@attrs.frozen
class Seen:
    """What AWS says of a job that has a row.

    Attributes:
        job_id: AWS's id.
        status: AWS's status, or VANISHED.
        row: Its row.
    """

    job_id: str
    status: str
    row: Tracked


@attrs.define(eq=False)
class RowKeeper:
    """Writes what one wait has seen; no refusal of a table ends the wait.

    Args:
        session: Whose clients and clock to use.
        known: What the rows say, by job id, as far as they were read; of the others it is taken to be SUBMITTED.
    """

    session: Connection
    known: dict[str, str]
    _tables: dict[str, Transactions] = attrs.field(factory=dict[str, Transactions])
    _left_alone: dict[str, float] = attrs.field(factory=dict[str, float])
    _warned: set[str] = attrs.field(factory=set[str])

    def keep(self, seen: Iterable[Seen]) -> None:
        """Bring the rows of these jobs up to date, in transactions."""
        now = self.session.clock.monotonic()
        by_table: defaultdict[str, list[Seen]] = defaultdict(list)
        for each in seen:
            if may_replace(self.known.get(each.job_id, "SUBMITTED"), each.status):
                by_table[each.row.ledger.table_name].append(each)
        for table_name, worth in by_table.items():
            if self._left_alone.get(table_name, now) <= now:
                self._keep_in(table_name, worth, deadline=now + BUDGET_S)

    def _keep_in(self, table_name: str, worth: Sequence[Seen], *, deadline: float) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        table = self._tables.get(table_name)
        if table is None:
            table = Transactions(self.session, PATIENCE, is_quiet=True)
            self._tables[table_name] = table
        place = 0
        while place < len(worth):
            chunk = worth[place : place + table.at_once]
            place += len(chunk)
            try:
                self._learn(chunk, table.write_all([_write(each) for each in chunk]))
            except (ClientError, BotoCoreError) as error:
                is_final = isinstance(error, ClientError) and (is_denied(error) or is_missing(error))
                pause_s = float("inf") if is_final else PAUSE_S
                self._left_alone[table_name] = self.session.clock.monotonic() + pause_s
                return self._warn(table_name, str(error))
            if place < len(worth) and self.session.clock.monotonic() > deadline:
                return self._warn(table_name, "it takes too few writes a second")
        return None

    def _learn(self, written: Iterable[Seen], refused: Mapping[str, Mapping[str, Any]]) -> None:
        for each in written:
            self.known[each.job_id] = each.status
            if each.row.key in refused:
                # Where there is no row there is nothing to write any more.
                self.known[each.job_id] = str(refused[each.row.key].get("status", {}).get("S", VANISHED))

    def _warn(self, table_name: str, why: str) -> None:
        if table_name in self._warned:
            return
        self._warned.add(table_name)
        warn_caller(
            f"Rows of table {table_name!r} in {self.session.region} are behind what AWS says of their jobs: {why}. "
            "The wait goes on; StatusTracker.sync() brings the rows up to date.",
            StaleRowsWarning,
        )


def _write(seen: Seen) -> Write:
    row = seen.row
    update = seen_update(row.ledger.table_name, row.submission_id, seen.status, job_id=seen.job_id)
    return Write(row.key, {"Update": update})
