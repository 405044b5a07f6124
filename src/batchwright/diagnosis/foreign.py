"""What another namespace, or nobody of batchwright's, has made: `ensure()` leaves it, so a fix has to say more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from batchwright.diagnosis.batch_facts import environment_of, queue_of
from batchwright.diagnosis.efs_facts import file_system_of
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.subjects import EnvironmentSubject, QueueSubject, Subject, VolumeSubject
from batchwright.findings import Finding
from batchwright.ownership import namespace_in, tag_mapping

OTHERS: Final = "; for a role of somebody else ensure(on_drift=OnDrift.UPDATE)"
"""What a fix of a role adds, since AWS does not show a role's tags wherever it shows the role."""
_ENSURES: Final = "ensure()"
_WAITS: Final = "Wait for it"


def fix_of(facts: Facts, subject: Subject, finding: Finding) -> str:
    """The fix and, of what this session's namespace has not made, that `ensure()` changes it only when it is told to.

    Args:
        facts: What AWS has told; nothing more is asked.
        subject: What the finding is on.
        finding: What was found.
    """
    is_by_ensure = _ENSURES in finding.fix and not finding.fix.startswith(_WAITS)
    if not is_by_ensure or not _is_foreign(facts, subject):
        return finding.fix
    return (
        f"{finding.fix} {subject.label} was not made in namespace {facts.session.namespace!r}, so ensure() leaves it "
        "as it is: ask those who made it, or call its own ensure(on_drift=OnDrift.UPDATE), which changes all that you "
        "declare of it."
    )


def _is_foreign(facts: Facts, subject: Subject) -> bool:
    """Whether it is there, and another one's."""
    try:
        tags = _tags_of(facts, subject)
    except UnreadableError:
        return False
    return tags is not None and namespace_in(tags) != facts.session.namespace


def _tags_of(facts: Facts, subject: Subject) -> Mapping[str, str] | None:
    """Its tags; None of what is not there, and of kinds whose rules do not send to `ensure()`."""
    if isinstance(subject, EnvironmentSubject):
        environment = environment_of(facts, subject.name)
        return None if environment is None else environment.tags
    if isinstance(subject, QueueSubject):
        queue = queue_of(facts, subject.name)
        return None if queue is None else queue.tags
    if isinstance(subject, VolumeSubject):
        volume = file_system_of(facts, subject)
        return None if volume is None else tag_mapping(volume.get("Tags"))
    return None
