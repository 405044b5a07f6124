"""Removes a directory in which containers have written, as root perhaps, also for a user who is not root."""

import logging
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from batchwright.local.docker.api import DockerApi, EngineGoneError, EngineRefusedError

logger = logging.getLogger(__name__)

_INSIDE = "/left"


def remove_tree(api: DockerApi, directory: Path, images: Iterable[str], labels: Mapping[str, str]) -> None:
    """Remove the directory, and where that is not allowed have a container do it.

    Args:
        api: The engine.
        directory: What is to go.
        images: Images that may have the program `rm`, tried one after the other.
        labels: By which the containers are found should this process die.
    """
    shutil.rmtree(directory, ignore_errors=True)
    for image in images:
        if not directory.exists():
            return
        with suppress(EngineRefusedError, EngineGoneError):
            _remove_inside(api, directory, image, labels)
        shutil.rmtree(directory, ignore_errors=True)
    if directory.exists():
        logger.warning("Files in %s belong to another user, and could not be removed", directory)


def _remove_inside(api: DockerApi, directory: Path, image: str, labels: Mapping[str, str]) -> None:
    body = {
        "Image": image,
        "Entrypoint": ["rm", "-rf"],
        "Cmd": [f"{_INSIDE}/{each.name}" for each in directory.iterdir()],
        "User": "0",
        "Labels": dict(labels),
        "HostConfig": {
            "NetworkMode": "none",
            "LogConfig": {"Type": "none"},
            "Mounts": [{"Type": "bind", "Source": str(directory), "Target": _INSIDE}],
        },
    }
    container_id = api.create(f"batchwright-removal-{directory.name}", body, None)
    try:
        api.start(container_id)
        api.ended(container_id)
    finally:
        api.remove(container_id)
