"""The revisions of a job definition: how many are made, read, kept and deregistered, and whose they are."""

from collections.abc import Sequence

import attrs
import pytest

from batchwright import BatchSession
from batchwright.connection import Connection
from batchwright.errors import NotFoundError, NotOwnedError
from batchwright.local.in_process import InProcessAws
from batchwright.resources.job_definition import JobDefinition
from batchwright.values import Action, OnDrift

IMAGE = "ghcr.io/lab/convert:2.1"


@pytest.fixture
def definition(session: BatchSession) -> JobDefinition:
    """A definition that does not exist yet."""
    return JobDefinition(session, name="convert", image=IMAGE)


def active(session: Connection) -> Sequence[int]:
    """The numbers of the ACTIVE revisions."""
    find = session.batch.get_paginator("describe_job_definitions").paginate
    pages = find(jobDefinitionName="convert", status="ACTIVE")
    return sorted(each["revision"] for page in pages for each in page["jobDefinitions"])


def register(session: BatchSession, *, memory_mib: int = 2048, tags: dict[str, str] | None = None) -> None:
    """Register a revision by hand."""
    session.batch.register_job_definition(
        jobDefinitionName="convert",
        type="container",
        containerProperties={
            "image": IMAGE,
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": str(memory_mib)}],
        },
        tags=tags or {"made-by": "hand"},
    )


def test_equal_content_makes_no_revision(definition: JobDefinition, aws: InProcessAws) -> None:
    """A second `ensure()` is one read and nothing else."""
    definition.ensure()
    aws.calls.clear()
    assert definition.ensure().action is Action.UNCHANGED
    assert aws.calls == [("batch", "DescribeJobDefinitions")]
    assert active(definition.session) == [1]


def test_a_change_makes_one_revision(definition: JobDefinition, aws: InProcessAws) -> None:
    """One RegisterJobDefinition for any number of changed fields, and no call for tags on top."""
    definition.ensure()
    aws.calls.clear()
    changed = attrs.evolve(definition, memory_gib=8, timeout_s=600, environment={"A": "1"})
    ensured = changed.ensure()
    assert (ensured.action, ensured.description.revision) == (Action.UPDATED, 2)
    writes = [operation for _, operation in aws.calls if not operation.startswith("Describe")]
    assert writes == ["RegisterJobDefinition"]


def test_tags_change_on_the_newest_revision_in_place(definition: JobDefinition) -> None:
    """A tag is no reason for a revision, neither set nor removed."""
    definition.ensure()
    tagged = attrs.evolve(definition, tags={"project": "reads"}).ensure()
    assert tagged.description.tags["project"] == "reads"
    assert "project" not in definition.ensure().description.tags
    assert active(definition.session) == [1]


def test_a_description_says_what_runs(definition: JobDefinition) -> None:
    """Image and command can be read without knowing AWS's words for them."""
    seen = attrs.evolve(definition, command=["convert", "--all"]).ensure().description
    assert (seen.image, seen.command) == (IMAGE, ("convert", "--all"))


def test_a_tag_taken_out_together_with_a_field_is_gone(definition: JobDefinition) -> None:
    """The new revision starts without the tag, and nothing more is sent for it."""
    attrs.evolve(definition, timeout_s=600, tags={"project": "reads"}).ensure()
    ensured = definition.ensure()
    assert (ensured.action, ensured.description.revision) == (Action.UPDATED, 2)
    assert "project" not in ensured.description.tags
    assert not definition.drift()


def test_an_old_revision_keeps_its_tags(definition: JobDefinition) -> None:
    """A new revision with new tags leaves the old one saying what that one declared."""
    definition.ensure()
    seen = attrs.evolve(definition, timeout_s=600, tags={"project": "reads"}).ensure().description
    assert "timeout" in seen.tags["batchwright:declared"]
    assert "project" not in seen.older[0].tags
    assert "timeout" not in seen.older[0].tags["batchwright:declared"]


