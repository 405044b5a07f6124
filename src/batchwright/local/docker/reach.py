"""Finds a Docker-compatible engine on this machine, and says of every place where it looked what was there."""

import os
import socket
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from batchwright.local.docker.api import DockerApi, EngineGoneError, EngineRefusedError
from batchwright.local.docker.network import Network, network_of

_PROBE_S = 5
_IN_CONTAINER = Path("/.dockerenv")
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_IN_HOME = (
    ".docker/run/docker.sock",  # Docker Desktop on macOS
    ".docker/desktop/docker.sock",  # Docker Desktop on Linux
    ".orbstack/run/docker.sock",
    ".colima/default/docker.sock",
    ".rd/docker.sock",  # Rancher Desktop
)
_IN_RUNTIME_DIR = ("docker.sock", "podman/podman.sock")  # without root


@attrs.frozen
class Place:
    """Where an engine may be.

    Args:
        url: Such as `unix:///var/run/docker.sock`.
        source: What names it, such as `DOCKER_HOST`; empty for the usual places.
        tls: What TLS takes; None speaks without.
    """

    url: str
    source: str = ""
    tls: Mapping[str, Any] | None = None


@attrs.frozen(kw_only=True)
class Reached:
    """An engine that answers, and can run containers of Linux.

    Args:
        api: Speaks with it.
        base_url: Where it is.
        tls: What TLS takes.
        title: Its name and version, such as `Docker 20.10.24`.
        network: How its containers reach this machine.
        architecture: The processor architecture of its containers.
        most_cpus: How many processors it has.
    """

    api: DockerApi
    base_url: str
    tls: Mapping[str, Any] | None
    title: str
    network: Network
    architecture: str
    most_cpus: int


class UnreachedError(Exception):
    """No engine can be used; the text says what was found where.

    Args:
        message: What was tried.
        hint: The way out.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


_INSTALL = (
    "Start Docker, or install it (Docker Engine, Docker Desktop, or Podman with its socket), or run jobs without "
    "images: engine='process'."
)


def reached_engine(environment: Mapping[str, str] | None = None, *, home: Path | None = None) -> Reached:
    """Return the first engine that can be used.

    Args:
        environment: Where DOCKER_HOST and its like are looked up; by default this process's.
        home: The user's directory; by default this user's.

    Raises:
        UnreachedError: There is none.
    """
    variables = os.environ if environment is None else environment
    failures: list[UnreachedError] = []
    places = list(places_of(variables, home or Path.home()))
    for place in places:
        if not place.source and _is_missing(place):
            continue
        try:
            return _reached(place)
        except UnreachedError as failure:
            failures.append(failure)
    if failures:
        raise UnreachedError("; ".join(map(str, failures)), failures[0].hint)
    raise UnreachedError(f"no socket at {places[0].url.removeprefix('unix://')} or the other usual places", _INSTALL)


def places_of(environment: Mapping[str, str], home: Path) -> Iterator[Place]:
    """Yield where to look: what the environment or a Docker context names, or else the usual places."""
    if url := environment.get("DOCKER_HOST"):
        yield Place(url, "DOCKER_HOST", _tls(environment, home))
        return
    if (named := _of_context(environment)) is not None:
        yield named
        return
    if os.name == "nt":
        yield Place("npipe:////./pipe/docker_engine")
    yield Place("unix:///var/run/docker.sock")
    yield from (Place(f"unix://{home / path}") for path in _IN_HOME)
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield from (Place(f"unix://{runtime}/{path}") for path in _IN_RUNTIME_DIR)
    yield Place("unix:///run/podman/podman.sock")


def _tls(environment: Mapping[str, str], home: Path) -> Mapping[str, Any] | None:
    """Read what Docker's own clients read: DOCKER_TLS_VERIFY and DOCKER_CERT_PATH."""
    directory, verify = environment.get("DOCKER_CERT_PATH"), environment.get("DOCKER_TLS_VERIFY")
    if not directory and not verify:
        return None
    certificates = Path(directory or home / ".docker")
    pair = (str(certificates / "cert.pem"), str(certificates / "key.pem"))
    return {"client_cert": pair, "ca_cert": str(certificates / "ca.pem"), "verify": bool(verify)}


