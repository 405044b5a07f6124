"""The register of rules: each is one function over facts, with the page of AWS's documentation behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from batchwright.findings import Distance, Finding

if TYPE_CHECKING:
    from batchwright.diagnosis.facts import Facts

S = TypeVar("S")
Check = Callable[["Facts", S], Iterator[Finding]]


@attrs.frozen(kw_only=True)
class Rule:
    """One rule.

    Attributes:
        id: What it is known by.
        of: The class of the subjects that it looks at.
        says: What it finds, in one line for a reader.
        actions: The IAM actions that it needs, such as `"batch:GetJobQueueSnapshot"`.
        source: The page of AWS's documentation.
        distance: How far what it finds is from the cause.
        check: Yields what it finds.
    """

    id: str
    of: type
    says: str
    actions: tuple[str, ...]
    source: str
    distance: Distance
    check: Callable[[Facts, Any], Iterator[Finding]]


RULES: Final[dict[str, Rule]] = {}
"""By id; filled while the modules of `diagnosis.areas` are imported, and only read afterwards."""


def rule(
    id: str,
    *,
    of: type[S],
    says: str,
    source: str,
    actions: tuple[str, ...] = (),
    distance: Distance = Distance.CAUSE,
) -> Callable[[Check[S]], Check[S]]:
    """Register a generator function as a rule; it yields what `findings.error`, `warning` and `info` make.

    It reads through `Facts` only. What it cannot read ends it, and becomes a finding that says which action it lacks.

    Args:
        id: What it is known by, in small letters with hyphens.
        of: The class of the subjects that it looks at.
        says: What it finds, in one line for a reader.
        source: The page of AWS's documentation.
        actions: The IAM actions that it needs.
        distance: How far what it finds is from the cause.
    """

    def register(check: Check[S]) -> Check[S]:
        if id in RULES:
            raise ValueError(f"two rules are called {id!r}")
        RULES[id] = Rule(id=id, of=of, says=says, actions=actions, source=source, distance=distance, check=check)
        return check

    return register


def rules_of(subject: object) -> tuple[Rule, ...]:
    """The rules for a subject, in the order in which they were registered."""
    return tuple(each for each in RULES.values() if isinstance(subject, each.of))
