"""What was seen of watched jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import attrs

from batchwright._display import Displayed
from batchwright._display.view import View
from batchwright.jobs.acting import Submittable
from batchwright.jobs.audience import cell_number
from batchwright.jobs.description import JobDescription
from batchwright.watching.table import Entry, Space, read_note, table_of, told_counts


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Watched(Displayed, Mapping[Submittable, JobDescription]):
    """By job, what AWS said of it last, in the order given; a job that AWS has not shown yet is not in it.

    Attributes:
        unfinished: The jobs that had not ended when the watching did, those that were not seen included.
        note: Why the watching ended before the jobs did; empty where they have ended.
        read_at: When it ended, in seconds since the epoch.
    """

    unfinished: tuple[Submittable, ...] = ()
    note: str = ""
    read_at: float = 0.0
    _seen_jobs: Mapping[Submittable, JobDescription] = attrs.field(alias="seen")
    _entries: Mapping[str, Entry] = attrs.field(alias="entries")
    _shown_in: int | None = attrs.field(default=None, alias="shown_in")

    __str__ = Displayed._told

    @property
    def counts(self) -> dict[str, int]:
        """How many jobs there are of each status."""
        return dict(Counter(entry.status for entry in self._entries.values()))

    def __getitem__(self, job: Submittable) -> JobDescription:
        return self._seen_jobs[job]

    def __iter__(self) -> Iterator[Submittable]:
        return iter(self._seen_jobs)

    def __len__(self) -> int:
        return len(self._seen_jobs)

    def __repr__(self) -> str:
        number, told = len(self._entries), told_counts(self.counts).text
        return f"<Watched {number} job{'' if number == 1 else 's'}{f': {told}' if told else ''}>"

    def _view(self) -> View:
        if self._shown_in is not None and self._shown_in == cell_number():
            # The table stands above already, in the output of the same cell.
            return View(title="watched", status=told_counts(self.counts))
        note = "\n".join(filter(None, (self.note, read_note(self.read_at))))
        return table_of(self._entries, self.counts, now=self.read_at, space=Space(), note=note)
