"""AWS Batch on this machine: the same sessions and resources, with no account.

`local_session()` is a `BatchSession` on an AWS that runs in a process of its own and ends with the session.
`LocalServer` is that process alone, for boto3 or several programs; `InProcessAws` is the same AWS without a process or
socket, whose time a test moves itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from batchwright.local.delays import Delays

if TYPE_CHECKING:
    from batchwright.local.faults import Fault, FaultCount
    from batchwright.local.in_process import InProcessAws
    from batchwright.local.local_server import LocalServer, LocalServerError
    from batchwright.local.session import local_session

__all__ = ["Delays", "Fault", "FaultCount", "InProcessAws", "LocalServer", "LocalServerError", "local_session"]

_HOMES = {
    "Fault": "faults",
    "FaultCount": "faults",
    "InProcessAws": "in_process",
    "LocalServer": "local_server",
    "LocalServerError": "local_server",
    "local_session": "session",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: the server process needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
