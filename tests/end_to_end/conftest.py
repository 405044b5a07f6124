"""A local AWS in its own process, whose jobs are real processes, and sessions on it."""

from collections.abc import Callable, Iterator

import pytest

from batchwright import BatchSession
from batchwright.local import LocalServer
from batchwright.resources.job_definition import JobDefinition

NewSession = Callable[[str], BatchSession]


@pytest.fixture(scope="package")
def server() -> Iterator[LocalServer]:
    """One AWS for the folder, with delays of tenths of seconds."""
    with LocalServer(engine="process") as server:
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
def python(lab: BatchSession) -> JobDefinition:
    """What the tests run their snippets with."""
    return lab.job_definition(name="python", image="python:3.13-slim")
