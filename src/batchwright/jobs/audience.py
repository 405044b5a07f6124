"""Whether somebody is looking, and where: the one place that decides it."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Callable
from typing import Final, Protocol, TextIO, cast

from batchwright._clock import Clock
from batchwright._display.as_html import to_html
from batchwright._display.as_text import to_text
from batchwright._display.view import View

PACE_S: Final = 0.25
"""Seconds between two pictures of the same thing, at the least."""


class Audience(enum.Enum):
    """Who reads what is printed."""

    TERMINAL = "terminal"
    NOTEBOOK = "notebook"
    NOBODY = "nobody"
    """Or somebody later: a file, a pipe, a log; a terminal too that cannot go back in a line."""


def audience_of(stream: TextIO | None) -> Audience:
    """Who reads `stream`, which is the standard output or the standard error; None where there is none."""
    if stream is not None and stream.isatty():
        return Audience.NOBODY if os.environ.get("TERM") in ("dumb", "unknown") else Audience.TERMINAL
    return Audience.NOTEBOOK if getattr(_shell(), "kernel", None) is not None else Audience.NOBODY


def cell_number() -> int | None:
    """The number of the cell or input of IPython that is running; None elsewhere."""
    number: object = getattr(_shell(), "execution_count", None)
    return number if isinstance(number, int) else None


def _shell() -> object:
    # IPython has put itself into sys.modules where it runs; importing it here would cost every script the time.
    ipython = sys.modules.get("IPython")
    asked: Callable[[], object] | None = getattr(ipython, "get_ipython", None)
    return asked() if asked else None


class _Handle(Protocol):
    """What `IPython.display.display(display_id=True)` gives."""

    def update(self, shown: object) -> None: ...


class NotebookPlace:
    """One place in the output of a cell, whose content is replaced: nothing is left of what stood there before.

    Args:
        clock: Time; what comes faster than an eye follows is not sent.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._handle: _Handle | None = None
        self._sent_at = float("-inf")
        self._latest: View | None = None

    def show(self, view: View) -> None:
        """Put `view` there, now or with `settle()`."""
        self._latest = view
        if self._clock.monotonic() - self._sent_at >= PACE_S:
            self.settle()

    def settle(self) -> None:
        """Let the newest view stand there."""
        if self._latest is not None:
            self._send(self._latest)
            self._latest, self._sent_at = None, self._clock.monotonic()

    def _send(self, view: View) -> None:
        if self._handle is not None:
            self._handle.update(_Shown(view))
            return
        display = cast("Callable[..., object]", getattr(sys.modules["IPython"], "display").display)  # noqa: B009
        self._handle = cast("_Handle", display(_Shown(view), display_id=True))


class _Shown:
    """A view as Jupyter asks for it."""

    def __init__(self, view: View) -> None:
        self.view = view

    def _repr_html_(self) -> str:
        return to_html(self.view)

    def __repr__(self) -> str:
        return to_text(self.view)
