"""The systems that are compared, each a server in a process of its own that boto3 talks to."""

from __future__ import annotations

import http.client
import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import attrs
import boto3
import docker

from batchwright.local import Delays, LocalServer

REGION: Final = "us-east-1"
"""localbatch knows no other."""
LOCALBATCH: Final = "LOCALBATCH_PYTHON"
"""Names an interpreter that has localbatch, where this one has not."""
_START_S: Final = 60.0
NEIGHBOURS: Final = frozenset({"ec2", "iam", "logs", "efs", "secretsmanager", "events", "sqs"})


@attrs.frozen(kw_only=True)
class System:
    """One that plays AWS Batch.

    Attributes:
        session: Its clients.
        image: What jobs run in.
        services: What there is beside Batch.
        has_images: Whether jobs are containers.
        advance: Moves its time, where it can be moved.
        shortest_timeout_s: The least timeout that it takes.
    """

    session: boto3.Session
    image: str
    services: frozenset[str] = frozenset()
    has_images: bool = True
    advance: Callable[[float], object] | None = None
    shortest_timeout_s: int = 1
    endpoint_url: str | None = None
    jobs: list[str] = attrs.field(factory=list)
    """The ids of all that were submitted."""


@contextmanager
def _ours(engine: str, image: str) -> Iterator[System]:
    with LocalServer(engine=engine, delays=Delays.brief(), region=REGION) as server:
        yield System(
            session=server.boto3_session(),
            image=image,
            services=NEIGHBOURS,
            has_images=engine == "docker",
            advance=server.advance,
            shortest_timeout_s=60,
            endpoint_url=server.endpoint_url,
        )


def process() -> AbstractContextManager[System]:
    """`batchwright.local` with processes."""
    return _ours("process", "busybox")


def containers() -> AbstractContextManager[System]:
    """`batchwright.local` with containers."""
    return _ours("docker", image_of_engine())


@contextmanager
def moto() -> Iterator[System]:
    """moto's server, whose Batch starts containers."""
    port = _free_port()
    # The engine may have no bridge; moto's own switch for that.
    network = {"MOTO_DOCKER_NETWORK_MODE": "host", "MOTO_PORT": str(port)}
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with (
        _serving(command, port, "/moto-api/", network) as url,
        _cleared(System(session=_session(), image=image_of_engine(), services=NEIGHBOURS, endpoint_url=url)) as system,
    ):
        yield system


@contextmanager
def localbatch() -> Iterator[System]:
    """localbatch, which is Batch alone."""
    port, python = _free_port(), localbatch_python()
    if python is None:
        raise RuntimeError(
            f"no localbatch: install localbatch==0.4.0, or name an interpreter that has it in {LOCALBATCH}"
        )
    command = [python, "-m", "localbatch", "--host", "127.0.0.1", "--port", str(port), "--docker-host", "127.0.0.1"]
    with (
        _serving(command, port, "/health", {}) as url,
        _cleared(System(session=_session(), image=image_of_engine(), endpoint_url=url)) as system,
    ):
        yield system


SYSTEMS: Final[dict[str, Callable[[], AbstractContextManager[System]]]] = {
    "process": process,
    "docker": containers,
    "moto": moto,
    "localbatch": localbatch,
}


def available(name: str) -> str | None:
    """Why the system cannot be asked here, or None where it can."""
    if name != "process" and engine_refusal():
        return f"no Docker engine answers: {engine_refusal()}"
    if name == "localbatch" and localbatch_python() is None:
        return "localbatch is not installed"
    return None


def localbatch_python() -> str | None:
    """An interpreter that has localbatch."""
    return sys.executable if importlib.util.find_spec("localbatch") else os.environ.get(LOCALBATCH)


def engine_refusal() -> str | None:
    """Why there is no Docker engine, or None."""
    try:
        client = docker.from_env(timeout=5)
        try:
            client.ping()
        finally:
            client.close()
    except (docker.errors.DockerException, OSError) as error:
        return str(error)
    return None


def image_of_engine() -> str:
    """The small image, made where it is missing."""
    from containers.images import busybox_image

    client = docker.from_env()
    try:
        return str(busybox_image(client))
    finally:
        client.close()


def containers_of(jobs: Container[str]) -> Iterator[Any]:
    """The containers of these jobs that the engine still has."""
    client = docker.from_env()
    try:
        for container in client.containers.list(all=True, ignore_removed=True):
            variables = dict(item.partition("=")[::2] for item in container.attrs["Config"]["Env"] or ())
            if variables.get("AWS_BATCH_JOB_ID", "").partition(":")[0] in jobs:
                yield container
    finally:
        client.close()


@contextmanager
def _cleared(system: System) -> Iterator[System]:
    """Remove what its jobs left on the engine: not every system removes a container that it could not start."""
    try:
        yield system
    finally:
        for container in containers_of(system.jobs):
            with suppress(docker.errors.APIError):  # it is being removed already
                container.remove(force=True)


def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="AKIDTABLE", aws_secret_access_key="made-up", region_name=REGION)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def _serving(command: list[str], port: int, path: str, variables: dict[str, str]) -> Iterator[str]:
    """A server, once it answers; its lines are thrown away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_", "PYTHON"))}
    process = subprocess.Popen(
        command, env=kept | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=Path("/")
    )
    try:
        _wait_for(process, port, path)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    ends_at, pause = time.monotonic() + _START_S, threading.Event()
    while process.poll() is None and time.monotonic() < ends_at:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except OSError:
            pause.wait(0.1)
        finally:
            connection.close()
    raise RuntimeError(f"a server did not answer on port {port}; it ended with {process.returncode}")
