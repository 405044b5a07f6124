"""How code in a container reaches the local AWS, which listens on this machine's loopback only."""

import platform
from collections.abc import Mapping
from typing import Any

import attrs

GATEWAY_NAME = "host.docker.internal"
"""This machine's name inside containers that do not share its network."""

_LOOPBACK = "127.0.0.1"


@attrs.frozen
class Network:
    """The network of a job's container.

    Args:
        mode: Docker's `NetworkMode`.
        server_host: The host under which a container finds what listens on this machine's loopback.
        extra_hosts: What Docker is to add to the container's `/etc/hosts`.
    """

    mode: str
    server_host: str
    extra_hosts: tuple[str, ...] = ()


def network_of(info: Mapping[str, Any], *, is_podman: bool, system: str | None = None) -> Network:
    """Return the network for an engine: this machine's own where it has it, and else its gateway's name.

    Args:
        info: What the engine says of itself (SystemInfo).
        is_podman: Whether it is Podman, whose containers share the network of its user also without root.
        system: The name of this machine's operating system, as `platform.system` gives it.
    """
    security: list[str] = info.get("SecurityOptions") or []
    is_desktop = "docker desktop" in str(info.get("OperatingSystem", "")).lower()
    if (system or platform.system()) != "Linux" or is_desktop:
        return Network("bridge", GATEWAY_NAME)  # in a virtual machine, whose own resolver knows the name
    if any("rootless" in each for each in security) and not is_podman:
        return Network("bridge", GATEWAY_NAME, (f"{GATEWAY_NAME}:host-gateway",))
    return Network("host", _LOOPBACK)
