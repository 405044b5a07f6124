"""Watching jobs: what the session's poller sees of them goes onto a screen, until they have ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import attrs

from batchwright._clock import Clock
from batchwright._display.view import View
from batchwright.connection import Connection
from batchwright.errors import WaitTimeoutError
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import FINISHED, JobDescription
from batchwright.jobs.progress import State
from batchwright.jobs.waiting import ends_of
from batchwright.translation import translated
from batchwright.watching.screens import Screen
from batchwright.watching.table import Entry, Space, read_note, table_of
from batchwright.watching.watched import Watched


@attrs.define(eq=False)
class Board:
    """Where watched jobs are; an onlooker of a wait.

    Args:
        clock: Time.
        screen: What shows them.
        entries: By job id, in the order given.
    """

    clock: Clock
    screen: Screen
    entries: dict[str, Entry]
    note: str = ""
    counts: Counter[str] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.counts = Counter(entry.status for entry in self.entries.values())

    @property
    def wants_all(self) -> bool:
        """Whether it wants the description with every change."""
        return True

    @property
    def tick_s(self) -> float:
        """Seconds between two pictures of the same."""
        return self.screen.tick_s

    def state_of(self, answer: Mapping[str, Any]) -> State:
        """All of an entry of DescribeJobs that a line of the table shows, but for the times."""
        array = cast("Mapping[str, Any]", answer.get("arrayProperties") or {})
        shown = (answer.get("statusReason"), len(answer.get("attempts") or ()), array.get("statusSummary"))
        return State(str(answer["status"]), repr(shown))

    def moved(self, before: State | None, after: State, description: JobDescription | None) -> None:
        """One job went from one state to another."""
        if description is None:
            return
        known = self.entries[description.job_id]
        entry = self.entries[description.job_id] = attrs.evolve(known, job=description)
        self.counts[known.status] -= 1
        self.counts[entry.status] += 1
        self.screen.moved(entry)

    def show(self) -> None:
        """Draw it."""
        self.screen.show(self.view)

    def close(self) -> None:
        """Draw it for the last time."""
        self.screen.close(self.view, self.note)

    def view(self, space: Space) -> View:
        """The table as it is now, for a place of this size."""
        now = self.clock.now()
        is_over = self.note or not self.unfinished_count
        note = " · ".join(filter(None, (read_note(now), "" if is_over else self.screen.how_to_stop)))
        return table_of(
            self.entries, +self.counts, now=now, space=space, note="\n".join(filter(None, (self.note, note)))
        )

    @property
    def unfinished_count(self) -> int:
        """How many jobs have not ended, as far as was seen."""
        return sum(number for status, number in self.counts.items() if status not in FINISHED)


def watched(
    session: Connection,
    jobs: Mapping[str, Submittable],
    screen: Screen,
    *,
    timeout_s: float | None,
    row_statuses: Mapping[str, str],
) -> Watched:
    """Show these jobs until they have ended, or the time is over, or somebody presses Ctrl-C.

    Args:
        session: Whose poller, clients and clock to use.
        jobs: By job id.
        screen: Where they are shown.
        timeout_s: Seconds to watch at the most.
        row_statuses: By job id, what the rows say, as far as that is known.
    """
    board = Board(session.clock, screen, {job_id: Entry(job.name) for job_id, job in jobs.items()})
    board.note = "" if jobs else "There is nothing to watch."
    try:
        with translated(f"{len(jobs)} jobs", session.region):
            ends = ends_of(session, dict(jobs), timeout_s=timeout_s, row_statuses=row_statuses, tally=board)
            for _, job, description in ends:
                job._seen(description)
    except KeyboardInterrupt:
        board.note = f"Stopped watching: {_going_on(board)}."
    except WaitTimeoutError as error:
        board.note = f"Stopped watching, for the time is over: {_going_on(board)}. {error.summary}"
    finally:
        board.close()
    return _result(board, jobs)


def _going_on(board: Board) -> str:
    number = board.unfinished_count
    return f"{number:,} job{' goes' if number == 1 else 's go'} on"


def _result(board: Board, jobs: Mapping[str, Submittable]) -> Watched:
    seen = {job: entry.job for job_id, job in jobs.items() if (entry := board.entries[job_id]).job is not None}
    unfinished = [job for job_id, job in jobs.items() if board.entries[job_id].status not in FINISHED]
    for job in unfinished:
        if job in seen:
            job._seen(seen[job])
    return Watched(
        unfinished=tuple(unfinished),
        note=board.note,
        read_at=board.clock.now(),
        seen=seen,
        entries=board.entries,
        shown_in=board.screen.cell,
    )
