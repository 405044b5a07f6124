"""The rows of a tracker table, as values and as one table to look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, overload

import attrs

from batchwright._display import Displayed, Grid, Text, View, quiet, status_text
from batchwright.jobs.description import FINISHED

COLUMNS: Final = ("id", "job_name", "status", "submitted_on", "job_id")
"""The columns that are shown, in order."""


@attrs.frozen(kw_only=True)
class TrackerRow(Displayed):
    """One submission, as its row says.

    Attributes:
        id: The submission id, the key of the table.
        job_id: AWS's id; empty while the submission is only claimed.
        job_name: The job's name.
        submitted_on: When it was submitted, in ISO 8601.
        status: AWS's status, or what the code inside the job wrote.
        raw: All columns of the row, numbers as `Decimal`.
    """

    id: str
    job_id: str = ""
    job_name: str = ""
    submitted_on: str = ""
    status: str = ""
    raw: Mapping[str, object] = attrs.field(factory=dict[str, object], metadata=quiet(), eq=False, hash=False)

    @property
    def finished(self) -> bool:
        """Whether the status is final."""
        return self.status in FINISHED

    @property
    def queue_arn(self) -> str:
        """The queue it was submitted to, or an empty string in rows of older programs."""
        return str(self.raw.get("queue_arn", ""))

    def age_s(self, now: float) -> float:
        """Seconds since the submission, at the least; infinity where the row does not say when it was.

        Older programs wrote the local time of an unknown zone, which may be 12 hours behind UTC.
        """
        try:
            moment = dt.datetime.fromisoformat(self.submitted_on)
        except ValueError:
            return float("inf")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=dt.timezone(-dt.timedelta(hours=12)))
        return now - moment.timestamp()


def row_of(item: Mapping[str, Any]) -> TrackerRow:
    """The row that a DynamoDB item holds; columns of another type than text count as empty."""
    from boto3.dynamodb.types import TypeDeserializer

    deserialize = TypeDeserializer().deserialize
    raw: dict[str, object] = {name: deserialize(value) for name, value in item.items()}
    texts = {name: value for name in COLUMNS if isinstance(value := raw.get(name), str)}
    return TrackerRow(**{"id": "", **texts}, raw=raw)


@attrs.frozen(repr=False)
class Rows(Displayed, Sequence[TrackerRow]):
    """Rows in the order of their submission; prints as one table."""

    items: tuple[TrackerRow, ...]

    @classmethod
    def of(cls, rows: Iterable[TrackerRow]) -> Rows:
        """`rows`, put in order."""
        return cls(tuple(sorted(rows, key=lambda row: (row.submitted_on, row.id))))

    @overload
    def __getitem__(self, index: int) -> TrackerRow: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> TrackerRow | Rows:
        return Rows(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[TrackerRow]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"<Rows: {len(self.items)}>"

    __str__ = Displayed._told

    def _view(self) -> View:
        return View(title=f"{len(self.items):,} rows", parts=[Grid(COLUMNS, list(map(_cells, self.items)))])


def _cells(row: TrackerRow) -> list[Text]:
    texts = {name: str(getattr(row, name)) for name in COLUMNS}
    return [status_text(text) if name == "status" else Text(text) for name, text in texts.items()]
