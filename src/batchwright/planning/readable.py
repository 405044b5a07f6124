"""Differences as short lines of text: what is there, and what should be there; pure, and blind to secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, cast

from batchwright._display import HIDDEN
from batchwright._display.safe import shortened
from batchwright.drift import ABSENT, Change, empty

Tree = Mapping[str, object]
VALUE_MAX: Final = 120
"""Characters of one value, so that an ARN is whole; what is longer is shortened, saying by how many."""

LIST_MAX: Final = 60
"""Characters of a list that is shown whole; of a longer one what comes and what goes."""

LINES_MAX: Final = 12
"""Lines of one difference, such as that of two documents."""

NONE: Final = "(none)"
_PLAIN: Final = re.compile(r"[\w./:@+*%#=-]+")


def lines_of(change: Change) -> tuple[str, ...]:
    """One difference, in as many lines as it has parts; of a secret one neither side shows."""
    if change.secret:
        lines = list(_of_secrets(change)) or [_hidden(change.path, change.actual, change.desired)]
    else:
        lines = list(_differences(change.path, change.actual, change.desired, exact=False))
    # Two values may differ in what is not shown of them.
    lines = lines or [_arrow(change.path, said(change.actual), said(change.desired))]
    left_out = len(lines) - LINES_MAX
    return (*lines[:LINES_MAX], *([f"{change.path}: {left_out} more differences"] if left_out > 0 else []))


def _of_secrets(change: Change) -> Iterator[str]:
    """Of variables those whose value changes, by their names; nothing of what are no variables."""
    there, wanted = (_variables(side) for side in (change.actual, change.desired))
    if there is None or wanted is None:
        return
    for name in dict.fromkeys((*wanted, *there)):
        pair = there.get(name, ABSENT), wanted.get(name, ABSENT)
        if pair[0] != pair[1]:
            yield _hidden(f"{change.path}.{shortened(_quoted(name), VALUE_MAX)}", *pair)


def _variables(side: object) -> dict[str, object] | None:
    """The values of variables by their names, as AWS writes them; None for anything else."""
    items: Sequence[object] | None = () if side is ABSENT else _list(side)
    trees = [_tree(each) or {} for each in items or ()]
    if items is None or any(set(each) != {"name", "value"} for each in trees):
        return None
    return {str(each["name"]): each["value"] for each in trees}


def _hidden(path: str, is_there: object, wanted: object) -> str:
    return _arrow(path, *(NONE if side is ABSENT else HIDDEN for side in (is_there, wanted)))


def said(value: object) -> str:
    """A value in short, as one would write it down."""
    if isinstance(value, str) and value:
        return _quoted(shortened(value, VALUE_MAX))
    return shortened(_said(value), VALUE_MAX)


def _said(value: object) -> str:
    if empty(value):
        return NONE
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value).items()
        return "{" + ", ".join(f"{key}: {_said(item)}" for key, item in members) + "}"
    if isinstance(value, Sequence | set | frozenset):
        return "[" + ", ".join(map(_said, cast("Sequence[object]", value))) + "]"
    return str(value)


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) or text == HIDDEN else repr(text)


def _arrow(path: str, is_there: str, wanted: str) -> str:
    return f"{path}: {is_there} → {wanted}"


def _differences(path: str, actual: object, desired: object, *, exact: bool) -> Iterator[str]:
    """The lines for one value, member by member where it has any.

    Args:
        path: Where it is.
        actual: What is there.
        desired: What should be.
        exact: Whether a member that only `actual` has is a difference too.
    """
    documents = _document(actual), _document(desired)
    trees = _tree(actual), _tree(desired)
    lists = _list(actual), _list(desired)
    if documents[0] is not None and documents[1] is not None:
        yield from _differences(path, *documents, exact=True)
    elif trees[0] is not None and trees[1] is not None:
        yield from _of_mappings(path, trees[0], trees[1], exact=exact)
    elif lists[0] is not None and lists[1] is not None:
        yield from _of_lists(path, lists[0], lists[1], exact=exact)
    elif actual != desired:
        yield _arrow(path, said(actual), said(desired))


def _document(value: object) -> object:
    """What a text holds that is a JSON document; None for all else."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return None
    try:
        return json.loads(value)
    except ValueError:
        return None


def _tree(value: object) -> Tree | None:
    return cast("Tree", value) if isinstance(value, Mapping) else None


def _list(value: object) -> Sequence[object] | None:
    return cast("Sequence[object]", value) if isinstance(value, Sequence) and not isinstance(value, str) else None


def _of_mappings(path: str, actual: Tree, desired: Tree, *, exact: bool) -> Iterator[str]:
    for key in dict.fromkeys((*desired, *(actual if exact else ()))):
        is_there, wanted = actual.get(key, ABSENT), desired.get(key, ABSENT)
        if not (empty(is_there) and empty(wanted)):
            yield from _differences(f"{path}.{key}", is_there, wanted, exact=exact)


def _of_lists(path: str, actual: Sequence[object], desired: Sequence[object], *, exact: bool) -> Iterator[str]:
    whole = said(list(actual)), said(list(desired))
    plain = not any(isinstance(item, Mapping) or _list(item) is not None for item in (*actual, *desired))
    if plain and max(map(len, whole)) <= LIST_MAX:
        if whole[0] != whole[1]:
            yield _arrow(path, *whole)
    elif not plain and len(actual) == len(desired):
        for index, pair in enumerate(zip(actual, desired, strict=True)):
            yield from _differences(f"{path}[{_known_as(pair) or index}]", *pair, exact=exact)
    else:
        yield from _in_and_out(path, actual, desired)


def _known_as(pair: tuple[object, object]) -> str:
    """What two items of lists are both called, such as `VCPU`; empty where they are not called the same."""
    trees = [_tree(item) or {} for item in pair]
    names = ([tree.get(key) for tree in trees] for key in ("name", "type"))
    return next((one for one, other in names if isinstance(one, str) and one == other and _PLAIN.fullmatch(one)), "")


def _in_and_out(path: str, actual: Sequence[object], desired: Sequence[object]) -> Iterator[str]:
    """What comes to a long list and what leaves it."""
    there, wanted = {_said(item) for item in actual}, {_said(item) for item in desired}
    for item in desired:
        if _said(item) not in there:
            yield f"{path}: + {said(item)}"
    for item in actual:
        if _said(item) not in wanted:
            yield f"{path}: - {said(item)}"
    if there == wanted and list(map(_said, actual)) != list(map(_said, desired)):
        yield f"{path}: the same {len(wanted)} in another order"
