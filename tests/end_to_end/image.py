"""The image that the tests' jobs run in on a Docker engine."""

import hashlib
from pathlib import Path

import docker

import batchwright

from ..containers.making import archive_of, commit, container_of, made_once
from ..containers.python import pip_image, python_image

SOURCES = Path(batchwright.__file__).parents[1]
_NEEDS = ["attrs>=24.2", "cattrs>=24.1", "rich>=13.7"]


def batchwright_image(client: docker.DockerClient) -> str:
    """Return the name of an image with Python and with batchwright as it is here, at the same path."""
    base = pip_image(client, "python-for-batchwright", python_image(client), _NEEDS, {"Cmd": ["python3"]})
    files = sorted((SOURCES / "batchwright").rglob("*.py"))

    def make(tagged: str) -> None:
        with container_of(client, base, ["python3"]) as container:
            container.put_archive("/", archive_of(files))
            commit(container, tagged, {"Cmd": ["python3"]})

    content = hashlib.sha256(b"".join(str(file).encode() + file.read_bytes() for file in files)).hexdigest()
    return made_once(client, "batchwright", (base, content), make)
