"""What a session has ensured, so that the next submission need not describe everything again."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from batchwright._wire import Description
from batchwright.declaration import Declaration
from batchwright.many import graph_of
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob


class Memory:
    """Descriptions by declaration; a declaration that has changed since is not known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Declaration, tuple[Declaration, Description]] = {}

    def remember(self, descriptions: Mapping[Declaration, Description]) -> None:
        """Trust these from now on; jobs are not kept, since they come and go."""
        with self._lock:
            for resource, description in descriptions.items():
                if not isinstance(resource, BatchJob):
                    self._known[resource] = (resource, description)

    def forget(self, resources: Iterable[Declaration] | None = None) -> None:
        """Trust these no longer, or nothing at all."""
        with self._lock:
            for resource in list(self._known) if resources is None else list(resources):
                self._known.pop(resource, None)

    def resources(self) -> tuple[Declaration, ...]:
        """All that is known, in the order in which it was ensured."""
        with self._lock:
            return tuple(resource for resource, _ in self._known.values())

    def resolved(self, needed: Iterable[Declaration]) -> Resolved | None:
        """What is known of all of these and all that they need, or None if anything is missing or has changed."""
        known: dict[Declaration, Description] = {}
        with self._lock:
            for resource in graph_of(needed):
                if isinstance(resource, BatchJob):
                    continue
                then, description = self._known.get(resource, (None, None))
                if then is None or description is None or not same_declaration(then, resource):
                    return None
                known[resource] = description
        return Resolved(known)


def same_declaration(one: Declaration, other: Declaration) -> bool:
    """Whether two declarations of one thing say the same; what they depend on is compared by name only."""
    if one is other:
        return True
    return type(one) is type(other) and list(one._field_values()) == list(other._field_values())
