"""Rules of a job definition, and of resources of other kinds."""

from __future__ import annotations

from collections.abc import Iterator

from batchwright.diagnosis.batch_facts import DEFINITIONS, definition_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import DefinitionSubject, ResourceSubject
from batchwright.findings import Distance, Finding, error, info, warning
from batchwright.waiting import Phase

_PAGE = "https://docs.aws.amazon.com/batch/latest/APIReference/API_DeregisterJobDefinition.html"


@rule(
    "definition-inactive",
    of=DefinitionSubject,
    says="the revision of the job definition is INACTIVE or gone",
    actions=(DEFINITIONS,),
    source=_PAGE,
)
def inactive(facts: Facts, subject: DefinitionSubject) -> Iterator[Finding]:
    """No new job can use it; AWS removes it for good after 180 days."""
    definition = definition_of(facts, subject.name)
    if definition is None:
        yield warning(
            f"{subject.label} does not exist any more: no new job can use it.",
            f"{DEFINITIONS}: nothing for {subject.name}",
            fix="Register it again with ensure() on the definition.",
        )
    elif definition.get("status") == "INACTIVE":
        yield info(
            f"{subject.label} is INACTIVE: no new job can use it; jobs that were submitted with it still run.",
            f"{DEFINITIONS}: {subject.name} is INACTIVE",
            fix="Nothing, for these jobs; for new ones ensure() on the definition registers it again.",
        )


@rule(
    "resource-missing",
    of=ResourceSubject,
    says="a resource of another kind that is declared does not exist",
    source="https://docs.aws.amazon.com/batch/latest/userguide/get-set-up-for-aws-batch.html",
)
def missing(facts: Facts, subject: ResourceSubject) -> Iterator[Finding]:
    """It is declared, and not there."""
    seen = facts.fact(_read_action(subject), subject.label, subject.resource.describe)
    if seen is None:
        yield error(
            f"{subject.label} does not exist.", f"{_read_action(subject)}: not found", fix="Make it with ensure()."
        )


@rule(
    "resource-failed",
    of=ResourceSubject,
    says="a resource of another kind is in a failed state",
    source="https://docs.aws.amazon.com/batch/latest/userguide/troubleshooting.html",
    distance=Distance.EFFECT,
)
def failed(facts: Facts, subject: ResourceSubject) -> Iterator[Finding]:
    """Its status."""
    seen = facts.fact(_read_action(subject), subject.label, subject.resource.describe)
    if seen is not None and subject.resource.states.phase(seen.status) is Phase.FAILED:
        yield error(
            f"{subject.label} is {seen.status}: {seen.status_reason or 'AWS gives no reason'}.",
            f"{_read_action(subject)}: status {seen.status}",
            fix="Put right what the reason names, then call ensure() on it.",
        )


def _read_action(subject: ResourceSubject) -> str:
    return f"describe() of {subject.resource.kind}"
