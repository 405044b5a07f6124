"""A job: submitted once under its name, waited for, read, and ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar, Final, cast

import attrs

from batchwright._display import redacted
from batchwright.declaration import from_session, resource
from batchwright.drift import Change, Drift, Remedy
from batchwright.errors import DeclarationError, NotFoundError
from batchwright.jobs.acting import JobChild, Submittable
from batchwright.jobs.description import FINISHED, VANISHED, JobDescription, describe_jobs
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.looking import SUBMISSION_VARIABLE, look
from batchwright.jobs.request import (
    Dependency,
    check_size,
    dependencies_of,
    depends_legal,
    resource_requirements,
    salted_hash,
    without_empty,
)
from batchwright.lifecycle import Resource
from batchwright.outcome import Ensured, Resolved
from batchwright.ownership import NAMESPACE_TAG, OWNER_TAG, tag_value
from batchwright.resources.definition_checks import environment_legal, retry_legal
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.job_surroundings import check_mounts, held_up_by
from batchwright.resources.status_tracker import StatusTracker
from batchwright.submission import Submission, submit_once
from batchwright.values import Action, OnDrift, RetryPolicy, aws_name, command_of, mapping, whole
from batchwright.waiting import Phase, States

UNSEEN_S: Final = 300.0
"""Seconds for which a job whose id is recorded may not show in AWS's answers yet."""


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
        run: 2, 3, … to run the same declaration again on purpose.
        submission_id: What the submission is known by; by default `<namespace>/<name>`, and the run.
    """

    kind: ClassVar[str] = "job"
    states: ClassVar[States] = States(ready=("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", *FINISHED))

    name: str = attrs.field(validator=aws_name)
    definition: JobDefinition
    queue: JobQueue | None = attrs.field(default=None, metadata=from_session("job_queue", required=True))
    tracker: StatusTracker | None = attrs.field(default=None, metadata=from_session("tracker"))
    command: tuple[str, ...] = attrs.field(default=(), converter=command_of)
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
    timeout_s: int | None = attrs.field(default=None, validator=whole(60, float("inf"), "seconds"))
    share_identifier: str | None = None
    run: int = attrs.field(default=1, validator=whole(1, 1_000_000))
    submission_id: str = attrs.field(
        default=attrs.Factory(
            lambda self: self.default_submission_id(self.run),
            takes_self=True,
        )
    )

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not 1 <= len(self.submission_id) <= 1024:
            raise DeclarationError(self.label, "submission_id", self.submission_id, "1 to 1024 characters")
        self.definition.check_sizes(vcpus=self.vcpus, memory_gib=self.memory_gib, gpus=self.gpus)
        check_size(self, {"environment": dict(self.environment), "command": self.command})

    def default_submission_id(self, run: int) -> str:
        """What a run of this name is known by unless it is said."""
        first = f"{self.session.namespace}/{self.name}"
        return first if run == 1 else f"{first}/{run}"

    def _identity(self) -> tuple[object, ...]:
        return (self.kind, self.submission_id)

    # --- the life cycle -------------------------------------------------------------------------------------------

    def converge(self, resolved: Resolved, *, on_drift: OnDrift | None = None) -> Ensured[JobDescription]:
        """Submit it, or find it; its dependencies are in `resolved`, and so is it afterwards."""
        with self.translated():
            row = self._row()
            if row is None or not row.job_id:
                check_mounts(self.definition, self.required_queue, resolved)
            submission = self.submission(resolved)
            done = submit_once(self.session, submission, seen=row)
            description = self._described(done.job_id, row)
        resolved.put(self, description)
        action = Action.CREATED if done.created else Action.UNCHANGED
        return Ensured(resource=self, action=action, owned=True, description=description)

    def submission(self, resolved: Resolved) -> Submission:
        """What the submission protocol works on."""
        return Submission(
            submission_id=self.submission_id, request=self._request(resolved), wish=self.wish(), tracked=self._ledger
        )

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        environment = {**self.environment, SUBMISSION_VARIABLE: self.submission_id}
        overrides = {
            "command": list(self.command),
            "environment": [{"name": name, "value": value} for name, value in environment.items()],
            "resourceRequirements": resource_requirements(vcpus=self.vcpus, memory_gib=self.memory_gib, gpus=self.gpus),
        }
        own = {NAMESPACE_TAG: self.session.namespace, OWNER_TAG: tag_value(self.session.caller)}
        request = {
            "jobName": self.name,
            "jobQueue": resolved[self.required_queue].arn,
            "jobDefinition": resolved[self.definition].arn,
            "containerOverrides": without_empty(overrides),
            "arrayProperties": {"size": self.array_size} if self.array_size else None,
            "dependsOn": [self._depends_on(item, resolved) for item in self.depends_on],
            "retryStrategy": self.retry.to_request() if self.retry else None,
            "timeout": {"attemptDurationSeconds": self.timeout_s} if self.timeout_s else None,
            "shareIdentifier": self.share_identifier,
            "tags": {**self.session.tags, **self.tags, **own},
        }
        return without_empty(request)

    def _depends_on(self, item: Dependency, resolved: Resolved) -> dict[str, str]:
        if isinstance(item, BatchJob):
            return {"jobId": resolved[item].job_id}
        if isinstance(item, Mapping):
            members = cast("Mapping[str, object]", item)
            return {
                key: resolved[value].job_id if isinstance(value, BatchJob) else str(value)
                for key, value in members.items()
            }
        return {"jobId": str(item)}

    def wish(self) -> str:
        """The salted hash of what is declared; equal for equal declarations, and of no use for guessing a value."""
        return salted_hash(
            self.submission_id,
            {
                "definition": self.definition.content_hash(self.submission_id),
                "queue": self.required_queue.name,
                "command": self.command,
                "environment": dict(self.environment),
                "sizes": [self.vcpus, self.memory_gib, self.gpus],
                "array_size": self.array_size,
                "depends_on": [_known_by(item) for item in self.depends_on],
                "retry": self.retry.to_request() if self.retry else None,
                "timeout_s": self.timeout_s,
                "share_identifier": self.share_identifier,
            },
        )

    @property
    def required_queue(self) -> JobQueue:
        """The queue, which is never None in a job that was made."""
        return cast("JobQueue", self.queue)

    @property
    def _ledger(self) -> Ledger | None:
        return Ledger(self.session, self.tracker.name) if self.tracker else None

    def _row(self) -> Row | None:
        from botocore.exceptions import ClientError

        from batchwright.translation import is_missing

        if self._ledger is None:
            return None
        try:
            return self._ledger.read(self.submission_id)
        except ClientError as error:
            if is_missing(error):
                return None  # no table yet, so nothing was submitted
            raise

    def _read(self, resolved: Resolved) -> JobDescription | None:
        if self._ledger is None:
            where = {"queue": self.required_queue.name, "job_name": self.name, "submission_id": self.submission_id}
            return look(self.session, **cast("Any", where)).job
        row = self._row()
        return self._described(row.job_id, row) if row and row.job_id else None

    def _described(self, job_id: str, row: Row | None) -> JobDescription:
        """What AWS says of the job, or, where it has forgotten it, what its row says."""
        job = describe_jobs(self.session, [job_id]).get(job_id)
        if job is not None:
            return job
        now = self.session.clock.now()
        if row is None or not row.job_id or row.age_s(now) < UNSEEN_S:
            return JobDescription(job_id=job_id, name=self.name, status="SUBMITTED", read_at=now)
        status = row.status if row.status in FINISHED else VANISHED
        return JobDescription(
            job_id=job_id, name=self.name, status=status, status_reason="AWS has forgotten this job", read_at=now
        )

    def drift(self) -> Drift:
        """Whether another declaration was submitted under this id; a job cannot be changed.

        Raises:
            NotFoundError: It was not submitted.
        """
        with self.translated():
            row = self._row()
        if row is None:
            raise NotFoundError(f"{self.label} was not submitted in {self.session.region}.", resource=self)
        if row.wish in ("", self.wish()):
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
        if not seen.is_stopping:
            self.session.batch.terminate_job(jobId=seen.job_id, reason="deleted by batchwright")

    def delete(self, *, force: bool = False) -> None:
        """Terminate it if it has not ended, and wait for the end; its row in the tracker is kept.

        Raises:
            WaitTimeoutError: It had not ended within `patience`.
        """
        self.remove()

    def check_delete(self, *, force: bool = False) -> None:
        """Nothing to check: a job is always its namespace's own."""

    def remove(self) -> Action:
        """`delete()`, saying what it did: DELETED, or ABSENT when there was nothing to end."""
        with self.translated():
            seen = self._read(Resolved())
        if seen is None or seen.finished or self.states.phase(seen.status) is Phase.ABSENT:
            return Action.ABSENT
        with self.translated():
            self._delete(seen)
        self.wait(timeout_s=self.patience.timeout_s, check=False)
        return Action.DELETED

    def _tag(self, seen: JobDescription, tags: Mapping[str, str]) -> None:
        self.session.batch.tag_resource(resourceArn=seen.arn, tags=dict(tags))

    def _untag(self, seen: JobDescription, keys: Collection[str]) -> None:
        self.session.batch.untag_resource(resourceArn=seen.arn, tagKeys=list(keys))

    # --- the verbs of a job ---------------------------------------------------------------------------------------

    def job_id(self) -> str:
        """AWS's id of the submitted job.

        Raises:
            NotFoundError: It was not submitted.
        """
        row = self._row()
        if row is not None and row.job_id:
            return row.job_id
        return self.read(Resolved()).job_id

    def children(self) -> tuple[JobChild, ...]:
        """The children of an array job, in order; none of a plain one."""
        with self.translated():
            job_id = self.job_id()
        return tuple(self._children(job_id))

    def _children(self, job_id: str) -> Iterator[JobChild]:
        for index in range(self.array_size or 0):
            yield JobChild(self.session, name=self.name, parent_id=job_id, index=index, parent=self)

    def held_up_by(self, job: JobDescription) -> str:
        """What keeps it from running, in words, from its queue and the queue's environments."""
        return held_up_by(self.required_queue)

    def ended(self, job: JobDescription) -> None:
        """Note the end in the tracker's row."""
        if self._ledger is not None and job.finished:
            self._ledger.note_end(self.submission_id, job.status)


def _known_by(item: Dependency) -> object:
    if isinstance(item, BatchJob):
        return item.submission_id
    if isinstance(item, Mapping):
        return {key: _known_by(value) for key, value in cast("Mapping[str, object]", item).items()}
    return str(item)
