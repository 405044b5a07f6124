"""How a job mounts a volume, and whether the volume's mount targets let it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright._display import Displayed
from batchwright.connection import Connection
from batchwright.resources.efs_description import EfsVolumeDescription, MountTargetDescription
from batchwright.resources.security_rules import NFS_PORT, lets_through
from batchwright.values import refuse

if TYPE_CHECKING:
    from batchwright.resources.efs_volume import EfsVolume

_DIRECTORY: Final = re.compile(r"/[^\0]{0,4095}")


def _directory_legal(instance: Mount, field: attrs.Attribute[Any], value: str | None) -> None:
    if value is None:
        return
    if not _DIRECTORY.fullmatch(value) or ".." in value.split("/"):
        raise refuse(instance, field.name, value, "an absolute path of at most 4096 characters, without '..'")
    if instance.volume.access_point is not None and value != "/":
        raise refuse(instance, field.name, value, "left out: the volume's access point says which directory it is")


@attrs.frozen
class Mount(Displayed):
    """A volume as a job sees it, where the volume alone does not say enough; traffic is always encrypted.

    Args:
        volume: The volume.
        read_only: Whether the job can only read.
        root_directory: The directory of the volume that the job sees as a whole, absolute; it must be there already.
        iam: Whether EFS checks the job role's rights (`elasticfilesystem:ClientMount`, `ClientWrite`).
    """

    volume: EfsVolume
    read_only: bool = attrs.field(default=False, kw_only=True)
    root_directory: str | None = attrs.field(default=None, kw_only=True, validator=_directory_legal)
    iam: bool = attrs.field(default=False, kw_only=True)


def lets_in(
    volume_description: EfsVolumeDescription, environment_group_ids: Collection[str], session: Connection
) -> list[str]:
    """The rules that are missing for members of these groups to mount the volume, in words; empty when none is.

    Each mount target needs a group that admits TCP 2049 from one of the environment's. A rule for addresses instead
    of groups counts as admitting, since it cannot be told here which addresses jobs will have; so does a mount
    target that is not available yet, whose groups are not known. One `ec2:DescribeSecurityGroups`.

    Args:
        volume_description: What EFS reports of the volume.
        environment_group_ids: The groups of the compute environment; nothing is said where its launch template has
            them.
        session: Whose clients to use.
    """
    known = [target for target in volume_description.mount_targets if target.security_group_ids]
    group_ids = sorted({group_id for target in known for group_id in target.security_group_ids})
    if not group_ids or not environment_group_ids:
        return []
    found = session.ec2.describe_security_groups(GroupIds=group_ids)["SecurityGroups"]
    rules = {group.get("GroupId", ""): cast("list[dict[str, Any]]", group.get("IpPermissions", [])) for group in found}
    return missing_rules(known, rules, environment_group_ids)


def missing_rules(
    targets: Iterable[MountTargetDescription],
    rules: Mapping[str, Iterable[Mapping[str, Any]]],
    environment_group_ids: Collection[str],
) -> list[str]:
    """What `lets_in` says, of what has been read already.

    Args:
        targets: Mount targets whose groups are known.
        rules: The inbound rules of these groups, by group.
        environment_group_ids: The groups of the compute environment.
    """
    admitting = {
        group_id
        for group_id, own in rules.items()
        if any(lets_through(rule, NFS_PORT, environment_group_ids) for rule in own)
    }
    sources = " or ".join(sorted(environment_group_ids))
    return [
        f"inbound TCP {NFS_PORT} from {sources} in {' or '.join(target.security_group_ids)} "
        f"(mount target {target.id} in {target.zone})"
        for target in targets
        if not admitting.intersection(target.security_group_ids)
    ]
