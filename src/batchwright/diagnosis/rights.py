"""What policy documents of IAM allow, judged in the caller's favour where they do not say enough."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

Document = Mapping[str, Any]


def lacking(documents: Sequence[Document], actions: Iterable[str], resource: str = "") -> tuple[str, ...]:
    """Those of the actions that no document allows, or that one denies outright.

    What is allowed under a condition counts as allowed, and what is denied under one does not count as denied.

    Args:
        documents: All policies of a role.
        actions: Such as `"ecs:Poll"`.
        resource: What it is to be allowed on, by its ARN; by default on anything.
    """
    statements = [each for document in documents for each in _statements(document)]
    return tuple(action for action in actions if not _is_allowed(statements, action, resource))


def trusts(document: Document, service: str) -> bool:
    """Whether a trust policy lets a service of AWS take on the role; China's own name of it counts too.

    Args:
        document: `AssumeRolePolicyDocument`.
        service: Such as `"ec2.amazonaws.com"`.
    """
    names = {service, f"{service}.cn", "*"}
    return any(
        each.get("Effect") == "Allow"
        and names.intersection(_principals(each))
        and _names(each, "Action", "sts:AssumeRole")
        for each in _statements(document)
    )


def _is_allowed(statements: Sequence[Document], action: str, resource: str) -> bool:
    about = [each for each in statements if _is_about(each, action)]
    denying = [each for each in about if each.get("Effect") == "Deny" and not each.get("Condition")]
    if any("*" in _several(each.get("Resource")) or (resource and _is_on(each, resource)) for each in denying):
        return False
    return any(each.get("Effect") == "Allow" and (not resource or _is_on(each, resource)) for each in about)


def _is_about(statement: Document, action: str) -> bool:
    if "NotAction" in statement:
        return not _names(statement, "NotAction", action)
    return _names(statement, "Action", action)


def _names(statement: Document, member: str, action: str) -> bool:
    return any(_fits(action.lower(), each.lower()) for each in _several(statement.get(member)))


def _is_on(statement: Document, resource: str) -> bool:
    if "NotResource" in statement:
        return not any(_fits(resource, each) for each in _several(statement["NotResource"]))
    return any(_fits(resource, each) for each in _several(statement.get("Resource")))


def _fits(text: str, pattern: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _statements(document: Document) -> Iterator[Document]:
    found = cast("Document | list[Document]", document.get("Statement") or [])
    yield from [found] if isinstance(found, Mapping) else found


def _principals(statement: Document) -> Iterator[str]:
    found: object = statement.get("Principal")
    if isinstance(found, str):
        yield found
        return
    principals = cast("Mapping[str, Any]", found or {})
    yield from _several(principals.get("Service"))
    yield from (each for each in _several(principals.get("AWS")) if each == "*")


def _several(value: object) -> Sequence[str]:
    """IAM takes one text for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(each) for each in cast("Iterable[object]", value or ()))
