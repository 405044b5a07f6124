"""Rules of a compute environment: its state and its status."""

from __future__ import annotations

from collections.abc import Iterator

from batchwright.diagnosis.batch_facts import (
    ENVIRONMENTS,
    QUEUES,
    environment_of,
    environments_by_queue,
    environments_of,
    is_usable,
)
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import EnvironmentSubject
from batchwright.findings import Distance, Finding, error, info, warning

_INVALID_PAGE = "https://docs.aws.amazon.com/batch/latest/userguide/invalid_compute_environment.html"
_ENVIRONMENTS_PAGE = "https://docs.aws.amazon.com/batch/latest/userguide/compute_environments.html"
_DETAIL_PAGE = "https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeEnvironmentDetail.html"


@rule(
    "environment-missing",
    of=EnvironmentSubject,
    says="the compute environment does not exist",
    actions=(ENVIRONMENTS,),
    source=_ENVIRONMENTS_PAGE,
)
def missing(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """It is not there, or is going."""
    seen = environment_of(facts, subject.name)
    if seen is None:
        yield error(
            f"{subject.label} does not exist.", f"{ENVIRONMENTS}: no such environment", fix="Make it with ensure()."
        )
    elif seen.status == "DELETING":
        yield error(
            f"{subject.label} is being deleted.",
            f"{ENVIRONMENTS}: status DELETING",
            fix="Give the queue another environment.",
        )


@rule(
    "environment-disabled",
    of=EnvironmentSubject,
    says="the compute environment is DISABLED, so no job is placed in it",
    actions=(ENVIRONMENTS, QUEUES),
    source=_DETAIL_PAGE,
)
def disabled(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Its state."""
    seen = environment_of(facts, subject.name)
    if seen is not None and seen.state == "DISABLED" and seen.status != "DELETING":
        say, but = (info, ", only in the other ones of its queues") if _has_stand_ins(facts, subject) else (error, "")
        yield say(
            f"{subject.label} is DISABLED: Batch places no jobs in it{but}.",
            f"{ENVIRONMENTS}: state DISABLED",
            fix="Enable it: declare it with enabled=True and call ensure().",
        )


@rule(
    "environment-invalid",
    of=EnvironmentSubject,
    says="the compute environment is INVALID, with AWS's reason",
    actions=(ENVIRONMENTS, QUEUES),
    source=_INVALID_PAGE,
    distance=Distance.EFFECT,
)
def invalid(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Its status."""
    seen = environment_of(facts, subject.name)
    if seen is None:
        return
    if seen.status == "INVALID":
        say = warning if _has_stand_ins(facts, subject) else error
        yield say(
            f"{subject.label} is INVALID: {seen.status_reason or 'AWS gives no reason'}.",
            f"{ENVIRONMENTS}: status INVALID, statusReason {seen.status_reason!r}",
            fix="Put right what the reason names (a role, a profile, the network), then call ensure() on it; where it "
            "stays INVALID, delete() it, and call ensure() again.",
        )
    elif seen.status in ("CREATING", "UPDATING"):
        yield info(
            f"{subject.label} is {seen.status}; jobs are placed in it when that is over.",
            f"{ENVIRONMENTS}: status {seen.status}",
            fix="Wait for it: ensure() on the environment does.",
        )


def _has_stand_ins(facts: Facts, subject: EnvironmentSubject) -> bool:
    """Whether every queue that has it has another one in which jobs are placed; not where that cannot be known."""
    try:
        others = [each - {subject.name} for each in environments_by_queue(facts).values() if subject.name in each]
        return bool(others) and all(any(map(is_usable, environments_of(facts, [*each]).values())) for each in others)
    except UnreadableError:
        return False
