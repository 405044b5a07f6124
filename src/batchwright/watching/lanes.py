"""A timeline as lanes: the bars of one job each, of which nothing is drawn yet."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from batchwright.jobs.description import SUCCEEDED
from batchwright.jobs.stretches import RAN, WAITED

if TYPE_CHECKING:
    from batchwright.watching.timeline import TimelineRow


class Kind(enum.Enum):
    """What a bar tells."""

    WAITED = "waited"
    RAN = "ran"
    FAILED = "ran, failed"
    RUNS = "runs"


@attrs.frozen
class Bar:
    """One stretch of time, in seconds since the epoch."""

    kind: Kind
    began: float
    ended: float


@attrs.frozen
class Lane:
    """One job.

    Attributes:
        name: The job's name.
        status: How it is, or how it ended.
        attempts: How many attempts there were.
        waited_s: How long it waited, all attempts together; None where AWS does not say.
        ran_s: How long it ran, all attempts together; None where it did not, or AWS does not say.
        bars: The stretches whose times are known, in order.
        is_open: Whether it goes on.
    """

    name: str
    status: str
    attempts: int
    waited_s: float | None
    ran_s: float | None
    bars: tuple[Bar, ...]
    is_open: bool


def lanes_of(jobs: Iterable[Sequence[TimelineRow]]) -> list[Lane]:
    """A lane for each job, given the rows of each."""
    return [
        Lane(
            name=rows[0].job,
            status=rows[-1].status,
            attempts=rows[-1].attempt,
            waited_s=_sum(rows, WAITED),
            ran_s=_sum(rows, RAN),
            bars=tuple(bar for row in rows if (bar := _bar(row)) is not None),
            is_open=rows[-1].is_open,
        )
        for rows in jobs
    ]


def _sum(rows: Sequence[TimelineRow], phase: str) -> float | None:
    told = [row.seconds for row in rows if row.phase == phase and row.seconds is not None]
    return sum(told) if told else None


def _bar(row: TimelineRow) -> Bar | None:
    if row.began is None or row.seconds is None:
        return None
    began = row.began.timestamp()
    if row.phase == WAITED:
        kind = Kind.WAITED
    elif row.is_open:
        kind = Kind.RUNS
    else:
        kind = Kind.RAN if row.status == SUCCEEDED else Kind.FAILED
    return Bar(kind, began, began + row.seconds)


def span_of(lanes: Iterable[Lane]) -> tuple[float, float] | None:
    """From the first moment to the last one; None where none is known."""
    ends = [end for lane in lanes for bar in lane.bars for end in (bar.began, bar.ended)]
    return (min(ends), max(ends)) if ends else None


def moment_of(seconds: float) -> dt.datetime:
    """A moment, given in seconds since the epoch."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
