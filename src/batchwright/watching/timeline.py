"""How the time of jobs went: rows of facts, and their pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright._display import Displayed
from batchwright._display.times import read_note
from batchwright._display.view import View
from batchwright.jobs.description import FAILED, SUCCEEDED, UNFINISHED, VANISHED, JobDescription
from batchwright.jobs.stretches import RAN, WAITED, stretches_of
from batchwright.tabular import frame
from batchwright.watching.lanes import Lane, lanes_of
from batchwright.watching.text_bars import grid_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: Final = (
    "job",
    "job_id",
    "attempt",
    "phase",
    "began",
    "ended",
    "seconds",
    "status",
    "exit_code",
    "is_open",
)
_CATEGORIES: Final = {"phase": (WAITED, RAN), "status": (*UNFINISHED, SUCCEEDED, FAILED, VANISHED)}


@attrs.frozen(kw_only=True)
class TimelineRow(Displayed):
    """One attempt of one job, waiting or running.

    Attributes:
        job: The job's name; of a child of an array with a colon and its index.
        job_id: AWS's id.
        attempt: The attempt's number, from 1.
        phase: "waited" or "ran".
        began: When it began, in UTC; None where AWS does not say.
        ended: When it ended, in UTC; None where AWS does not say, and while it goes on.
        seconds: How long it took; until it was read, where it goes on; None where AWS does not say.
        status: While it goes on, the job's status; afterwards how the attempt ended.
        exit_code: What the command returned, where it ran and that is known.
        is_open: Whether it went on when it was read.
    """

    job: str
    job_id: str
    attempt: int
    phase: str
    began: dt.datetime | None
    ended: dt.datetime | None
    seconds: float | None
    status: str
    exit_code: int | None = None
    is_open: bool = False


@attrs.frozen(repr=False)
class Timeline(Displayed):
    """For each job and attempt how long it waited and how long it ran, as AWS tells it.

    AWS tells when a job was created, and when each attempt went from STARTING to RUNNING and stopped. It does not tell
    when an attempt went from RUNNABLE to STARTING: to start, the pull of the image included, is the last part of
    "waited". An attempt whose container never started has only waited. The first attempt waits from the creation of
    the job, so that what its dependencies took is a part of it; each other one from the end of the attempt before.

    In a notebook it is shown as a figure, where matplotlib is installed, and as a table otherwise.

    Attributes:
        rows: The facts, in the order in which the jobs started to run.
        read_at: When they were read, in seconds since the epoch.
    """

    rows: tuple[TimelineRow, ...]
    read_at: float = 0.0

    __str__ = Displayed._told

    @classmethod
    def of(cls, jobs: Iterable[JobDescription], *, read_at: float) -> Timeline:
        """The timeline of what AWS reports.

        Args:
            jobs: As `batch:DescribeJobs` reports them.
            read_at: When that was, in seconds since the epoch.
        """
        told = [rows for job in jobs if (rows := _rows_of(job, read_at))]
        told.sort(key=_started)
        return cls(tuple(row for rows in told for row in rows), read_at)

    # --- as data --------------------------------------------------------------------------------------------------

    def to_dicts(self) -> list[dict[str, object]]:
        """One dictionary a row."""
        return [attrs.asdict(row) for row in self.rows]

    def to_dataframe(self) -> pd.DataFrame:
        """One line a row: moments are in UTC, phases and statuses are categories.

        Raises:
            ImportError: pandas is not installed.
        """
        return frame(
            self.to_dicts(),
            COLUMNS,
            times=("began", "ended"),
            whole=("attempt", "exit_code"),
            numbers=("seconds",),
            categories=_CATEGORIES,
        )

    # --- as a picture ---------------------------------------------------------------------------------------------

    def figure(self, *, timezone: dt.tzinfo | None = None) -> Figure:
        """A new figure, as high as the number of jobs asks for, within bounds.

        Args:
            timezone: Of the times below it; by default this machine's.

        Raises:
            ImportError: matplotlib is not installed.
        """
        from batchwright.watching.figure import figure_of

        return figure_of(self._lanes(), read_at=self.read_at, timezone=timezone)

    def plot(self, ax: Axes | None = None, *, timezone: dt.tzinfo | None = None) -> Axes:
        """Draw it: a line for each job, a thin bar while it waits and a thick one while it runs.

        Args:
            ax: Where; by default into a new figure, which is `.figure` of what is returned.
            timezone: Of the times below it; by default this machine's.

        Raises:
            ImportError: matplotlib is not installed.
        """
        from batchwright.watching.figure import draw

        if ax is None:
            return self.figure(timezone=timezone).axes[0]
        draw(ax, self._lanes(), read_at=self.read_at, timezone=timezone)
        cast("Any", ax).legend(loc="upper right")
        return ax

    # --- shown ----------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"<Timeline of {len(self._lanes())} jobs, {len(self.rows)} rows>"

    def _lanes(self) -> list[Lane]:
        return lanes_of(list(rows) for _, rows in groupby(self.rows, key=lambda row: row.job_id))

    def _view(self) -> View:
        lanes = self._lanes()
        title = f"timeline of {len(lanes):,} job{'' if len(lanes) == 1 else 's'}"
        return View(title=title, parts=[grid_of(lanes)], note=read_note(self.read_at))

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]] | None:
        """Jupyter's hook: the figure, where it can be drawn."""
        if not self.rows or not _can_draw():
            return None
        from batchwright.watching.figure import png_of

        return png_of(self.figure())

    def _repr_html_(self) -> str | None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # None leaves it to the hook above
        """Jupyter's hook: the table, where there is no figure; Jupyter prefers HTML to pictures."""
        return None if self.rows and _can_draw() else super()._repr_html_()


def _rows_of(job: JobDescription, read_at: float) -> tuple[TimelineRow, ...]:
    name = job.name if job.index is None else f"{job.name}:{job.index}"
    return tuple(
        TimelineRow(
            job=name,
            job_id=job.job_id,
            attempt=each.attempt,
            phase=each.phase,
            began=each.began,
            ended=each.ended,
            seconds=each.seconds(read_at),
            status=each.status,
            exit_code=each.exit_code,
            is_open=each.is_open,
        )
        for each in stretches_of(job)
    )


def _started(rows: tuple[TimelineRow, ...]) -> tuple[float, float, str]:
    """By the first run, then by the creation; what never ran comes last."""
    ran = next((row.began.timestamp() for row in rows if row.phase == RAN and row.began), float("inf"))
    made = rows[0].began.timestamp() if rows[0].began else float("inf")
    return (ran, made, rows[0].job)


def _can_draw() -> bool:
    import importlib.util

    return importlib.util.find_spec("matplotlib") is not None
