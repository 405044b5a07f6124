"""Many jobs as one thing: sorted, cut, counted, shown, and handed to whatever takes jobs."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, overload

from batchwright._display import Displayed
from batchwright._display.times import duration, moment, read_note
from batchwright._display.view import Grid, Said, Text, View, status_text
from batchwright.console import page_of
from batchwright.errors import DeclarationError
from batchwright.jobs.description import SUCCEEDED, VANISHED
from batchwright.jobs.listed import FORGOTTEN, ListedJob
from batchwright.jobs.selection import STATUSES, Selection, Since, Words, words_of
from batchwright.jobs.showing import LONG_S, WAITING, WHOM_TO_ASK
from batchwright.nearest import did_you_mean
from batchwright.tabular import frame

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = (
    "job_id",
    "name",
    "status",
    "status_reason",
    "created_at",
    "started_at",
    "stopped_at",
    "waited_s",
    "ran_s",
    "exit_code",
    "reason",
    "queue",
    "definition",
    "array_size",
    "index",
    "share_identifier",
    "submission_id",
    "submitted_on",
    "row_status",
    "known",
)
"""The columns of a job list as data, and what it can be sorted by."""
ENDED: Final = "Essential container in task exited"
"""What AWS says of every job whose container came to its end, so that it is no reason."""
_TIMES: Final = ("created_at", "started_at", "stopped_at", "submitted_on")
_WHOLE: Final = ("exit_code", "array_size", "index")
_NUMBERS: Final = ("waited_s", "ran_s")
_HEADINGS: Final = ("job", "status", "created (UTC)", "waited", "ran", "why", "queue", "id")
_ORDER: Final = {status: place for place, status in enumerate(STATUSES)}


class JobList(Displayed, Sequence[ListedJob]):
    """Jobs as they were when they were listed, the newest first; prints as a table.

    `session.wait`, `cancel`, `terminate` and whatever else takes jobs takes a list of these, or one of them.

    Args:
        jobs: The jobs, in order.
        asked: What was asked for, in words.
        notes: What a reader should know besides.
        read_at: When it was read, in seconds since the epoch.
    """

    __slots__ = ("_jobs", "asked", "notes", "read_at")

    def __init__(
        self, jobs: Iterable[ListedJob], *, asked: str = "", notes: Sequence[str] = (), read_at: float = 0.0
    ) -> None:
        self._jobs = tuple(jobs)
        self.asked, self.notes, self.read_at = asked, tuple(notes), read_at

    # --- a sequence -----------------------------------------------------------------------------------------------

    @overload
    def __getitem__(self, index: int) -> ListedJob: ...
    @overload
    def __getitem__(self, index: slice) -> JobList: ...
    def __getitem__(self, index: int | slice) -> ListedJob | JobList:
        return self._of(self._jobs[index]) if isinstance(index, slice) else self._jobs[index]

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[ListedJob]:
        return iter(self._jobs)

    def __contains__(self, job: object) -> bool:
        return job in self._jobs

    def __eq__(self, other: object) -> bool:
        return isinstance(other, JobList) and self._jobs == other._jobs

    def __hash__(self) -> int:
        return hash(self._jobs)

    def _of(self, jobs: Iterable[ListedJob], notes: Sequence[str] = ()) -> JobList:
        return JobList(jobs, asked=self.asked, notes=notes or self.notes, read_at=self.read_at)

    # --- other lists ----------------------------------------------------------------------------------------------

    def sorted_by(self, column: str, *, reverse: bool = False) -> JobList:
        """The same jobs in the order of one column; those that have nothing there come last.

        Args:
            column: Such as `"created_at"`, `"waited_s"` or `"name"`; statuses sort in the order of a job's life.
            reverse: The highest or latest first.

        Raises:
            DeclarationError: There is no such column; it names the nearest.
        """
        if column not in COLUMNS:
            hint = did_you_mean(column, COLUMNS)
            raise DeclarationError("job list", "column", column, f"one of {', '.join(COLUMNS)}", hint=hint)
        keyed = [(_value(job, column), job) for job in self._jobs]
        there = [(_ORDER[value] if column == "status" else value, job) for value, job in keyed if value is not None]
        there.sort(key=operator.itemgetter(0), reverse=reverse)
        return self._of([*(job for _, job in there), *(job for value, job in keyed if value is None)])

    def where(
        self,
        test: Callable[[ListedJob], object] | None = None,
        /,
        *,
        status: Words | None = None,
        name: Words | None = None,
        queue: Words | None = None,
        since: Since | None = None,
    ) -> JobList:
        """Those of these jobs for which all of this holds; nobody is asked.

        Args:
            test: A function of one job.
            status: One or several statuses, or `"unfinished"` or `"finished"`.
            name: One or several names or patterns, such as `"sub-*"`.
            queue: One or several names of queues.
            since: As in `session.jobs`; what goes back from now goes back from when the list was read.
        """
        selection = Selection.of(status=status, name=name, since=since, now=self.read_at)
        queues = () if queue is None else words_of("queue", queue)
        found = self._of(
            job
            for job in self._jobs
            if job.status in selection.statuses
            and selection.names_it(job.name)
            and selection.reaches(job.created_at or job.submitted_on)
            and (not queues or job.queue in queues)
            and (test is None or test(job))
        )
        return found if found else self._of((), self._nearest(selection.names, queues))

    def _nearest(self, names: Iterable[str], queues: Iterable[str]) -> tuple[str, ...]:
        """What is meant, perhaps, by those of these names that none of the jobs has."""
        there = ((names, {job.name for job in self._jobs}), (queues, {job.queue for job in self._jobs}))
        hints = (did_you_mean(each, known) for asked, known in there for each in asked if each not in known)
        return tuple(dict.fromkeys(filter(None, hints)))

    # --- as data --------------------------------------------------------------------------------------------------

    @property
    def ids(self) -> tuple[str, ...]:
        """AWS's ids, in order; of jobs that are only claimed there is none."""
        return tuple(filter(None, (job._job_id for job in self._jobs)))

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs there are by status, in the order of a job's life."""
        counted = Counter(job.status for job in self._jobs)
        return {status: counted[status] for status in sorted(counted, key=_ORDER.__getitem__)}

    def to_dicts(self) -> list[dict[str, object]]:
        """One dictionary a job, with the moments as datetimes in UTC and None for what is not known."""
        return [{column: _value(job, column) for column in COLUMNS} for job in self._jobs]

    def to_dataframe(self) -> pd.DataFrame:
        """One line a job: moments are in UTC, statuses are categories in the order of a job's life.

        Raises:
            ImportError: pandas is not installed.
        """
        queues = sorted({job.queue for job in self._jobs})
        categories = {"status": STATUSES, "queue": queues}
        return frame(self.to_dicts(), COLUMNS, times=_TIMES, whole=_WHOLE, numbers=_NUMBERS, categories=categories)

    # --- shown ----------------------------------------------------------------------------------------------------

    __str__ = Displayed._told  # a slice shows other lines, `to_dicts()` gives all

    def __repr__(self) -> str:
        return f"<JobList: {self._headline()}>"

    def _headline(self) -> str:
        counts = ", ".join(f"{number:,} {status}" for status, number in self.counts.items())
        jobs = f"{len(self):,} {'job' if len(self) == 1 else 'jobs'}"
        return f"{jobs}: {counts}" if counts else jobs

    def _view(self) -> View:
        queues = {job.queue for job in self._jobs}
        # What all of these have in common, or none of them has, needs no column.
        kept = [
            place
            for place, heading in enumerate(_HEADINGS)
            if (heading != "queue" or len(queues) > 1)
            and (heading != "why" or any(map(_why, self._jobs)))
            and (heading != "ran" or any(job.started_at for job in self._jobs))
        ]
        grid = Grid([_HEADINGS[place] for place in kept], _Lines(self._jobs, kept), spare=("id",))
        asked = f" ({self.asked})" if self.asked else ""
        is_long = any(job.status in WAITING and (job.waited_s or 0.0) > LONG_S for job in self._jobs)
        note = "\n".join(filter(None, (*self.notes, WHOM_TO_ASK if is_long else "", read_note(self.read_at))))
        return View(title=f"{self._headline()}{asked}", parts=[grid] if self._jobs else [], note=note)


