"""JSONPath in state machines: which values a path names, and where a ResultPath puts one."""

import copy
import functools
from typing import Any, cast

from batchwright.local.state_machines.failures import Json, StateFailure, as_text, runtime_failure


class BadPathError(ValueError):
    """The text is not a path."""


@functools.lru_cache(maxsize=1024)
def _parsed(path: str) -> Any:  # noqa: ANN401 - a JSONPath, which is loaded late
    # Loaded when the first state machine is made: few servers ever see one.
    from jsonpath_ng.exceptions import JSONPathError
    from jsonpath_ng.ext.parser import parse

    if not path.startswith("$"):
        raise BadPathError(f"a path begins with $, not as {path!r} does")
    try:
        return parse(path)
    except (JSONPathError, ValueError) as error:
        raise BadPathError(f"{path!r} is not a JSONPath: {error}") from None


@functools.lru_cache(maxsize=1024)
def _is_definite(path: str) -> bool:
    """Whether the path names one place at most, and so yields a value, not a list."""
    from jsonpath_ng import Child, Fields, Index, Root

    pending = [_parsed(path)]
    while pending:
        part = pending.pop()
        if isinstance(part, Child):
            pending += [part.left, part.right]
        elif isinstance(part, Fields):
            if len(part.fields) != 1 or part.fields[0] == "*":
                return False
        elif isinstance(part, Index):
            if len(part.indices) != 1:
                return False
        elif not isinstance(part, Root):
            return False
    return True


def check_path(path: str) -> None:
    """Refuse what is not a path into the data or, with `$$`, the context object.

    Raises:
        BadPathError: It is none.
    """
    _parsed(path[1:] if path.startswith("$$") else path)


def check_reference(path: str) -> None:
    """Refuse what does not name exactly one place in the data, as a ResultPath must.

    Raises:
        BadPathError: It is a path to several places, into the context object, or none.
    """
    if path.startswith("$$") or not _is_definite(path):
        raise BadPathError(f"{path!r} must name one place in the data")


def has_value(path: str, data: Json, context: Json) -> bool:
    """Return whether the path leads to anything."""
    return bool(_found(path, data, context))


def read(path: str, data: Json, context: Json, *, field: str) -> Json:
    """Return the value at `path`, a list of values where the path may name several.

    Args:
        path: A path into the data or, with `$$`, the context object.
        data: The state's data.
        context: The context object.
        field: The name of the field that holds the path, for the failure's cause.

    Raises:
        StateFailure: There is no such value.
    """
    found = _found(path, data, context)
    bare = path[1:] if path.startswith("$$") else path
    if not _is_definite(bare):
        return found
    if not found:
        source = context if path.startswith("$$") else data
        about = f"The JSONPath '{path}' specified for the field '{field}'"
        raise runtime_failure(f"{about} could not be found in the input '{as_text(source)}'")
    return found[0]


def _found(path: str, data: Json, context: Json) -> list[Json]:
    is_context = path.startswith("$$")
    matched = _parsed(path[1:] if is_context else path).find(context if is_context else data)
    return [match.value for match in matched]


def written(path: str | None, data: Json, result: Json) -> Json:
    """Return the state's input with its result put at `path` (ResultPath).

    Raises:
        StateFailure: The input has a value on the way that is no object.
    """
    if path is None:
        return data
    if path == "$":
        return result
    if not isinstance(data, dict | list):
        raise _no_place(path, data)
    kept = copy.deepcopy(cast("Json", data))
    try:
        return _parsed(path).update_or_create(kept, result)
    except (TypeError, IndexError, KeyError, AttributeError):
        raise _no_place(path, data) from None


def _no_place(path: str, data: Json) -> Exception:
    cause = f"Unable to apply step ResultPath '{path}' to the state's input '{as_text(data)}'"
    return StateFailure("States.ResultPathMatchFailure", cause)
