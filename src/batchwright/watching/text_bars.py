"""A timeline as a table, with bars of characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batchwright._display.times import duration, moment
from batchwright._display.view import Grid, Said, status_text
from batchwright.watching.lanes import Kind, Lane, span_of

CELLS: Final = 24
"""Characters of a bar, so that it stands in one line also in a narrow terminal."""
NOTHING: Final = "▁"
SIGNS: Final = {Kind.WAITED: "░", Kind.RAN: "█", Kind.FAILED: "▒", Kind.RUNS: "▓"}
"""Signs that are equally wide wherever they are shown."""
UNKNOWN: Final = "unknown"


def grid_of(lanes: Sequence[Lane]) -> Grid:
    """A line for each job: how long it waited and ran, and when that was, on one scale for all."""
    span = span_of(lanes)
    drawn = {bar.kind for lane in lanes for bar in lane.bars}
    signs = "  ".join(f"{sign} {kind.value}" for kind, sign in SIGNS.items() if kind in drawn)
    title = f"{moment(span[0])} to {moment(span[1])}   {signs}" if span else ""
    headings: tuple[str, ...] = ("job", "status", "waited", "ran", "attempts", "when")
    kept = [heading for heading in headings if heading != "attempts" or any(lane.attempts > 1 for lane in lanes)]
    lines = [
        [cell for heading, cell in zip(headings, _cells(lane, span), strict=True) if heading in kept] for lane in lanes
    ]
    return Grid(kept, lines, title)


def _cells(lane: Lane, span: tuple[float, float] | None) -> tuple[Said, ...]:
    waited = UNKNOWN if lane.waited_s is None else duration(lane.waited_s)
    ran = UNKNOWN if lane.ran_s is None and lane.waited_s is None else duration(lane.ran_s)
    bar = bar_of(lane, *span) if span else ""
    return (lane.name, status_text(lane.status), waited, ran, str(lane.attempts), bar)


def bar_of(lane: Lane, began: float, ended: float) -> str:
    """The lane on a scale from one moment to another; in each cell, what took the most of its time.

    What ran has one cell at least, however short it was beside the rest.
    """
    width_s = max(ended - began, 1e-9) / CELLS
    cells: list[str] = []
    for index in range(CELLS):
        first = began + index * width_s
        covered: dict[Kind, float] = {}
        for bar in lane.bars:
            overlap = min(bar.ended, first + width_s) - max(bar.began, first)
            if overlap > 0:
                covered[bar.kind] = covered.get(bar.kind, 0.0) + overlap
        most = max(covered, key=covered.__getitem__, default=None)
        cells.append(NOTHING if most is None else SIGNS[most])
    for bar in lane.bars:
        if bar.kind is not Kind.WAITED:
            middle = int(((bar.began + bar.ended) / 2 - began) / width_s)
            cells[min(middle, CELLS - 1)] = SIGNS[bar.kind]
    return "".join(cells)
