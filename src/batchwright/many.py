"""Verbs over many resources: make them all, take them all away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from batchwright.declaration import Declaration
from batchwright.errors import InUseError
from batchwright.graph import edges
from batchwright.lifecycle import as_resource
from batchwright.outcome import Ensured, Resolved
from batchwright.parallel import over_graph, reversed_graph
from batchwright.report import Report, Step
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.teardown import Teardown
from batchwright.values import Action, OnDrift

Graph = Mapping[Declaration, tuple[Declaration, ...]]


def graph_of(resources: Iterable[Declaration]) -> dict[Declaration, tuple[Declaration, ...]]:
    """All that these resources need, themselves included."""
    return edges(resources, lambda resource: resource.dependencies())


def declared(resources: tuple[object, ...], verb: str) -> tuple[Declaration, ...]:
    """These, where all are declarations.

    Raises:
        TypeError: One of them is none.
    """
    for each in resources:
        if isinstance(each, Declaration):
            continue
        name = type(each).__name__
        several = f": give them one by one, {verb}(*resources)" if isinstance(each, list | tuple | set | dict) else ""
        raise TypeError(f"{verb}() takes resources and jobs of a session, not {name}{several}")
    return cast("tuple[Declaration, ...]", resources)


def ensure_all(
    resources: tuple[Declaration, ...], resolved: Resolved, *, on_drift: OnDrift | None = None
) -> Report[Ensured[Any]]:
    """Make AWS match these and all that they depend on.

    Args:
        resources: What the caller named; `on_drift` is for these.
        resolved: What is to be trusted, and so is left alone; receives the descriptions of the rest.
        on_drift: As for `Resource.ensure`.
    """
    named = set(resources)
    watched = _watched(named)
    graph = edges((r for r in resources if r not in resolved), lambda r: (*_unknown(r, resolved), *watched.get(r, ())))

    def work(resource: Declaration) -> Ensured[Any]:
        return as_resource(resource).converge(resolved, on_drift=on_drift if resource in named else None)

    return Report("ensured", over_graph(graph, work, doing="ensure()"))


def _unknown(resource: Declaration, resolved: Resolved) -> tuple[Declaration, ...]:
    """What it depends on and nothing is known of."""
    return tuple(other for other in resource.dependencies() if other not in resolved)


def _watched(named: Iterable[Declaration]) -> dict[Declaration, tuple[Declaration, ...]]:
    """By temporary volume or secret the tear-down that takes it away, which is started first."""
    teardowns = [each for each in named if isinstance(each, Teardown)]
    return {taken: (each,) for each in teardowns for taken in (each.volume, *each.secrets) if taken is not None}


def kept_with_data(resources: Iterable[Declaration]) -> dict[Declaration, str]:
    """What holds data and is to be kept, and all that this needs in turn; by resource, the reason."""
    retained = [resource for resource in resources if getattr(resource, "retain", False)]
    kept: dict[Declaration, str] = {}
    for resource in retained:
        needed = dict.fromkeys(graph_of([resource]), f"needed by {resource.label}, which is kept")
        kept = {**needed, **kept}
    return {**kept, **dict.fromkeys(retained, "holds data and is declared retain=True")}


def _all_go(going: Iterable[Declaration], used: Declaration, users: Iterable[str]) -> bool:
    """Whether all of `users`, which are told with what follows a dot for their runs, go too."""
    kin = [resource for each in going if (resource := as_resource(each)).kind == as_resource(used)._used_by]
    names = {each._known_as for each in kin}
    return {user.partition(".")[0] for user in users} <= names


def delete_all(resources: tuple[Declaration, ...], *, force: bool, keep_retained: bool) -> Report[Step]:
    """Take these away, what needs others first; all checks come before the first call that writes.

    Args:
        resources: What is taken away; what they depend on stays, unless it is named too.
        force: As for `Resource.delete`.
        keep_retained: Leave what holds data instead of refusing.
    """
    kept = kept_with_data(resources) if keep_retained else {}
    going = set(resources) - set(kept)
    jobs = [resource for resource in going if isinstance(resource, BatchJob)]

    def check(resource: Declaration) -> None:
        try:
            as_resource(resource).check_delete(force=force)
        except InUseError as error:
            # What uses it may be among what is taken away before it.
            if not error.users or not _all_go(going, resource, error.users):
                raise

    def work(resource: Declaration) -> Step | None:
        if resource in kept:
            return Step(resource=resource, action=Action.RETAINED, note=kept[resource])
        if resource not in going:
            return None
        action = as_resource(resource).remove()
        return Step(resource=resource, action=Action.DELETED if told.get(resource) else action)

    over_graph(dict.fromkeys(going, ()), check, doing="delete()")
    # All are told before any end is waited for: AWS ends a job that waits for others only after these.
    told = over_graph(dict.fromkeys(jobs, ()), lambda job: cast("BatchJob", job).begin_end(), doing="delete()")
    done = over_graph(reversed_graph(graph_of(resources)), work, doing="delete()")
    return Report("deleted", {resource: step for resource, step in done.items() if step is not None})
