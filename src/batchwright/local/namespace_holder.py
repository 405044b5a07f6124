"""A program that makes a root directory with volumes in it, in a mount namespace of its own, and keeps it alive.

It runs under `unshare --mount`, reads a plan as one line of JSON, says `ready` and ends when its input does, and with
it the namespace: whoever started it may die without leaving anything.  Only the standard library is imported, since
it runs with no site-packages.  All mounts are made on a new root (a tmpfs), so nothing is made on the host.
"""

import contextlib
import ctypes
import json
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, cast

_MNT_DETACH = 2
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND, _MS_REC = 1, 2, 4, 32, 4096, 16384
# A remount must keep these flags where the mount has them, or a user namespace may not do it: (statvfs, mount).
_KEPT_FLAGS = ((2, 2), (4, 4), (8, 8), (1024, 1024), (2048, 2048), (4096, 1 << 21))


class BindPlan(TypedDict):
    """One directory to show: `source` on the host at `path` in the new root."""

    source: str
    path: str
    read_only: bool


class Plan(TypedDict):
    """What to build: the empty directory that becomes the root, and what is bound in it."""

    root: str
    binds: list[BindPlan]


def main() -> int:
    """Build the root, say so, and wait for the end of the input."""
    plan = cast(Plan, json.loads(sys.stdin.readline()))
    try:
        build(plan)
    except OSError as error:
        sys.stdout.write(f"refused: {error}\n")
        return 1
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    return 0


def build(plan: Plan) -> None:
    """Mount the new root, show the host's directories and the volumes in it, and move into it.

    Raises:
        OSError: The kernel refuses, or a path cannot be a mount point.
    """
    root = plan["root"]
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755")
    targets = [os.path.realpath(bind["path"]) for bind in plan["binds"]]
    missing = [tuple(Path(target).parts[1:]) for target in targets if not Path(target).is_dir()]
    _mirror("/", root, missing)
    # What holds the new root was shown in it too. A job that empties its temporary directory must not get from there
    # to the host's other directories.
    _unmount(root + os.path.realpath(root))
    for bind, target in zip(plan["binds"], targets, strict=True):
        point = root + target
        Path(point).mkdir(parents=True, exist_ok=True)
        _mount(bind["source"], point, "", _MS_BIND | _MS_REC)
        if bind["read_only"]:
            _mount("", point, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _kept_flags(point))
    os.chroot(root)
    os.chdir("/")


def _mirror(host: str, new: str, missing: Sequence[tuple[str, ...]]) -> None:
    """Show all of `host` in `new`; directories above a missing mount point are made anew, the others bound whole."""
    with contextlib.suppress(PermissionError), os.scandir(host) as entries:
        for entry in entries:
            target = f"{new.rstrip('/')}/{entry.name}"
            below = [path[1:] for path in missing if path[0] == entry.name and len(path) > 1]
            if below and entry.is_dir(follow_symlinks=False):
                Path(target).mkdir()
                _mirror(entry.path, target, below)
                _copy_owner(entry.path, target)
            else:
                _show(entry, target)


def _show(entry: os.DirEntry[str], target: str) -> None:
    if entry.is_symlink():
        Path(target).symlink_to(Path(entry.path).readlink())
        return
    if entry.is_dir():
        Path(target).mkdir()
    else:
        Path(target).touch()
    try:
        _mount(entry.path, target, "", _MS_BIND | _MS_REC)
    except OSError:  # one odd entry of the host must not keep every job from running
        (Path(target).rmdir if entry.is_dir() else Path(target).unlink)()


def _copy_owner(source: str, target: str) -> None:
    seen = Path(source).stat()
    with contextlib.suppress(OSError):  # an owner who is not mapped into a user namespace cannot be given
        os.chown(target, seen.st_uid, seen.st_gid)
    Path(target).chmod(stat.S_IMODE(seen.st_mode))


def _kept_flags(path: str) -> int:
    flags = os.statvfs(path).f_flag
    return sum(mount_flag for seen, mount_flag in _KEPT_FLAGS if flags & seen)


def _mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    words = [text.encode() for text in (source, target, kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), options.encode()) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"cannot mount {source or 'read-only'}: {os.strerror(code)}", target)


def _unmount(target: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.umount2(target.encode(), _MNT_DETACH) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"cannot unmount: {os.strerror(code)}", target)


if __name__ == "__main__":
    sys.exit(main())
