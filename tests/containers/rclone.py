"""An image with rclone that does what NeuroConv's image of it does, made of this machine's rclone."""

import re
import shutil
import subprocess
from pathlib import Path

import docker

from .images import busybox_image
from .making import archive_of, commit, container_of, made_once

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# As in dockerfiles/rclone_with_config of NeuroConv.
_CONFIGURATION = {
    "Cmd": ["/bin/sh", "-c", 'printf "$RCLONE_CONFIG" > ./rclone.conf && eval "$RCLONE_COMMAND"'],
    "Entrypoint": [""],
    "WorkingDir": "/root",
}


def rclone_image(client: docker.DockerClient) -> str:
    """Return the name of an image with a shell and rclone, made where it is missing."""
    base = busybox_image(client)

    def make(tagged: str) -> None:
        with container_of(client, base, ["true"]) as container:
            container.put_archive("/", archive_of([rclone_program(), *_libraries(rclone_program()), _CERTIFICATES]))
            commit(container, tagged, _CONFIGURATION)

    return made_once(client, "rclone", (base, _version(), _CONFIGURATION), make)


def rclone_program() -> Path:
    """Return the path of rclone on this machine; raises RuntimeError where there is none."""
    program = shutil.which("rclone")
    if program is None:
        raise RuntimeError("rclone is not there to make the test image from: apt-get install rclone")
    return Path(program)


def _version() -> str:
    return subprocess.run([rclone_program(), "version"], check=True, capture_output=True, text=True).stdout


def _libraries(program: Path) -> list[Path]:
    """Return the shared libraries and the loader that the program needs; none for a static one."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=False).stdout
    return [Path(path) for path in re.findall(r"(/\S+) \(0x", told)]
