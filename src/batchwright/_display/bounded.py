"""A view made ready for any renderer: every text safe, nothing endless, what is left out counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from batchwright._display.safe import TEXT_MAX, safe_url, visible
from batchwright._display.view import Branch, Fact, Grid, Lines, Part, Said, Text, Tone, View

LINES_MAX: Final = 60
"""Lines of a table, of a text or of one level of a tree that are shown."""
DEPTH_MAX: Final = 20
CELL_MAX: Final = 500
LINE_MAX: Final = 1_000


def bounded(view: View, lines_max: int | None = LINES_MAX) -> View:
    """`view` with safe texts of bounded length.

    Args:
        view: As an object gives it.
        lines_max: Lines of each table and text; None for all.
    """
    return View(
        title=visible(view.title, CELL_MAX, lines=False),
        status=said(view.status, CELL_MAX),
        facts=[Fact(visible(fact.name, CELL_MAX, lines=False), said(fact.value)) for fact in view.facts],
        parts=[_part(part, lines_max) for part in view.parts],
        note=visible(view.note),
    )


def said(value: Said, limit: int = TEXT_MAX) -> Text:
    """One safe text, whichever way it was given."""
    text = value if isinstance(value, Text) else Text(str(value))
    return Text(visible(text.text, limit), text.tone, safe_url(text.url))


def _part(part: Part, lines_max: int | None) -> Part:
    match part:
        case Grid():
            return _grid(part, lines_max)
        case Branch():
            return _branch(part, lines_max)
        case Lines():
            return _lines(part, lines_max)
        case View():
            return bounded(part, lines_max)


def _grid(grid: Grid, lines_max: int | None) -> Grid:
    cells = [[said(cell, CELL_MAX) for cell in line] for line in _first_and_last(grid.lines, lines_max)]
    headings = [visible(heading, CELL_MAX, lines=False) for heading in grid.headings]
    if len(cells) < len(grid.lines):
        cells.insert(_head(lines_max or 0), [_left_out(len(grid.lines) - len(cells))])
    if grid.left_out:
        cells.append([_left_out(grid.left_out)])
    return Grid(headings, cells, visible(grid.title, CELL_MAX, lines=False), spare=grid.spare)


def _head(lines_max: int) -> int:
    return lines_max - lines_max // 3


def _first_and_last(lines: Sequence[Sequence[Said]], lines_max: int | None) -> Iterator[Sequence[Said]]:
    if lines_max is None or len(lines) <= lines_max:
        yield from lines
        return
    head = _head(lines_max)
    yield from lines[:head]
    yield from lines[len(lines) - (lines_max - head) :]


def _left_out(count: int) -> Text:
    return Text(f"… {count:,} more", Tone.FAINT)


def _branch(branch: Branch, lines_max: int | None, depth: int = 0) -> Branch:
    most = len(branch.branches) if lines_max is None else lines_max
    if depth == DEPTH_MAX:
        most = 0
    branches = [_branch(below, lines_max, depth + 1) for below in branch.branches[:most]]
    if left_out := len(branch.branches) - len(branches):
        branches.append(Branch(_left_out(left_out)))
    return Branch(said(branch.label, CELL_MAX), branches)


def lines_before(count: int) -> str:
    """How a text says that it does not begin at its beginning."""
    return f"… {count:,} {'line' if count == 1 else 'lines'} before"


def _lines(lines: Lines, lines_max: int | None) -> Lines:
    kept = lines.lines if lines_max is None else lines.lines[max(len(lines.lines) - lines_max, 0) :]
    left_out = lines.left_out + len(lines.lines) - len(kept)
    return attrs.evolve(
        lines,
        lines=[visible(line, LINE_MAX) for line in kept],
        title=visible(lines.title, CELL_MAX, lines=False),
        left_out=left_out,
    )
