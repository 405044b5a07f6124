"""The verb of a session that lists jobs."""

from __future__ import annotations

from batchwright.jobs.job_list import JobList
from batchwright.jobs.selection import Selection, Since, Words
from batchwright.listing.answers import list_queues
from batchwright.listing.emptiness import why_empty
from batchwright.listing.joining import Join
from batchwright.listing.queues import Queues, own_places, places_of
from batchwright.listing.rows import rows_of
from batchwright.listing.seeing import see_listed
from batchwright.remembering import Remembers
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.status_tracker import StatusTracker
from batchwright.side_by_side import readers
from batchwright.translation import translated


class ListsJobs(Remembers):
    """A connection that lists jobs."""

    def jobs(
        self,
        *,
        status: Words | None = None,
        name: Words | None = None,
        queue: Queues | None = None,
        since: Since | None = None,
        tracked: bool = True,
    ) -> JobList:
        """The jobs of these queues in every state, with what the session's trackers know of them, the newest first.

        In the list are also jobs that AWS has forgotten and of which only a row tells, those that AWS took a moment
        ago and does not list yet, and submissions that are only claimed. The children of an array are not, unless
        they were folded into it by `submit_many(fold=True)`; `ListedJob.children()` has them.

        It takes one call for the queues, where none is named; for each queue seven (one for each status that is asked
        for) and one more for every thousand jobs, one after the other, so that a job that goes on is not missed; where
        a name or a time is asked for, one for every hundred jobs, while these are not more than seven; one for every
        megabyte of rows; and one for every hundred jobs that have an unfinished row and are not listed
        (`batch:DescribeJobQueues`, `batch:ListJobs`, `dynamodb:Scan`, `batch:DescribeJobs`). Queues and rows are read
        side by side.

        Args:
            status: One or several of CLAIMED, SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED and
                VANISHED, or `"unfinished"` or `"finished"`; by default all.
            name: One or several names or patterns, such as `"sub-*"`; upper and lower case differ.
            queue: One or several queues, by declaration, name or ARN; by default those that this namespace made or
                this session has ensured, and of others the jobs that a row tells of.
            since: Only what was made since then: a datetime with a time zone, a timedelta or seconds back from now.
            tracked: Whether to look into the trackers, the session's own and those that it has ensured.

        Raises:
            DeclarationError: An argument is not legal; nobody was asked.
            NotFoundError: A queue that is named does not exist; it says which ones come nearest.
        """
        now = self.clock.now()
        selection = Selection.of(status=status, name=name, since=since, now=now)
        named = None if queue is None else places_of(self, queue)
        with translated("jobs", self.region), readers(1) as pool:
            reading = pool.submit(rows_of, self, self._tables() if tracked else ())
            places = own_places(self, self._names(JobQueue)) if named is None else named
            listing = list_queues(self, places, selection, named=named is not None)
            rows = reading.result()
            join = Join(session=self, selection=selection, listing=listing, rows=rows, elsewhere=named is None, now=now)
            jobs = join.jobs()
            see_listed(self, jobs, self._memory.job_ids())
            notes = () if jobs else why_empty(self, places, selection, listing, (each.row.job_name for each in rows))
        asked = filter(None, (f"in {', '.join(place.name for place in places)}" if places else "", str(selection)))
        return JobList(jobs, asked=", ".join(asked), notes=notes, read_at=now)

    def _tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.defaults.tracker.name, *self._names(StatusTracker))))

    def _names(self, kind: type[JobQueue | StatusTracker]) -> list[str]:
        return [resource.name for resource in self._memory.resources() if isinstance(resource, kind)]
