"""The objects as a terminal shows them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final, cast

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTHS: Final = (40, 100)


def recorded(things: Mapping[str, object], width: int, *, coloured: bool) -> Console:
    """A console on which they were printed one after the other."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=width,
        force_terminal=True,
        color_system="truecolor" if coloured else None,
        no_color=not coloured,
    )
    for name, thing in things.items():
        console.rule(f"{name}", characters="=")
        console.print(thing)
    return console if coloured else _without_colours(console, width)


def _without_colours(console: Console, width: int) -> Console:
    """What came out of it, codes and all, on another: what is recorded still has the colours that were left out."""
    written = cast("io.StringIO", console.file).getvalue()
    other = Console(file=io.StringIO(), record=True, width=width, force_terminal=True)
    other.print(Text.from_ansi(written), highlight=False)
    return other


def write_terminals(things: Mapping[str, object], folder: Path, name: str) -> list[Path]:
    """A picture as SVG for each width, with colours and without."""
    written = []
    for width in WIDTHS:
        for coloured in (True, False):
            title = f"terminal-{name}-{width}-{'colour' if coloured else 'plain'}"
            written.append(folder / f"{title}.svg")
            svg = recorded(things, width, coloured=coloured).export_svg(title=title, theme=MONOKAI)
            written[-1].write_text(svg, "utf-8")
    return written
