"""The main fields of what is to be made, as lines: what is not as it is by default, and what always matters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.costs import idle_cost
from batchwright.declaration import Declaration
from batchwright.drift import empty
from batchwright.planning.readable import said

_ALWAYS: Final = {
    "compute environment": ("type", "max_vcpus", "min_vcpus"),
    "EFS volume": ("throughput_mode", "retain"),
    "job definition": ("vcpus", "memory_gib"),
    "status tracker": ("billing_mode", "retain"),
}
_NEVER: Final = ("name", "patience")
"""The name is in the line above, and how long a verb waits is nothing that is made."""


def fields_of(resource: Declaration) -> Iterator[str]:
    """One line a field, and what it costs; other resources as references, what may be secret hidden."""
    always = _ALWAYS.get(resource.kind, ())
    for name, value, default in resource._shown_fields():
        told = name in always or (value != default and not empty(value))
        if told and name not in _NEVER:
            yield f"{name}: {said(value)}"
    cost = idle_cost(resource.kind, resource)
    if cost.words and not cost.is_capacity:  # capacity is worth a warning
        yield f"costs while idle: {cost.words}"
