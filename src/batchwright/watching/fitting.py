"""A line of the screen for each job: what does not fit is left out or cut short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from batchwright._display.view import Grid, Said, Text

HEADINGS: Final = ("job", "status", "waited", "ran", "attempt", "why")
_JOB, _STATUS, _WAITED, _RAN, _ATTEMPT, _WHY = range(len(HEADINGS))
_LEFT_OUT_FIRST: Final = (_ATTEMPT, _WAITED, _WHY, _RAN)
_LEAST: Final = {_JOB: 12, _WHY: 16}
"""Characters that say something yet of what may be cut short."""
_GAP: Final = 2


def fitted_grid(lines: Sequence[Sequence[Said]], width: int | None) -> Grid:
    """A table that is no wider than `width`, if that is not too small for any; None for as wide as it likes.

    Args:
        lines: A cell for each of `HEADINGS`; columns without anything in them are left out.
        width: Characters in a line.
    """
    wanted = {
        column: max([len(heading), *(_length(line[column]) for line in lines)])
        for column, heading in enumerate(HEADINGS)
        if column in (_JOB, _STATUS) or any(_length(line[column]) for line in lines)
    }
    widths = wanted if width is None else _shared_out(wanted, width)
    cells = [[_cut(line[column], widths[column], keeps_end=column == _JOB) for column in widths] for line in lines]
    return Grid([HEADINGS[column] for column in widths], cells)


def _shared_out(wanted: Mapping[int, int], width: int) -> dict[int, int]:
    """The width of every column that has room: names and reasons share what the others leave."""
    least = {column: min(wants, _LEAST.get(column, wants)) for column, wants in wanted.items()}
    for column in _LEFT_OUT_FIRST:
        if sum(least.values()) + _GAP * len(least) > width:
            least.pop(column, None)
    rest = width - sum(wants + _GAP for column, wants in wanted.items() if column in least and column not in _LEAST)
    widths = {column: wanted[column] for column in least}
    if _WHY in widths:
        rest -= 2 * _GAP
        widths[_JOB] = min(wanted[_JOB], max(rest // 2, rest - wanted[_WHY], least[_JOB]))
        widths[_WHY] = min(wanted[_WHY], rest - widths[_JOB])
    else:
        widths[_JOB] = min(wanted[_JOB], max(rest - _GAP, 1))
    return widths


def _length(said: Said) -> int:
    return len(said.text if isinstance(said, Text) else said)


def _cut(said: Said, width: int, *, keeps_end: bool) -> Said:
    """What differs between names is often their end, so that is kept; of a reason the beginning is."""
    if isinstance(said, Text) or len(said) <= width:
        return said
    tail = width // 2 if keeps_end else 0
    return f"{said[: max(width - tail - 1, 0)]}…{said[len(said) - tail :]}"
