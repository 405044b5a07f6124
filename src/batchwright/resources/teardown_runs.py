"""The executions behind a tear-down: started once, again after a failure, and stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import attrs

from batchwright.connection import Connection
from batchwright.errors import ConflictError, WaitTimeoutError
from batchwright.resources.state_machine_executions import (
    RUNNING,
    first_run,
    latest_run,
    machine_arn,
    names_of_status,
    run_name,
)
from batchwright.resources.state_machine_teardowns import teardown_machine_name
from batchwright.resources.teardown_definition import TURNS_MAX
from batchwright.resources.teardown_description import TeardownDescription, described, wish_in
from batchwright.translation import from_client_error, is_throttled, says
from batchwright.waiting import Patience

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

    from batchwright.resources.teardown import Teardown

SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = ("FAILED", "TIMED_OUT")
DELETE_WAIT_S: Final = 10
"""Seconds between looks at mount targets or a file system that go away; EFS takes a minute or so for each."""
_SAME: Final = ("name", "submissions", "token", "secrets")
"""What makes two wishes one; the rest is pace."""
_LATE: Final = ("ExecutionAlreadyExists", "StateMachineDoesNotExist", "StateMachineDeleting")
"""What AWS refuses since it shows something late: looking again helps."""


def wish_of(teardown: Teardown) -> dict[str, object]:
    """What an execution is told to do; it holds names, and no value of a secret."""
    submissions = [{"table": job.tracker.name, "id": job.submission_id} for job in teardown.after if job.tracker]
    secrets = [{"store": secret.store, "id": secret.full_name} for secret in teardown.secrets]
    longest_s = teardown.longest_wait_s
    return {
        "name": teardown.name,
        "execution": first_run(teardown.name),
        "submissions": submissions,
        "job_count": len(submissions),
        "token": teardown.volume.creation_token if teardown.volume else "",
        "secrets": secrets,
        "secret_count": len(secrets),
        "first_wait_s": max(1, longest_s // 64),
        "grow_below_s": (longest_s + 1) // 2,
        "delete_wait_s": min(DELETE_WAIT_S, longest_s),
        "forget_after_s": int(teardown.session.submission.forget_after_s),
        "turns_max": TURNS_MAX,
    }


@attrs.frozen
class Runs:
    """The executions that carry out one tear-down, one after the other."""

    teardown: Teardown

    @property
    def _session(self) -> Connection:
        return self.teardown.session

    @property
    def _machine(self) -> str:
        return teardown_machine_name(self._session.namespace)

    def latest(self) -> TeardownDescription | None:
        """What AWS says of the last one, or None where there is none."""
        found = self._found()
        return described(self._session, *found) if found else None

    def _found(self) -> tuple[int, DescribeExecutionOutputTypeDef] | None:
        return latest_run(self._session, self._machine, first_run(self.teardown.name))

    def is_due(self, seen: TeardownDescription) -> bool:
        """Whether another one is to be started after this one."""
        return seen.status != RUNNING and not (seen.status == SUCCEEDED and self._is_same(seen))

    def _is_same(self, seen: TeardownDescription) -> bool:
        # What is there is an answer of AWS: a member of it may be of any kind.
        told, wanted = wish_in(seen.raw), wish_of(self.teardown)
        return all(told.get(member) == wanted[member] for member in _SAME)

    def start(self, patience: Patience) -> tuple[bool, TeardownDescription]:
        """Start one, unless one is on watch or has done its work; whether it was started, and what it is.

        Raises:
            ConflictError: One of this name is on watch for something else.
            WaitTimeoutError: AWS did not take it in the time allowed.
        """
        from botocore.exceptions import ClientError

        refusal: ClientError | None = None
        for _ in patience.pace(self._session.clock):
            seen = self.latest()
            if seen is not None and not self.is_due(seen):
                self._check_same(seen)
                return False, seen
            try:
                return True, self._begin(seen.run + 1 if seen else 1)
            except ClientError as error:
                if not (says(error, *_LATE) or is_throttled(error)):
                    raise
                refusal = error
        where = f"{self.teardown.label} in {self._session.region}"
        if refusal is not None and is_throttled(refusal):
            raise from_client_error(refusal, self.teardown.label, self._session.region, self.teardown) from refusal
        raise WaitTimeoutError(
            f"{where} was not started after {patience.timeout_s:g} s: {refusal}", resource=self.teardown
        )

    def _check_same(self, seen: TeardownDescription) -> None:
        if not self._is_same(seen):
            raise ConflictError(
                f"{self.teardown.label} in {self._session.region} is on watch for other jobs, another volume or other "
                "secrets than those declared.",
                resource=self.teardown,
                hint="Give this one another name, wait for that one's end, or stop it with delete().",
            )

    def _begin(self, run: int) -> TeardownDescription:
        wish = wish_of(self.teardown)
        turn = {"index": 0, "wait_s": wish["first_wait_s"], "idle_s": 0, "unlisted_s": 0, "turns": 0}
        told = json.dumps({"wish": wish, "run": run, "turn": turn}, sort_keys=True)
        name = run_name(first_run(self.teardown.name), run)
        answer = self._session.states.start_execution(
            stateMachineArn=machine_arn(self._session, self._machine), name=name, input=told
        )
        started: object = {**answer, "name": name, "status": RUNNING, "input": told}
        return described(self._session, run, started)  # type: ignore[arg-type]  # as DescribeExecution would say it

    def stop(self, patience: Patience) -> bool:
        """Stop the last one and wait for its end; whether there was anything to stop.

        Raises:
            WaitTimeoutError: It had not ended in the time allowed.
        """
        found = self._found()
        if found is None or found[1]["status"] != RUNNING:
            return False
        self._session.states.stop_execution(
            executionArn=found[1]["executionArn"],
            error="Batchwright.Deleted",
            cause="Stopped by batchwright: the volume and the secrets stay.",
        )
        for _ in patience.pace(self._session.clock):
            seen = self.latest()
            if seen is None or seen.status != RUNNING:
                return True
        raise WaitTimeoutError(f"{self.teardown.label} had not stopped.", resource=self.teardown)


def owned_teardowns(session: Connection) -> Iterator[TeardownDescription]:
    """The tear-downs of the namespace that are on watch, and those that failed and were not started anew."""
    machine = teardown_machine_name(session.namespace)
    arn = machine_arn(session, machine)
    shown: set[str] = set()
    for status in (RUNNING, *FAILED):
        for first in (name.partition(".")[0] for name in names_of_status(session, arn, status)):
            if first in shown:
                continue
            shown.add(first)
            found = latest_run(session, machine, first)
            if found and found[1]["status"] in (RUNNING, *FAILED):
                yield described(session, *found)
