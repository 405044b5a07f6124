"""What a diagnosis finds: plain data, in order, that says what is wrong, how that is known, and what to do."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Final, overload

import attrs

from batchwright._display import Displayed, disarmed
from batchwright._display.times import read_note
from batchwright._display.view import Fact, Text, Tone, View


class Severity(enum.Enum):
    """How much a finding matters."""

    ERROR = "error"
    """Nothing gets better by waiting."""
    WARNING = "warning"
    """It may be the cause, or is going to be one."""
    INFO = "info"
    """It explains what is seen, and passes."""
    UNCHECKED = "unchecked"
    """Nobody could look: a permission is missing, or AWS did not answer."""


class Distance(enum.IntEnum):
    """How far a finding is from the cause: the nearer one comes first."""

    CAUSE = 0
    """It can be put right where it is said."""
    EFFECT = 1
    """Something else is usually behind it."""
    SIGN = 2
    """All that AWS says is that something is wrong."""


NAMES_MAX: Final = 8
"""Things that are named in a row; further ones are counted."""
NOTES_MAX: Final = 5
"""Notes that are shown."""
_SEVERITIES: Final = tuple(Severity)
_TONES: Final = {
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.WARN,
    Severity.INFO: Tone.PLAIN,
    Severity.UNCHECKED: Tone.FAINT,
}


@attrs.frozen(kw_only=True)
class Finding(Displayed):
    """One thing that keeps a job from running, or has made it fail.

    Attributes:
        severity: How much it matters.
        summary: What is wrong, in a sentence.
        evidence: The facts that say so, each with the operation that told it.
        fix: What to do about it.
        source: The page of AWS's documentation behind it.
        rule: The id of the rule that found it.
        subject: What it was found on, such as `"job queue 'lab'"`.
    """

    severity: Severity
    summary: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    source: str = ""
    rule: str = ""
    subject: str = ""

    def __str__(self) -> str:
        return disarmed(f"{self.summary} {self.fix}".strip())  # it is printed, and quotes what others wrote

    def _view(self, also: Sequence[str] = ()) -> View:
        """The sentence, what says so, what to do, and where AWS writes about it; `also` is what else it is true of."""
        facts = [
            Fact("on", "" if self.subject in self.summary else self.subject),
            Fact("also", _several(also)),
            Fact("because", "\n".join(self.evidence)),
            Fact("do", self.fix),
            Fact("see", Text(self.source, url=self.source)),
            Fact("rule", Text(self.rule, Tone.FAINT)),
        ]
        return View(
            title="",
            status=Text(f"{self.severity.value}: {self.summary}", _TONES[self.severity]),
            facts=[fact for fact in facts if _has_text(fact)],
        )


def _has_text(fact: Fact) -> bool:
    return bool(fact.value if isinstance(fact.value, str) else fact.value.text)


def _several(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - NAMES_MAX
    return ", ".join(names[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")


def _folded(findings: Iterable[Finding]) -> list[tuple[Finding, list[str]]]:
    """Each with the other subjects of which the very same is to be said, in the order of the first ones."""
    same: dict[tuple[object, ...], tuple[Finding, list[str]]] = {}
    for each in findings:
        said = each.summary.replace(each.subject, "") if each.subject else each.summary
        first, also = same.setdefault((each.rule, each.severity, said, each.fix), (each, []))
        if first is not each:
            also.append(each.subject)
    return list(same.values())


def error(summary: str, *evidence: str, fix: str) -> Finding:
    """A finding that no waiting heals; who runs the rule adds the rule and its subject."""
    return Finding(severity=Severity.ERROR, summary=summary, evidence=evidence, fix=fix)


def warning(summary: str, *evidence: str, fix: str) -> Finding:
    """A finding that may be the cause."""
    return Finding(severity=Severity.WARNING, summary=summary, evidence=evidence, fix=fix)


def info(summary: str, *evidence: str, fix: str) -> Finding:
    """A finding that explains, and passes."""
    return Finding(severity=Severity.INFO, summary=summary, evidence=evidence, fix=fix)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Diagnosis(Displayed, Sequence[Finding]):
    """What was found, the most severe and nearest to the cause first; empty, and false, where all is well.

    Attributes:
        findings: All of them, in that order.
        subjects: What was looked at, such as `"job 'sub-01'"` and `"job queue 'lab'"`.
        notes: What was seen and is no fault, such as the place in the queue.
        of: What was asked about, where that is more than the first of `subjects`, such as `"session 'lab'"`.
        rules: How many rules looked.
        read_at: When AWS was asked, in seconds since the epoch by the session's clock.
    """

    findings: tuple[Finding, ...] = ()
    subjects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    of: str = ""
    rules: int = 0
    read_at: float = 0.0

    @property
    def top(self) -> Finding | None:
        """The finding to begin with; None where there is none."""
        return self.findings[0] if self.findings else None

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, index: int | slice) -> Finding | tuple[Finding, ...]:
        return self.findings[index]

    def __len__(self) -> int:
        return len(self.findings)

    __str__ = Displayed._told

    def __repr__(self) -> str:
        first = f", the first: {self.findings[0].summary!r}" if self.findings else ""
        return f"<Diagnosis: {len(self)} findings{first}>"

    def _view(self) -> View:
        """One part a finding, the same one of several subjects but once, and what was looked at."""
        first = self.subjects[0] if self.subjects else "nothing"
        facts = [Fact("looked at", _several(self.subjects))] if len(self.subjects) > 1 else []
        more = len(self.notes) - NOTES_MAX
        told = (*self.notes[:NOTES_MAX], *([f"{more} more are in `notes`"] if more > 0 else []))
        return View(
            title=f"diagnosis of {self.of or first}",
            status=self._verdict(),
            facts=[*facts, *(Fact("note", note) for note in told)],
            parts=[finding._view(also) for finding, also in _folded(self.findings)],
            note=f"{self.rules} rules, {read_note(self.read_at)}" if self.read_at else "",
        )

    def _verdict(self) -> Text:
        if not self.findings:
            return Text("nothing found", Tone.GOOD)
        counts = [(severity, sum(each.severity is severity for each in self.findings)) for severity in Severity]
        said = ", ".join(counted(number, severity) for severity, number in counts if number)
        return Text(said, _TONES[self.findings[0].severity])


def counted(number: int, severity: Severity) -> str:
    """Such as `2 errors`."""
    has_plural = severity in (Severity.ERROR, Severity.WARNING)
    return f"{number} {severity.value}{'s' if has_plural and number > 1 else ''}"


def ordered(findings: Iterable[tuple[Distance, Finding]]) -> tuple[Finding, ...]:
    """Each finding once: by severity, then by distance from the cause, then as they came."""
    once = {(each.rule, each.subject, each.summary): (distance, each) for distance, each in findings}
    ranked = sorted(once.values(), key=lambda pair: (_SEVERITIES.index(pair[1].severity), pair[0]))
    return tuple(finding for _, finding in ranked)
