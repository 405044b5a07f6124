"""One job on its way through `submit_many`."""

from __future__ import annotations

import attrs

from batchwright.attempt import Attempt
from batchwright.declaration import Declaration
from batchwright.errors import BatchwrightError
from batchwright.jobs.description import JobDescription
from batchwright.jobs.ledger import Row
from batchwright.jobs.sending import Submission, send
from batchwright.jobs.signature_gate import Gate
from batchwright.limiter import Turn
from batchwright.many_submissions.result import SubmitResult
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob


@attrs.define
class OneOfMany(Attempt):
    """The work on one of many submissions: its turn was waited for elsewhere, and its record travels with others."""

    turn: Turn | None = None
    accepted: str = ""
    """The id that AWS has just given, and no row says yet."""

    def send(self, gate: Gate) -> str:
        """One SubmitJob, for the turn that was given or one of its own."""
        turn, self.turn = self.turn, None
        return send(self.session, self.submission, gate, turn)

    def record(self, row: Row, job_id: str) -> Row:
        """Nothing yet: the record is written with those of others."""
        self.created, self.accepted = True, job_id
        return row

    def record_alone(self, row: Row) -> Row:
        """Write the record after all, where the transaction was refused; the row as it is then."""
        return Attempt.record(self, row, self.accepted)


@attrs.define(eq=False)
class Entry:
    """One job, from being read to its result.

    Attributes:
        job: What is to be submitted.
        known: What it needs; receives what it waits for.
        look: At which look at its surroundings that was found.
        followers: The jobs of the same call that depend on it.
        twins: The same job, named again while it is on its way.
        waits_for: How many jobs of the same call have to be submitted first.
        description: What those that depend on it need to know of it.
    """

    job: BatchJob
    known: Resolved = attrs.field(factory=Resolved)
    look: int = 0
    attempt: OneOfMany | None = None
    submission: Submission | None = None
    row: Row | None = None
    job_id: str = ""
    created: bool = False
    error: BatchwrightError | None = None
    description: JobDescription | None = None
    done: bool = False
    renewed: bool = False
    """Whether what it needs was made again after a refusal that named it."""
    waits_for: int = 0
    followers: list[Entry] = attrs.field(factory=list["Entry"])
    twins: list[Entry] = attrs.field(factory=list["Entry"])

    _needed: tuple[Declaration, ...] | None = None

    @property
    def key(self) -> str:
        """Its submission id."""
        return self.job.submission_id

    def tracked(self) -> OneOfMany:
        """The work on it, once it is known what is to be submitted where."""
        if self.attempt is None:
            raise AssertionError(f"{self.job.label} has no tracker")
        return self.attempt

    def needed(self) -> tuple[Declaration, ...]:
        """All that it depends on."""
        if self._needed is None:
            self._needed = self.job.dependencies()
        return self._needed

    def jobs(self) -> list[BatchJob]:
        """The jobs that it depends on."""
        return [other for other in self.needed() if isinstance(other, BatchJob)]

    def result(self) -> SubmitResult:
        """What the caller gets."""
        if self.error is not None:
            return SubmitResult(job=self.job, error=self.error)
        return SubmitResult(job=self.job, job_id=self.job_id, created=self.created)
