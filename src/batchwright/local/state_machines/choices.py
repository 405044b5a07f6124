"""The rules of Choice states ("Choice workflow state", Step Functions guide)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import Any

from batchwright.local.state_machines import paths
from batchwright.local.state_machines.failures import Json, runtime_failure

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": eq,
    "LessThan": lt,
    "GreaterThan": gt,
    "LessThanEquals": le,
    "GreaterThanEquals": ge,
}
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")


def is_text(value: Json) -> bool:
    """Return whether the value is a string."""
    return isinstance(value, str)


def is_number(value: Json) -> bool:
    """Return whether the value is a number; booleans are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_boolean(value: Json) -> bool:
    """Return whether the value is true or false."""
    return isinstance(value, bool)


def is_timestamp(value: Json) -> bool:
    """Return whether the value is a time in the form of RFC 3339 with a capital T, as the States Language wants it."""
    return isinstance(value, str) and _RFC3339.match(value) is not None


def instant(text: str) -> float:
    """Return the epoch seconds of a timestamp."""
    return datetime.fromisoformat(text).timestamp()


def _like(value: str, pattern: str) -> bool:
    parts = [re.escape(re.sub(r"\\(.)", r"\1", part)) for part in re.split(r"(?<!\\)\*", pattern)]
    return re.fullmatch(".*".join(parts), value, re.DOTALL) is not None


_KINDS: Mapping[str, tuple[Callable[[Json], bool], Callable[[Any], Any]]] = {
    "String": (is_text, str),
    "Numeric": (is_number, lambda value: value),
    "Timestamp": (is_timestamp, instant),
}
_TESTS: Mapping[str, Callable[[Json], bool]] = {
    "IsBoolean": is_boolean,
    "IsNull": lambda value: value is None,
    "IsNumeric": is_number,
    "IsString": is_text,
    "IsTimestamp": is_timestamp,
}
IS_TESTS = frozenset({*_TESTS, "IsPresent"})
"""The operators that take true or false."""
TEXT_OPERATORS = frozenset({"StringMatches", *(f"String{name}" for name in _COMPARISONS)})
NUMBER_OPERATORS = frozenset(f"Numeric{name}" for name in _COMPARISONS)
TIME_OPERATORS = frozenset(f"Timestamp{name}" for name in _COMPARISONS)
OPERATORS = IS_TESTS | TEXT_OPERATORS | NUMBER_OPERATORS | TIME_OPERATORS | {"BooleanEquals"}
"""All operators that compare with a value; all but the tests and StringMatches have a form ending in Path too."""


def holds(rule: dict[str, Json], data: Json, context: Json) -> bool:
    """Return whether a choice rule holds.

    Raises:
        StateFailure: Its variable is not there.
    """
    if "And" in rule:
        return all(holds(each, data, context) for each in rule["And"])
    if "Or" in rule:
        return any(holds(each, data, context) for each in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], data, context)
    operator = next(name for name in rule if name.removesuffix("Path") in OPERATORS)
    path, wanted = rule["Variable"], rule[operator]
    is_present = paths.has_value(path, data, context)
    if operator == "IsPresent":
        return is_present is bool(wanted)
    if not is_present:
        raise runtime_failure(f"Invalid path '{path}': The choice state's condition path references an invalid value.")
    value = paths.read(path, data, context, field="Variable")
    if operator.endswith("Path"):
        operator, wanted = operator.removesuffix("Path"), paths.read(wanted, data, context, field=operator)
    return _compares(operator, value, wanted)


def _compares(operator: str, value: Json, wanted: Json) -> bool:
    """Tell whether two values compare; those of another type than the operator's never do."""
    if operator in _TESTS:
        return _TESTS[operator](value) is bool(wanted)
    if operator == "BooleanEquals":
        return is_boolean(value) and value is wanted
    if operator == "StringMatches":
        return is_text(value) and _like(value, wanted)
    kind = next(name for name in _KINDS if operator.startswith(name))
    is_kind, read = _KINDS[kind]
    if not (is_kind(value) and is_kind(wanted)):
        return False
    return _COMPARISONS[operator.removeprefix(kind)](read(value), read(wanted))
