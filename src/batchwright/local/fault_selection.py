"""Which calls a fault rule is for, decided by what it counts itself, so that a run can be repeated."""

import random
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, TypedDict

import attrs

from batchwright.errors import DeclarationError
from batchwright.local.operations import known_pattern

Calls = tuple[range, ...]


class Selecting(TypedDict, total=False):
    """What every kind of fault takes besides its own arguments.

    Keys:
        operation: `service:Operation` by boto3's names, such as `batch:SubmitJob`, `batch:Describe*` or `dynamodb:*`;
            or several of them. By default every call.
        calls: Which of the calls that fit, counted from 1: a number, several, or a range. By default all of them.
        probability: The share of these calls that is struck, from 0 to 1.
        seed: Another seed strikes other calls; the same one always the same.
    """

    operation: str | Iterable[str]
    calls: int | Iterable[int] | None
    probability: float | None
    seed: int


@attrs.frozen(kw_only=True)
class Selection:
    """The calls that a rule is for."""

    operations: tuple[str, ...] = ("*",)
    calls: Calls | None = None
    probability: float | None = None
    seed: int = 0

    def covers(self, operation: str) -> bool:
        """Return whether a call of this operation is counted."""
        return any(fnmatchcase(operation, pattern) for pattern in self.operations)

    def strikes(self, number: int, salt: str) -> bool:
        """Return whether the call of that number, from 1, is struck; `salt` parts rules of one seed."""
        if self.calls is not None and not any(number in part for part in self.calls):
            return False
        if self.probability is None:
            return True
        chosen = random.Random(f"{self.seed}:{salt}:{self.operations}:{number}")  # noqa: S311  # is no secret
        return chosen.random() < self.probability

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON."""
        calls = None if self.calls is None else [[part.start, part.stop, part.step] for part in self.calls]
        return {"operations": self.operations, "calls": calls, "probability": self.probability, "seed": self.seed}

    @classmethod
    def from_wire(cls, content: dict[str, Any]) -> "Selection":
        """Return what `to_wire` wrote."""
        return cls(
            operations=tuple(content["operations"]),
            calls=None if content["calls"] is None else tuple(range(*part) for part in content["calls"]),
            probability=content["probability"],
            seed=content["seed"],
        )


def selection(
    *,
    operation: str | Iterable[str] = "*",
    calls: int | Iterable[int] | None = None,
    probability: float | None = None,
    seed: int = 0,
) -> Selection:
    """Return the selection that a user wrote, checked.

    Raises:
        DeclarationError: No operation fits, or no call can.
    """
    patterns = (operation,) if isinstance(operation, str) else tuple(operation)
    if not patterns:
        raise DeclarationError("fault", "operation", patterns, "at least one; leave it out for every call")
    if probability is not None and not 0 <= probability <= 1:
        raise DeclarationError("fault", "probability", probability, "a share from 0 to 1")
    operations = tuple(known_pattern(pattern) for pattern in patterns)
    return Selection(operations=operations, calls=_calls(calls), probability=probability, seed=seed)


def _calls(calls: int | Iterable[int] | None) -> Calls | None:
    if calls is None:
        return None
    numbers = (calls,) if isinstance(calls, int) else calls
    wanted = (numbers,) if isinstance(numbers, range) else tuple(range(each, each + 1) for each in numbers)
    if not wanted or any(not part or min(part[0], part[-1]) < 1 for part in wanted):
        raise DeclarationError("fault", "calls", calls, "at least one call, counted from 1")
    return wanted
