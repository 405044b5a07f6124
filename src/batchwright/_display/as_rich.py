"""A view for rich: as wide as the terminal is, in its colours or without, in ASCII where it knows no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

import attrs
from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text as RichText
from rich.tree import Tree

from batchwright._display.bounded import LINES_MAX, bounded, lines_before
from batchwright._display.columns import GAP, column_widths, picked, with_room
from batchwright._display.safe import fitted
from batchwright._display.view import Branch, Grid, Lines, Part, Said, Text, Tone, View

STYLES: Final = {
    Tone.PLAIN: "",
    Tone.GOOD: "green",
    Tone.BUSY: "cyan",
    Tone.WARN: "yellow",
    Tone.BAD: "bold red",
    Tone.FAINT: "dim",
}
_RULED: Final = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)


def to_rich(view: View, lines_max: int | None = LINES_MAX) -> RenderableType:
    """`view` as something that `rich.print` and a `rich.console.Console` print.

    Args:
        view: What an object says of itself.
        lines_max: Lines of each table and text that are shown, the first and the last; None for all.
    """
    return _Rendered(bounded(view, lines_max))


@attrs.frozen
class _Rendered:
    """A bounded view; what it looks like is known when the console is."""

    view: View

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        follows = console.is_terminal and console.color_system is not None
        yield from _Painter(options.encoding, options.max_width, follows).view(self.view)


@attrs.frozen
class _Painter:
    """Draws the parts of a view for one console.

    Attributes:
        encoding: What its characters may be.
        width: Characters in a line.
        follows: Whether a link can be followed where it stands; else its address is written out.
    """

    encoding: str
    width: int
    follows: bool

    def view(self, view: View) -> Iterator[RenderableType]:
        """The title line, the facts, the parts, the note."""
        head = [said for said in (self._text(view.title, "bold"), self._said(view.status)) if said.plain]
        if head:
            yield RichText("  ", overflow="fold").join(head)
        if view.facts:
            yield Padding(self._pairs([(fact.name, fact.value) for fact in view.facts]), (0, 0, 0, GAP))
        before: Part | None = None
        for part in view.parts:
            if not (isinstance(part, Branch) and isinstance(before, Branch)):
                yield ""
            yield from self._part(part)
            before = part
        if view.note:
            yield self._text(view.note, STYLES[Tone.FAINT])

    def _part(self, part: Part) -> Iterator[RenderableType]:
        match part:
            case Grid():
                yield from self._grid(part)
            case Branch():
                yield self._tree(part)
            case Lines():
                yield from self._lines(part)
            case View():
                inner = attrs.evolve(self, width=max(self.width - GAP, 1))
                yield from (Padding(each, (0, 0, 0, GAP)) for each in inner.view(part))

    def _grid(self, grid: Grid) -> Iterator[RenderableType]:
        if grid.title:
            yield self._text(grid.title, "bold")
        lines = cast("Sequence[Sequence[Text]]", grid.lines)
        kept = with_room(grid.headings, lines, grid.spare, self.width)
        headings, cells = [grid.headings[place] for place in kept], [picked(line, kept) for line in lines]
        widths = column_widths(headings, cells, self.width)
        if not lines:
            yield self._text("(nothing)", STYLES[Tone.FAINT])
        elif not widths:
            yield from self._stacked(grid.headings, lines)
        else:
            yield self._table(headings, cells, widths)
            if missing := [heading for heading in grid.headings if heading not in headings]:
                yield self._text(f"no room for: {', '.join(missing)}", STYLES[Tone.FAINT])

    def _table(self, headings: Sequence[str], lines: Sequence[Sequence[Text]], widths: Sequence[int]) -> Table:
        table = Table(box=_RULED, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
        for heading, width in zip(headings, widths, strict=True):
            # A name that is cut short names nothing: it goes on in the next line.
            table.add_column(self._text(heading, "bold"), overflow="fold", width=width)
        for line in lines:
            table.add_row(*(self._said(cell, addressed=False) for cell in line))
        return table

    def _stacked(self, headings: Sequence[str], lines: Sequence[Sequence[Text]]) -> Iterator[RenderableType]:
        """One line of the table below the other, where columns side by side would be too narrow to read."""
        for index, line in enumerate(lines):
            if index:
                yield ""
            if len(line) == 1 < len(headings):
                yield self._said(line[0])
            else:
                yield self._pairs([(name, cell) for name, cell in zip(headings, line, strict=False) if cell.text])

    def _pairs(self, pairs: Sequence[tuple[str, Said]]) -> Table:
        table = Table.grid(padding=(0, GAP, 0, 0))
        table.add_column(style=STYLES[Tone.FAINT], overflow="fold", max_width=max(self.width * 2 // 5, 1))
        table.add_column(overflow="fold")
        for name, value in pairs:
            table.add_row(self._text(name), self._said(value))
        return table

    def _tree(self, branch: Branch) -> Tree:
        tree = Tree(self._said(branch.label), guide_style=STYLES[Tone.FAINT])
        for below in branch.branches:
            tree.children.append(self._tree(below))
        return tree

    def _lines(self, lines: Lines) -> Iterator[RenderableType]:
        if lines.title:
            yield self._text(lines.title, "bold")
        if lines.left_out:
            yield Padding(self._text(lines_before(lines.left_out), STYLES[Tone.FAINT]), (0, 0, 0, GAP))
        for line in lines.lines:
            yield Padding(self._text(line), (0, 0, 0, GAP))

    def _said(self, value: Said, *, addressed: bool = True) -> RichText:
        text = cast("Text", value)
        style = Style.parse(STYLES[text.tone])
        if text.url and self.follows:
            return self._text(text.text, style + Style(link=text.url, underline=True))
        if text.url and addressed and text.url != text.text:
            return self._text(f"{text.text}\n{text.url}".lstrip("\n"), style)
        return self._text(text.text, style)

    def _text(self, text: str, style: str | Style = "") -> RichText:
        made = RichText(fitted(text, self.encoding), overflow="fold")
        made.stylize(style)  # not as its own style, which would reach to the end of the line
        return made
