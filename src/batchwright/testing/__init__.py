"""For tests of code that uses batchwright: fixtures for pytest, a clock that jumps, and the contract of every resource.

pytest finds the fixtures `batch_session`, `batch_aws`, `batch_settings` and `batch_environment` by itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from batchwright.testing.accounts import BatchAws
    from batchwright.testing.clock import FakeClock
    from batchwright.testing.contract import ResourceContract, evolved
    from batchwright.testing.job_scripts import JobScript
    from batchwright.testing.settings import BatchSettings

__all__ = ["BatchAws", "BatchSettings", "FakeClock", "JobScript", "ResourceContract", "evolved"]

_HOMES = {
    "BatchAws": "accounts",
    "BatchSettings": "settings",
    "FakeClock": "clock",
    "JobScript": "job_scripts",
    "ResourceContract": "contract",
    "evolved": "contract",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for: pytest loads this package in every run, needed or not."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
