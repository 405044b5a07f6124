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

    def _view(self) -> View:
        """The sentence, what says so, what to do, and where AWS writes about it."""
        facts = [
            Fact("on", "" if self.subject in self.summary else self.subject),
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
        rules: How many rules looked.
        read_at: When AWS was asked, in seconds since the epoch by the session's clock.
    """

    findings: tuple[Finding, ...] = ()
    subjects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
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
        """One part a finding, and what was looked at."""
        first = self.subjects[0] if self.subjects else "nothing"
        facts = [Fact("looked at", ", ".join(self.subjects))] if len(self.subjects) > 1 else []
        return View(
            title=f"diagnosis of {first}",
            status=self._verdict(),
            facts=[*facts, *(Fact("note", note) for note in self.notes)],
            parts=[finding._view() for finding in self.findings],
            note=f"{self.rules} rules, {read_note(self.read_at)}" if self.read_at else "",
        )

    def _verdict(self) -> Text:
        if not self.findings:
            return Text("nothing found", Tone.GOOD)
        counts = [(severity, sum(each.severity is severity for each in self.findings)) for severity in Severity]
        said = ", ".join(_counted(number, severity) for severity, number in counts if number)
        return Text(said, _TONES[self.findings[0].severity])


def _counted(number: int, severity: Severity) -> str:
    has_plural = severity in (Severity.ERROR, Severity.WARNING)
    return f"{number} {severity.value}{'s' if has_plural and number > 1 else ''}"


def ordered(findings: Iterable[tuple[Distance, Finding]]) -> tuple[Finding, ...]:
    """Each finding once: by severity, then by distance from the cause, then as they came."""
    once = {(each.rule, each.subject, each.summary): (distance, each) for distance, each in findings}
    ranked = sorted(once.values(), key=lambda pair: (_SEVERITIES.index(pair[1].severity), pair[0]))
    return tuple(finding for _, finding in ranked)
