"""When two job definitions say the same, whatever AWS made of the words: the drift rules, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from batchwright.drift import DriftRules, empty

_DEFAULTS: Final[frozenset[tuple[str, object]]] = frozenset(
    {
        ("iam", "DISABLED"),
        ("readOnly", False),
        ("rootDirectory", "/"),
        ("transitEncryption", "DISABLED"),
    }
)


def exact(value: object) -> object:
    """`value` as nested tuples, without what is empty or AWS's default.

    A mapping compares by what it declares only; as a tuple it also differs by what it does not.
    """
    if isinstance(value, Mapping):
        members = sorted(cast("Mapping[str, object]", value).items())
        kept = ((key, exact(item)) for key, item in members if (key, _plain(item)) not in _DEFAULTS)
        return tuple(pair for pair in kept if not empty(pair[1]))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(exact, cast("Sequence[object]", value)))
    return value


def unordered(value: object) -> object:
    """A list whose order means nothing, with its members exact."""
    plain = exact(value)
    return tuple(sorted(cast("tuple[object, ...]", plain), key=repr)) if isinstance(plain, tuple) else ()


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool) else None


def _requirements(value: object) -> object:
    """AWS may write `"1.0"` for `"1"`."""
    items = cast("Sequence[Mapping[str, str]]", value) if isinstance(value, Sequence) else ()
    return tuple(sorted((item["type"], float(item["value"])) for item in items))


def _retry(value: object) -> object:
    """AWS writes actions in lower case, and one attempt is its default."""
    strategy: Mapping[str, object] = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
    conditions = cast("Sequence[Mapping[str, str]]", strategy.get("evaluateOnExit") or ())
    lowered = [{**item, "action": item["action"].lower()} for item in conditions]
    return exact({"attempts": 1, **strategy, "evaluateOnExit": lowered})


def _capabilities(value: object) -> object:
    return ("EC2",) if empty(value) else unordered(value)


def _switched_on(value: object) -> object:
    return value is True


DEFINITION_RULES: Final = DriftRules(
    # Nothing of a revision changes, and everything can be different in the next one.
    update=("*",),
    # The others come from subclasses only, and have environments somewhere within.
    secret=(
        "containerProperties.environment",
        "containerProperties.logConfiguration",
        "ecsProperties",
        "eksProperties",
        "nodeProperties",
    ),
    normalise={
        "parameters": exact,
        "retryStrategy": _retry,
        "platformCapabilities": _capabilities,
        "propagateTags": _switched_on,
        "containerProperties.environment": unordered,
        "containerProperties.secrets": unordered,
        "containerProperties.volumes": unordered,
        "containerProperties.mountPoints": unordered,
        "containerProperties.logConfiguration": exact,
        "containerProperties.resourceRequirements": _requirements,
    },
)
