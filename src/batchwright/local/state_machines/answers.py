"""Refusals of Step Functions, by the names that its model has."""

import attrs


@attrs.define(eq=False)
class StatesRefusal(Exception):
    """Ends a call with an error answer.

    Args:
        code: The error's name in the model of Step Functions.
        message: What the caller reads.
    """

    code: str
    message: str


def invalid_definition(problem: str) -> StatesRefusal:
    """Return the refusal of a definition that could not run."""
    return StatesRefusal("InvalidDefinition", f"Invalid State Machine Definition: '{problem}'")
