"""States of the Amazon States Language, one function for each type that a tear-down needs."""

from __future__ import annotations

from typing import Final

State = dict[str, object]
_AGAIN: Final = {
    "ErrorEquals": ["States.ALL"],
    "IntervalSeconds": 3,
    "BackoffRate": 2,
    "MaxDelaySeconds": 300,
    "MaxAttempts": 10,
}
"""20 minutes in all: throttling, a role whose rights have not spread, a file system that is in use a little longer."""


def set_to(path: str, parameters: State, *, then: str) -> State:
    """A Pass that puts these members at `path` of the data."""
    return {"Type": "Pass", "Parameters": parameters, "ResultPath": path, "Next": then}


def choice(*rules: tuple[State, str], otherwise: str) -> State:
    """A Choice: the first rule that holds names the next state."""
    return {"Type": "Choice", "Choices": [{**rule, "Next": then} for rule, then in rules], "Default": otherwise}


def both(*rules: State) -> State:
    """A rule that holds where all of these do, looked at in this order."""
    return {"And": list(rules)}


def present(path: str, *, is_there: bool = True) -> State:
    """A rule about whether there is anything at `path`."""
    return {"Variable": path, "IsPresent": is_there}


def task(
    action: str,
    parameters: State,
    *,
    result: str | None,
    then: str,
    select: State | None = None,
    unless: tuple[tuple[str, ...], str] | None = None,
) -> State:
    """One call of AWS.

    Args:
        action: The integration, such as `aws-sdk:efs:deleteFileSystem`.
        parameters: The request; members have capital letters, whatever the service writes.
        result: Where the answer goes; None drops it.
        then: The next state.
        select: What is kept of the answer, which may be long.
        unless: Errors that mean that it is not there, which are not tried again, and the state after them.
    """
    state: State = {"Type": "Task", "Resource": action, "Parameters": parameters}
    if select is not None:
        state["ResultSelector"] = select
    state |= {"ResultPath": result, "Retry": [_AGAIN], "Next": then}
    if unless is not None:
        errors, after = list(unless[0]), unless[1]
        state["Retry"] = [{"ErrorEquals": errors, "MaxAttempts": 0}, _AGAIN]
        # With no place for its answer, what it was about is left as it was.
        state["Catch"] = [{"ErrorEquals": errors, "ResultPath": result or "$.absent", "Next": after}]
    return state
