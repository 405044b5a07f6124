"""Views of every sort, and every way of drawing one."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Final

import pytest
from rich.console import Console

from batchwright._display import Branch, Fact, Grid, Lines, Text, Tone, View, status_text, to_html, to_text
from batchwright._display.as_rich import to_rich

HOSTILE: Final = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"><img src=x onerror=alert(1)> ' onmouseover='x",
    "rich": "[bold red]x[/bold red] [/nope] :smile:",
    "hyperlink": "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07",
    "clear": "\x1b[2J\x1b[H\x9b2J",
    "overwrite": "good\rbad\x08\x00\x7f",
    "order": "\u202egnp.exe\u2066\u200b\ufeff",
    "half": "a\ud800b",
    "link": "javascript:alert(1)",
}


def view_of(text: str) -> View:
    """A view that says `text` wherever something can be said."""
    said = Text(text, Tone.BAD, text)
    return View(
        title=text,
        status=said,
        facts=[Fact(text, text), Fact("said", said)],
        parts=[
            Grid((text, "b"), [(text, said), (said, "")], title=text, left_out=3),
            Branch(text, [Branch(said, [Branch(text)])]),
            Lines([text], title=text, left_out=2),
            View(title=text, facts=[Fact(text, text)]),
        ],
        note=text,
    )


def jobs_view(count: int) -> View:
    """A table of so many jobs."""
    lines = [(f"sub-{n:05}", status_text("RUNNING"), "Essential container in task exited") for n in range(count)]
    return View(title=f"{count} jobs", parts=[Grid(("job", "status", "why"), lines)])


class Encoded(io.StringIO):
    """A stream of another encoding than UTF-8."""

    encoding = "ascii"  # type: ignore[assignment]  # what a stream of bytes in this encoding says


def on_terminal(view: View, *, width: int = 100, encoding: str = "utf-8") -> str:
    """What a terminal with colours gets, codes and all."""
    stream = io.StringIO() if encoding == "utf-8" else Encoded()
    console = Console(file=stream, width=width, force_terminal=True, color_system="truecolor", legacy_windows=False)
    console.print(to_rich(view))
    return stream.getvalue()


RENDERERS: Final[dict[str, Callable[[View], str]]] = {"text": to_text, "terminal": on_terminal, "html": to_html}


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the terminal that it is started from."""
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        if name in os.environ:
            monkeypatch.delenv(name)
