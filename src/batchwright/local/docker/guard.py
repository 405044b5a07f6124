"""Removes the containers of an engine whose server is gone, in whatever way it went.

It runs as a process of its own, whose standard input ends when the server closes or dies.
"""

import json
import sys
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from batchwright.local.docker.api import DockerApi

_ROUNDS = 20  # what the server asked for as it died may still be under way
_PAUSE_S = 0.25
_EMPTY_ENOUGH = 2
ALL_GONE = "all gone"
"""What the server writes last where it has removed everything itself."""


def main() -> None:
    """Read what to guard, wait for the end of the input, then remove, unless the server says that nothing is left."""
    options = json.loads(sys.stdin.readline() or "{}")
    if sys.stdin.read().strip() != ALL_GONE and options:
        _remove_all(**options)


def _remove_all(base_url: str, tls: dict[str, Any] | None, label: str) -> None:
    from batchwright.local.docker.api import DockerApi, EngineGoneError, EngineRefusedError

    pause, empty = threading.Event(), 0
    for _ in range(_ROUNDS):
        with suppress(EngineGoneError, EngineRefusedError), closing(DockerApi(base_url, tls=tls)) as api:
            empty = 0 if _removed(api, label) else empty + 1
        if empty == _EMPTY_ENOUGH:
            return
        pause.wait(_PAUSE_S)


def _removed(api: "DockerApi", label: str) -> int:
    """Remove all containers and volumes that carry the label; return how many there were."""
    from batchwright.local.docker.api import EngineRefusedError

    containers, volumes = api.labelled(label)
    for container_id in containers:
        with suppress(EngineRefusedError):  # one that cannot go must not keep the others
            api.remove(container_id)
    for name in volumes:
        with suppress(EngineRefusedError):
            api.remove_volume(name)
    return len(containers) + len(volumes)
