"""Rules of an EFS file system itself: whether it is there, and ready."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.efs_facts import (
    ACCESS_POINTS,
    AVAILABLE,
    FILE_SYSTEMS,
    MOUNT_TARGETS,
    access_point_of,
    file_system_of,
    targets_of,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import VolumeSubject
from batchwright.findings import Finding, error, info

_VOLUMES: Final = "https://docs.aws.amazon.com/batch/latest/userguide/efs-volumes.html"
_STATES: Final = "https://docs.aws.amazon.com/efs/latest/ug/file-system-state.html"
_TARGETS: Final = "https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html"
_MOUNTING: Final = "https://docs.aws.amazon.com/efs/latest/ug/troubleshooting-efs-mounting.html"
_POINTS: Final = "https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html"


@rule(
    "file-system-missing",
    of=VolumeSubject,
    says="the EFS file system does not exist, or is being deleted",
    actions=(FILE_SYSTEMS,),
    source=_VOLUMES,
)
def missing(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """A job cannot mount it any more."""
    seen = file_system_of(facts, subject)
    if seen is None or seen["LifeCycleState"] == "deleting":
        is_what = "does not exist" if seen is None else "is being deleted"
        yield error(
            f"{subject.label} {is_what}, so no job can mount it.",
            f"{FILE_SYSTEMS}: {subject.file_system_id} {is_what}",
            fix="Declare the job definition with a volume that exists, and submit the job again.",
        )


@rule(
    "file-system-not-available",
    of=VolumeSubject,
    says="the EFS file system is not available yet, or in error",
    actions=(FILE_SYSTEMS,),
    source=_STATES,
)
def not_available(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """Its life-cycle state."""
    state = (file_system_of(facts, subject) or {}).get("LifeCycleState", AVAILABLE)
    if state == "error":
        yield error(
            f"{subject.label} is in error, so no job can mount it.",
            f"{FILE_SYSTEMS}: LifeCycleState error",
            fix="Restore a backup of it to a new file system, and use that: one in error does not come back.",
        )
    elif state == "creating":
        yield info(
            f"{subject.label} is still being made.",
            f"{FILE_SYSTEMS}: LifeCycleState creating",
            fix="Wait for it: ensure() on the volume does.",
        )


@rule(
    "mount-target-none",
    of=VolumeSubject,
    says="the EFS file system has no mount target at all",
    actions=(FILE_SYSTEMS, MOUNT_TARGETS),
    source=_TARGETS,
)
def no_target(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """Nobody can mount it, and its DNS name leads nowhere."""
    seen = file_system_of(facts, subject)
    if seen and seen["LifeCycleState"] not in ("creating", "deleting") and not targets_of(facts, subject):
        yield error(
            f"{subject.label} has no mount target, so no job can mount it.",
            f"{MOUNT_TARGETS}: none",
            fix="Make them with ensure() on the volume: one in each zone of its network.",
        )


@rule(
    "mount-target-not-available",
    of=VolumeSubject,
    says="a mount target of the EFS file system is not available yet, or in error",
    actions=(FILE_SYSTEMS, MOUNT_TARGETS),
    source=_MOUNTING,
)
def target_not_available(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """Jobs in its zone cannot mount the file system for that long."""
    for target in targets_of(facts, subject):
        said = f"{MOUNT_TARGETS}: {target.id} in {target.zone}, LifeCycleState {target.status}"
        if target.status == "error":
            yield error(
                f"{subject.label}: its mount target in {target.zone} is in error.",
                said,
                fix=f"Delete {target.id} (`aws efs delete-mount-target`), and call ensure() on the volume.",
            )
        elif target.status in ("creating", "updating"):
            yield info(
                f"{subject.label}: its mount target in {target.zone} is not ready yet ({target.status}).",
                said,
                fix="Wait for it: ensure() on the volume does.",
            )


@rule(
    "access-point-missing",
    of=VolumeSubject,
    says="the access point by which a job mounts the file system does not exist, or belongs to another one",
    actions=(ACCESS_POINTS,),
    source=_POINTS,
)
def point_missing(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """The mount is refused."""
    if not subject.access_point_id or file_system_of(facts, subject) is None:
        return
    point = access_point_of(facts, subject.access_point_id)
    if point is None or point.get("LifeCycleState") in ("deleting", "deleted"):
        what = "does not exist any more"
    elif point.get("FileSystemId") != subject.file_system_id:
        what = f"belongs to {point.get('FileSystemId')}"
    else:
        return
    yield error(
        f"{subject.label}: the access point {subject.access_point_id} by which the job mounts it {what}.",
        f"{ACCESS_POINTS}: {subject.access_point_id} {what}",
        fix="Call ensure() on the volume and on the job definition, and submit the job again.",
    )
