"""Which resources a value holds, and in which order they come; iterative, for graphs of thousands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from graphlib import TopologicalSorter
from typing import Final, Protocol, TypeVar, cast

import attrs


class Node(Protocol):
    """A vertex of the graph."""

    def dependencies(self) -> tuple[Node, ...]:
        """What must be there before this one."""
        ...

    def __hash__(self) -> int: ...


N = TypeVar("N", bound=Node)
T = TypeVar("T")
PLAIN: Final = frozenset({str, bytes, int, float, bool, type(None)})
"""What most fields hold, and what holds nothing: known by its type alone, before the slower questions."""


def held(values: Iterable[object], kind: type[T]) -> tuple[T, ...]:
    """Every `kind` in `values`, at any depth of tuples, lists, sets, mappings and attrs values, each once, in order."""
    found: dict[T, None] = {}
    stack = list(values)[::-1]
    while stack:
        value = stack.pop()
        if type(value) in PLAIN:
            continue
        if isinstance(value, kind):
            found[value] = None
        elif isinstance(value, Mapping):
            stack.extend(list(cast("Mapping[object, object]", value).values())[::-1])
        elif isinstance(value, list | tuple | Set):
            stack.extend(list(cast("Iterable[object]", value))[::-1])
        elif attrs.has(type(value)):
            names = [field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))]
            stack.extend(getattr(value, name) for name in reversed(names))
    return tuple(found)


def edges(roots: Iterable[N], dependencies: Callable[[N], Iterable[N]]) -> dict[N, tuple[N, ...]]:
    """All that can be reached from `roots`, each with what it depends on; a root counts for all that equal it."""
    graph: dict[N, tuple[N, ...]] = {}
    named: dict[N, N] = {}
    for root in roots:
        named.setdefault(root, root)
    stack = list(named)
    while stack:
        node = stack.pop()
        if node not in graph:
            graph[node] = tuple(named.get(other, other) for other in dependencies(node))
            stack.extend(graph[node])
    return graph


def in_order(roots: Iterable[N], dependencies: Callable[[N], Iterable[N]]) -> list[N]:
    """All that can be reached from `roots`, every one after what it depends on."""
    return list(TopologicalSorter(edges(roots, dependencies)).static_order())
