"""What the operations of Step Functions ask of a request, beyond its model."""

import base64
import binascii
import json
import re
from typing import Any

from batchwright.local.state_machines.answers import StatesRefusal

Wire = dict[str, Any]
_FORBIDDEN = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
_LONGEST_NAME = 80
_LARGEST_INPUT_BYTES = 262_144


def checked_name(name: str) -> str:
    """Return the name of a state machine or execution, or refuse it."""
    if not 1 <= len(name) <= _LONGEST_NAME or _FORBIDDEN.search(name):
        raise StatesRefusal("InvalidName", f"Invalid Name: '{name}'")
    return name


def checked_arn(arn: str, kind: str) -> str:
    """Return the ARN of a `stateMachine` or `execution`, or refuse what is none."""
    parts = arn.split(":")
    if len(parts) != (7 if kind == "stateMachine" else 8) or parts[2] != "states" or parts[5] != kind:
        raise StatesRefusal("InvalidArn", f"Invalid Arn: 'Resource type not valid in this context: {arn}'")
    return arn


def checked_input(text: str) -> str:
    """Return an execution's input, or refuse what is not JSON of at most 256 KiB."""
    try:
        json.loads(text)
    except ValueError as error:
        raise StatesRefusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from None
    if len(text.encode()) > _LARGEST_INPUT_BYTES:
        raise StatesRefusal("InvalidExecutionInput", "The execution's input exceeds 262144 bytes.")
    return text


def require_standard(request: Wire) -> None:
    """Refuse what the local AWS does not have of state machines."""
    if request.get("type", "STANDARD") != "STANDARD":
        raise StatesRefusal("StateMachineTypeNotSupported", "The local AWS runs STANDARD state machines only.")
    if request.get("publish"):
        raise StatesRefusal("ValidationException", "The local AWS has no versions of state machines.")


def tags_of(request: Wire) -> dict[str, str]:
    """Return the tags that a request brings."""
    return {each["key"]: each.get("value", "") for each in request.get("tags", [])}


def page(member: str, entries: list[Wire], request: Wire, *, most: int = 1000) -> Wire:
    """Return the page of a listing that a request asks for, 100 entries where it does not say how many."""
    size = min(request.get("maxResults") or 100, most)
    start = _start(request.get("nextToken"))
    answer: Wire = {member: entries[start : start + size]}
    if start + size < len(entries):
        answer["nextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return answer


def _start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error):
        raise StatesRefusal("InvalidToken", f"Invalid Token: '{token}'") from None
