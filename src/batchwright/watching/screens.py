"""Where watched jobs are shown: a table that stands still in a terminal or notebook, lines everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from batchwright._clock import Clock
from batchwright._display.safe import fitted, visible
from batchwright._display.times import moment
from batchwright._display.view import Text, View
from batchwright.jobs.audience import PACE_S, Audience, NotebookPlace, audience_of, cell_number
from batchwright.watching.table import Entry, Space, why

if TYPE_CHECKING:
    from rich.live import Live

Draw = Callable[[Space], View]
"""Gives the table for a place of this size."""
NOTEBOOK: Final = Space(height=47)
STOPS: Final = "Ctrl-C stops watching; the jobs go on"


class Screen(Protocol):
    """Something that shows watched jobs.

    Attributes:
        tick_s: Seconds after which durations are to be shown anew.
        how_to_stop: What stands below the table while it is watched.
        cell: The cell whose output the table stays in, if it does.
    """

    tick_s: float
    how_to_stop: str
    cell: int | None

    def moved(self, entry: Entry) -> None:
        """One job is in another state, or another reason is given for it."""
        ...

    def show(self, draw: Draw) -> None:
        """All that moved was told."""
        ...

    def close(self, draw: Draw, note: str) -> None:
        """Show for the last time how it is; `note` says why the watching ends, where the jobs have not ended."""
        ...


def screen_for(clock: Clock) -> Screen:
    """What suits who reads the standard output."""
    match audience_of(sys.stdout):
        case Audience.TERMINAL:
            return TerminalScreen(clock)
        case Audience.NOTEBOOK:
            return NotebookScreen(clock)
        case Audience.NOBODY:
            return PrintedLines(sys.stdout)


class TerminalScreen:
    """A table of the terminal's size that is drawn over itself."""

    tick_s = 1.0
    how_to_stop = STOPS

    def __init__(self, clock: Clock) -> None:
        from rich.console import Console
        from rich.live import Live

        self.cell = cell_number()
        self._clock = clock
        self._drawn_at = float("-inf")
        self._console = Console(force_jupyter=False, highlight=False)
        # rich would send to this terminal also what the program prints into a file or a pipe.
        self._live: Live = Live(
            console=self._console,
            auto_refresh=False,
            vertical_overflow="crop",
            redirect_stderr=sys.stderr.isatty(),
        )

    def moved(self, entry: Entry) -> None:
        """The table shows it."""

    def show(self, draw: Draw) -> None:
        """Draw the table as large as the terminal is now, if that was not done a moment ago."""
        if self._clock.monotonic() - self._drawn_at >= PACE_S:
            self._draw(draw)

    def _draw(self, draw: Draw) -> None:
        from batchwright._display.as_rich import to_rich

        if not self._live.is_started:
            self._live.start()
        size = self._console.size
        self._live.update(to_rich(draw(Space(size.width, size.height)), None), refresh=True)
        self._drawn_at = self._clock.monotonic()

    def close(self, draw: Draw, note: str) -> None:
        """Leave the last table there."""
        del note
        try:
            self._draw(draw)
        finally:
            self._live.stop()


class NotebookScreen:
    """A table in the output of a cell, which stays in the notebook as it was last."""

    tick_s = 2.0
    how_to_stop = "interrupting the kernel stops watching; the jobs go on"

    def __init__(self, clock: Clock) -> None:
        self.cell = cell_number()
        self._place = NotebookPlace(clock)

    def moved(self, entry: Entry) -> None:
        """The table shows it."""

    def show(self, draw: Draw) -> None:
        """Put the table there."""
        self._place.show(draw(NOTEBOOK))

    def close(self, draw: Draw, note: str) -> None:
        """Leave the last table there."""
        del note
        self._place.show(draw(NOTEBOOK))
        self._place.settle()


class PrintedLines:
    """A line for each change, such as a log wants: when it was seen, the job, its status, the reason; then the sum."""

    tick_s: float = float("inf")
    how_to_stop = ""
    cell: int | None = None

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._seen: set[str] = set()

    def moved(self, entry: Entry) -> None:
        """Print it."""
        if entry.job is not None:
            self._seen.add(entry.job.job_id)
            told = (entry.name, entry.status, why(entry.job))
            self._print(f"{moment(entry.job.read_at)}  {'  '.join(filter(None, told))}")

    def show(self, draw: Draw) -> None:
        """Everything was printed as it came."""

    def close(self, draw: Draw, note: str) -> None:
        """Print how many jobs there are of each status, and why it ended before the jobs did."""
        sums = draw(Space())
        if len(self._seen) > 1:
            self._print(f"{sums.title}: {sums.status.text if isinstance(sums.status, Text) else sums.status}")
        if note:
            self._print(note)

    def _print(self, line: str) -> None:
        if self._stream is None:
            return  # a program without a console
        encoding: object = getattr(self._stream, "encoding", None)  # what stands in for a stream may have none
        print(fitted(visible(line, lines=False), str(encoding or "ascii")), file=self._stream, flush=True)
