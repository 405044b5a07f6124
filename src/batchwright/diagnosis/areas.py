"""All areas in which something can be wrong: importing this fills the register, and says what belongs to what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from batchwright.diagnosis import (
    definition_needs,
    definition_roles,
    definitions,
    dependencies,
    efs,
    efs_network,
    environment_roles,
    environments,
    failed_jobs,
    fargate_network,
    jobs,
    network,
    network_acls,
    placing,
    queues,
    room,
    waiting_jobs,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.subjects import JobSubject, QueueSubject, Subject

Around = Callable[[Facts, Any], Iterator[Subject]]

AREAS: Final = (
    jobs,
    dependencies,
    placing,
    waiting_jobs,
    room,
    failed_jobs,
    definitions,
    queues,
    environments,
    environment_roles,
    network,
    network_acls,
    fargate_network,
    definition_roles,
    definition_needs,
    efs,
    efs_network,
)
"""The modules whose rules are in the register."""

_AROUND: Mapping[type, Around] = {
    JobSubject: jobs.around,
    QueueSubject: queues.around,
}


def surroundings_of(facts: Facts, subject: Subject) -> Iterator[Subject]:
    """What else a subject needs, which is to be looked at too."""
    around: Around | None = _AROUND.get(type(subject))
    return iter(()) if around is None else around(facts, subject)
