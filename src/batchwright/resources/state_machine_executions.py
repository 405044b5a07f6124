"""The executions of state machines: their names, and what AWS says of them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from batchwright.connection import Connection
from batchwright.translation import code_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

RUNNING: Final = "RUNNING"
NAME_MAX: Final = 72
"""Of the 80 characters of an execution's name the rest is kept for the number of the run."""


def machine_arn(session: Connection, name: str) -> str:
    """The ARN of a state machine, which follows from its name."""
    return f"arn:{session.partition}:states:{session.region}:{session.account_id}:stateMachine:{name}"


def execution_arn(session: Connection, machine: str, name: str) -> str:
    """The ARN of an execution of a state machine."""
    return f"{machine_arn(session, machine).replace(':stateMachine:', ':execution:')}:{name}"


def first_run(name: str) -> str:
    """The execution's name for what is done under `name`, at most 72 characters."""
    if len(name) <= NAME_MAX:
        return name
    tail = hashlib.sha256(name.encode()).hexdigest()[:16]
    return f"{name[: NAME_MAX - len(tail) - 1]}-{tail}"


def run_name(first: str, run: int) -> str:
    """The name of one run of `first`; no name that a user gives holds the full stop."""
    return first if run == 1 else f"{first}.{run}"


def latest_run(session: Connection, machine: str, first: str) -> tuple[int, DescribeExecutionOutputTypeDef] | None:
    """The number of the last run and what `states:DescribeExecution` says of it, or None where there is none.

    Args:
        session: Whose clients to use.
        machine: The name of the state machine.
        first: The name of the first run.
    """
    latest = None
    for run in itertools.count(1):
        seen = described_execution(session, machine, run_name(first, run))
        if seen is None:
            return latest
        latest = run, seen
    raise AssertionError("unreachable")


def described_execution(session: Connection, machine: str, name: str) -> DescribeExecutionOutputTypeDef | None:
    """What AWS says of an execution, up to 90 days after its end, or None."""
    from botocore.exceptions import ClientError

    try:
        return session.states.describe_execution(executionArn=execution_arn(session, machine, name))
    except ClientError as error:
        if code_of(error) not in ("ExecutionDoesNotExist", "StateMachineDoesNotExist"):
            raise
        return None


def names_of_status(session: Connection, arn: str, status: str) -> Iterator[str]:
    """The names of a machine's executions with this status, the newest first; none of a machine that is not there."""
    from botocore.exceptions import ClientError

    pages = session.states.get_paginator("list_executions")
    try:
        for page in pages.paginate(stateMachineArn=arn, statusFilter=status):  # type: ignore[arg-type]  # a word of AWS's
            yield from (item["name"] for item in page["executions"])
    except ClientError as error:
        if code_of(error) != "StateMachineDoesNotExist":
            raise


def running_names(session: Connection, arn: str) -> tuple[str, ...]:
    """The names of a machine's executions that have not ended."""
    return tuple(names_of_status(session, arn, RUNNING))
