"""A clock for several threads: time moves when all of them sleep, to where the first one wakes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from batchwright.local.in_process import InProcessAws

STUCK_S = 60.0
"""Seconds of real time after which a thread that never wakes is a failure."""


class SharedClock:
    """The time of an AWS, moved by the threads that share it.

    Args:
        aws: Whose time it is.
    """

    def __init__(self, aws: InProcessAws) -> None:
        self._aws = aws
        self._moved = threading.Condition()
        self._awake = 0
        self._wakes: list[float] = []

    def now(self) -> float:
        """The server's time."""
        return self._aws.clock.now()

    def monotonic(self) -> float:
        """The same."""
        return self.now()

    def sleep(self, seconds: float, /) -> None:
        """Sleep until the others have let the time go by."""
        with self._moved:
            wake = self.now() + seconds
            self._wakes.append(wake)
            self._fall_asleep()
            if not self._moved.wait_for(lambda: wake not in self._wakes, timeout=STUCK_S):
                raise AssertionError("the time does not move: a thread that shares the clock hangs")

    def _fall_asleep(self) -> None:
        self._awake -= 1
        if self._awake == 0 and self._wakes:
            first = min(self._wakes)
            self._aws.advance(max(0.0, first - self.now()))
            self._awake = self._wakes.count(first)
            self._wakes = [wake for wake in self._wakes if wake != first]
            self._moved.notify_all()

    @contextmanager
    def _sharing(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._moved:
                self._fall_asleep()

    def run(self, *works: Callable[[], object]) -> list[object]:
        """Run each in a thread of its own; what they returned or raised."""
        self._awake = len(works)
        ends: dict[int, object] = {}

        def run(place: int, work: Callable[[], object]) -> None:
            with self._sharing():
                try:
                    ends[place] = work()
                except BaseException as error:
                    ends[place] = error

        threads = [threading.Thread(target=run, args=each, name=f"wait-{each[0]}") for each in enumerate(works)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(STUCK_S)
        assert len(ends) == len(works), "a thread hangs"
        return [ends[place] for place in range(len(works))]
