"""One group of equal jobs: which are there already, which become children of an array, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from batchwright.errors import BatchwrightError, ConflictError
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.ledger_reading import read_many
from batchwright.jobs.places import Place, folded_elsewhere
from batchwright.jobs.transactions import write_all
from batchwright.many_submissions.fold_rows import array_of, child_claim
from batchwright.many_submissions.ordering import given_otherwise
from batchwright.many_submissions.result import SubmitResult
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob


@attrs.define(eq=False)
class Fold:
    """Jobs that are equal but for their names.

    Attributes:
        jobs: All of them, in the caller's order.
        before: By submission id, the group before this one that has the same job.
        sent: What has to be submitted for them: an array, and those that need a way of their own.
        array: The array.
        rows: The claims of its children, in order.
    """

    jobs: Sequence[BatchJob]
    before: Mapping[str, Fold] = attrs.field(factory=dict[str, "Fold"])
    sent: list[BatchJob] = attrs.field(factory=list[BatchJob])
    array: BatchJob | None = None
    rows: list[Row] = attrs.field(factory=list[Row])
    _ids: frozenset[str] = attrs.field(init=False)
    _taken: int = 0
    _known: dict[str, SubmitResult] = attrs.field(factory=dict[str, SubmitResult])

    def __attrs_post_init__(self) -> None:
        self._ids = frozenset(job.submission_id for job in self.jobs)

    @property
    def waits(self) -> bool:
        """Whether results of what was sent are still missing."""
        return self._taken < len(self.sent)

    @property
    def own(self) -> list[BatchJob]:
        """Its jobs but for those of groups before it, each once."""
        return [job for job in dict.fromkeys(self.jobs) if job.submission_id not in self.before]

    def holds(self, job: BatchJob) -> bool:
        """Whether it has this job."""
        return job.submission_id in self._ids

    def alone(self, jobs: Iterable[BatchJob]) -> None:
        """Have these submitted as they are."""
        self.sent.extend(jobs)

    def fail(self, error: BatchwrightError) -> None:
        """No job of which nothing is known yet can be submitted, for this reason."""
        for job in self.own:
            self._known.setdefault(job.submission_id, SubmitResult(job=job, error=error))

    def begin(self, known: Resolved) -> None:
        """Read the rows, write the children's claims, and say what is to be sent.

        Raises:
            BatchwrightError: Somebody else submits one of these at the same time.
            ClientError: The table refuses.
        """
        single, members = self._sorted(read_many(self._ledger, [job.submission_id for job in self.own]))
        if len(members) > 1:
            self.array = array_of(list(members))
            queue_arn = known[self.array.required_queue].arn
            places = (Place(index, self.array.submission_id) for index in range(len(members)))
            self.rows = [child_claim(job, place, queue_arn) for job, place in zip(members, places, strict=True)]
            self._claim()
            self.alone([self.array])
        else:
            self.alone(job for job, row in members.items() if row is None)
        self.alone(single)

    def take(self, result: SubmitResult) -> None:
        """One of what was sent has its result."""
        self._taken += 1
        if self.array is None or result.job != self.array:
            self._known[result.job.submission_id] = result
            return
        try:
            with self.array.translated():
                self._concluded(self.array, result)
        except BatchwrightError as error:
            self.fail(error)

    def settle(self) -> None:
        """The caller left: record what was submitted, and give back the claims of what was not."""
        if self.array is None:
            return
        with self.array.translated():
            self._settle_by(self.array)

    def _settle_by(self, array: BatchJob) -> None:
        """As long as the array has a row without a job, AWS may have it, or get it: then the claims stay."""
        row = self._ledger.read(array.submission_id)
        if row is None:
            self._release()
        elif row.job_id:
            self._record(row.job_id)

    def results(self) -> Iterator[SubmitResult]:
        """One for each job, in order; a job that was named before was not created again."""
        seen: dict[str, SubmitResult] = {}
        for job in self.jobs:
            key = job.submission_id
            first = seen.get(key) or (self.before[key]._known[key] if key in self.before else None)
            if first is None:
                seen[key] = self._known[key]
                yield seen[key]
            elif first.job.wish() != job.wish():
                yield SubmitResult(job=job, error=given_otherwise(job))
            else:
                yield attrs.evolve(first, job=job, created=False)

    # --- before ---------------------------------------------------------------------------------------------------

    @property
    def _ledger(self) -> Ledger:
        tracker = self.jobs[0].tracker
        if tracker is None:
            raise AssertionError("what has no tracker is not folded")
        return Ledger(self.jobs[0].session, tracker.name)

    def _sorted(self, rows: dict[str, Row]) -> tuple[list[BatchJob], dict[BatchJob, Row | None]]:
        """Those that need a way of their own, and those that can be children; of the rest the result is known."""
        single: list[BatchJob] = []
        members: dict[BatchJob, Row | None] = {}
        for job in self.own:
            row = rows.get(job.submission_id)
            if row is None or (row.wish == job.wish() and not row.job_id and Place.of(row)):
                members[job] = row
            elif row.wish == job.wish() and row.job_id:
                self._known[job.submission_id] = SubmitResult(job=job, job_id=row.job_id)
            else:
                single.append(job)
        while members and (stray := self._strays(members)):
            for job, place in stray.items():
                self._known[job.submission_id] = self._elsewhere(job, place, members.pop(job))
        return single, members

    def _strays(self, members: dict[BatchJob, Row | None]) -> dict[BatchJob, Place]:
        """Those that were claimed for another array than the one that these would be."""
        placed = {job: place for job, row in members.items() if row is not None and (place := Place.of(row))}
        if not placed:
            return {}
        mine = array_of(list(members)).submission_id if len(members) > 1 else ""
        return {job: place for job, place in placed.items() if place.parent != mine}

    def _elsewhere(self, job: BatchJob, place: Place, row: Row | None) -> SubmitResult:
        there = self._ledger.read(place.parent)
        if there is None or not there.job_id or row is None:
            error = folded_elsewhere(job.label, job.session.region, job.submission_id, place)
            return SubmitResult(job=job, error=error)
        job_id = f"{there.job_id}:{place.index}"
        self._ledger.record(row, job_id)
        return SubmitResult(job=job, job_id=job_id)

    def _claim(self) -> None:
        there = write_all(self._ledger.session, [self._ledger.claiming(row) for row in self.rows])
        mine = {row.submission_id: row.claim for row in self.rows}
        others = [key for key, item in there.items() if Row.from_item(item).claim != mine[key]]
        if others:
            self._release()
            self.array, self.rows = None, []
            raise ConflictError(
                f"{self.jobs[0].label} and {len(self.jobs) - 1} equal ones: another process submits {others[0]!r} now.",
                hint="The same call again finds what that one submitted, and submits the rest.",
            )

    # --- after ----------------------------------------------------------------------------------------------------

    def _concluded(self, array: BatchJob, result: SubmitResult) -> None:
        if result.error is None:
            self._record(str(result.job_id))
        else:
            self._settle_by(array)
        members = {row.submission_id: f"{result.job_id}:{index}" for index, row in enumerate(self.rows)}
        for job in self.jobs:
            if (job_id := members.get(job.submission_id)) is None:
                continue
            self._known[job.submission_id] = (
                SubmitResult(job=job, error=result.error)
                if result.error is not None
                else SubmitResult(job=job, job_id=job_id, created=result.created)
            )

    def _record(self, job_id: str) -> None:
        ids = {row.submission_id: (row, f"{job_id}:{index}") for index, row in enumerate(self.rows)}
        there = write_all(self._ledger.session, [self._ledger.recording(row, child) for row, child in ids.values()])
        for key, item in there.items():
            row, child = ids[key]
            if not item:  # another process that folds the same jobs gave up, and took the claims back
                self._ledger.put_new(attrs.evolve(row, job_id=child, status=self._ledger.submitted_status))
            elif Row.from_item(item).job_id != child:
                self._ledger.record(row, child)

    def _release(self) -> None:
        write_all(self._ledger.session, [self._ledger.releasing(row) for row in self.rows])
