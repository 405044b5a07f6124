"""The few calls of the Docker Engine API that running jobs takes, typed, and with two kinds of failure.

The one module that imports the `docker` package; the calls are named as in Docker's Engine API reference.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Protocol, cast

import attrs

from batchwright.local.docker.output import Attached, Connection

_CALL_S = 240  # how long ECS waits for an engine to make a container
_SOONEST_S, _LATEST_S = 0.01, 1.0  # how often to look for the end of a container that has closed its output
_CONNECTIONS = 192  # more than there are containers at a time, since each may ask for something at once

Body = dict[str, Any]
"""One JSON object of the Engine API."""


class EngineRefusedError(Exception):
    """The engine answered that it cannot do something; the text is its own.

    Args:
        status: The HTTP status.
        message: What it said.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class EngineGoneError(Exception):
    """The engine does not answer, or no longer."""


@attrs.frozen
class Ending:
    """How a container ended, by `State` of ContainerInspect."""

    exit_code: int
    is_out_of_memory: bool
    error: str


class _Client(Protocol):
    """The part of `docker.APIClient` that is used, whose own annotations leave most of it open."""

    def close(self) -> None: ...
    def info(self) -> Body: ...
    def version(self) -> Body: ...
    def inspect_image(self, image: str) -> Body: ...
    def pull(
        self, repository: str, tag: str | None, *, stream: bool, decode: bool, platform: str | None
    ) -> Iterator[Body]: ...
    def create_container_from_config(self, config: Body, name: str, platform: str | None) -> Body: ...
    def attach_socket(self, container: str, params: Mapping[str, int]) -> Connection: ...
    def start(self, container: str) -> None: ...
    def inspect_container(self, container: str) -> Body: ...
    def kill(self, container: str, signal: str) -> None: ...
    def remove_container(self, container: str, *, v: bool, force: bool) -> None: ...
    def remove_volume(self, name: str, *, force: bool) -> None: ...
    def containers(self, *, all: bool, filters: Mapping[str, str]) -> list[Body]: ...
    def volumes(self, filters: Mapping[str, str]) -> Body: ...


