"""The verb of a session for many jobs."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from batchwright.many_submissions.folding import submit_folded
from batchwright.many_submissions.result import SubmitResult
from batchwright.many_submissions.stream import submit_many
from batchwright.remembering import Remembers
from batchwright.resources.batch_job import BatchJob


class SubmitsMany(Remembers):
    """A session that submits many jobs."""

    def submit_many(
        self, jobs: Iterable[BatchJob], *, ordered: bool = True, fold: bool = False
    ) -> Generator[SubmitResult]:
        """Submit each of these once, many at a time; `job.ensure()` for thousands.

        Nothing is submitted before the first result is asked for. Claims and records travel together, up to a hundred
        a request, and requests are sent as fast as AWS allows. A few hundred jobs are read ahead, so an endless
        generator is fine. The same call again gives the same jobs and submits what is missing.

        To leave the loop, or Ctrl-C, sends nothing new; what is on its way is awaited and recorded.

        Args:
            jobs: Any iterable; jobs that depend on jobs of the same call are submitted after these.
            ordered: Yield in the order of `jobs`; otherwise as they come.
            fold: Submit neighbours that are equal but for their names as one array job, each still with a row and an id
                of its own; results then come in order. They tell themselves apart by AWS_BATCH_JOB_ARRAY_INDEX.

        Yields:
            One `SubmitResult` for each job: its id, or the error that `job.ensure()` would have raised. Where nobody
            can say yet whether AWS accepted a job, that is a `SubmissionUnknownError` which says from when on the
            same call settles it.
        """
        if fold:
            return submit_folded(self, self._memory, jobs)
        return submit_many(self, self._memory, jobs, ordered=ordered)
