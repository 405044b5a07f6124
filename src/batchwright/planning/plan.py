"""A plan: by resource what `ensure()` would do, which prints like a diff, and what to think of before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from batchwright._display.view import Branch, Text, Tone, View
from batchwright.declaration import Declaration
from batchwright.findings import Finding, Severity
from batchwright.ownership import PREFIX
from batchwright.planning.fields import fields_of
from batchwright.planning.readable import lines_of
from batchwright.report import Report, Step
from batchwright.values import Action

_UNTOLD: Final = (f"tags.{PREFIX}*", "wish")
"""Paths that tell a reader nothing: batchwright's own tags, and that a job was declared in another way."""


@attrs.frozen
class Mark:
    """How a step is told.

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


_CREATES: Final = Mark("+", "create", "to create", Tone.GOOD)
_BY_KIND: Final = {
    "job": Mark("+", "submit", "to submit", Tone.GOOD),
    "tear-down": Mark("+", "start", "to start", Tone.GOOD),
}
_UPDATES: Final = Mark("~", "update", "to update", Tone.BUSY)
_CANNOT: Final = Mark("!", "cannot change", "cannot be changed", Tone.BAD)
_UNKNOWN: Final = Mark("?", "do not know", "unknown", Tone.WARN)
_FOREIGN: Final = Mark("?", "leave, since it is not ours,", "found and left", Tone.WARN)
_KEEPS: Final = Mark("=", "keep", "unchanged", Tone.FAINT)
_MARKS: Final = {Action.UPDATED: _UPDATES, Action.REPLACED: _CANNOT, Action.UNKNOWN: _UNKNOWN}
_IN_ORDER: Final = (_CREATES, *_BY_KIND.values(), _UPDATES, _KEEPS, _FOREIGN, _CANNOT, _UNKNOWN)
LEGEND: Final = "+ new  ~ changed in place  ! AWS cannot change it  ? left, or unknown  = as it is"


def mark_of(step: Step) -> Mark:
    """How this step is told."""
    if step.action is Action.CREATED:
        return _BY_KIND.get(step.resource.kind, _CREATES)
    if step.action is Action.UNCHANGED and step.drift:
        return _FOREIGN  # of what is ours, what differs is never left
    return _MARKS.get(step.action, _KEEPS)


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
        counts = Counter(mark_of(step).counted for step in self.values())
        told = [f"{counts[mark.counted]} {mark.counted}" for mark in _IN_ORDER if counts[mark.counted]]
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
        told = [_branch_of(step) for step in self.values() if mark_of(step) is not _KEEPS]
        kept = [Branch(step.resource.label) for step in self.values() if mark_of(step) is _KEEPS]
        if kept and self._lists_all:
            told.append(Branch(Text(f"{_KEEPS.sign} {_KEEPS.verb} as it is", _KEEPS.tone), kept))
        warnings = [_branch_of_warning(each) for each in self.warnings]
        return View(title="plan", status=self.summary, parts=[*told, *warnings], note=LEGEND if told else "")


def _branch_of(step: Step) -> Branch:
    mark = mark_of(step)
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
