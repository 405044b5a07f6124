"""What AWS would refuse in a job definition's fields, refused before any call; values of variables stay unsaid."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from batchwright._display import HIDDEN
from batchwright.resources.stored_secret import StoredSecret
from batchwright.values import RetryPolicy, Secret, matching, object_of, refuse

if TYPE_CHECKING:
    from batchwright.values import Validator

REQUEST_MAX_BYTES: Final = 24 * 1024
ROLE_ARN: Final = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
_PATTERN: Final = re.compile(r"[0-9A-Za-z.:\s]{0,511}\*?|[0-9A-Za-z.:\s]{512}")
_EXIT_CODE: Final = re.compile(r"[0-9]{0,511}\*?|[0-9]{512}")
_CONDITIONS: Final = {"onReason": _PATTERN, "onStatusReason": _PATTERN, "onExitCode": _EXIT_CODE}

image_legal: Final = matching(re.compile(r"\S{1,255}"), "1 to 255 characters without spaces")


def optional(validator: Validator) -> Validator:
    """A validator: None, or what `validator` takes."""

    def check(instance: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is not None:
            validator(instance, field, value)

    return check


user_legal: Final = optional(
    matching(
        re.compile(r"[a-z0-9_][a-z0-9_-]{0,30}"),
        "1 to 31 of a-z, 0-9, '_' and '-', not starting with '-'",
    )
)


def role_legal(instance: object, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: a role of ours, the ARN of any other, or None."""
    if isinstance(value, str) and not ROLE_ARN.fullmatch(value):
        raise refuse(instance, field.name, value, "an IamRole, the ARN of a role, or None")


def words_legal(instance: object, field: attrs.Attribute[Any], value: Collection[object]) -> None:
    """A validator: a command's words are strings."""
    for word in value:
        if not isinstance(word, str):
            raise refuse(instance, field.name, word, "strings only; write numbers and paths as str(...)")


def strings_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[object, object] | None) -> None:
    """A validator: a mapping of strings to strings, no key empty."""
    for key, text in (value or {}).items():
        if not isinstance(key, str) or not key or not isinstance(text, str):
            raise refuse(instance, field.name, key, "non-empty strings as keys, with strings as values")


def environment_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[object, object]) -> None:
    """A validator: variables that reach the container; AWS drops one without a value, silently, so it is refused."""
    for name, text in value.items():
        _check_variable_name(instance, field.name, name)
        if not isinstance(text, str) or not text:
            legal = "non-empty strings as values: AWS Batch drops a variable without a value, so leave it out"
            raise refuse(instance, field.name, name, legal)


def secrets_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[object, object]) -> None:
    """A validator: secrets by the variable that they are put into."""
    for name, secret in value.items():
        _check_variable_name(instance, field.name, name)
        if not isinstance(secret, Secret | StoredSecret):
            raise refuse(instance, field.name, name, "a StoredSecret, Secret(arn) or an ARN as values")


def _check_variable_name(instance: object, field: str, name: object) -> None:
    if not isinstance(name, str) or not name or "=" in name or name.startswith("AWS_BATCH"):
        legal = "names that are strings, not empty, hold no '=' and do not start with AWS_BATCH"
        raise refuse(instance, field, _without_value(name), legal)


def _without_value(name: object) -> object:
    """`name` without what follows its "=", which was meant for a value."""
    if not isinstance(name, str):
        return type(name).__name__
    before, equals, _ = name.partition("=")
    return f"{before}={HIDDEN}" if equals else name


def paths_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[object, object]) -> None:
    """A validator: paths in the container that something can be mounted at, each once."""
    seen: set[str] = set()
    for path in value:
        if not isinstance(path, str) or not path.startswith("/") or posixpath.normpath(path).strip("/") == "":
            raise refuse(instance, field.name, path, "absolute paths in the container other than /, such as '/mnt/efs'")
        if ".." in path.split("/"):
            raise refuse(instance, field.name, path, "paths without '..'")
        if (plain := posixpath.normpath(path)) in seen:
            raise refuse(instance, field.name, path, f"each path once; {plain!r} is there already")
        seen.add(plain)


_is_policy: Final = optional(object_of(RetryPolicy, legal="a RetryPolicy, such as RetryPolicy(attempts=3)"))


def retry_legal(instance: object, field: attrs.Attribute[Any], value: RetryPolicy | None) -> None:
    """A validator: a RetryPolicy, conditions with an action and something to match."""
    _is_policy(instance, field, value)
    for condition in value.on_exit if value else ():
        _check_condition(instance, field.name, dict(condition))


def _check_condition(instance: object, field: str, condition: dict[str, str]) -> None:
    action = condition.pop("action", "")
    if action.upper() not in ("RETRY", "EXIT"):
        raise refuse(instance, field, action, "conditions with the action 'RETRY' or 'EXIT'")
    if not condition or set(condition) - set(_CONDITIONS):
        raise refuse(instance, field, sorted(condition), f"conditions on one or more of {', '.join(_CONDITIONS)}")
    for member, glob in condition.items():
        if not glob or not _CONDITIONS[member].fullmatch(glob):
            allowed = "digits" if member == "onExitCode" else "letters, digits, '.', ':' and spaces"
            raise refuse(instance, field, glob, f"{member} of at most 512 {allowed}, and '*' at the end only")


def request_size(request: Mapping[str, object]) -> int:
    """How many bytes a request is sent as."""
    return len(json.dumps(request).encode())


def request_fits(instance: object, request: Mapping[str, object], *, most_bytes: int = REQUEST_MAX_BYTES) -> None:
    """Refuse a request that is larger than AWS takes.

    Args:
        instance: The declaration, for the error.
        request: What would be sent.
        most_bytes: What AWS takes.

    Raises:
        DeclarationError: It says how large it is, and nothing of what is in it.
    """
    size = request_size(request)
    if size > most_bytes:
        legal = f"at most {most_bytes} bytes; shorten command, environment, parameters or tags"
        raise refuse(instance, "request", f"{size} bytes", legal)
