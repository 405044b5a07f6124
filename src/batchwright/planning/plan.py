"""A plan: by resource what `ensure()` would do, which prints like a diff, and what to think of before."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from batchwright._display.view import Branch, Text, Tone, View
from batchwright.declaration import Declaration
from batchwright.findings import Finding, Severity, counted
from batchwright.ownership import PREFIX
from batchwright.planning.fields import fields_of
from batchwright.planning.readable import lines_of
from batchwright.report import Report, Step
from batchwright.values import Action

_UNTOLD: Final = (f"tags.{PREFIX}*", "wish")
"""Paths that tell a reader nothing: batchwright's own tags, and that a job was declared in another way."""


class Standing(enum.Enum):
    """What becomes of one resource."""

    NEW = "new"
    UPDATED = "updated"
    KEPT = "kept"
    FOREIGN = "foreign"
    FIXED = "fixed"
    UNKNOWN = "unknown"


@attrs.frozen
class Mark:
    """How a standing is told.

    Attributes:
        sign: One character.
        verb: What is done, in a word or two.
        counted: How the summary counts these.
        tone: How it is meant.
    """

    sign: str
    verb: str
    counted: str
    tone: Tone


_MARKS: Final = {
    Standing.NEW: Mark("+", "create", "to create", Tone.GOOD),
    Standing.UPDATED: Mark("~", "update", "to update", Tone.BUSY),
    Standing.KEPT: Mark("=", "keep as it is", "unchanged", Tone.FAINT),
    Standing.FOREIGN: Mark("?", "leave, since it is not ours:", "found and left", Tone.WARN),
    Standing.FIXED: Mark("!", "cannot change", "cannot be changed", Tone.BAD),
    Standing.UNKNOWN: Mark("?", "unknown:", "unknown", Tone.WARN),
}
_NEW_BY_KIND: Final = {
    "job": Mark("+", "submit", "to submit", Tone.GOOD),
    "tear-down": Mark("+", "start", "to start", Tone.GOOD),
}
_COUNTED: Final = tuple(
    mark.counted for mark in (_MARKS[Standing.NEW], *_NEW_BY_KIND.values(), *list(_MARKS.values())[1:])
)
_STANDINGS: Final = {
    Action.CREATED: Standing.NEW,
    Action.UPDATED: Standing.UPDATED,
    Action.REPLACED: Standing.FIXED,
    Action.UNKNOWN: Standing.UNKNOWN,
}


def standing_of(step: Step) -> Standing:
    """What becomes of the resource of this step."""
    if step.action is Action.UNCHANGED and step.drift:
        return Standing.FOREIGN  # of what is ours, what differs is never left
    return _STANDINGS.get(step.action, Standing.KEPT)


def _mark_of(step: Step) -> Mark:
    standing = standing_of(step)
    mark = _NEW_BY_KIND.get(step.resource.kind) if standing is Standing.NEW else None
    return mark or _MARKS[standing]


class Plan(Report[Step]):
    """By resource, in the order of the dependencies, what `ensure()` would do; `print()` it, it reads like a diff.

    What stays as it is is counted and not listed; `print(plan.verbose)` lists it too. It is data: it can be compared
    and pickled, and is not what AWS says any more as soon as somebody changes something.

    Attributes:
        warnings: What costs money while nothing runs, what AWS would refuse, and what could not be looked at.
    """

    def __init__(
        self, steps: Mapping[Declaration, Step], warnings: Iterable[Finding] = (), *, lists_all: bool = False
    ) -> None:
        super().__init__("plan", steps)
        self.warnings = tuple(warnings)
        self._lists_all = lists_all

    @property
    def verbose(self) -> Plan:
        """The same plan, which lists what stays as it is too."""
        return Plan(self, self.warnings, lists_all=True)

    @property
    def summary(self) -> str:
        """How many of what, such as `3 to create, 1 to update, 5 unchanged`."""
        counts = Counter(_mark_of(step).counted for step in self.values())
        told = [f"{counts[each]} {each}" for each in _COUNTED if counts[each]]
        return ", ".join(told) or "nothing to do"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plan):
            return NotImplemented
        return list(self.items()) == list(other.items()) and self.warnings == other.warnings

    __hash__ = None  # type: ignore[assignment]  # it is a mapping, and typeshed has every object hashable

    def __repr__(self) -> str:
        return f"<Plan: {self.summary}>"

    def _view(self) -> View:
        """One branch a resource that is changed, and one a warning."""
        told = [_branch_of(step) for step in self.values() if standing_of(step) is not Standing.KEPT]
        kept = [Branch(step.resource.label) for step in self.values() if standing_of(step) is Standing.KEPT]
        if kept and self._lists_all:
            mark = _MARKS[Standing.KEPT]
            told.append(Branch(Text(f"{mark.sign} {mark.verb}", mark.tone), kept))
        warned = [self._warned()] if self.warnings else []
        return View(title="plan", status=self.summary, parts=[*told, *warned])

    def _warned(self) -> View:
        counts = Counter(finding.severity for finding in self.warnings)
        told = ", ".join(counted(counts[each], each) for each in Severity if counts[each])
        return View(title="to think of", status=told, parts=[_branch_of_warning(each) for each in self.warnings])


def _branch_of(step: Step) -> Branch:
    mark = _mark_of(step)
    label = Text(f"{mark.sign} {mark.verb} {step.resource.label}", mark.tone)
    return Branch(label, [Branch(line) for line in _lines(step)])


def _lines(step: Step) -> Iterator[str]:
    told = step.drift.without(*_UNTOLD)
    for change in told:
        yield from lines_of(change)
    if step.action is Action.UPDATED and step.drift and not told:
        yield "batchwright's own tags"
    if step.action is Action.CREATED:
        yield from fields_of(step.resource)
    yield from step.note.splitlines()


def _branch_of_warning(finding: Finding) -> Branch:
    tone = Tone.BAD if finding.severity is Severity.ERROR else Tone.WARN
    rest = [*finding.evidence, finding.fix, Text(finding.source, url=finding.source) if finding.source else ""]
    lines = [Branch(each) for each in rest if each]
    on = f"{finding.subject}: " if finding.subject else ""
    return Branch(Text(f"{finding.severity.value}: {on}{finding.summary}", tone), lines)
