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
    """

    volume: str
    source: Path
    path: str
    read_only: bool

    @property
    def variable(self) -> str:
        """The environment variable that tells a job where this volume is."""
        return "BATCHWRIGHT_MOUNT_" + re.sub(r"[^A-Za-z0-9]", "_", self.volume).upper()


def mounts_of(container: Mapping[str, Any], store: VolumeStore, scratch: Path) -> tuple[Mount, ...]:
    """Return what the container mounts, outer paths first.

    Args:
        container: `volumes` and `mountPoints` in AWS's shape.
        store: Where file systems are.
        scratch: A directory of this run, for volumes that have no place of their own.

    Raises:
        VolumeError: A mount point that names no volume, a path that cannot be one, or a volume that is not there.
    """
    volumes = {str(volume.get("name")): volume for volume in container.get("volumes") or ()}
    mounts = [_mount(point, volumes, store, scratch) for point in container.get("mountPoints") or ()]
    return tuple(sorted(mounts, key=lambda mount: mount.path))


def _mount(point: Mapping[str, Any], volumes: Mapping[str, Any], store: VolumeStore, scratch: Path) -> Mount:
    name, path = str(point.get("sourceVolume")), str(point.get("containerPath") or "")
    if name not in volumes:
        raise VolumeError(f"mountPoints names the volume {name!r}; the job definition has {sorted(volumes)}")
    normal = posixpath.normpath(path)
    if not normal.startswith("/") or normal.strip("/") == "":
        raise VolumeError(f"containerPath {path!r} of volume {name!r} must be absolute and not the root")
    source = _source(name, volumes[name], store, scratch)
    return Mount(volume=name, source=source, path="/" + normal.lstrip("/"), read_only=bool(point.get("readOnly")))


def _source(name: str, volume: Mapping[str, Any], store: VolumeStore, scratch: Path) -> Path:
    if efs := volume.get("efsVolumeConfiguration"):
        return store.efs_directory(efs)
    host: Mapping[str, Any] = volume.get("host") or {}
    host_path: str | None = host.get("sourcePath")
    if host_path is None:
        fresh = scratch / "volumes" / re.sub(r"[^A-Za-z0-9_-]", "_", name)
        fresh.mkdir(parents=True, exist_ok=True)
        return fresh
    if not Path(host_path).is_dir():
        raise VolumeError(f"volume {name!r} is the host's {host_path!r}, which is no directory on this machine")
    return Path(host_path)
