"""Rules of a job queue: its state, its status, and whether anything can run its jobs."""

from __future__ import annotations

from collections.abc import Iterator

from batchwright.diagnosis.batch_facts import (
    ENVIRONMENTS,
    QUEUES,
    environment_names,
    environments_of_queue,
    is_usable,
    queue_of,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import EnvironmentSubject, QueueSubject, Subject
from batchwright.findings import Distance, Finding, error, info, warning

_QUEUES_PAGE = "https://docs.aws.amazon.com/batch/latest/userguide/job_queues.html"
_DETAIL_PAGE = "https://docs.aws.amazon.com/batch/latest/APIReference/API_JobQueueDetail.html"


def around(facts: Facts, subject: QueueSubject) -> Iterator[Subject]:
    """Its compute environments."""
    for name in environment_names(facts, subject.name):
        yield EnvironmentSubject(name)


@rule(
    "queue-missing",
    of=QueueSubject,
    says="the job queue does not exist",
    actions=(QUEUES,),
    source=_QUEUES_PAGE,
)
def missing(facts: Facts, subject: QueueSubject) -> Iterator[Finding]:
    """It is not there, or is going."""
    queue = queue_of(facts, subject.name)
    if queue is None:
        yield error(f"{subject.label} does not exist.", f"{QUEUES}: no such queue", fix="Make it with ensure().")
    elif queue.status == "DELETING":
        yield error(
            f"{subject.label} is being deleted, and its jobs with it.",
            f"{QUEUES}: status DELETING",
            fix="Submit to another queue.",
        )


@rule(
    "queue-disabled",
    of=QueueSubject,
    says="the job queue is DISABLED, so it takes no new jobs",
    actions=(QUEUES,),
    source=_DETAIL_PAGE,
)
def disabled(facts: Facts, subject: QueueSubject) -> Iterator[Finding]:
    """Its state."""
    queue = queue_of(facts, subject.name)
    if queue is not None and queue.state == "DISABLED" and queue.status != "DELETING":
        yield warning(
            f"{subject.label} is DISABLED: it takes no new jobs; those that wait in it still run.",
            f"{QUEUES}: state DISABLED",
            fix="Enable it: declare it with enabled=True and call ensure().",
        )


@rule(
    "queue-invalid",
    of=QueueSubject,
    says="the job queue is INVALID, with AWS's reason",
    actions=(QUEUES,),
    source=_DETAIL_PAGE,
    distance=Distance.EFFECT,
)
def invalid(facts: Facts, subject: QueueSubject) -> Iterator[Finding]:
    """Its status."""
    queue = queue_of(facts, subject.name)
    if queue is not None and queue.status == "INVALID":
        yield error(
            f"{subject.label} is INVALID: {queue.status_reason or 'AWS gives no reason'}.",
            f"{QUEUES}: status INVALID, statusReason {queue.status_reason!r}",
            fix="Put right what the reason names, then call ensure() on the queue.",
        )
    elif queue is not None and queue.status in ("CREATING", "UPDATING"):
        yield info(
            f"{subject.label} is {queue.status}; its jobs start when that is over.",
            f"{QUEUES}: status {queue.status}",
            fix="Wait for it: ensure() on the queue does.",
        )


@rule(
    "queue-no-environment",
    of=QueueSubject,
    says="no compute environment of the queue is VALID and ENABLED",
    actions=(QUEUES, ENVIRONMENTS),
    source="https://docs.aws.amazon.com/batch/latest/userguide/job_stuck_in_runnable_invalid_ce.html",
    distance=Distance.SIGN,
)
def no_environment(facts: Facts, subject: QueueSubject) -> Iterator[Finding]:
    """Nothing runs its jobs."""
    if queue_of(facts, subject.name) is None:
        return
    environments = environments_of_queue(facts, subject.name)
    if any(map(is_usable, environments)) or any(each.status == "CREATING" for each in environments):
        return
    said = [f"{ENVIRONMENTS}: {each.name} is {each.state}, {each.status}" for each in environments]
    yield error(
        f"{subject.label} has no compute environment that is VALID and ENABLED, so none of its jobs starts.",
        *(said or (f"{ENVIRONMENTS}: none of the queue's environments exists",)),
        fix="Repair or enable one of its environments, or give the queue another one.",
    )
