"""Says what is wrong with the rules of a Choice state before it runs."""

from collections.abc import Iterator
from typing import Any, cast

from batchwright.local.state_machines import choices
from batchwright.local.state_machines.paths import BadPathError, check_path

Wire = dict[str, Any]
_WITHOUT_PATH_FORM = choices.IS_TESTS | {"StringMatches"}


def problems(rule: Wire, at: str, *, is_top: bool = True) -> Iterator[str]:
    """Yield what is wrong with a rule and with those inside it."""
    if is_top and "Next" not in rule:
        yield f"A rule of a Choice state needs 'Next' at {at}"
    if not is_top and "Next" in rule:
        yield f"'Next' stands only in the outermost rule at {at}"
    kinds = [name for name in rule if name not in {"Next", "Variable", "Comment"}]
    if len(kinds) != 1:
        yield f"A rule has exactly one operator, not {', '.join(kinds) or 'none'}, at {at}"
        return
    kind, value = kinds[0], rule[kinds[0]]
    if kind in {"And", "Or"}:
        for number, inner in enumerate(cast("list[Wire]", value)):
            yield from problems(inner, f"{at}/{kind}[{number}]", is_top=False)
    elif kind == "Not":
        yield from problems(value, f"{at}/Not", is_top=False)
    else:
        yield from _of_comparison(rule, kind, value, at)


def _of_comparison(rule: Wire, kind: str, value: object, at: str) -> Iterator[str]:
    yield from _path(rule.get("Variable"), f"{at}/Variable")
    if kind.removesuffix("Path") not in choices.OPERATORS or (
        kind.endswith("Path") and kind.removesuffix("Path") in _WITHOUT_PATH_FORM
    ):
        yield f"Field '{kind}' is not supported at {at}"
    elif kind.endswith("Path"):
        yield from _path(value, f"{at}/{kind}")
    elif not _fits(kind, value):
        yield f"The value of '{kind}' is of the wrong type at {at}"


def _path(path: object, at: str) -> Iterator[str]:
    try:
        check_path(path if isinstance(path, str) else "")
    except BadPathError as error:
        yield f"{error} at {at}"


def _fits(operator: str, value: object) -> bool:
    if operator in choices.TEXT_OPERATORS:
        return choices.is_text(value)
    if operator in choices.NUMBER_OPERATORS:
        return choices.is_number(value)
    if operator in choices.TIME_OPERATORS:
        return choices.is_timestamp(value)
    return choices.is_boolean(value)