def _of_context(environment: Mapping[str, str]) -> Place | None:
    """Return where the user's Docker context points, unless that is the usual place."""
    from docker.context import ContextAPI
    from docker.errors import DockerException

    name = environment.get("DOCKER_CONTEXT")
    try:
        context = ContextAPI.get_context(name) if name else ContextAPI.get_current_context()
    except (DockerException, OSError, ValueError):
        context = None
    if context is None or context.name == "default" or not context.Host:
        return None
    return Place(str(context.Host), f"the Docker context {context.name!r}")


def _is_missing(place: Place) -> bool:
    path = place.url.removeprefix("unix://")
    try:
        return path != place.url and not stat.S_ISSOCK(Path(path).stat().st_mode)
    except PermissionError:
        return False
    except OSError:
        return True


def _reached(place: Place) -> Reached:
    _require_this_machine(place)
    try:
        probe = DockerApi(place.url, tls=place.tls, timeout_s=_PROBE_S)
        try:
            info, version = probe.info(), probe.version()
            _require_outside(probe, place)
        finally:
            probe.close()
        api = DockerApi(place.url, tls=place.tls)
    except EngineGoneError as gone:
        raise _unanswered(place, str(gone)) from gone
    except EngineRefusedError as refused:
        raise UnreachedError(f"what answers at {_shown(place)} is no usable engine: {refused}", _INSTALL) from refused
    if info.get("OSType", "linux") != "linux":
        raise UnreachedError(f"the engine at {_shown(place)} runs {info['OSType']} containers", "Switch it to Linux.")
    is_podman = any("podman" in str(each.get("Name", "")).lower() for each in version.get("Components") or ())
    return Reached(
        api=api,
        base_url=place.url,
        tls=place.tls,
        title=f"{'Podman' if is_podman else 'Docker'} {version.get('Version', '')}".strip(),
        network=network_of(info, is_podman=is_podman),
        architecture=str(info.get("Architecture") or ""),
        most_cpus=int(info.get("NCPU") or 1),
    )


def _require_this_machine(place: Place) -> None:
    parts = urlsplit(place.url)
    if parts.scheme in {"unix", "npipe", "http+unix"} or parts.hostname in _LOCAL_HOSTS:
        return
    raise UnreachedError(
        f"the engine at {_shown(place)} is not on this machine, so jobs there could not see this machine's volumes "
        "nor reach its local AWS",
        f"Unset or change {place.source or 'DOCKER_HOST'}, or run jobs without images: engine='process'.",
    )


def _require_outside(api: DockerApi, place: Place) -> None:
    """Refuse an engine whose socket was mounted into the very container that this program runs in."""
    if _IN_CONTAINER.exists() and api.has_container(socket.gethostname()):  # by default a container's id
        raise UnreachedError(
            f"this program runs in a container of the engine at {_shown(place)}, so other containers there would see "
            "neither its files nor its local AWS",
            "Run it outside of containers, or run jobs without images: engine='process'.",
        )


def _unanswered(place: Place, why: str) -> UnreachedError:
    text = f"{why} at {_shown(place)}"
    if "permission denied" in why.lower():
        hint = (
            "Add yourself to the group that owns the socket (sudo usermod -aG docker $USER) and log in again, or run "
            "the engine without root (rootless Docker, Podman), or run jobs without images: engine='process'."
        )
        return UnreachedError(text, hint)
    if place.source:
        return UnreachedError(text, f"Start that engine, or unset or correct {place.source}.")
    return UnreachedError(text, _INSTALL)


def _shown(place: Place) -> str:
    return f"{place.url} ({place.source})" if place.source else place.url
