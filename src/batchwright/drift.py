"""The one comparison of what is wanted with what is there: pure, and blind to what nobody asked for."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, cast

import attrs

from batchwright._display import HIDDEN, Displayed, Grid, View, spoken
from batchwright._display.safe import shortened
from batchwright._display.times import counted
from batchwright.ownership import PREFIX

SIDE_MAX: Final = 300
"""Characters of either side of a difference that are shown."""

Normaliser = Callable[[object], object]


class _Absent(enum.Enum):
    """Stands for a value that is not there, which is not the same as None."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = _Absent.ABSENT


class Remedy(enum.Enum):
    """What it takes to make a difference go away."""

    UPDATE = "update"
    REPLACE = "replace"


@attrs.frozen
class Change:
    """One difference: at `path`, `desired` is wanted and `actual` is there.

    A `secret` change prints neither value.
    """

    path: str
    desired: object
    actual: object
    remedy: Remedy = Remedy.UPDATE
    secret: bool = False

    def __str__(self) -> str:
        if self.secret:
            return f"{self.path}: {HIDDEN} -> {HIDDEN}"
        return f"{self.path}: {self.actual!r} -> {self.desired!r}"

    def __repr__(self) -> str:
        return f"Change({self}, {self.remedy.value})"

    def __reduce__(self) -> tuple[object, ...]:
        # Errors that carry differences go to other processes, and into logs of these.
        sides = (self.desired, self.actual)
        told = [HIDDEN if self.secret and side is not ABSENT else side for side in sides]
        return (Change, (self.path, *told, self.remedy, self.secret))

    def __rich_repr__(self) -> Iterator[str]:
        # Without this rich prints the fields, whatever the repr says.
        yield str(self)
        yield self.remedy.value


