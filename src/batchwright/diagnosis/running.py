"""One diagnosis: what belongs to its subjects, the rules over all of it, and what they found in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from batchwright.diagnosis.areas import surroundings_of
from batchwright.diagnosis.facts import OFFLINE, Facts, UnreadableError
from batchwright.diagnosis.foreign import fix_of
from batchwright.diagnosis.rules import Rule, rules_of
from batchwright.diagnosis.subjects import Subject
from batchwright.errors import AccessDeniedError
from batchwright.findings import Diagnosis, Distance, Finding, Severity, ordered

SUBJECTS_MAX: Final = 300
"""Things that one diagnosis looks at; further ones are told of and left out."""
AROUND: Final = "what it depends on"
_WAY_ON: Final = "See why, and put right what does not pass by itself"
PERMISSIONS: Final = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)


@attrs.define
class Run:
    """One diagnosis under way.

    Attributes:
        facts: What AWS tells.
        found: Findings so far, with their distance from the cause.
        unread: By IAM action, why it could not be used, and what was not checked for that reason.
        subjects: What was looked at.
        rules: The ids of the rules that looked.
    """

    facts: Facts
    found: list[tuple[Distance, Finding]] = attrs.field(factory=list[tuple[Distance, Finding]])
    unread: dict[str, tuple[UnreadableError, dict[str, None]]] = attrs.field(
        factory=dict[str, "tuple[UnreadableError, dict[str, None]]"]
    )
    subjects: dict[Subject, None] = attrs.field(factory=dict[Subject, None])
    rules: set[str] = attrs.field(factory=set[str])

    def look(self, subjects: Iterable[Subject], *, around: bool = True, of: str = "") -> Diagnosis:
        """Run all rules on these and, with `around`, on what they depend on; `of` is what was asked about."""
        for subject in self.expanded(subjects) if around else subjects:
            self.subjects[subject] = None
            for each in rules_of(subject):
                self.check(each, subject)
        return Diagnosis(
            findings=ordered((*self.found, *self.unchecked())),
            subjects=tuple(subject.label for subject in self.subjects),
            notes=self.facts.notes,
            of=of,
            rules=len(self.rules),
            read_at=self.facts.read_at,
        )

    def expanded(self, subjects: Iterable[Subject]) -> Iterator[Subject]:
        """These and what they depend on, each once and the nearest first."""
        waiting = deque(subjects)
        while waiting:
            subject = waiting.popleft()
            if subject in self.subjects:
                continue
            if len(self.subjects) >= SUBJECTS_MAX:
                self.facts.note(f"only the first {SUBJECTS_MAX} things were looked at")
                return
            yield subject
            try:
                waiting.extend(surroundings_of(self.facts, subject))
            except UnreadableError as error:
                self.miss(error, f"{AROUND} ({subject.label})")

    def check(self, rule: Rule, subject: Subject) -> None:
        """One rule on one subject."""
        self.rules.add(rule.id)
        try:
            for finding in rule.check(self.facts, subject):
                fix = fix_of(self.facts, subject, finding)
                said = attrs.evolve(finding, rule=rule.id, source=rule.source, subject=subject.label, fix=fix)
                self.found.append((rule.distance, said))
        except UnreadableError as error:
            self.miss(error, rule.says)
        except AccessDeniedError as denied:  # of what a resource reads itself, as those of a plan do
            self.miss(UnreadableError(denied.action, denied.summary, is_denied=True), rule.says)

    def miss(self, error: UnreadableError, what: str) -> None:
        """Note what nobody could look at; that nobody was to be asked is not worth a word."""
        if error.reason == OFFLINE:
            return
        self.unread.setdefault(error.action, (error, {}))[1][what] = None

    def unchecked(self) -> Iterator[tuple[Distance, Finding]]:
        """One finding for each action that AWS did not let us use."""
        for action, (error, unchecked) in self.unread.items():
            missing = f"the IAM action {action} is not allowed" if error.is_denied else f"{action} told nothing"
            fix = f"Allow {action} for whoever diagnoses (docs: how-to, 'Permissions')" if error.is_denied else _WAY_ON
            yield (
                Distance.SIGN,
                Finding(
                    severity=Severity.UNCHECKED,
                    summary=f"Not all was checked: {missing}.",
                    evidence=(error.reason, *(f"not checked: {what}" for what in unchecked)),
                    fix=f"{fix}; then diagnose again.",
                    source=PERMISSIONS,
                    rule="unchecked",
                    subject=action,
                ),
            )
