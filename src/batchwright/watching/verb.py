"""The verbs of a session that look on: watch what goes on, and see how the time went."""

from __future__ import annotations

from collections.abc import Iterable

from batchwright.job_ids import one_or_many
from batchwright.jobs.acting import Submittable
from batchwright.jobs.description import UNFINISHED
from batchwright.jobs.listed import IN_AWS
from batchwright.listing.verb import ListsJobs
from batchwright.many_jobs import submitted_ids
from batchwright.translation import translated
from batchwright.watching.board import watched
from batchwright.watching.reading import descriptions_of
from batchwright.watching.screens import screen_for
from batchwright.watching.timeline import Timeline
from batchwright.watching.watched import Watched


class WatchesJobs(ListsJobs):
    """A session that shows its jobs while they go on, and their times."""

    def watch(self, *jobs: Submittable | Iterable[Submittable], timeout_s: float | None = None) -> Watched:
        """Show these jobs until all have ended: one table that stands still, in a terminal or a notebook.

        Elsewhere it prints one line for each change: when it was seen, the job, its status and the reason. Nothing is
        raised for a job that fails. Ctrl-C, or interrupting the kernel, ends the watching and leaves the jobs alone.
        Their rows in the tracker are kept current, as by `wait`.

        "waited" is the time until an attempt runs, the pull of its image included; of several attempts, all together.
        Where there are more jobs than lines, those that run are shown first, then those that failed, and the rest is
        counted.

        Args:
            jobs: Jobs, or iterables of them such as a `JobList`. With none, all unfinished jobs of `session.jobs()`.
            timeout_s: Seconds to watch at the most; by default a day.

        Returns:
            By job, what AWS said of it last.

        Raises:
            NotFoundError: One was not submitted.
        """
        chosen = [each for some in jobs for each in one_or_many(some)] if jobs else self._going_on()
        ids, rows = submitted_ids(self, chosen, self._memory)
        return watched(self, ids, screen_for(self.clock), timeout_s=timeout_s, row_statuses=rows)

    def timeline(self, *jobs: Submittable | Iterable[Submittable]) -> Timeline:
        """For each of these jobs and its attempts, how long it waited and ran; of an array, for each child.

        It takes one call for every hundred jobs (`batch:DescribeJobs`).

        Args:
            jobs: Jobs, or iterables of them such as a `JobList`. With none, all of `session.jobs()` that AWS shows.

        Raises:
            NotFoundError: One was not submitted.
        """
        chosen = [each for some in jobs for each in one_or_many(some)] if jobs else self._listed()
        ids, _ = submitted_ids(self, chosen, self._memory)
        with translated(f"{len(ids)} jobs", self.region):
            return Timeline.of(descriptions_of(self, ids), read_at=self.clock.now())

    def _listed(self) -> list[Submittable]:
        return [job for job in self.jobs() if job.known == IN_AWS]

    def _going_on(self) -> list[Submittable]:
        """What AWS shows or will show soon: not what is only claimed, which has no id yet."""
        return [job for job in self.jobs(status="unfinished") if job.status in UNFINISHED]
