"""AWS Batch as typed objects: declare what should exist, `ensure()` it, read it with `describe()`, `delete()` it.

Everything public is loaded when it is first used, so that `import batchwright` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from batchwright._clock import Clock as Clock
    from batchwright._clock import SystemClock as SystemClock
    from batchwright._wire import Description as Description
    from batchwright.bound import bound as bound
    from batchwright.declaration import resource as resource
    from batchwright.drift import Change as Change
    from batchwright.drift import Drift as Drift
    from batchwright.drift import DriftRules as DriftRules
    from batchwright.errors import BatchwrightError as BatchwrightError
    from batchwright.lifecycle import Resource as Resource
    from batchwright.outcome import Ensured as Ensured
    from batchwright.outcome import Resolved as Resolved
    from batchwright.resources.scheduling_policy import SchedulingPolicy as SchedulingPolicy
    from batchwright.resources.scheduling_policy import SchedulingPolicyDescription as SchedulingPolicyDescription
    from batchwright.session import BatchSession as BatchSession
    from batchwright.values import Action as Action
    from batchwright.values import Network as Network
    from batchwright.values import OnDrift as OnDrift
    from batchwright.values import RetryPolicy as RetryPolicy
    from batchwright.values import Secret as Secret
    from batchwright.values import SubmissionPolicy as SubmissionPolicy
    from batchwright.waiting import Patience as Patience
    from batchwright.waiting import States as States

_HOME = {
    "_clock": ("Clock", "SystemClock"),
    "_wire": ("Description",),
    "declaration": ("resource",),
    "drift": ("Change", "Drift", "DriftRules"),
    "errors": ("BatchwrightError",),
    "lifecycle": ("Resource",),
    "outcome": ("Ensured", "Resolved"),
    "resources.scheduling_policy": ("SchedulingPolicy", "SchedulingPolicyDescription"),
    "bound": ("bound",),
    "session": ("BatchSession",),
    "values": ("Action", "Network", "OnDrift", "RetryPolicy", "Secret", "SubmissionPolicy"),
    "waiting": ("Patience", "States"),
}
_MODULE_OF = {name: f"batchwright.{module}" for module, names in _HOME.items() for name in names}
__version__ = "0.1.0"
__all__ = ["__version__", *_MODULE_OF]  # pyright: ignore[reportUnsupportedDunderAll]  # one table of names


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'batchwright' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *_MODULE_OF]