@attrs.frozen
class Drift(Displayed):
    """All differences of one resource; false when there are none."""

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __str__(self) -> str:
        return "; ".join(map(str, self.changes)) or "no drift"

    def _view(self) -> View:
        """One line a difference; batchwright's own tags are counted only."""
        told = self.without(f"tags.{PREFIX}*")
        own = len(self) - len(told)
        lines = [(each.path, _side(each, each.actual), _side(each, each.desired), each.remedy.value) for each in told]
        return View(
            title=counted(len(self), "difference") if self else "no drift",
            parts=[Grid(("field", "is", "should be", "remedy"), lines)] if lines else [],
            note=f"{own} of batchwright's own tags" if own else "",
        )

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted paths that differ, in order."""
        return tuple(change.path for change in self.changes)

    @property
    def fields(self) -> frozenset[str]:
        """The first segments of the paths: the members of the request that differ."""
        return frozenset(path.partition(".")[0] for path in self.paths)

    @property
    def replacing(self) -> Drift:
        """Only what AWS cannot change in place."""
        return Drift(tuple(change for change in self.changes if change.remedy is Remedy.REPLACE))

    def under(self, prefix: str) -> Drift:
        """Only the changes at `prefix` or below it."""
        return Drift(tuple(c for c in self.changes if c.path == prefix or c.path.startswith(prefix + ".")))

    def without(self, *patterns: str) -> Drift:
        """Only the changes whose path matches none of the patterns."""
        return Drift(tuple(c for c in self.changes if not matches(c.path, patterns)))


def _side(change: Change, value: object) -> str:
    """What is there, or what should be; of a secret neither."""
    if value is ABSENT:
        return repr(ABSENT)
    return HIDDEN if change.secret else shortened(spoken(value), SIDE_MAX)


@attrs.frozen(kw_only=True)
class DriftRules:
    """What one kind of resource can change, as data.

    A path is dotted, as in `computeResources.maxvCpus`; a pattern may hold `*`, and a pattern covers all below it.

    Args:
        update: Patterns that AWS changes in place; tags always are, and everything else needs a replacement.
        ignore: Patterns that are never compared: write-only, or changed by AWS itself.
        keep: Patterns whose members are never taken out, since others may have declared them.
        secret: Patterns whose values are never shown.
        atomic: Paths of mappings that are reported as a whole.
        normalise: By path, a function applied to both sides before they are compared.
        reset: By path, the value to send for a field that was declared once and is not any more.
    """

    update: Collection[str] = ()
    ignore: Collection[str] = ()
    keep: Collection[str] = ()
    secret: Collection[str] = ()
    atomic: Collection[str] = ()
    normalise: Mapping[str, Normaliser] = attrs.field(factory=dict[str, Normaliser])
    reset: Mapping[str, object] = attrs.field(factory=dict[str, object])

    def remedy(self, path: str) -> Remedy:
        """Whether AWS can change `path` in place."""
        return Remedy.UPDATE if matches(path, ("tags", *self.update)) else Remedy.REPLACE

    def change(self, path: str, desired: object, actual: object) -> Change:
        """One difference at `path`, with its remedy."""
        return Change(path, desired, actual, self.remedy(path), matches(path, self.secret))


def matches(path: str, patterns: Collection[str]) -> bool:
    """Whether `path` is one of `patterns` or lies below one."""
    return any(fnmatchcase(path, pattern) or fnmatchcase(path, pattern + ".*") for pattern in patterns)


def empty(value: object) -> bool:
    """Whether `value` says nothing: absent, None, or an empty string, list or mapping."""
    return value is ABSENT or value is None or (isinstance(value, str | Sequence | Mapping) and not value)


def compare(
    desired: Mapping[str, object],
    actual: Mapping[str, object],
    rules: DriftRules,
    *,
    declared: Collection[str] = (),
) -> Drift:
    """What must change in `actual` so that everything in `desired` holds.

    Left-scoped: a member that only `actual` has is a default of the server, and no drift; unless it is in
    `declared`, the paths that an earlier declaration set: then it was taken out, and shows with `desired=ABSENT`.

    Args:
        desired: The request that would be sent.
        actual: What AWS reports, in the shape of the request.
        rules: What the kind can change.
        declared: Dotted paths, as `leaves` gives them.
    """
    changes = [*_differences("", desired, actual, rules), *_removals(desired, actual, rules, declared)]
    return Drift(tuple(changes))


def leaves(desired: Mapping[str, object], rules: DriftRules) -> tuple[str, ...]:
    """The dotted paths at which `desired` says something."""
    return tuple(path for path, value in _walk("", desired, rules) if not (empty(value) or matches(path, rules.keep)))


def look_up(tree: Mapping[str, object], path: str) -> object:
    """The value at a dotted path, or ABSENT; keys may hold dots themselves."""
    if path in tree:
        return tree[path]
    head, dot, rest = path.partition(".")
    while dot:
        below = tree.get(head)
        if isinstance(below, Mapping):
            found = look_up(cast("Mapping[str, object]", below), rest)
            if found is not ABSENT:
                return found
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return ABSENT


def _walk(prefix: str, tree: Mapping[str, object], rules: DriftRules) -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        path = prefix + key
        if matches(path, rules.ignore):
            continue
        if isinstance(value, Mapping) and value and path not in rules.atomic and path not in rules.normalise:
            yield from _walk(path + ".", cast("Mapping[str, object]", value), rules)
        else:
            yield path, value


def _differences(
    prefix: str, desired: Mapping[str, object], actual: Mapping[str, object], rules: DriftRules
) -> Iterator[Change]:
    for path, wanted in _walk(prefix, desired, rules):
        there = look_up(actual, path)
        if empty(wanted) and (empty(there) or _asks_for_nothing(path, wanted, rules)):
            continue
        normalise = rules.normalise.get(path, _same)
        if not _covers(normalise(wanted), normalise(there)):
            yield rules.change(path, wanted, there)


def _removals(
    desired: Mapping[str, object], actual: Mapping[str, object], rules: DriftRules, declared: Collection[str]
) -> Iterator[Change]:
    now = set(leaves(desired, rules))
    for path in declared:
        if path in now or look_up(desired, path) is not ABSENT or matches(path, (*rules.ignore, *rules.keep)):
            continue
        there = look_up(actual, path)
        reset = rules.reset.get(path, ABSENT)
        if not empty(there) and there != reset:
            yield rules.change(path, ABSENT, there)


def _asks_for_nothing(path: str, wanted: object, rules: DriftRules) -> bool:
    """Whether `wanted` is a mapping without members, where members are what is compared."""
    return isinstance(wanted, Mapping) and path not in rules.atomic and path not in rules.normalise


def _covers(wanted: object, there: object) -> bool:
    """Whether `there` holds all that `wanted` says, in lists item by item."""
    if empty(wanted):
        return empty(there)
    if isinstance(wanted, Mapping):
        members = cast("Mapping[str, object]", wanted)
        return isinstance(there, Mapping) and all(
            _covers(value, cast("Mapping[str, object]", there).get(key, ABSENT)) for key, value in members.items()
        )
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        items, others = cast("Sequence[object]", wanted), there
        if not isinstance(others, Sequence) or isinstance(others, str):
            return False
        found = cast("Sequence[object]", others)
        return len(items) == len(found) and all(map(_covers, items, found))
    return wanted == there


def _same(value: object) -> object:
    return value
