"""The EFS file systems of the local AWS, each one a directory."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_FILE_SYSTEM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


class VolumeError(Exception):
    """A volume cannot be mounted; the text is what AWS would give as the container's reason."""


def _file_system_root(access_point_id: str) -> str:
    del access_point_id  # without knowledge of access points all of them show the whole file system
    return "/"


class VolumeStore:
    """Keeps one directory for each file system under `root`; it outlives jobs, and goes when its owner removes `root`.

    Args:
        root: The directory to keep them in, made when first needed.
        access_point_root: Tells the root directory of an EFS access point by its id.
    """

    def __init__(self, root: Path, *, access_point_root: Callable[[str], str] = _file_system_root) -> None:
        self._root = root
        self._access_point_root = access_point_root

    def directory(self, file_system_id: str, *, root_directory: str = "/") -> Path:
        """Return the real directory of `root_directory` in the file system.

        Raises:
            VolumeError: There is no such directory in the file system, or the names are not legal ones.
        """
        directory = self._within(file_system_id, root_directory)
        if not directory.is_dir():
            raise VolumeError(
                mount_refusal(
                    f"mount.nfs4: mounting {file_system_id}:{root_directory} failed, reason given "
                    "by server: No such file or directory"
                )
            )
        return directory

    def efs_directory(self, configuration: Mapping[str, Any]) -> Path:
        """Return the real directory of a job definition's `efsVolumeConfiguration`.

        Raises:
            VolumeError: As `directory` does.
        """
        file_system_id = str(configuration["fileSystemId"])
        authorization: Mapping[str, Any] = configuration.get("authorizationConfig") or {}
        access_point_id = authorization.get("accessPointId")
        if not access_point_id:
            return self.directory(file_system_id, root_directory=str(configuration.get("rootDirectory") or "/"))
        inside = self._access_point_root(str(access_point_id))
        # EFS makes an access point's directory at its first use.
        self._within(file_system_id, inside).mkdir(parents=True, exist_ok=True)
        return self.directory(file_system_id, root_directory=inside)

    def remove(self, file_system_id: str) -> None:
        """Remove the file system's contents, for good."""
        shutil.rmtree(self._within(file_system_id, "/"), ignore_errors=True)

    def _within(self, file_system_id: str, path: str) -> Path:
        """Return where `path` of the file system really is, links followed; it need not be there yet."""
        if not _FILE_SYSTEM_ID.fullmatch(file_system_id):
            raise VolumeError(mount_refusal(f"{file_system_id!r} is no file system id"))
        top = self._root / file_system_id
        top.mkdir(parents=True, exist_ok=True)
        found = (top / path.lstrip("/")).resolve()
        if not found.is_relative_to(top.resolve()):
            raise VolumeError(mount_refusal(f"rootDirectory {path!r} leads out of {file_system_id}"))
        return found


def mount_refusal(why: str) -> str:
    """Return AWS's reason for a container whose EFS volume could not be mounted."""
    return f"ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: {why}"
