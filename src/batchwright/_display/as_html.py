"""A view as HTML that reads on any ground, in any width, with its styles or without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, cast

from batchwright._display.bounded import LINES_MAX, bounded, lines_before
from batchwright._display.style import PREFIX, STYLE
from batchwright._display.view import Branch, Fact, Grid, Lines, Part, Said, Text, Tone, View

_SHORT: Final = 36
"""Characters of a cell that stay in one line: an id has so many."""
_OPEN_MAX: Final = 5
"""Levels of a tree that are open at first."""


def to_html(view: View, lines_max: int | None = LINES_MAX) -> str:
    """`view` as a part of a page: no script, nothing from elsewhere, every text escaped.

    Args:
        view: What an object says of itself.
        lines_max: Lines of each table and text that are shown, the first and the last; None for all.
    """
    body = "".join(_view(bounded(view, lines_max)))
    return f'<div class="{PREFIX}"><style>{STYLE}</style>{body}</div>'


def _view(view: View) -> Iterator[str]:
    title = f"<strong>{escape(view.title)}</strong>" if view.title else ""
    if head := f"{title} {_said(view.status)}".strip():
        yield f'<p class="{PREFIX}-title">{head}</p>'
    if view.facts:
        yield _facts(view.facts)
    for part in view.parts:
        yield from _part(part)
    if view.note:
        yield f'<p class="{PREFIX}-faint"><small>{_lined(view.note)}</small></p>'


def _part(part: Part) -> Iterator[str]:
    match part:
        case Grid():
            yield from _grid(part)
        case Branch():
            yield f"<ul>{_branch(part)}</ul>"
        case Lines():
            yield from _lines(part)
        case View():
            yield f'<div class="{PREFIX}-part">'
            yield from _view(part)
            yield "</div>"


def _facts(facts: Sequence[Fact]) -> str:
    lines = (f'<tr><th scope="row">{escape(fact.name)}</th><td>{_said(fact.value)}</td></tr>' for fact in facts)
    return f'<div class="{PREFIX}-box"><table class="{PREFIX}-facts"><tbody>{"".join(lines)}</tbody></table></div>'


def _grid(grid: Grid) -> Iterator[str]:
    # The box scrolls by itself where the page is narrow; keyboards reach what can be scrolled.
    yield f'<div class="{PREFIX}-box" tabindex="0"><table>'
    if grid.title:
        yield f"<caption>{escape(grid.title)}</caption>"
    headings = (f'<th scope="col">{escape(heading)}</th>' for heading in grid.headings)
    yield f"<thead><tr>{''.join(headings)}</tr></thead><tbody>"
    for line in grid.lines:
        yield f"<tr>{''.join(_cell(cell, len(grid.headings) if len(line) == 1 else 1) for cell in line)}</tr>"
    if not grid.lines:
        yield f'<tr><td colspan="{max(len(grid.headings), 1)}">(nothing)</td></tr>'
    yield "</tbody></table></div>"


def _cell(cell: Said, columns: int) -> str:
    text = cast("Text", cell).text
    short = f' class="{PREFIX}-short"' if len(text) <= _SHORT and "\n" not in text else ""
    span = f' colspan="{columns}"' if columns > 1 else ""
    return f"<td{short}{span}>{_said(cell)}</td>"


def _branch(branch: Branch, depth: int = 1) -> str:
    label = _said(branch.label)
    if not branch.branches:
        return f"<li>{label}</li>"
    below = "".join(_branch(each, depth + 1) for each in branch.branches)
    is_open = " open" if depth <= _OPEN_MAX else ""
    return f"<li><details{is_open}><summary>{label}</summary><ul>{below}</ul></details></li>"


def _lines(lines: Lines) -> Iterator[str]:
    if lines.title:
        yield f'<p class="{PREFIX}-title"><strong>{escape(lines.title)}</strong></p>'
    if lines.left_out:
        yield f'<p class="{PREFIX}-faint"><small>{lines_before(lines.left_out)}</small></p>'
    yield f'<pre tabindex="0">{escape(chr(10).join(lines.lines))}</pre>'


def _said(value: Said) -> str:
    text = cast("Text", value)
    shown = _lined(text.text)
    if text.url:
        shown = f'<a href="{escape(text.url)}" target="_blank" rel="noopener">{shown or escape(text.url)}</a>'
    return shown if text.tone is Tone.PLAIN else f'<span class="{PREFIX}-{text.tone.value}">{shown}</span>'


def _lined(text: str) -> str:
    return "<br>".join(map(escape, text.split("\n")))
