"""A local AWS in its own process, whose jobs are processes or containers, and sessions on it."""

import sys
from collections.abc import Callable, Iterator

import attrs
import pytest

from batchwright import BatchSession
from batchwright.local import LocalServer
from batchwright.resources.job_definition import JobDefinition

from .image import batchwright_image

NewSession = Callable[[str], BatchSession]


@attrs.frozen
class Ground:
    """What the jobs of a test run on.

    Args:
        engine: The engine's name.
        image: An image with Python, boto3 and batchwright.
        python: The program there that can import batchwright.
    """

    engine: str
    image: str
    python: str


@pytest.fixture(scope="package", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def ground(request: pytest.FixtureRequest) -> Ground:
    """Each engine in turn."""
    if request.param == "process":
        return Ground("process", "python:3.13-slim", sys.executable)
    import docker

    client = docker.from_env()
    try:
        return Ground("docker", batchwright_image(client), "python3")
    finally:
        client.close()


@pytest.fixture(scope="package")
def server(ground: Ground) -> Iterator[LocalServer]:
    """One AWS for the folder and engine, with delays of tenths of seconds."""
    with LocalServer(engine=ground.engine) as server:
        yield server


@pytest.fixture
def new_session(server: LocalServer) -> Iterator[NewSession]:
    """Makes sessions on that AWS, each in the namespace it is told."""
    made: list[BatchSession] = []

    def make(namespace: str) -> BatchSession:
        made.append(BatchSession(namespace, boto3_session=server.boto3_session()))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(scope="module")
def lab(server: LocalServer) -> Iterator[BatchSession]:
    """A session whose queue and roles the tests of a module share; their jobs have names of their own."""
    with BatchSession("lab", boto3_session=server.boto3_session()) as session:
        yield session


@pytest.fixture(scope="module")
def python(lab: BatchSession, ground: Ground) -> JobDefinition:
    """What the tests run their snippets with."""
    return lab.job_definition(name="python", image=ground.image)
