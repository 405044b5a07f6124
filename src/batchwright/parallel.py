"""Running something over a graph, independent parts at the same time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import Final, TypeVar

from batchwright.declaration import Declaration

T = TypeVar("T")
WORKERS: Final = 16


def over_graph(
    graph: Mapping[Declaration, tuple[Declaration, ...]], work: Callable[[Declaration], T], *, doing: str
) -> dict[Declaration, T]:
    """`work` for every node, each after those that it points to; the results in that order.

    A failure stops only what depends on it. Ctrl-C starts nothing more.

    Raises:
        ExceptionGroup: Of all failures.
    """
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    done: dict[Declaration, T] = {}
    failed: list[Exception] = []
    running: dict[Future[T], Declaration] = {}
    ended: SimpleQueue[Future[T]] = SimpleQueue()  # waiting for whichever ends first costs the same however many run
    with ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="batchwright") as pool:
        try:
            while sorter.is_active():
                for node in sorter.get_ready():
                    future = pool.submit(work, node)
                    running[future] = node
                    future.add_done_callback(ended.put)
                if not running:
                    break
                future = ended.get()
                node, error = running.pop(future), future.exception()
                if error is None:
                    done[node] = future.result()
                    sorter.done(node)
                elif isinstance(error, Exception):
                    failed.append(error)
                else:
                    raise error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if failed:
        raise ExceptionGroup(f"{doing} failed for {len(failed)} of {len(graph)} resources", failed)
    return done


def reversed_graph(graph: Mapping[Declaration, tuple[Declaration, ...]]) -> dict[Declaration, tuple[Declaration, ...]]:
    """The same graph with every arrow turned round: what comes first when things are taken away."""
    turned: dict[Declaration, list[Declaration]] = {node: [] for node in graph}
    for node, others in graph.items():
        for other in others:
            turned[other].append(node)
    return {node: tuple(others) for node, others in turned.items()}
