"""Walking graphs of resources without recursion."""

import attrs
import pytest

from batchwright.graph import edges, held, in_order


@attrs.frozen(eq=False)
class Node:
    """A vertex that holds others."""

    name: str
    others: tuple["Node", ...] = ()

    def dependencies(self) -> tuple["Node", ...]:
        return self.others


@attrs.frozen
class Box:
    """An attrs value with something in it."""

    content: object


def _needs(node: Node) -> tuple[Node, ...]:
    return node.others


def test_held_finds_at_any_depth_once_and_in_order() -> None:
    """Tuples, lists, sets, mappings and attrs values are looked into; each find counts once."""
    a, b, c, d, e = (Node(name) for name in "abcde")
    values = [a, ("x", [b, a]), {"k": {"deep": c}}, Box(Box((d,))), frozenset({e}), "abc", b"abc", None, 5]
    assert held(values, Node) == (a, b, c, d, e)


def test_held_does_not_look_into_what_it_finds() -> None:
    """What a dependency depends on is its own matter."""
    inner = Node("inner")
    assert held([Node("outer", (inner,))], Node) != (inner,)


def test_held_looks_into_ten_thousand_layers() -> None:
    """Depth is no matter."""
    value: object = Node("bottom")
    for _ in range(10_000):
        value = (value,)
    assert [node.name for node in held([value], Node)] == ["bottom"]


def test_everything_comes_after_what_it_needs() -> None:
    """A chain of five thousand comes in order, from any number of roots."""
    chain = [Node("0")]
    for number in range(1, 5000):
        chain.append(Node(str(number), (chain[-1],)))
    assert in_order([chain[-1], chain[7]], _needs) == chain


def test_diamonds_are_walked_once() -> None:
    """Forty layers of diamonds, with a million million paths, have as many nodes as they have."""
    layer = (Node("l"), Node("r"))
    nodes = 2
    for _ in range(40):
        layer = (Node("l", layer), Node("r", layer))
        nodes += 2
    graph = edges(layer, _needs)
    assert len(graph) == nodes
    order = in_order(layer, _needs)
    assert all(order.index(other) < order.index(node) for node in order for other in node.others)


def test_a_ring_is_refused() -> None:
    """What needs itself has no order."""
    ring: dict[Node, tuple[Node, ...]] = {}
    a, b = Node("a"), Node("b")
    ring[a], ring[b] = (b,), (a,)
    with pytest.raises(ValueError, match="cycle"):
        in_order([a], ring.__getitem__)
