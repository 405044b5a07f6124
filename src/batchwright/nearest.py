"""The names that exist and come nearest to one that does not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

NAMED_MAX: Final = 3
LIKENESS: Final = 0.6
"""From 0 to 1, how alike two names are at the least; difflib's own measure and threshold."""
COMPARED_MAX: Final = 2_000
"""Names that are compared at the most: it takes a tenth of a second."""


def nearest(name: str, among: Iterable[str]) -> tuple[str, ...]:
    """Up to three of these names that are like `name`, the nearest first; case does not count.

    Args:
        name: What was asked for.
        among: What there is; of more than some thousands only those with the same first letter are compared.
    """
    spelled = {each.casefold(): each for each in among if each != name}
    wanted = name.casefold()
    if len(spelled) > COMPARED_MAX:
        spelled = {key: each for key, each in spelled.items() if key[:1] == wanted[:1]}
    candidates = list(spelled)[:COMPARED_MAX]
    return tuple(spelled[key] for key in difflib.get_close_matches(wanted, candidates, NAMED_MAX, LIKENESS))


def did_you_mean(name: str, among: Iterable[str]) -> str:
    """`Did you mean 'lab' or 'lab-2'?`, or an empty string where nothing is like it."""
    found = [repr(each) for each in nearest(name, among)]
    if not found:
        return ""
    *others, last = found
    return f"Did you mean {', '.join(others)} or {last}?" if others else f"Did you mean {last}?"
