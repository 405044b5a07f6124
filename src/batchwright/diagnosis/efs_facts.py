"""What EFS tells of a file system and of how it can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from batchwright._wire import structure
from batchwright.diagnosis.batch_facts import environments_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network_facts import Seen, groups_of, subnets_of
from batchwright.diagnosis.subjects import VolumeSubject
from batchwright.resources.efs_description import MountTargetDescription
from batchwright.resources.environment_description import ComputeEnvironmentDescription

FILE_SYSTEMS: Final = "elasticfilesystem:DescribeFileSystems"
MOUNT_TARGETS: Final = "elasticfilesystem:DescribeMountTargets"
TARGET_GROUPS: Final = "elasticfilesystem:DescribeMountTargetSecurityGroups"
ACCESS_POINTS: Final = "elasticfilesystem:DescribeAccessPoints"
AVAILABLE: Final = "available"


def file_system_of(facts: Facts, subject: VolumeSubject) -> Seen | None:
    """The file system; None where it is gone."""
    wanted = subject.file_system_id

    def read() -> Seen | None:
        found = facts.session.efs.describe_file_systems(FileSystemId=wanted)["FileSystems"]
        return cast("Seen", found[0]) if found else None

    seen = facts.fact(FILE_SYSTEMS, ("id", wanted), read)
    return None if seen is None or seen["LifeCycleState"] == "deleted" else seen


def targets_of(facts: Facts, subject: VolumeSubject) -> tuple[MountTargetDescription, ...]:
    """The mount targets, without their groups; none where the file system is gone."""
    wanted = subject.file_system_id

    def read() -> tuple[MountTargetDescription, ...]:
        pages = facts.session.efs.get_paginator("describe_mount_targets").paginate(FileSystemId=wanted)
        items = [item for page in pages for item in page["MountTargets"] if item["LifeCycleState"] != "deleted"]
        return tuple(structure(MountTargetDescription, cast("Any", item), read_at=facts.now) for item in items)

    return (facts.fact(MOUNT_TARGETS, wanted, read) or ()) if file_system_of(facts, subject) else ()


def groups_of_target(facts: Facts, target: MountTargetDescription) -> tuple[str, ...]:
    """The ids of a mount target's security groups; none while it is not available."""
    if target.status != AVAILABLE:
        return ()
    efs = facts.session.efs
    return (
        facts.fact(
            TARGET_GROUPS,
            target.id,
            lambda: tuple(efs.describe_mount_target_security_groups(MountTargetId=target.id)["SecurityGroups"]),
        )
        or ()
    )


def access_point_of(facts: Facts, point_id: str) -> Seen | None:
    """One access point; None where it is gone."""

    def read() -> Seen | None:
        found = facts.session.efs.describe_access_points(AccessPointId=point_id)["AccessPoints"]
        return cast("Seen", found[0]) if found else None

    return facts.fact(ACCESS_POINTS, point_id, read)


def mounting(facts: Facts, subject: VolumeSubject) -> tuple[ComputeEnvironmentDescription, ...]:
    """The environments whose jobs mount it, as far as that is known and they are there."""
    return tuple(environments_of(facts, subject.environments).values())


def rules_of_groups(facts: Facts, group_ids: Sequence[str], member: str) -> dict[str, list[Seen]]:
    """The inbound rules (`"IpPermissions"`) or outbound ones (`"IpPermissionsEgress"`) of these groups, by group."""
    return {group_id: list(group.get(member, ())) for group_id, group in groups_of(facts, group_ids).items()}


def places_of(facts: Facts, environment: ComputeEnvironmentDescription) -> tuple[dict[str, list[str]], set[str]]:
    """The subnets of an environment by zone, and its VPCs."""
    found = subnets_of(facts, environment.subnets)
    by_zone: dict[str, list[str]] = {}
    for subnet_id, subnet in found.items():
        by_zone.setdefault(subnet.get("AvailabilityZone", ""), []).append(subnet_id)
    return by_zone, {subnet["VpcId"] for subnet in found.values()}
