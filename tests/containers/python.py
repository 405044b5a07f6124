"""An image of Debian with Python, boto3 and a shell, made of Debian's packages."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import docker
from docker.errors import ImageNotFound

from .making import commit, container_of, made_once
from .pip_here import pip_environment, pip_mounts

_SUITE = "bookworm"
_MIRROR = "http://deb.debian.org/debian"
_PACKAGES = ("python3", "python3-pip", "ca-certificates")
_LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists")
_PULLED = "python:3.11-slim-bookworm"


def python_image(client: docker.DockerClient) -> str:
    """Return the name of an image with `python3`, boto3 and `sh`, without entry point, made where it is missing."""
    base = _base_image(client)
    return pip_image(client, "python", base, ["boto3>=1.36"], {"Cmd": ["python3"]})


def pip_image(
    client: docker.DockerClient, name: str, base: str, requirements: list[str], configuration: dict[str, object]
) -> str:
    """Return the name of the image that is `base` with what pip installs, made where it is missing."""

    def make(tagged: str) -> None:
        environment = pip_environment()
        with container_of(client, base, ["sleep", "infinity"], pip_mounts(environment)) as container:
            container.start()
            command = ["python3", "-m", "pip", "install", "-q", *requirements]
            code, printed = container.exec_run(command, environment=environment)  # so that the image keeps no variable
            if code != 0:
                raise RuntimeError(f"pip in a container of {base} failed: {printed.decode(errors='replace')[-2000:]}")
            commit(container, tagged, configuration)

    return made_once(client, name, (base, requirements, configuration), make)


def _base_image(client: docker.DockerClient) -> str:
    """Return an image with Python and pip: from debootstrap, and pulled where that is missing or not allowed."""
    if shutil.which("debootstrap") and os.geteuid() == 0:
        return made_once(client, "debian", (_SUITE, _PACKAGES, _LEFT_OUT), lambda tagged: _bootstrap(client, tagged))
    try:
        client.images.get(_PULLED)
    except ImageNotFound:
        client.images.pull(_PULLED)
    return _PULLED


def _bootstrap(client: docker.DockerClient, tagged: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        root, archive = Path(scratch) / "root", Path(scratch) / "root.tar"
        command = ["debootstrap", "--variant=minbase", f"--include={','.join(_PACKAGES)}", _SUITE, str(root), _MIRROR]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise RuntimeError(f"debootstrap failed: {(made.stdout + made.stderr)[-2000:]}")
        for directory in _LEFT_OUT:
            shutil.rmtree(root / directory)
        subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
        repository, _, tag = tagged.rpartition(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=tag)