def test_old_revisions_of_ours_are_deregistered(definition: JobDefinition, aws: InProcessAws) -> None:
    """However often it changes, ten revisions stay and one call finds the newest."""
    for memory in range(1, 15):
        attrs.evolve(definition, memory_gib=memory).ensure()
    assert active(definition.session) == list(range(5, 15))
    aws.calls.clear()
    assert definition.describe().revision == 14
    assert aws.calls == [("batch", "DescribeJobDefinitions")]


def test_many_revisions_are_read_to_the_end(session: BatchSession, definition: JobDefinition) -> None:
    """The newest revision is found where someone else left more than one answer of AWS holds."""
    for memory in range(1000, 1103):
        register(session, memory_mib=memory)
    ensured = definition.ensure()
    assert (ensured.action, ensured.owned, ensured.description.revision) == (Action.UNCHANGED, False, 103)
    assert ensured.drift.paths == ("containerProperties.resourceRequirements",)


def test_a_foreign_definition_is_used_as_it_is(session: BatchSession, definition: JobDefinition) -> None:
    """What we did not make is neither changed nor deleted, until it is asked for."""
    register(session, memory_mib=1024)
    ensured = definition.ensure()
    assert (ensured.owned, ensured.drift.paths) == (False, ("containerProperties.resourceRequirements",))
    with pytest.raises(NotOwnedError):
        definition.delete()
    assert active(session) == [1]
    definition.delete(force=True)
    assert active(session) == []


def test_a_foreign_definition_that_is_updated_stays_foreign(session: BatchSession, definition: JobDefinition) -> None:
    """`OnDrift.UPDATE` brings the content into line and leaves whose it is alone; its old revisions stay too."""
    register(session, memory_mib=1024, tags={"batchwright:namespace": "other", "made-by": "hand"})
    tagged = attrs.evolve(definition, tags={"project": "reads"})
    ensured = tagged.ensure(on_drift=OnDrift.UPDATE)
    assert (ensured.action, ensured.owned) == (Action.UPDATED, False)
    assert ensured.description.tags == {"batchwright:namespace": "other", "made-by": "hand", "project": "reads"}
    assert active(session) == [1, 2]
    assert tagged.ensure(on_drift=OnDrift.UPDATE).action is Action.UNCHANGED


def test_delete_takes_every_revision(definition: JobDefinition) -> None:
    """No ACTIVE revision is left, and the next one counts on."""
    definition.ensure()
    attrs.evolve(definition, memory_gib=8).ensure()
    definition.delete()
    assert active(definition.session) == []
    with pytest.raises(NotFoundError, match="'convert' does not exist in us-east-2"):
        definition.describe()
    assert definition.ensure().description.revision == 3


def test_delete_does_not_take_others_revisions_along(session: BatchSession, definition: JobDefinition) -> None:
    """Revisions that someone else registered under our name keep it, unless force is used."""
    register(session)
    session.batch.register_job_definition(
        jobDefinitionName="convert",
        type="container",
        containerProperties={
            "image": IMAGE,
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        },
        tags={"batchwright:namespace": "test"},
    )
    with pytest.raises(NotOwnedError, match=r"did not make: 1\."):
        definition.delete()
    assert active(session) == [1, 2]
    definition.delete(force=True)
    assert active(session) == []


def test_the_inventory_lists_each_definition_of_ours_once(session: BatchSession, definition: JobDefinition) -> None:
    """By name, with the newest revision that this namespace made; others' are left out."""
    definition.ensure()
    attrs.evolve(definition, memory_gib=8).ensure()
    JobDefinition(session, image="busybox").ensure()
    session.batch.register_job_definition(
        jobDefinitionName="theirs",
        type="container",
        containerProperties={
            "image": IMAGE,
            "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        },
    )
    found = {each.name: each.revision for each in JobDefinition.list_owned(session)}
    assert found == {"convert": 2, "test_busybox-image_2-GiB-RAM_1-CPU": 1}
