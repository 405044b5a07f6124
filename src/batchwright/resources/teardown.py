"""A tear-down: AWS takes a volume and secrets away by itself once the last of some jobs has ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

import attrs

from batchwright.connection import Connection
from batchwright.declaration import Declaration, resource
from batchwright.drift import Drift
from batchwright.errors import NotFoundError, NotOwnedError, ResourceFailedError, WaitTimeoutError
from batchwright.lifecycle import Resource
from batchwright.outcome import Ensured, Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.iam_role import IamRole
from batchwright.resources.state_machine import StateMachine
from batchwright.resources.state_machine_executions import RUNNING, first_run
from batchwright.resources.state_machine_teardowns import LATE
from batchwright.resources.stored_secret import StoredSecret
from batchwright.resources.teardown_checks import check_teardown
from batchwright.resources.teardown_description import TeardownDescription
from batchwright.resources.teardown_rights import teardown_machine
from batchwright.resources.teardown_runs import FAILED, SUCCEEDED, Runs, owned_teardowns, wish_of
from batchwright.values import Action, OnDrift, aws_name, several, whole
from batchwright.waiting import Patience, States

__all__ = ["Teardown", "TeardownDescription"]
ABORTED: Final = "ABORTED"
A_DAY_S: Final = 86_400.0


def _jobs(value: BatchJob | Iterable[BatchJob] | None) -> tuple[BatchJob, ...]:
    return several(value)


def _secrets(value: StoredSecret | Iterable[StoredSecret] | None) -> tuple[StoredSecret, ...]:
    return several(value)


@resource(kw_only=True)
class Teardown(Resource[TeardownDescription]):
    """Takes a temporary volume and secrets away once all of some jobs have ended, well or not, with nobody on line.

    `ensure()` starts it, *before* the volume is made and the jobs are submitted, so that nothing is left behind
    whatever happens to the caller then. AWS Step Functions carries it out: it looks for the jobs by their rows in the
    tracker, from every few seconds to every `longest_wait_s`, and for a job that is never submitted it waits for
    `SubmissionPolicy.forget_after_s`, a day. One state machine and one role serve the whole namespace; they are made
    with the first tear-down and cost nothing by themselves. A tear-down costs 0.06 USD for each day that it waits.

    Args:
        name: 1 to 128 letters, digits, `-` or `_`.
        after: All jobs that need the volume or the secrets, 1 to 500, each with a tracker. They are not submitted by
            `ensure()`.
        volume: A volume declared with `retain=False, teardown=<name>`. It is not made by `ensure()`. One that others
            made is left as it is.
        secrets: Secrets with a value, below the namespace's own path. Secrets Manager keeps them for 7 days more.
        longest_wait_s: Seconds from one look for a job to the next at the most, 1 to 3600; it begins with a 64th.
    """

    kind: ClassVar[str] = "tear-down"
    states: ClassVar[States] = States(ready=(RUNNING, SUCCEEDED), failed=FAILED, gone=(ABORTED,))

    name: str = attrs.field(validator=aws_name)
    after: tuple[BatchJob, ...] = attrs.field(converter=_jobs)
    volume: EfsVolume | None = None
    secrets: tuple[StoredSecret, ...] = attrs.field(default=(), converter=_secrets)
    longest_wait_s: int = attrs.field(default=300, validator=whole(1, 3600, "seconds"))

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_teardown(self)

    @property
    def machine(self) -> StateMachine:
        """The namespace's state machine, which carries out every tear-down; its `role` says what it may touch."""
        tables = [job.tracker.name for job in self.after if job.tracker is not None]
        return teardown_machine(self.session, tables)

    def dependencies(self) -> tuple[Declaration, ...]:
        """The state machine only: the jobs, the volume and the secrets come after it."""
        return (self.machine,)

    # --- the life cycle -------------------------------------------------------------------------------------------

    def converge(self, resolved: Resolved, *, on_drift: OnDrift | None = None) -> Ensured[TeardownDescription]:
        """Start it, unless it is on watch or has done its work; one that failed is started anew.

        Raises:
            NotOwnedError: One of the secrets is there, and is not this namespace's.
        """
        self._check_secrets()
        self._let_role_read_rows(resolved)
        with self.translated():
            created, description = self._runs.start(self.patience)
        resolved.put(self, description)
        action = Action.CREATED if created else Action.UNCHANGED
        return Ensured(resource=self, action=action, owned=True, description=description)

    def _check_secrets(self) -> None:
        """What somebody else put below the namespace's path is refused before anything can delete it."""
        for secret in self.secrets:
            try:
                seen = secret.describe()
            except NotFoundError:
                continue
            if not secret.owned(seen):
                raise NotOwnedError(
                    f"{secret.label} in {self.session.region} is there already, and was not made by namespace "
                    f"{self.session.namespace!r}: {self.label} would delete it.",
                    resource=secret,
                    hint="Declare a secret of another name, or leave it out of the tear-down.",
                )

    def _let_role_read_rows(self, resolved: Resolved) -> None:
        """Another tear-down in the same graph may have brought the role, without the right to read these rows."""
        role = self.machine.role
        if isinstance(role, IamRole):
            wanted = {item.access_policy()[0] for item in role.access_to}
            if not wanted <= resolved[role].inline_policies.keys():
                role.converge(resolved)

    @property
    def _runs(self) -> Runs:
        return Runs(self)

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return wish_of(self)

    def _read(self, resolved: Resolved) -> TeardownDescription | None:
        return self._runs.latest()

    @property
    def _known_as(self) -> str:
        return first_run(self.name)

    def owned(self, seen: TeardownDescription) -> bool:
        """A tear-down is an execution of the namespace's own machine: it is always ours."""
        return True

    def drift(self) -> Drift:
        """None: what an execution was started with cannot change.

        Raises:
            NotFoundError: It was not started.
        """
        self.describe()
        return Drift()

    def plan(self, resolved: Resolved) -> tuple[Action, Drift]:
        """Whether `ensure()` would start it, or find it."""
        try:
            seen = self.read(resolved)
        except NotFoundError:
            return Action.CREATED, Drift()
        return (Action.CREATED if self._runs.is_due(seen) else Action.UNCHANGED), Drift()

    def check_delete(self, *, force: bool = False) -> None:
        """Nothing to check: it is always its namespace's own."""

    def delete(self, *, force: bool = False) -> None:
        """Stop it, if it has not ended: the volume and the secrets then stay. The machine and its role stay too."""
        self.remove()

    def remove(self) -> Action:
        """`delete()`, saying what it did: DELETED, or ABSENT when there was nothing to stop."""
        with self.translated():
            return Action.DELETED if self._runs.stop(self.patience) else Action.ABSENT

    # --- waiting --------------------------------------------------------------------------------------------------

    def wait(self, *, timeout_s: float | None = None, check: bool = True) -> TeardownDescription:
        """Wait until everything is taken away.

        Args:
            timeout_s: Seconds to wait at the most; by default a day.
            check: Raise if it failed.

        Raises:
            ResourceFailedError: It failed, or was stopped: something is still there. With AWS's reason.
            WaitTimeoutError: The time is over; the tear-down goes on.
            NotFoundError: It was not started.
        """
        limit_s = A_DAY_S if timeout_s is None else timeout_s
        began, seen = self.session.clock.monotonic(), None
        for _ in Patience(timeout_s=limit_s, max_interval_s=60.0).pace(self.session.clock):
            with self.translated():
                seen = self._runs.latest()
            if seen is None and self.session.clock.monotonic() - began > LATE.timeout_s:
                raise NotFoundError(f"{self.label} was not started in {self.session.region}.", resource=self)
            if seen is not None and seen.finished:
                return self._checked(seen) if check else seen
        raise WaitTimeoutError(
            f"{self.label} in {self.session.region} had not ended after {limit_s:g} s.",
            description=seen,
            resource=self,
            hint="Nothing is lost: AWS goes on with it, and wait() again waits on.",
        )

    def _checked(self, seen: TeardownDescription) -> TeardownDescription:
        if seen.status == SUCCEEDED:
            return seen
        raise ResourceFailedError(
            f"{self.label} in {self.session.region} is {seen.status}: {seen.status_reason or 'AWS gives no reason'}",
            description=seen,
            resource=self,
            hint="What it was to take away may still be there. Correct the cause, then call ensure() again: a fresh "
            "run takes away what is left. Or delete() the volume and the secrets yourself.",
        )

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[TeardownDescription]:
        """Every tear-down of the namespace that is on watch, and every one that failed and was not started anew."""
        yield from owned_teardowns(session)
