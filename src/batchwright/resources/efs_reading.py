"""Finding a volume and putting together what EFS's several calls say of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright._wire import structure
from batchwright.connection import Connection
from batchwright.errors import AmbiguousNameError
from batchwright.ownership import tag_mapping
from batchwright.resources.efs_description import EfsVolumeDescription, MountTargetDescription
from batchwright.resources.efs_settling import dns_settles_at
from batchwright.translation import code_of, is_missing

if TYPE_CHECKING:
    from mypy_boto3_efs.type_defs import FileSystemDescriptionTypeDef, MountTargetDescriptionTypeDef

AVAILABLE: Final = "available"
LEAVING: Final = ("deleting", "deleted")


def found_by_token(session: Connection, token: str) -> FileSystemDescriptionTypeDef | None:
    """The file system that was made with this creation token, in any state."""
    from botocore.exceptions import ClientError

    try:
        found = session.efs.describe_file_systems(CreationToken=token)["FileSystems"]
    except ClientError as error:
        if code_of(error) != "FileSystemNotFound":
            raise
        return None
    return found[0] if found else None


def found_by_name(session: Connection, name: str) -> FileSystemDescriptionTypeDef | None:
    """The one file system that carries the tag `Name`, whoever made it.

    Raises:
        AmbiguousNameError: There are several.
    """
    found = [
        item
        for item in every_file_system(session)
        if tags_of(item).get("Name") == name and item["LifeCycleState"] not in LEAVING
    ]
    if len(found) > 1:
        ids = ", ".join(sorted(item["FileSystemId"] for item in found))
        raise AmbiguousNameError(
            f"EFS volume {name!r}: {len(found)} file systems in {session.region} carry that name: {ids}.",
            hint="Change the tag Name of all but the one that you mean (EFS console, or `aws efs tag-resource`), "
            "or declare another name.",
        )
    return found[0] if found else None


def every_file_system(session: Connection) -> Iterator[FileSystemDescriptionTypeDef]:
    """Every file system of the account's region, over all pages."""
    for page in session.efs.get_paginator("describe_file_systems").paginate():
        yield from page["FileSystems"]


def tags_of(file_system: FileSystemDescriptionTypeDef) -> dict[str, str]:
    """Its tags as a mapping."""
    return tag_mapping(cast("Any", file_system.get("Tags")))


def described(
    session: Connection, file_system: FileSystemDescriptionTypeDef, *, access_point_token: str | None = None
) -> EfsVolumeDescription | None:
    """All that EFS says of `file_system`; None if it is gone by now.

    Args:
        session: Whose clients to use.
        file_system: What DescribeFileSystems said of it.
        access_point_token: Which of its access points matters, if any.
    """
    from botocore.exceptions import ClientError

    try:
        # Of what is on its way out nothing else matters, and EFS may not answer for its parts any more.
        leaving = file_system["LifeCycleState"] in LEAVING
        parts = {} if leaving else _parts(session, file_system, access_point_token)
    except ClientError as error:
        if code_of(error) != "FileSystemNotFound":
            raise
        return None
    answer = cast("Any", file_system)
    volume = structure(EfsVolumeDescription, answer, read_at=session.clock.now(), tags=tags_of(file_system), **parts)
    status, reason = _status(session, volume)
    return attrs.evolve(volume, status=status, status_reason=reason)


def _parts(
    session: Connection, file_system: FileSystemDescriptionTypeDef, access_point_token: str | None
) -> dict[str, object]:
    file_system_id = file_system["FileSystemId"]
    point = _access_point(session, file_system_id, access_point_token) if access_point_token else None
    return {
        "mount_targets": tuple(_mount_targets(session, file_system_id)),
        "access_point": point,
        "access_point_id": point["AccessPointId"] if point else None,
        "backup": file_system["LifeCycleState"] == AVAILABLE and _is_saved(session, file_system_id),
    }


def _mount_targets(session: Connection, file_system_id: str) -> Iterator[MountTargetDescription]:
    pages = session.efs.get_paginator("describe_mount_targets").paginate(FileSystemId=file_system_id)
    items = [item for page in pages for item in page["MountTargets"] if item["LifeCycleState"] != "deleted"]
    for item in sorted(items, key=lambda item: item.get("AvailabilityZoneName", "")):
        groups = tuple(_groups(session, item))
        yield structure(
            MountTargetDescription, cast("Any", item), read_at=session.clock.now(), security_group_ids=groups
        )


def _groups(session: Connection, target: MountTargetDescriptionTypeDef) -> Iterable[str]:
    from botocore.exceptions import ClientError

    if target["LifeCycleState"] != AVAILABLE:
        return ()
    try:
        answer = session.efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])
    except ClientError as error:
        if not is_missing(error):
            raise
        return ()
    return sorted(answer["SecurityGroups"])


def _access_point(session: Connection, file_system_id: str, token: str) -> dict[str, Any] | None:
    pages = session.efs.get_paginator("describe_access_points").paginate(FileSystemId=file_system_id)
    for page in pages:
        for item in page["AccessPoints"]:
            if item.get("ClientToken") == token and item.get("LifeCycleState") not in LEAVING:
                return cast("dict[str, Any]", item)
    return None


def _is_saved(session: Connection, file_system_id: str) -> bool:
    from botocore.exceptions import ClientError

    try:
        policy = session.efs.describe_backup_policy(FileSystemId=file_system_id).get("BackupPolicy", {})
    except ClientError as error:
        if code_of(error) != "PolicyNotFound":
            raise
        return False
    return policy.get("Status") in ("ENABLED", "ENABLING")


def _status(session: Connection, volume: EfsVolumeDescription) -> tuple[str, str]:
    """The status of the whole, which is that of the part that is least ready, and its reason."""
    settles_at = dns_settles_at(session, volume, volume.mount_targets)
    if volume.life_cycle_state != AVAILABLE:
        return volume.life_cycle_state, ""
    for status, what in sorted(_unready(volume), key=lambda part: part[0] != "error"):
        # A part that leaves makes the whole change, not leave.
        return ("updating" if status in LEAVING else status), f"{what} is {status}"
    left = settles_at - session.clock.now()
    if volume.mount_targets and left > 0:
        return "creating", f"its mount targets are available, and its DNS name is given {left:.0f} s more"
    return AVAILABLE, ""


def _unready(volume: EfsVolumeDescription) -> Iterator[tuple[str, str]]:
    for target in volume.mount_targets:
        if target.status != AVAILABLE:
            yield target.status, f"mount target {target.id} in {target.zone}"
    point: Mapping[str, object] = volume.access_point or {}
    if (status := str(point.get("LifeCycleState", AVAILABLE))) != AVAILABLE:
        yield status, f"access point {volume.access_point_id}"
