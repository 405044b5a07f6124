"""Claims, records and releases of many submissions, in transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError
from batchwright.jobs.claims import new_claim
from batchwright.jobs.ledger import Row
from batchwright.jobs.sending import unrecorded
from batchwright.jobs.transactions import Transactions, Write
from batchwright.many_submissions.entry import Entry
from batchwright.translation import translated


@attrs.define(eq=False)
class Claims:
    """Claims many submissions at once; used by one thread.

    Args:
        session: Whose tables, clock and policy to use.
        settle: Called with entries for which there is nothing left to do.
        follow: Called with entries whose claim belongs to somebody else.
        refused: Called with entries and the error that the table gave for all of them.
    """

    session: Connection
    settle: Callable[[Entry], None]
    follow: Callable[[Entry], None]
    refused: Callable[[Sequence[Entry], BatchwrightError], None]
    _table: Transactions = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._table = Transactions(self.session)

    def made(self, entries: Sequence[Entry]) -> list[Entry]:
        """Write a row for each; those that are ours to send, in order."""
        writes: list[Write] = []
        for entry in entries:
            attempt = entry.tracked()
            entry.row = attempt.adopted(new_claim(self.session, attempt.submission))
            writes.append(attempt.ledger.claiming(entry.row))
        try:
            with translated(f"the rows of {len(entries)} jobs", self.session.region):
                there = self._table.write_all(writes)
        except BatchwrightError as error:
            self.refused(entries, error)
            return []
        return [entry for entry in entries if self._is_ours(entry, there.get(entry.key))]

    def _is_ours(self, entry: Entry, item: Mapping[str, Any] | None) -> bool:
        attempt = entry.tracked()
        # A transaction that was sent twice fails its own conditions: the token tells.
        if item is None or Row.from_item(item).claim == attempt.token:
            return True
        attempt.held, entry.row = None, Row.from_item(item)
        try:
            entry.job_id = attempt.checked(entry.row).job_id
        except BatchwrightError as error:
            entry.error = error
        if entry.job_id or entry.error is not None:
            self.settle(entry)
        else:
            self.follow(entry)
        return False


@attrs.define(eq=False)
class Records:
    """Records many jobs at once, and releases the claims of those that AWS refused; used by one thread.

    Args:
        session: Whose tables to use.
        settle: Called with each entry once its row is as it should be.
        alone: Called with entries whose record was refused.
    """

    session: Connection
    settle: Callable[[Entry], None]
    alone: Callable[[Entry], None]
    _table: Transactions = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._table = Transactions(self.session)

    def write(self, entries: Sequence[Entry]) -> None:
        """Write down what AWS answered, and take back the claims under which there is no job."""
        writes: list[Write] = []
        for entry in entries:
            attempt = entry.tracked()
            if attempt.accepted and entry.row is not None:
                writes.append(attempt.ledger.recording(entry.row, attempt.accepted))
            elif attempt.held is not None:
                writes.append(attempt.ledger.releasing(attempt.held))
        try:
            with translated(f"the rows of {len(entries)} jobs", self.session.region):
                there = self._table.write_all(writes)
        except BatchwrightError as error:
            self._failed(entries, error)
            return
        for entry in entries:
            self._written(entry, there.get(entry.key))

    def _written(self, entry: Entry, there: Mapping[str, Any] | None) -> None:
        attempt = entry.tracked()
        if attempt.accepted and there is not None and Row.from_item(there).job_id != attempt.accepted:
            self.alone(entry)
            return
        if attempt.accepted:
            entry.job_id, entry.created = attempt.accepted, True
        self.settle(entry)

    def _failed(self, entries: Iterable[Entry], error: BatchwrightError) -> None:
        """None of the jobs is lost: the same call again looks for them."""
        for entry in entries:
            attempt = entry.tracked()
            if attempt.accepted:
                entry.error = unrecorded(attempt.submission, attempt.accepted, error)
                entry.error.__cause__ = error
            elif entry.error is not None:
                note = f"The claim on {entry.key!r} could not be released ({error.summary}): the next call waits."
                entry.error.add_note(note)
            self.settle(entry)
