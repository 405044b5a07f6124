"""A job: submitted once under its name, waited for, read, and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import ClassVar, Final, cast

import attrs

from batchwright._display import View, redacted
from batchwright.credentials import warn_of_credentials
from batchwright.declaration import Declaration, from_session, resource
from batchwright.drift import Change, Drift, Remedy
from batchwright.errors import NotFoundError
from batchwright.jobs.acting import JobChild, Submittable
from batchwright.jobs.description import FINISHED, JobDescription
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.request import Dependency, dependencies_of, depends_legal
from batchwright.jobs.row_status import Tracked
from batchwright.lifecycle import Resource
from batchwright.outcome import Ensured, Resolved
from batchwright.resources.definition_checks import environment_legal, optional, retry_legal, words_legal
from batchwright.resources.job_definition import INT_MAX, JobDefinition
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.job_reading import described, looked_for, recorded_in, row_of
from batchwright.resources.job_request import check_job, job_request, job_wish
from batchwright.resources.job_start import StartUnit, check_start, start_unit_of
from batchwright.resources.job_surroundings import check_surroundings
from batchwright.resources.status_tracker import StatusTracker
from batchwright.submission import Submission, Submitted, submit_once
from batchwright.values import Action, OnDrift, RetryPolicy, aws_name, command_of, mapping, matching, object_of, whole
from batchwright.waiting import Phase, States

_DEFINITION_LEGAL: Final = "a JobDefinition, such as session.job_definition(name=..., image=...) makes"
_QUEUE_LEGAL: Final = "a JobQueue, such as session.job_queue(name=...) makes, or None for the session's own"
_share_legal = optional(matching(re.compile(r"\S{1,255}"), "1 to 255 characters without spaces"))


@resource(kw_only=True)
class BatchJob(Resource[JobDescription], Submittable):
    """One job, known by its name: `ensure()` submits it once, from however many processes it is called.

    Args:
        name: The job's name, 1 to 128 letters, digits, `-` or `_`.
        definition: What runs.
        queue: Where it waits.
        tracker: The table in which submissions are kept; without one all that is promised is that no request
            of unknown outcome is repeated.
        command: Instead of the definition's, as a list of words.
        environment: Variables added to the definition's; the values are not shown anywhere.
        vcpus: Instead of the definition's.
        memory_gib: Instead of the definition's, in GiB.
        gpus: Instead of the definition's.
        array_size: Makes it an array of 2 to 10000 children, which find their index in AWS_BATCH_JOB_ARRAY_INDEX.
        depends_on: Jobs that must succeed first: jobs, ids, or `{"jobId", "type"}`; 20 at most.
        retry: Instead of the definition's.
        timeout_s: Seconds for each attempt, 60 or more, instead of the definition's.
        share_identifier: Whose share it counts to, on a queue with a scheduling policy.
        run_at_most_once: Have AWS start at most one container, should two SubmitJob ever be accepted: the job needs a
            `StartUnit`. Not for arrays, not with a second attempt, not without a tracker.
        run: 2, 3, … to run the same declaration again on purpose.
        submission_id: What the submission is known by; by default `<namespace>/<name>`, and the run.
    """

    kind: ClassVar[str] = "job"
    states: ClassVar[States] = States(ready=("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", *FINISHED))

    name: str = attrs.field(validator=aws_name)
    definition: JobDefinition = attrs.field(validator=object_of(JobDefinition, legal=_DEFINITION_LEGAL))
    queue: JobQueue | None = attrs.field(
        default=None,
        validator=object_of(JobQueue, NoneType, legal=_QUEUE_LEGAL),
        metadata=from_session("job_queue", required=True),
    )
    tracker: StatusTracker | None = attrs.field(default=None, metadata=from_session("tracker"))
    command: tuple[str, ...] = attrs.field(default=(), converter=command_of, validator=words_legal)
    environment: Mapping[str, str] = attrs.field(
        factory=dict[str, str], converter=mapping, validator=environment_legal, hash=False, metadata=redacted()
    )
    vcpus: float | None = None
    memory_gib: float | None = None
    gpus: int | None = attrs.field(default=None, validator=whole(1, 16))
    array_size: int | None = attrs.field(default=None, validator=whole(2, 10_000, "children"))
    depends_on: tuple[Dependency, ...] = attrs.field(
        default=(), converter=dependencies_of, validator=depends_legal, hash=False
    )
    retry: RetryPolicy | None = attrs.field(default=None, validator=retry_legal)
    timeout_s: int | None = attrs.field(default=None, validator=whole(60, INT_MAX, "seconds"))
    share_identifier: str | None = attrs.field(default=None, validator=_share_legal)
    run_at_most_once: bool = False
    run: int = attrs.field(default=1, validator=whole(1, 1_000_000))
    # Under another name, so that a copy with another name or run is known by another id.
    _submission_id: str | None = attrs.field(default=None, alias="submission_id")

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_job(self)
        check_start(self)
        warn_of_credentials(self, self.environment)

    @property
    def submission_id(self) -> str:
        """What the submission is known by in the tracker's table and in the job's container."""
        return self.default_submission_id(self.run) if self._submission_id is None else self._submission_id

    def default_submission_id(self, run: int) -> str:
        """What a run of this name is known by unless it is said."""
        first = f"{self.session.namespace}/{self.name}"
        return first if run == 1 else f"{first}/{run}"

    @property
    def start_unit(self) -> StartUnit | None:
        """The one unit that a job with `run_at_most_once` needs to start; made with it, and gone after its end."""
        return start_unit_of(self)

    def dependencies(self) -> tuple[Declaration, ...]:
        """The resources held in its fields, and its start unit."""
        held, unit = super().dependencies(), self.start_unit
        return held if unit is None else (*held, unit)

    def _identity(self) -> tuple[object, ...]:
        return (self.kind, self.submission_id)

    def to_dict(self) -> dict[str, object]:
        """Its fields as plain data; other resources as `{"kind", "name"}`, values that may be secret hidden."""
        fields = super().to_dict()
        del fields["_submission_id"]
        return {**fields, "submission_id": self.submission_id}

    def _shown_fields(self) -> Iterator[tuple[str, object, object]]:
        yield from super()._shown_fields()
        yield "submission_id", self._submission_id, None

    def _view(self) -> View:
        return self._view_with(dict(self._told_fields()))

    # --- the life cycle -------------------------------------------------------------------------------------------

    def converge(self, resolved: Resolved, *, on_drift: OnDrift | None = None) -> Ensured[JobDescription]:
        """Submit it, or find it; its dependencies are in `resolved`, and so is it afterwards."""
        with self.translated():
            row = self._row()
            if row is not None and row.job_id and row.wish in ("", self.wish()):
                done = Submitted(job_id=row.job_id, created=False)
            else:
                check_surroundings(self.definition, self.required_queue, resolved)
                done = submit_once(self.session, self.submission(resolved), seen=row)
            description = described(self, done.job_id, row)
        resolved.put(self, description)
        self._see(description)
        action = Action.CREATED if done.created else Action.UNCHANGED
        return Ensured(resource=self, action=action, owned=True, description=description)

    def submission(self, resolved: Resolved) -> Submission:
        """What the submission protocol works on; the start unit is there before the submission is claimed."""
        if self.start_unit is not None and self.start_unit not in resolved:
            self.start_unit.converge(resolved)
        return Submission(
            submission_id=self.submission_id, request=self._request(resolved), wish=self.wish(), tracked=self._ledger
        )

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return job_request(self, resolved)

    def wish(self) -> str:
        """The salted hash of what is declared, equal for equal declarations; it holds no `Secret`.

        Whoever reads the tracker's table can try guesses at a weak value of a variable against it.
        """
        return job_wish(self)

    @property
    def required_queue(self) -> JobQueue:
        """The queue, which is never None in a job that was made."""
        return cast("JobQueue", self.queue)

    @property
    def _ledger(self) -> Ledger | None:
        return Ledger(self.session, self.tracker.name) if self.tracker else None

    def _row(self) -> Row | None:
        return row_of(self.session, self.tracker, self.submission_id) if self.tracker else None

    def _read(self, resolved: Resolved) -> JobDescription | None:
        row = self._row()
        if row is not None and row.job_id:
            return described(self, row.job_id, row)
        return None if row is None and self._ledger is not None else looked_for(self)

    def forgotten(self, row: Row | None = None) -> JobDescription | None:
        """What its row says of a job that AWS does not show; None while that may be because it is new."""
        return recorded_in(self, row or self._row())

    def tracked(self) -> Tracked | None:
        """Its row in the tracker's table."""
        return Tracked(self._ledger, self.submission_id) if self._ledger else None

    def drift(self) -> Drift:
        """Whether another declaration was submitted under this id; a job cannot be changed.

        Raises:
            NotFoundError: It was not submitted.
        """
        with self.translated():
            row = self._row()
        if row is None:
            self.read(Resolved())  # without a row there is nothing to compare with
        if row is None or row.wish in ("", self.wish()):
            return Drift()
        return Drift((Change("wish", "this declaration", "another one", Remedy.REPLACE),))

    def plan(self, resolved: Resolved) -> tuple[Action, Drift]:
        """Whether `ensure()` would submit it, find it, or refuse because another declaration was submitted."""
        try:
            drift = self.drift()
        except NotFoundError:
            return Action.CREATED, Drift()
        return (Action.REPLACED if drift else Action.UNCHANGED), drift

    def owned(self, seen: JobDescription) -> bool:
        """A job is known by its submission id, which carries the namespace: it is always ours."""
        return True

    def _delete(self, seen: JobDescription) -> None:
        # One that was cancelled may run all the same: only having been terminated is the end.
        if not seen.raw.get("isTerminated"):
            self.session.batch.terminate_job(jobId=seen.job_id, reason="deleted by batchwright")

    def delete(self, *, force: bool = False) -> None:
        """Terminate it if it has not ended, and wait for the end; its row in the tracker is kept.

        AWS ends a job that waits for others only when these have ended; `session.delete()` ends them all at once.

        Raises:
            WaitTimeoutError: It had not ended within `patience`.
        """
        self.remove()

    def check_delete(self, *, force: bool = False) -> None:
        """Nothing to check: a job is always its namespace's own."""

    def remove(self) -> Action:
        """`delete()`, saying what it did: DELETED, or ABSENT when there was nothing to end."""
        had_to_end = self.begin_end()
        if had_to_end:
            self.wait(timeout_s=self.patience.timeout_s, check=False)
        if self.start_unit is not None:
            self.start_unit.remove()
        return Action.DELETED if had_to_end else Action.ABSENT

    def begin_end(self) -> bool:
        """Terminate it if it has not ended; whether there is an end to wait for."""
        with self.translated():
            seen = self._read(Resolved())
            if seen is None or seen.finished or self.states.phase(seen.status) is Phase.ABSENT:
                return False
            self._delete(seen)
        return True

    def _see(self, seen: JobDescription) -> None:
        self._seen(seen)

    def _known_id(self) -> str:
        return self.session.known_job_id(self.submission_id)

    # --- the verbs of a job ---------------------------------------------------------------------------------------

    def job_id(self) -> str:
        """AWS's id of the submitted job.

        Raises:
            NotFoundError: It was not submitted.
        """
        with self.translated():
            row = self._row()
        return row.job_id if row is not None and row.job_id else self.read(Resolved()).job_id

    def children(self) -> tuple[JobChild, ...]:
        """The children of an array job, in order; none of a plain one."""
        indices = range(self.array_size or 0)
        parent_id = self.job_id() if indices else ""
        return tuple(JobChild(self, parent_id=parent_id, index=index) for index in indices)

    def ended(self, job: JobDescription) -> None:
        """Put its start unit away."""
        if self.start_unit is not None and job.finished:
            self.start_unit.put_away(job.job_id)
