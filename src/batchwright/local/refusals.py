"""How the local AWS Batch says no, in AWS's own words where they are known; other services do it by `refused`."""

import attrs


@attrs.define(eq=False)
class Refusal(Exception):
    """Ends a call with an error answer.

    Args:
        message: What the caller reads.
        code: The error code; Batch models `ClientException` and `ServerException` only.
        http_status: The status line's number.
    """

    message: str
    code: str = "ClientException"
    http_status: int = 400


def already_exists() -> Refusal:
    """Return the refusal of a second resource of one name, which AWS sends with HTTP 409."""
    return Refusal("Object already exists.", http_status=409)


def does_not_exist(identifier: str) -> Refusal:
    """Return the refusal of an update to, or a delete of, what is not there."""
    return Refusal(f"{identifier} does not exist")


def being_modified(verb: str) -> Refusal:
    """Return the refusal to `verb` a resource whose status has not settled."""
    return Refusal(f"Cannot {verb}, resource is being modified.")


def not_served(what: str) -> Refusal:
    """Return the refusal of a part of AWS Batch that runs on AWS only."""
    return Refusal(f"{what} is not served by the local AWS Batch.")
