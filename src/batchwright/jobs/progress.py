"""What a person sees while waiting: one live line in a terminal or notebook, nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping

from batchwright._clock import Clock
from batchwright.jobs.description import FAILED, SUCCEEDED, JobDescription

Show = Callable[[Mapping[str, JobDescription]], None]


def _watched() -> bool:
    """Whether somebody is looking: a terminal, or a notebook's kernel."""
    if sys.stderr.isatty():
        return True
    # A kernel has put itself into sys.modules already; importing it here would cost every script the time.
    ipython = sys.modules.get("IPython")
    shell: object = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def summary(seen: Mapping[str, JobDescription]) -> str:
    """How many jobs are where, and AWS's reason if there is one job or one reason only."""
    jobs = list(seen.values())
    counts = Counter(job.status for job in jobs)
    text = counts.most_common(1)[0][0] if len(jobs) == 1 else ", ".join(f"{n} {s}" for s, n in counts.most_common())
    for job in jobs:
        children = {status: n for status, n in job.status_summary.items() if n}
        if len(jobs) == 1 and children:
            text += " · children: " + ", ".join(f"{n} {status}" for status, n in children.items())
    reasons = {job.status_reason for job in jobs if job.status_reason and job.status == "RUNNABLE"}
    return f"{text} · {reasons.pop()}" if len(reasons) == 1 else text


@contextlib.contextmanager
def watching(clock: Clock, *, total: int) -> Generator[Show]:
    """A function to call with what was seen; it draws where somebody looks.

    Args:
        clock: The session's clock, for the elapsed time.
        total: How many jobs there are.
    """
    if not _watched():
        yield lambda _: None
        return
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
        task = progress.add_task("submitted", total=total)

        def show(seen: Mapping[str, JobDescription]) -> None:
            if seen:
                ended = sum(job.status in (SUCCEEDED, FAILED) for job in seen.values())
                progress.update(task, completed=ended, description=summary(seen))

        yield show
