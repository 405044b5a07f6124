"""Equal revisions of a job definition, as processes leave that registered it in the same moment."""

from collections.abc import Callable

import attrs
import pytest

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.resources.job_definition import JobDefinition
from batchwright.testing import FakeClock
from batchwright.values import Action

IMAGE = "ghcr.io/lab/convert:2.1"


def active(session: BatchSession) -> list[int]:
    """The numbers of the ACTIVE revisions."""
    answer = session.batch.describe_job_definitions(jobDefinitionName="convert", status="ACTIVE")
    return sorted(each["revision"] for each in answer["jobDefinitions"])


@pytest.fixture
def definition(session: BatchSession) -> JobDefinition:
    """A definition that does not exist yet."""
    return JobDefinition(session, name="convert", image=IMAGE)


@pytest.fixture
def overtaken(aws: InProcessAws, definition: JobDefinition) -> Callable[[], JobDefinition]:
    """Makes the same definition in a session that another one overtakes between its look and its registration."""

    def make() -> JobDefinition:
        clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
        session = BatchSession("test", boto3_session=aws.boto3_session(), clock=clock)
        once = iter([definition.ensure])
        session.batch.meta.events.register(
            "before-call.batch.RegisterJobDefinition", lambda **_: next(once, lambda: None)() and None
        )
        return JobDefinition(session, name="convert", image=IMAGE)

    return make


def test_of_two_that_register_at_once_the_first_revision_stays(
    definition: JobDefinition, overtaken: Callable[[], JobDefinition]
) -> None:
    """The one that came second takes its copy away, and both get the first revision."""
    late = overtaken().ensure()
    assert late.description.revision == 1
    assert active(definition.session) == [1]
    assert definition.ensure().description.revision == 1


def test_a_copy_changes_nothing_for_who_finds_it(
    aws: InProcessAws, session: BatchSession, definition: JobDefinition
) -> None:
    """Finding two equal revisions is one read, answers with the first, and leaves the copy to who made it."""
    definition.ensure()
    copy_revision(session)
    aws.calls.clear()
    ensured = definition.ensure()
    assert (ensured.action, ensured.description.revision) == (Action.UNCHANGED, 1)
    assert aws.calls == [("batch", "DescribeJobDefinitions")]
    assert [each.revision for each in ensured.description.copies] == [2]


def test_tags_change_on_copies_too(session: BatchSession, definition: JobDefinition) -> None:
    """A tag set where there is a copy is settled at once, the copy is taken away, and another one is no drift."""
    definition.ensure()
    copy_revision(session)
    tagged = attrs.evolve(definition, tags={"project": "reads"})
    assert tagged.ensure().description.tags["project"] == "reads"
    assert active(session) == [1]
    assert not tagged.drift()


def test_what_was_registered_in_between_parts_equal_revisions(session: BatchSession, definition: JobDefinition) -> None:
    """A definition that is changed and changed back is a third revision, not the first one again."""
    definition.ensure()
    attrs.evolve(definition, memory_gib=8).ensure()
    assert definition.ensure().description.revision == 3
    assert active(session) == [1, 2, 3]


def test_delete_takes_copies_along(session: BatchSession, definition: JobDefinition) -> None:
    """No ACTIVE revision is left, copies included."""
    definition.ensure()
    copy_revision(session)
    definition.delete()
    assert active(session) == []


def copy_revision(session: BatchSession) -> None:
    """Register once more what is there."""
    answer = session.batch.describe_job_definitions(jobDefinitionName="convert", status="ACTIVE")
    seen = dict(answer["jobDefinitions"][0])
    for member in ("jobDefinitionArn", "revision", "status", "containerOrchestrationType"):
        seen.pop(member, None)
    session.batch.register_job_definition(**seen)  # type: ignore[arg-type]  # what was described
