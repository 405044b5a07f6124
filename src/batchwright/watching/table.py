"""The table of watched jobs: which of them it shows where there is no room for all, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import attrs

from batchwright._display.safe import visible
from batchwright._display.times import duration, moment
from batchwright._display.view import Said, Text, Tone, View, status_text
from batchwright.jobs.description import FAILED, FINISHED, SUCCEEDED, VANISHED, JobDescription
from batchwright.jobs.showing import WAITING, WHOM_TO_ASK, waits_long
from batchwright.jobs.stretches import RAN, WAITED, stretches_of
from batchwright.watching.fitting import fitted_grid

UNSEEN: Final = "not seen"
"""Our own word for a job that was not looked at yet, or that AWS does not show yet."""
_ORDER: Final = ("RUNNING", "STARTING", FAILED, VANISHED, "RUNNABLE", "PENDING", "SUBMITTED", UNSEEN, SUCCEEDED)
_RANK: Final = {status: rank for rank, status in enumerate(_ORDER)}
_BAD: Final = (FAILED, VANISHED)
_TITLE: Final = "10,000 jobs  "
_RULES: Final = 4
"""Lines of a screen above and below the jobs: an empty one, the headings, the rule, and where the cursor stands."""
_WIDE: Final = 120


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
    below = list(filter(None, (_hint(entries.values(), now), *note.splitlines())))
    chosen = chosen_of(entries, _room(space, told_counts(counts).text, below))
    grid = fitted_grid([_cells(entry, now) for entry in chosen], space.width)
    left = Counter(counts)
    left.subtract(entry.status for entry in chosen)
    more = ", ".join(f"{number:,} {status}" for status, number in _in_order(left))
    return View(
        title=f"{len(entries):,} job{'' if len(entries) == 1 else 's'}",
        status=told_counts(counts),
        parts=[grid] if chosen else [],
        note="\n".join((*([f"and {more}"] if more else []), *below)),
    )


def _room(space: Space, counts: str, below: Sequence[str]) -> int | None:
    """For how many jobs there is a line, with what stands around them."""
    if space.height is None:
        return None
    width = space.width or _WIDE
    around = sum(-(-len(line) // width) for line in (f"{_TITLE}{counts}", f"and {counts}", *below))
    return max(space.height - around - _RULES, 3)


def chosen_of(entries: Mapping[str, Entry], room: int | None) -> Sequence[Entry]:
    """All as they were given, where there is room; else those that run, then what failed, waits, and succeeded.

    Where there are many that failed, some of those that wait are seen as well.
    """
    if room is None or len(entries) <= room:
        return list(entries.values())
    left: dict[str, list[Entry]] = {}
    for entry in entries.values():
        left.setdefault(entry.status, []).append(entry)
    chosen: list[Entry] = []
    for status in (*_ORDER[:-1], *_BAD, SUCCEEDED, *left):
        jobs, most = left.get(status, []), room - len(chosen)
        if status in _BAD and any(left.get(each) for each in (*WAITING, UNSEEN)):
            most = -(-most // 2)
        chosen += jobs[:most]
        del jobs[:most]
    return chosen


def _hint(entries: Iterable[Entry], now: float) -> str:
    """Whom to ask, where one of them waits for long."""
    return WHOM_TO_ASK if any(entry.job and waits_long(entry.job, now) for entry in entries) else ""


def _rank(status: str) -> int:
    return _RANK.get(status, len(_ORDER))


def _in_order(counts: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    told = ((status, number) for status, number in counts.items() if number)
    return sorted(told, key=lambda each: _rank(each[0]))


def told_counts(counts: Mapping[str, int]) -> Text:
    """How many there are of each status, such as `2 RUNNING, 1 FAILED`."""
    told = dict(_in_order(counts))
    is_bad, is_over = told.keys() & set(_BAD), all(status in FINISHED for status in told)
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
    """AWS's reasons in a line, what says the most first; of an array how its children are."""
    children = ", ".join(f"{number:,} {status}" for status, number in _in_order(job.status_summary))
    exit_code = f"exit code {job.exit_code}" if job.exit_code and job.status == FAILED else ""
    reason = "" if job.status == SUCCEEDED else job.status_reason
    number = len(cast("Sequence[object]", job.raw.get("dependsOn") or ())) if job.status in WAITING[:2] else 0
    waits = f"depends on {number:,} job{'' if number == 1 else 's'}" if number else ""
    told = (f"children: {children}" if children else "", waits, exit_code, job.reason, reason)
    return " · ".join(dict.fromkeys(filter(None, told)))


def read_note(now: float) -> str:
    """When this was so."""
    return f"as of {moment(now)}"
