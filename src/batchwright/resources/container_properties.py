"""The container of a job definition in AWS's words, from the declaration and the ids of what it uses."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import attrs

from batchwright.resources.efs_volume import EfsVolume, Mount
from batchwright.resources.sizes import requirements

if TYPE_CHECKING:
    from batchwright.resources.job_definition import JobDefinition

_FARGATE_WITH_EFS: Final = "1.4.0"  # the first that mounts EFS; LATEST has been refused for it
_VOLUME_NAME_MAX: Final = 200


@attrs.frozen(kw_only=True)
class Mounted:
    """One file system at one path of the container."""

    path: str
    file_system_id: str
    access_point_id: str | None
    root_directory: str | None
    read_only: bool
    iam: bool

    @classmethod
    def of(cls, path: str, mount: Mount, *, file_system_id: str, access_point_id: str | None = None) -> Mounted:
        """What `mount` declares at `path`, with the ids that AWS gave its volume."""
        return cls(
            path=posixpath.normpath(path),
            file_system_id=file_system_id,
            access_point_id=access_point_id,
            root_directory=mount.root_directory,
            read_only=mount.read_only,
            iam=mount.iam,
        )


def mount_of(item: EfsVolume | Mount) -> Mount:
    """A volume given alone is mounted whole, for reading and writing."""
    return item if isinstance(item, Mount) else Mount(item)


@attrs.frozen(kw_only=True)
class Ids:
    """What AWS calls the things that a definition uses."""

    job_role_arn: str | None = None
    execution_role_arn: str | None = None
    mounts: tuple[Mounted, ...] = ()
    secrets: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)


def container_properties(definition: JobDefinition, ids: Ids) -> dict[str, object]:
    """The `containerProperties` of a request.

    Lists are there even when empty: moto hands an earlier revision's on where a member is missing, and an empty one
    says that whatever is there now must go.
    """
    names = volume_names(mount.path for mount in ids.mounts)
    said: dict[str, object] = {
        "image": definition.image,
        "command": list(definition.command),
        "resourceRequirements": requirements(definition.vcpus, definition.memory_gib, definition.gpus),
        "environment": [{"name": key, "value": value} for key, value in sorted(definition.environment.items())],
        "secrets": [{"name": key, "valueFrom": arn} for key, arn in sorted(ids.secrets.items())],
        "volumes": [_volume(names[mount.path], mount) for mount in ids.mounts],
        "mountPoints": [
            {"sourceVolume": names[mount.path], "containerPath": mount.path, "readOnly": mount.read_only}
            for mount in ids.mounts
        ],
        "jobRoleArn": ids.job_role_arn,
        "executionRoleArn": ids.execution_role_arn,
        "user": definition.user,
        "logConfiguration": _logging(definition.log_options),
        **_on_fargate(definition),
    }
    return {key: value for key, value in said.items() if value is not None}


def volume_names(paths: Iterable[str]) -> dict[str, str]:
    """A legal name for the volume at each path, made from the path: `/mnt/efs` is `mnt-efs`."""
    readable = {path: re.sub(r"[^A-Za-z0-9_-]", "-", path.strip("/"))[:_VOLUME_NAME_MAX] for path in paths}
    taken = Counter(readable.values())
    return {
        path: name if taken[name] == 1 else f"{name}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"
        for path, name in readable.items()
    }


def _volume(name: str, mount: Mounted) -> dict[str, object]:
    authorization: dict[str, str] = {"iam": "ENABLED" if mount.iam else "DISABLED"}
    efs: dict[str, object] = {
        "fileSystemId": mount.file_system_id,
        "rootDirectory": mount.root_directory or "/",
        "transitEncryption": "ENABLED",
        "authorizationConfig": authorization,
    }
    if mount.access_point_id:
        authorization["accessPointId"] = mount.access_point_id
    return {"name": name, "efsVolumeConfiguration": efs}


def _logging(options: Mapping[str, str] | None) -> dict[str, object] | None:
    return None if options is None else {"logDriver": "awslogs", "options": dict(options)}


def _on_fargate(definition: JobDefinition) -> dict[str, object]:
    if definition.platform != "FARGATE":
        return {}
    said: dict[str, object] = {
        "fargatePlatformConfiguration": {"platformVersion": _FARGATE_WITH_EFS if definition.volumes else "LATEST"},
        "networkConfiguration": {"assignPublicIp": "DISABLED" if definition.assign_public_ip is False else "ENABLED"},
    }
    if definition.ephemeral_storage_gib is not None:
        said["ephemeralStorage"] = {"sizeInGiB": definition.ephemeral_storage_gib}
    return said
