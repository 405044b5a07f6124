"""Volumes that somebody else made, and what deleting and the inventory do."""

from collections.abc import Callable
from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.errors import (
    AmbiguousNameError,
    NotOwnedError,
    RetainedError,
)
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.efs_volume import EfsVolume
from batchwright.values import Action


def test_a_volume_of_older_programs_is_used_as_it_is(
    session: BatchSession,
    aws: InProcessAws,
    declared: Callable[..., Any],
    writes: Callable[..., Any],
    old_volume: Callable[..., Any],
) -> None:
    """It is found by its name; that it is not encrypted is reported, and nothing is written to it."""
    made = old_volume(session)
    volume = declared(session, retain=False)
    for dependency in volume.dependencies():
        dependency.ensure()
    aws.calls.clear()
    ensured = volume.ensure()
    assert (ensured.action, ensured.owned, ensured.description.file_system_id) == (Action.UNCHANGED, False, made)
    assert "Encrypted" in ensured.drift.paths
    with pytest.raises(NotOwnedError):
        volume.delete()
    assert writes(aws) == []


def test_a_name_is_looked_for_on_every_page(
    session: BatchSession, declared: Callable[..., Any], old_volume: Callable[..., Any]
) -> None:
    """The volume is found among more than the hundred that one answer holds."""
    made = old_volume(session)
    for index in range(101):
        session.efs.create_file_system(
            CreationToken=f"other-{index}", Tags=[{"Key": "Name", "Value": f"other-{index}"}]
        )
    assert declared(session).describe().file_system_id == made
    assert not declared(session, name="nobody").exists()


def test_two_volumes_of_one_name_are_ambiguous(
    session: BatchSession,
    declared: Callable[..., Any],
    file_systems: Callable[..., Any],
    old_volume: Callable[..., Any],
) -> None:
    """The error names both ids and what to do, and nothing is made."""
    ids = sorted(old_volume(session) for _ in range(2))
    with pytest.raises(AmbiguousNameError, match=f"{ids[0]}, {ids[1]}(.|\n)*Change the tag Name"):
        declared(session).ensure()
    assert len(file_systems(session)) == 2


def test_a_volume_being_deleted_does_not_count(
    session: BatchSession, declared: Callable[..., Any], old_volume: Callable[..., Any]
) -> None:
    """One that is on its way out is no second one of its name."""
    session.efs.delete_file_system(FileSystemId=old_volume(session))
    made = old_volume(session)
    session.efs.delete_file_system(FileSystemId=old_volume(session))
    assert declared(session).describe().file_system_id == made


def test_deleting_takes_mount_targets_first(
    session: BatchSession,
    aws: InProcessAws,
    declared: Callable[..., Any],
    file_systems: Callable[..., Any],
    writes: Callable[..., Any],
) -> None:
    """No refusal of AWS is needed to find the order, and nothing is left."""
    volume = declared(session, retain=False, access_point=AccessPoint(uid=1, gid=1))
    volume.ensure()
    aws.calls.clear()
    volume.delete()
    assert [operation for operation in writes(aws) if operation.startswith("Delete")] == [
        "DeleteAccessPoint",
        *["DeleteMountTarget"] * 3,
        "DeleteFileSystem",
    ]
    assert file_systems(session) == []


def test_data_is_kept_unless_the_declaration_says_otherwise(
    session: BatchSession, declared: Callable[..., Any]
) -> None:
    """delete() of a retained volume refuses and leaves it mounted."""
    volume = declared(session)
    volume.ensure()
    with pytest.raises(RetainedError):
        volume.delete(force=True)
    assert len(volume.describe().mount_targets) == 3


def test_the_inventory_lists_our_own_volumes(
    session: BatchSession, declared: Callable[..., Any], old_volume: Callable[..., Any]
) -> None:
    """A volume of older programs is nobody's."""
    old_volume(session, "old")
    declared(session).ensure()
    assert [seen.name for seen in EfsVolume.list_owned(session)] == ["scratch"]


def test_a_second_ensure_writes_nothing(
    session: BatchSession, aws: InProcessAws, declared: Callable[..., Any], writes: Callable[..., Any]
) -> None:
    """What is as declared is only read."""
    declared(session).ensure()
    aws.calls.clear()
    declared(session).ensure()
    assert writes(aws) == []
