"""A real recording on a real remote, and images with the real programs."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from ..containers.neuroconv import neuroconv_image
from ..containers.python import python_image
from ..containers.rclone import rclone_image
from .recordings import fetch_recording
from .remote import Remote, served
from .running import Images


@pytest.fixture(scope="session")
def docker_client() -> Iterator[docker.DockerClient]:
    """The engine's client; making an image takes a while."""
    client = docker.from_env(timeout=600)
    yield client
    client.close()


@pytest.fixture(scope="session")
def python(docker_client: docker.DockerClient) -> str:
    """The image with Python and boto3."""
    return python_image(docker_client)


@pytest.fixture(scope="session")
def images(docker_client: docker.DockerClient) -> Images:
    """The images of the pipeline."""
    return Images(rclone=rclone_image(docker_client), neuroconv=neuroconv_image(docker_client))


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording's file, in a directory with nothing else."""
    return fetch_recording(tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="session")
def remote(recording: Path) -> Iterator[Remote]:
    """A remote that has the recording."""
    with served(recording.parent) as remote:
        yield remote
