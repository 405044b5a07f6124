"""Decides by IAM policies, as far as roles of state machines and targets need it ("Policy evaluation logic", IAM)."""

import fnmatch
import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast
from urllib.parse import unquote

import attrs

from batchwright.local.messages import as_list, as_object

Wire = dict[str, Any]


@attrs.frozen(kw_only=True)
class Access:
    """One thing that somebody wants to do.

    Args:
        action: Such as `elasticfilesystem:DeleteFileSystem`.
        resource: The ARN of what it is done to, `*` where the action knows no resources.
        keys: The condition keys of the request, looked up only where a statement has a condition.
    """

    action: str
    resource: str
    keys: Callable[[], Mapping[str, str]] = attrs.field(default=dict[str, str], hash=False, eq=False)


def allows(documents: Iterable[str], access: Access) -> bool:
    """Return whether the policies allow it: some statement does, and none denies it."""
    effects = {
        str(statement.get("Effect"))
        for document in documents
        for statement in statements_of(document)
        if _applies(statement, access)
    }
    return "Allow" in effects and "Deny" not in effects


def admits(documents: Iterable[str], service: str, access: Access) -> bool:
    """Return whether a resource's own policies let a service do it."""
    statements = [statement for document in documents for statement in statements_of(document)]
    effects = {
        str(each.get("Effect")) for each in statements if names_service(each, service) and _applies(each, access)
    }
    return "Allow" in effects and "Deny" not in effects


def names_service(statement: Wire, service: str) -> bool:
    """Return whether a statement is about a service, by its name or by `*`."""
    principal = as_object(statement.get("Principal"))
    named = (
        [statement.get("Principal")]
        if principal is None
        else [item for kind in ("Service", "AWS") for item in as_items(principal.get(kind, []))]
    )
    return bool({service, "*"} & {str(item) for item in named})


def statements_of(document: str) -> list[Wire]:
    """Return the statements of a policy, percent-encoded or not."""
    text = document if document.lstrip().startswith("{") else unquote(document)
    policy = as_object(json.loads(text or "{}")) or {}
    return [found for each in as_items(policy.get("Statement", [])) if (found := as_object(each)) is not None]


def as_items(value: object) -> list[object]:
    """Return what a policy gives as one item or a list of them as a list."""
    return as_list(cast("object", value)) if isinstance(value, list) else [value]


def _applies(statement: Wire, access: Access) -> bool:
    if not _names(statement, "Action", access.action.lower(), fold=True):
        return False
    if not _names(statement, "Resource", access.resource):
        return False
    conditions = as_object(statement.get("Condition"))
    keys: Mapping[str, str] = access.keys() if conditions else {}
    return all(
        _condition_holds(operator, key, as_items(wanted), keys)
        for operator, tests in (conditions or {}).items()
        for key, wanted in (as_object(tests) or {}).items()
    )


def _names(statement: Wire, element: str, value: str, *, fold: bool = False) -> bool:
    """Whether Action or Resource names the value, or NotAction or NotResource does not."""
    given = as_items(statement.get(element, statement.get(f"Not{element}", [])))
    is_named = any(like(value, str(item).lower() if fold else str(item)) for item in given)
    return is_named if element in statement else not is_named


def like(value: str, pattern: str) -> bool:
    """Return whether a value fits a pattern with `*` and `?`; brackets stand for themselves."""
    return _compiled(pattern).match(value) is not None


@functools.lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def _condition_holds(operator: str, key: str, wanted: list[object], keys: Mapping[str, str]) -> bool:
    """Whether one test holds; an operator that is not known here never does, so that no right comes of it."""
    name = operator.partition(":")[2] or operator
    base = name.removesuffix("IfExists")
    values = {known.lower(): value for known, value in keys.items()}
    texts = [str(item).lower() if isinstance(item, bool) else str(item) for item in wanted]
    value = values.get(key.lower())
    if base == "Null":
        return (value is None) == (texts == ["true"])
    if value is None:
        return name.endswith("IfExists") or "Not" in base
    tests: Mapping[str, Callable[[str], bool]] = {
        "StringEquals": lambda text: value == text,
        "StringEqualsIgnoreCase": lambda text: value.lower() == text.lower(),
        "StringLike": lambda text: like(value, text),
        "ArnEquals": lambda text: like(value, text),
        "ArnLike": lambda text: like(value, text),
        "Bool": lambda text: value.lower() == text.lower(),
    }
    test = tests.get(base.replace("Not", "", 1))
    return test is not None and any(map(test, texts)) != ("Not" in base)