class DockerApi:
    """Speaks with one engine; any thread may use it.

    Args:
        base_url: Such as `unix:///var/run/docker.sock`.
        tls: What TLS takes; None speaks without.
        timeout_s: After how long a call that is not answered counts as lost.

    Raises:
        EngineGoneError: Nothing answers there.
        EngineRefusedError: What answers does not speak a version of the API that this speaks.
    """

    def __init__(self, base_url: str, *, tls: Mapping[str, Any] | None = None, timeout_s: int = _CALL_S) -> None:
        from docker import APIClient

        self.base_url = base_url
        self._pause = threading.Event()  # never set: its wait is the pause
        with _told():
            made = APIClient(
                base_url, version="auto", timeout=timeout_s, max_pool_size=_CONNECTIONS, **_tls_options(tls)
            )
        self._client = cast("_Client", made)

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def info(self) -> Body:
        """SystemInfo."""
        with _told():
            return self._client.info()

    def version(self) -> Body:
        """SystemVersion."""
        with _told():
            return self._client.version()

    def image(self, name: str) -> Body | None:
        """ImageInspect; None where the engine has no such image."""
        return self._found(self._client.inspect_image, name)

    def _found(self, inspect: Callable[[str], Body], name: str) -> Body | None:
        try:
            with _told():
                return inspect(name)
        except EngineRefusedError as refused:
            if refused.status == 404:
                return None
            raise

    def pull(self, name: str, platform: str | None) -> Iterator[Body]:
        """ImageCreate: yield the engine's messages as they come; one with an `error` says that the pull failed."""
        with _told():
            yield from self._client.pull(name, tag=_tag_of(name), stream=True, decode=True, platform=platform)

    def create(self, name: str, body: Body, platform: str | None) -> str:
        """ContainerCreate: return the new container's id."""
        with _told():
            return str(self._client.create_container_from_config(body, name, platform)["Id"])

    @contextmanager
    def attached(self, container_id: str) -> Generator[Attached, None, None]:
        """ContainerAttach: give what the container will write, from now on."""
        with _told():
            socket = self._client.attach_socket(container_id, params={"stdout": 1, "stderr": 1, "stream": 1})
        with closing(_holder(socket)):
            yield Attached(socket)

    def start(self, container_id: str) -> None:
        """ContainerStart."""
        with _told():
            self._client.start(container_id)

    def ended(self, container_id: str) -> Ending:
        """ContainerInspect, until it does not run; for one whose output has ended, which is hardly ever early."""
        pause_s = _SOONEST_S
        while True:
            with _told():
                state: Body = self._client.inspect_container(container_id)["State"]
            if not state.get("Running"):
                return Ending(int(state["ExitCode"]), bool(state.get("OOMKilled")), str(state.get("Error") or ""))
            self._pause.wait(pause_s)
            pause_s = min(2 * pause_s, _LATEST_S)

    def has_container(self, name: str) -> bool:
        """ContainerInspect: whether there is a container of this name or id."""
        return self._found(self._client.inspect_container, name) is not None

    def kill(self, container_id: str, signal: str) -> None:
        """ContainerKill; nothing happens where it does not run."""
        with _passing(404, 409, 500), _told():
            self._client.kill(container_id, signal)

    def remove(self, container_id: str) -> None:
        """ContainerDelete, with its unnamed volumes, whether or not it runs; nothing happens where it is gone."""
        with _passing(404, 409), _told():  # 409: its removal is under way
            self._client.remove_container(container_id, v=True, force=True)

    def remove_volume(self, name: str) -> None:
        """VolumeDelete; nothing happens where it is gone."""
        with _passing(404), _told():
            self._client.remove_volume(name, force=True)

    def labelled(self, label: str) -> tuple[list[str], list[str]]:
        """ContainerList and VolumeList: the ids of containers and the names of volumes that carry the label."""
        wanted = {"label": label}
        with _told():
            containers = self._client.containers(all=True, filters=wanted)
            volumes: list[Body] = self._client.volumes(filters=wanted).get("Volumes") or []
        return [str(each["Id"]) for each in containers], [str(each["Name"]) for each in volumes]


def _holder(socket: Connection) -> Connection:
    """Return what closes an attached container's socket: the response that it came from, which else holds it open."""
    return cast("Connection", getattr(socket, "_response", socket))


def _tag_of(name: str) -> str | None:
    """Say `latest` where a name has neither tag nor digest, since to pull without a tag is to pull all of them."""
    return "latest" if "@" not in name and ":" not in name.rpartition("/")[2] else None


def _tls_options(tls: Mapping[str, Any] | None) -> dict[str, Any]:
    if tls is None:
        return {}
    from docker.tls import TLSConfig

    return {"tls": TLSConfig(**tls)}


@contextmanager
def _passing(*statuses: int) -> Generator[None, None, None]:
    try:
        yield
    except EngineRefusedError as refused:
        if refused.status not in statuses:
            raise


@contextmanager
def _told() -> Generator[None, None, None]:
    """Turn what the `docker` package raises into this module's two kinds."""
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except APIError as error:
        raise EngineRefusedError(error.status_code or 500, _explanation(error)) from error
    except (RequestException, OSError) as error:
        raise EngineGoneError(_cause(error)) from error
    except DockerException as error:
        # So it fails to learn the version.
        if isinstance(error.__context__, RequestException | OSError) and not isinstance(error.__context__, APIError):
            raise EngineGoneError(_cause(error.__context__)) from error
        raise EngineRefusedError(400, str(error.__context__ or error)) from error


def _explanation(error: Exception) -> str:
    return str(getattr(error, "explanation", None) or error).strip()


def _cause(error: BaseException) -> str:
    """Return the text of what lies at the bottom of a chain of exceptions, which says most and repeats nothing."""
    seen = {id(error)}
    while True:
        below = next((each for each in (*error.args, error.__context__) if isinstance(each, BaseException)), None)
        if below is None or id(below) in seen:
            return f"{error.strerror}" if isinstance(error, OSError) and error.strerror else str(error)
        seen.add(id(below))
        error = below
