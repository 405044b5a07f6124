"""What a person sees while waiting: one live line in a terminal or notebook, nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from typing import Any, NamedTuple, Protocol, cast

import attrs

from batchwright._clock import Clock
from batchwright._display.view import View
from batchwright.jobs.audience import Audience, NotebookPlace, audience_of
from batchwright.jobs.description import FINISHED, JobDescription

Draw = Callable[[int, str], None]
"""Draws how many are done, and a text beside the bar."""


class State(NamedTuple):
    """Where a job is, as the line tells it."""

    status: str
    note: str = ""


@contextlib.contextmanager
def live_line(clock: Clock, *, total: int | None, text: str) -> Generator[Draw | None]:
    """A function that draws the line, or None where nobody looks.

    Args:
        clock: The session's clock, for the elapsed time.
        total: How many there are to be done; None where that is not known.
        text: What stands beside the bar at first.
    """
    audience = audience_of(sys.stderr)
    if audience is Audience.NOBODY:
        yield None
    elif audience is Audience.NOTEBOOK:
        with _notebook_line(clock, total) as draw:
            yield draw
    else:
        with _terminal_line(clock, total, text) as draw:
            yield draw


@contextlib.contextmanager
def _notebook_line(clock: Clock, total: int | None) -> Generator[Draw]:
    """Rich's own bars want widgets, which may not be installed and which an exported notebook loses."""
    place, of = NotebookPlace(clock), "" if total is None else f" of {total:,}"
    try:
        yield lambda done, text: place.show(View(title=f"{done:,}{of}", status=text))
    finally:
        place.settle()


@contextlib.contextmanager
def _terminal_line(clock: Clock, total: int | None, text: str) -> Generator[Draw]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),  # AWS's reasons may hold what rich takes for markup
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    # rich would send to this line's terminal also what the program prints into a file or a pipe.
    together = sys.stdout.isatty()
    console = Console(stderr=True)
    with Progress(*columns, console=console, get_time=clock.monotonic, redirect_stdout=together) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done, text: progress.update(task, completed=done, description=text)


class Onlooker(Protocol):
    """What a wait tells of its jobs.

    Attributes:
        wants_all: Whether it wants the description with every change; else it gets those of the ends.
        tick_s: Seconds after which it is to show again where everything is, though nothing has changed.
    """

    @property
    def wants_all(self) -> bool: ...
    @property
    def tick_s(self) -> float: ...

    def state_of(self, answer: Mapping[str, Any]) -> State:
        """What is to be told of an entry of DescribeJobs; where that is another than before, the job has moved."""
        ...

    def moved(self, before: State | None, after: State, description: JobDescription | None) -> None:
        """One job went from one state to another; None before it was seen."""
        ...

    def show(self) -> None:
        """All that moved was told."""
        ...


@attrs.define(eq=False)
class Tally:
    """How many jobs are where; what changes costs, not how many there are.

    Args:
        total: How many jobs there are.
        draw: What shows it, or None where nobody looks.
    """

    total: int
    draw: Draw | None = None
    _states: Counter[State] = attrs.field(factory=Counter[State])
    _shared: dict[State, State] = attrs.field(factory=dict[State, State])

    @property
    def wants_all(self) -> bool:
        """It counts, and needs no descriptions."""
        return False

    @property
    def tick_s(self) -> float:
        """What changes is all that it shows; a line in a terminal turns by itself."""
        return float("inf")

    def state_of(self, answer: Mapping[str, Any]) -> State:
        """What is told of an entry of DescribeJobs; no more than its status where nobody looks."""
        status = str(answer["status"])
        state = State(status, _note(answer, alone=self.total == 1) if self.draw else "")
        return self._shared.setdefault(state, state)  # thousands of jobs are in a few states

    def moved(self, before: State | None, after: State, description: JobDescription | None = None) -> None:
        """One job went from one state to another; None before it was seen."""
        del description
        self._states[after] += 1
        if before is not None:
            self._states[before] -= 1
            if not self._states[before]:
                del self._states[before]

    def show(self) -> None:
        """Draw it, where somebody looks."""
        if self.draw and self._states:
            ended = sum(number for state, number in self._states.items() if state.status in FINISHED)
            self.draw(ended, self.text())

    def text(self) -> str:
        """How many jobs are where, and AWS's reason if there is one job or one reason only."""
        counts: Counter[str] = Counter()
        for state, number in self._states.items():
            counts[state.status] += number
        told = counts.most_common()
        text = told[0][0] if self.total == 1 else ", ".join(f"{number} {status}" for status, number in told)
        notes = {state.note for state in self._states if state.note}
        return f"{text} · {notes.pop()}" if len(notes) == 1 else text


def _note(answer: Mapping[str, Any], *, alone: bool) -> str:
    """The children of an array that is waited for alone, and why a job does not start."""
    array = cast("Mapping[str, Mapping[str, int]]", answer.get("arrayProperties") or {})
    summary = array.get("statusSummary") or {}
    children = ", ".join(f"{number} {status}" for status, number in summary.items() if number) if alone else ""
    reason = str(answer.get("statusReason") or "") if answer["status"] == "RUNNABLE" else ""
    return " · ".join(filter(None, (f"children: {children}" if children else "", reason)))


@contextlib.contextmanager
def watching(clock: Clock, *, total: int) -> Generator[Tally]:
    """A tally of jobs that is drawn where somebody looks.

    Args:
        clock: The session's clock, for the elapsed time.
        total: How many jobs there are.
    """
    with live_line(clock, total=total, text="submitted") as draw:
        yield Tally(total, draw)
