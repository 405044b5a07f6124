"""Volumes declared and found, and what was written."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup

WRITES = ("Create", "Update", "Delete", "Tag", "Untag", "Put", "Modify", "Authorize")


def declared(session: BatchSession, **fields: Any) -> EfsVolume:  # noqa: ANN401  # any field
    network = DefaultNetwork(session)
    group = SecurityGroup(session, name="lab", network=network)
    return EfsVolume(session, **{"name": "scratch", "network": network, "security_groups": group, **fields})


def file_systems(session: BatchSession) -> list[Any]:
    return list(session.efs.describe_file_systems()["FileSystems"])


def targets(session: BatchSession, file_system_id: str) -> list[Any]:
    return list(session.efs.describe_mount_targets(FileSystemId=file_system_id)["MountTargets"])


def writes(aws: InProcessAws) -> list[str]:
    return [operation for _, operation in aws.calls if operation.startswith(WRITES)]


def old_volume(session: BatchSession, name: str = "scratch") -> str:
    """A file system as older programs made it; it has aged."""
    made = session.efs.create_file_system(
        CreationToken=str(uuid.uuid4()),
        Encrypted=False,
        ThroughputMode="elastic",
        Tags=[{"Key": "Name", "Value": name}],
    )
    session.clock.sleep(3600)
    return made["FileSystemId"]


@pytest.fixture(name="declared")
def declared_() -> Callable[..., Any]:
    return declared


@pytest.fixture(name="file_systems")
def file_systems_() -> Callable[..., Any]:
    return file_systems


@pytest.fixture(name="targets")
def targets_() -> Callable[..., Any]:
    return targets


@pytest.fixture(name="writes")
def writes_() -> Callable[..., Any]:
    return writes


@pytest.fixture(name="old_volume")
def old_volume_() -> Callable[..., Any]:
    return old_volume
