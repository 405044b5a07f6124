"""Which directories of this machine a job sees, and where: its volumes and mount points read into values."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from batchwright.local.volumes import VolumeError, VolumeStore


@attrs.frozen(kw_only=True)
class Mount:
    """One real directory at one path of the container.

    Args:
        volume: The volume's name in the job definition.
        source: The real directory.
        path: Where the job sees it, absolute and normal.
        read_only: Whether the job must not write there.
        is_host: Whether it is a directory of the host that the job definition names.
        is_scratch: Whether it is the run's own, and goes with it.
    """

    volume: str
    source: Path
    path: str
    read_only: bool
    is_host: bool = False
    is_scratch: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that tells a job where this volume is."""
        return "BATCHWRIGHT_MOUNT_" + re.sub(r"[^A-Za-z0-9]", "_", self.volume).upper()


def mounts_of(container: Mapping[str, Any], store: VolumeStore, scratch: Path | None) -> tuple[Mount, ...]:
    """Return what the container mounts, outer paths first.

    Args:
        container: `volumes` and `mountPoints` in AWS's shape.
        store: Where file systems are.
        scratch: A directory of this run, for volumes that have no place of their own; None leaves these, and
            directories of the host that are not there, to be made by who mounts them.

    Raises:
        VolumeError: A mount point that names no volume, a path that cannot be one, or a volume that is not there.
    """
    volumes = {str(volume.get("name")): volume for volume in container.get("volumes") or ()}
    mounts = [_mount(point, volumes, store, scratch) for point in container.get("mountPoints") or ()]
    return tuple(sorted(mounts, key=lambda mount: mount.path))


def _mount(point: Mapping[str, Any], volumes: Mapping[str, Any], store: VolumeStore, scratch: Path | None) -> Mount:
    name, path = str(point.get("sourceVolume")), str(point.get("containerPath") or "")
    if name not in volumes:
        raise VolumeError(f"mountPoints names the volume {name!r}; the job definition has {sorted(volumes)}")
    normal = posixpath.normpath(path)
    if not normal.startswith("/") or normal.strip("/") == "":
        raise VolumeError(f"containerPath {path!r} of volume {name!r} must be absolute and not the root")
    shown, read_only = "/" + normal.lstrip("/"), bool(point.get("readOnly"))
    volume: Mapping[str, Any] = volumes[name]
    if efs := volume.get("efsVolumeConfiguration"):
        return Mount(volume=name, source=store.efs_directory(efs), path=shown, read_only=read_only)
    host: Mapping[str, Any] = volume.get("host") or {}
    if host.get("sourcePath"):  # an empty one leaves the place to Docker
        source = _host_directory(name, str(host["sourcePath"]), is_required=scratch is not None)
        return Mount(volume=name, source=source, path=shown, read_only=read_only, is_host=True)
    return Mount(volume=name, source=_fresh(name, scratch), path=shown, read_only=read_only, is_scratch=True)


def _host_directory(name: str, path: str, *, is_required: bool) -> Path:
    if not Path(path).is_absolute():  # Docker would make a volume of that name, and nobody would remove it
        raise VolumeError(f"volume {name!r}: host.sourcePath {path!r} must be an absolute path")
    if is_required and not Path(path).is_dir():
        raise VolumeError(f"volume {name!r} is the host's {path!r}, which is no directory on this machine")
    return Path(path)


def _fresh(name: str, scratch: Path | None) -> Path:
    plain = Path("volumes", re.sub(r"[^A-Za-z0-9_-]", "_", name))
    if scratch is None:
        return plain
    (scratch / plain).mkdir(parents=True, exist_ok=True)
    return scratch / plain
