"""How a state fails: the names that AWS gives to errors, and which of them a Retry or Catch may match."""

import json
from typing import Any

import attrs

Json = Any
"""A JSON value, as an execution hands it from state to state."""

RUNTIME = "States.Runtime"
_UNCATCHABLE_BY_ALL = frozenset({RUNTIME, "States.DataLimitExceeded"})
_NOT_A_TASK_FAILURE = frozenset({"States.Timeout"})


@attrs.define(eq=False)
class StateFailure(Exception):
    """Ends a state with an error that its Retry and Catch may match.

    Args:
        error: The error's name, such as `Efs.FileSystemNotFoundException`.
        cause: What a person reads.
    """

    error: str
    cause: str

    def output(self) -> dict[str, str]:
        """Return what a Catch hands to the next state."""
        return {"Error": self.error, "Cause": self.cause}


def runtime_failure(cause: str) -> StateFailure:
    """Return the failure of an execution that cannot go on; no Retry or Catch but one that names it matches it."""
    return StateFailure(RUNTIME, cause)


def matches(wanted: list[str], error: str) -> bool:
    """Return whether the `ErrorEquals` of a Retry or Catch takes the error (States Language, "Errors")."""
    if error in wanted:
        return True
    if error in _UNCATCHABLE_BY_ALL:
        return False
    return "States.ALL" in wanted or ("States.TaskFailed" in wanted and error not in _NOT_A_TASK_FAILURE)


def as_text(value: Json) -> str:
    """Return a JSON value as Step Functions writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
