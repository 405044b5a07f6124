"""Threads that are used again: a run needs one for as long as it goes on, and to start one costs as much as a run."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

_IDLE_S = 5.0


class Workers:
    """Does pieces of work at once, each in a thread; there are never more threads than pieces under way at one time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the one below
        self._idle = 0
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def do(self, piece: Callable[[], None]) -> None:
        """Do `piece`, which must not raise, in a thread that has nothing to do, or else in a new one.

        Raises:
            RuntimeError: The system gives no further thread.
        """
        with self._lock:
            is_new = self._idle == 0
            self._idle -= not is_new
        if is_new:
            threading.Thread(target=self._go_on, args=(piece,), name="batchwright-run", daemon=True).start()
        else:
            self._work.put(piece)

    def _go_on(self, piece: Callable[[], None] | None) -> None:
        while piece is not None:
            piece()
            with self._lock:
                self._idle += 1
            piece = self._next()

    def _next(self) -> Callable[[], None] | None:
        """Return the next piece, or None where none has come for long; a piece that is promised is waited for."""
        while True:
            try:
                return self._work.get(timeout=_IDLE_S)
            except Empty:
                with self._lock:
                    if self._idle:
                        self._idle -= 1
                        return None
