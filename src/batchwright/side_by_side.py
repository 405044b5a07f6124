"""Reading several things at the same time, in threads that Ctrl-C does not wait for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Final, TypeVar

A = TypeVar("A")
T = TypeVar("T")
READERS: Final = 16
"""Calls at the same time, at the most."""
_given_up: ContextVar[threading.Event | None] = ContextVar("given_up", default=None)


@contextlib.contextmanager
def readers(number: int = READERS) -> Generator[ThreadPoolExecutor]:
    """Threads for what only reads: Ctrl-C leaves them to AWS's answers that are under way, and they ask nothing more.

    Args:
        number: How many there are at the most.
    """
    over = threading.Event()
    pool = ThreadPoolExecutor(number, thread_name_prefix="batchwright", initializer=_given_up.set, initargs=(over,))
    try:
        yield pool
    except Exception:
        pool.shutdown(cancel_futures=True)
        raise
    except BaseException:
        over.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def go_on() -> None:
    """Between two calls of one thread: end it if nobody waits for what it reads.

    Raises:
        CancelledError: Ctrl-C was pressed.
    """
    over = _given_up.get()
    if over is not None and over.is_set():
        raise CancelledError


def read_each(items: Iterable[A], read: Callable[[A], T], *, at_once: int = READERS) -> list[T]:
    """`read` for each, several at a time; what it returned, in order.

    Args:
        items: What to read.
        read: Reads one; a single one it reads in the caller's thread.
        at_once: How many are read at the same time, at the most.
    """
    given = list(items)
    if len(given) < 2:
        return [read(each) for each in given]
    with readers(min(len(given), at_once)) as pool:
        return list(pool.map(read, given))
