"""How wide the columns of a table in a terminal are: reckoned here, since rich cuts off what it cannot place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from batchwright._display.view import Text

GAP: Final = 2
_LEGIBLE: Final = 12
"""Characters that a column needs to be read, where its longest cell has more."""


def column_widths(headings: Sequence[str], lines: Sequence[Sequence[Text]], width: int) -> list[int]:
    """The width of every column, or none where they are too many to be read side by side.

    Args:
        headings: One a column.
        lines: The cells.
        width: Characters in a line of the terminal.
    """
    wanted = _wanted(headings, lines)
    least = [max(cell_len(name), min(full, _LEGIBLE)) for name, full in zip(headings, wanted, strict=True)]
    spare = width - sum(least) - GAP * len(least) + 1
    if spare < 0:
        return []
    # Whoever needs least is served first, with half of what is left: a moment or an id is whole before a reason is.
    given = list(least)
    order = sorted(range(len(least)), key=lambda column: wanted[column] - least[column])
    for place, column in enumerate(order):
        is_last = place == len(order) - 1
        more = min(wanted[column] - least[column], spare if is_last else (spare + 1) // 2)
        given[column] += more
        spare -= more
    return given


def with_room(headings: Sequence[str], lines: Sequence[Sequence[Text]], spare: Sequence[str], width: int) -> list[int]:
    """The places of the columns that have room, without those of `spare` whose cells would have to be folded.

    Args:
        headings: One a column.
        lines: The cells.
        spare: Headings of columns that may be left out, the first one first.
        width: Characters in a line of the terminal.
    """
    kept = list(range(len(headings)))
    for heading in spare:
        cells = [picked(line, kept) for line in lines]
        names = [headings[place] for place in kept]
        widths = column_widths(names, cells, width)
        if heading not in names or (
            widths and widths[names.index(heading)] == _wanted(names, cells)[names.index(heading)]
        ):
            continue
        kept.remove(headings.index(heading))
    return kept


def picked(line: Sequence[Text], places: Sequence[int]) -> Sequence[Text]:
    """The cells of these columns; a line of one cell goes through all of them."""
    return line if len(line) == 1 else [line[place] for place in places]


def _wanted(headings: Sequence[str], lines: Sequence[Sequence[Text]]) -> list[int]:
    """The longest line of every column."""
    widths = [cell_len(heading) for heading in headings]
    for line in lines:
        for column, cell in enumerate(line[: len(widths)]):
            widths[column] = max(widths[column], *map(cell_len, cell.text.split("\n")))
    return widths
