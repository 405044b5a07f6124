"""The table of watched jobs: which of them it shows where there is no room for all, and in which words."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from typing import Any, Final, cast

import attrs

from batchwright._display.safe import visible
from batchwright._display.times import duration, moment
from batchwright._display.view import Grid, Said, Text, Tone, View, status_text
from batchwright.jobs.description import FAILED, FINISHED, SUCCEEDED, VANISHED, JobDescription
from batchwright.jobs.stretches import RAN, WAITED, stretches_of

HEADINGS: Final = ("job", "status", "waited", "ran", "attempt", "why")
UNSEEN: Final = "not seen"
"""Our own word for a job that was not looked at yet, or that AWS does not show yet."""
_ORDER: Final = ("RUNNING", "STARTING", FAILED, VANISHED, "RUNNABLE", "PENDING", "SUBMITTED", UNSEEN, SUCCEEDED)
_RANK: Final = {status: rank for rank, status in enumerate(_ORDER)}
_AROUND: Final = 7
"""Lines of a screen that are not jobs: title, headings, notes, and where the cursor stands."""
_GAP: Final = 2
_NAME_LEAST: Final = 12
_WHY_LEAST: Final = 16


@attrs.frozen
class Space:
    """How much there is room for; None where there is no end to it.

    Attributes:
        width: Characters in a line.
        height: Lines, those around the jobs included.
    """

    width: int | None = None
    height: int | None = None


@attrs.frozen
class Entry:
    """A watched job, as it was last seen.

    Attributes:
        name: The job's name.
        job: What AWS said last; None before it was seen.
    """

    name: str
    job: JobDescription | None = None

    @property
    def status(self) -> str:
        """AWS's word, or `not seen`."""
        return self.job.status if self.job else UNSEEN


def table_of(
    entries: Mapping[str, Entry], counts: Mapping[str, int], *, now: float, space: Space, note: str = ""
) -> View:
    """The jobs, those that run first where not all have room.

    Args:
        entries: By job id, in the order given.
        counts: How many there are of each status.
        now: The time of what goes on, in seconds since the epoch.
        space: The room.
        note: A last line.
    """
    room = None if space.height is None else max(space.height - _AROUND, 3)
    chosen = chosen_of(entries, room)
    grid = _fitted([_cells(entry, now) for entry in chosen], space.width)
    left = Counter(counts)
    left.subtract(entry.status for entry in chosen)
    more = ", ".join(f"{number:,} {status}" for status, number in _in_order(left))
    return View(
        title=f"{len(entries):,} job{'' if len(entries) == 1 else 's'}",
        status=told_counts(counts),
        parts=[grid],
        note="\n".join(filter(None, (f"and {more}" if more else "", note))),
    )


def chosen_of(entries: Mapping[str, Entry], room: int | None) -> Sequence[Entry]:
    """All as they were given, where there is room; else those that run, then what failed, waits, and succeeded."""
    if room is None or len(entries) <= room:
        return list(entries.values())
    ranked = nsmallest(room, zip(map(_rank, entries.values()), itertools.count(), entries.values(), strict=False))
    return [entry for _, _, entry in ranked]


def _rank(entry: Entry) -> int:
    return _RANK.get(entry.status, len(_ORDER))


def _in_order(counts: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    told = ((status, number) for status, number in counts.items() if number)
    return sorted(told, key=lambda each: _RANK.get(each[0], len(_ORDER)))


def told_counts(counts: Mapping[str, int]) -> Text:
    """How many there are of each status, such as `2 RUNNING, 1 FAILED`."""
    told = dict(_in_order(counts))
    is_bad, is_over = {FAILED, VANISHED} & told.keys(), all(status in FINISHED for status in told)
    tone = Tone.BAD if is_bad else Tone.GOOD if is_over else Tone.BUSY
    return Text(", ".join(f"{number:,} {status}" for status, number in told.items()), tone)


def _cells(entry: Entry, now: float) -> tuple[Said, ...]:
    job, name = entry.job, visible(entry.name, lines=False)
    if job is None:
        return (name, Text(UNSEEN, Tone.FAINT), "", "", "", "")
    spent = {WAITED: 0.0, RAN: 0.0}
    known: set[str] = set()
    for stretch in stretches_of(job):
        seconds = stretch.seconds(now)
        if seconds is not None:
            spent[stretch.phase] += seconds
            known.add(stretch.phase)
    waited, ran = (duration(spent[phase]) if phase in known else "" for phase in (WAITED, RAN))
    return (name, status_text(job.status), waited, ran, attempt_of(job), visible(why(job), lines=False))


def attempt_of(job: JobDescription) -> str:
    """Which attempt it is in, or has ended with, and of how many, such as `2 of 3`; nothing for an array."""
    if job.array_size is not None:
        return ""
    number = max(len(job.attempts) + (not job.finished), 1)
    most = cast("Mapping[str, Any]", job.raw.get("retryStrategy") or {}).get("attempts") or 1
    return f"{number} of {most}" if int(most) > 1 else str(number)


def why(job: JobDescription) -> str:
    """AWS's reasons in a line: of the status, of the container, the exit code; of an array how its children are."""
    children = ", ".join(f"{number:,} {status}" for status, number in _in_order(job.status_summary))
    exit_code = f"exit code {job.exit_code}" if job.exit_code and job.status == FAILED else ""
    reason = "" if job.status == SUCCEEDED else job.status_reason
    told = (f"children: {children}" if children else "", reason, job.reason, exit_code)
    return " · ".join(dict.fromkeys(filter(None, told)))


def _fitted(lines: Sequence[tuple[Said, ...]], width: int | None) -> Grid:
    """A line of the screen for each job: what does not fit is left out or cut short."""
    columns = [index for index in range(len(HEADINGS)) if index < 2 or any(_length(line[index]) for line in lines)]
    if width is None:
        return Grid([HEADINGS[index] for index in columns], [[line[index] for index in columns] for line in lines])
    widths = {index: max([len(HEADINGS[index]), *(_length(line[index]) for line in lines)]) for index in columns}
    for dropped in (4, 2, 3):  # the attempt, then the times, where there is no room for names
        least = sum(widths[index] + _GAP for index in columns if 0 < index < 5) + min(widths[0], _NAME_LEAST) + _GAP
        if least > width and dropped in columns:
            columns.remove(dropped)
    rest = width - sum(widths[index] + _GAP for index in columns if 0 < index < 5) - _GAP
    if 5 in columns:
        widths[0] = min(widths[0], max(_NAME_LEAST, rest // 2, rest - _GAP - widths[5]))
        widths[5] = min(widths[5], rest - widths[0] - _GAP)
        if widths[5] < min(_WHY_LEAST, max(_length(line[5]) for line in lines)):
            columns.remove(5)
    if 5 not in columns:
        widths[0] = min(widths[0], max(rest, 1))
    cells = [[_cut(line[index], widths[index], keeps_end=index == 0) for index in columns] for line in lines]
    return Grid([HEADINGS[index] for index in columns], cells)


def _length(said: Said) -> int:
    return len(said.text if isinstance(said, Text) else said)


def _cut(said: Said, width: int, *, keeps_end: bool) -> Said:
    """What differs between names is often their end, so that is kept; of a reason the beginning is."""
    if isinstance(said, Text) or len(said) <= width:
        return said
    tail = width // 2 if keeps_end else 0
    return f"{said[: max(width - tail - 1, 0)]}…{said[len(said) - tail :]}"


def read_note(now: float) -> str:
    """When this was so."""
    return f"as of {moment(now)}"
