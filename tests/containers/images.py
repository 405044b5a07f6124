"""The images that tests run, made from what the machine has, since no registry is at hand."""

import io
import subprocess
import tarfile
from pathlib import Path

import docker
from docker.errors import ImageNotFound

BUSYBOX = "batchwright-test/busybox:2"
_PROGRAM = Path("/bin/busybox")
_PASSWD = "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000:worker:/home/worker:/bin/sh\n"
_GROUP = "root:x:0:\nworker:x:1000:\n"
_DIRECTORIES = {"bin": 0o755, "etc": 0o755, "root": 0o700, "home": 0o755, "tmp": 0o1777, "var": 0o755}


def busybox_image(client: docker.DockerClient) -> str:
    """Return the name of a small image with a shell and its programs, made where it is missing.

    It has the users `root` and `worker` (1000), and neither an entry point nor a command of its own.
    """
    try:
        client.images.get(BUSYBOX)
    except ImageNotFound:
        repository, _, tag = BUSYBOX.rpartition(":")
        client.api.import_image_from_data(_root_file_system(), repository=repository, tag=tag)
    return BUSYBOX


def _root_file_system() -> bytes:
    """Return a tar archive of busybox with a link for each of its programs."""
    if not _PROGRAM.exists():
        raise RuntimeError(f"{_PROGRAM} is not there to make the test image from: apt-get install busybox-static")
    listed = subprocess.run([_PROGRAM, "--list"], check=True, capture_output=True, text=True).stdout.split()
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, mode in _DIRECTORIES.items():
            archive.addfile(_entry(name, tarfile.DIRTYPE, mode))
        _add(archive, "bin/busybox", _PROGRAM.read_bytes(), 0o755)
        _add(archive, "etc/passwd", _PASSWD.encode(), 0o644)
        _add(archive, "etc/group", _GROUP.encode(), 0o644)
        for program in set(listed) - {"busybox"}:
            link = _entry(f"bin/{program}", tarfile.LNKTYPE, 0o755)
            link.linkname = "bin/busybox"
            archive.addfile(link)
    return content.getvalue()


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, mode
    return entry


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    entry = _entry(name, tarfile.REGTYPE, mode)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))
