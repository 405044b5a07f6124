"""Collecting what comes one by one, and working on it in batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


class Collector(Generic[T]):
    """Hands over what is added, in order, on a thread of its own: a full batch at once, a smaller one after a moment.

    Args:
        work: Called with each batch.
        failed: Called with whatever `work` raises.
        linger_s: Seconds that a batch may wait to become full, by the machine's time: nothing else hangs on it.
        most: How many make a full batch.
        name: Of the thread.
    """

    def __init__(
        self,
        work: Callable[[list[T]], None],
        failed: Callable[[BaseException], None],
        *,
        linger_s: float,
        most: Callable[[], int],
        name: str,
    ) -> None:
        self._work, self._failed, self._linger_s, self._most = work, failed, linger_s, most
        self._changed, self._working = threading.Condition(), threading.RLock()  # what is worked on may add more
        self._items: list[T] = []
        self._hurried = self._closed = False
        # A daemon: a second Ctrl-C may leave it where it is.
        self._thread = threading.Thread(target=self._run, name=f"batchwright-{name}", daemon=True)
        self._thread.start()

    def add(self, item: T, *, hurry: bool = False) -> None:
        """Have it worked on, with others if some come in time; with `hurry` at once, and here if this is closed."""
        with self._changed:
            if not self._closed:
                self._items.append(item)
                self._hurried |= hurry
                if len(self._items) == 1 or self._is_due():  # the thread wakes for nothing else
                    self._changed.notify_all()
                return
        self._done([item])

    def add_all(self, items: Iterable[T]) -> None:
        """Have these worked on, in order."""
        with self._changed:
            self._items.extend(items)
            self._changed.notify_all()

    def wait_for_room(self, left: int) -> None:
        """Wait until no more than `left` are still to be worked on."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._items) <= left)

    def hurry(self) -> None:
        """Let nothing that was added wait for more."""
        with self._changed:
            self._hurried = bool(self._items)
            self._changed.notify_all()

    def close(self) -> None:
        """Work on what is left, and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._batch():
            self._done(batch)

    def _done(self, batch: list[T]) -> None:
        try:
            with self._working:
                self._work(batch)
        except BaseException as error:
            self._failed(error)

    def _batch(self) -> list[T]:
        """The next one; an empty one at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            self._changed.wait_for(self._is_due, timeout=self._linger_s)
            most = self._most()
            batch, self._items = self._items[:most], self._items[most:]
            self._hurried &= bool(self._items)
            self._changed.notify_all()
            return batch

    def _is_due(self) -> bool:
        return self._closed or self._hurried or len(self._items) >= self._most()
