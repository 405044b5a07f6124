"""What is due when, by the server's clock."""

import heapq
import itertools
from collections.abc import Callable

Action = Callable[[], None]


class Timeline:
    """Actions in order of their time, those of one time in the order they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()

    def add(self, due_at: float, action: Action) -> None:
        """Remember to do `action` at `due_at` (epoch seconds); it must itself see whether it still applies."""
        heapq.heappush(self._heap, (due_at, next(self._numbers), action))

    def run_due(self, now: float) -> bool:
        """Do all that is due by `now`, what these actions add included, and tell whether there was anything."""
        had_any = False
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
            had_any = True
        return had_any