class _Lines(Sequence[Sequence[Said]]):
    """The lines of a table, each made when it is shown: of ten thousand jobs few are."""

    def __init__(self, jobs: Sequence[ListedJob], kept: Sequence[int]) -> None:
        self._jobs, self._kept = jobs, kept

    @overload
    def __getitem__(self, index: int) -> Sequence[Said]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[Said]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[Said] | Sequence[Sequence[Said]]:
        if isinstance(index, slice):
            return _Lines(self._jobs[index], self._kept)
        cells = _cells(self._jobs[index])
        return [cells[place] for place in self._kept]

    def __len__(self) -> int:
        return len(self._jobs)


def _cells(job: ListedJob) -> tuple[Said, ...]:
    status = status_text(job.status)
    if job.known == FORGOTTEN and job.status != VANISHED:
        status = Text(f"{job.status} (its row)", status.tone)
    return (
        job.name,
        status,
        moment(job.created_at or job.submitted_on).removesuffix(" UTC"),
        duration(job.waited_s),
        duration(job.ran_s),
        _why(job),
        job.queue,
        Text(job._job_id, url=page_of(job._arn("job", job._job_id))),
    )


def _why(job: ListedJob) -> str:
    if job.status == SUCCEEDED:
        return ""
    code = "" if job.exit_code in (None, 0) else f"exit code {job.exit_code}"
    reason = job.reason or job.status_reason
    return ": ".join(filter(None, (code, "" if reason == ENDED else reason)))


def _value(job: ListedJob, column: str) -> Any:  # noqa: ANN401  # whatever the column holds
    return job._job_id if column == "job_id" else getattr(job, column)
