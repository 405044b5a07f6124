"""The time that the local AWS Batch lives by, which a test can move."""

import threading
import time


class ServerClock:
    """Tells epoch seconds: real time plus an offset, or a time that stands still but for `advance` and `set`.

    Args:
        frozen_at: The epoch second to stand still at; None follows this machine's clock.
    """

    def __init__(self, *, frozen_at: float | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen_at = frozen_at
        self._offset_s = 0.0

    def now(self) -> float:
        """Return the current time in epoch seconds."""
        with self._lock:
            return self._base() + self._offset_s

    def now_ms(self) -> int:
        """Return the current time in epoch milliseconds, the unit of Batch's own timestamps."""
        return round(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        """Move the time by `seconds`; a negative number moves it back."""
        with self._lock:
            self._offset_s += seconds

    def set(self, epoch_s: float) -> None:
        """Make the time `epoch_s` now; a clock that runs goes on from there."""
        with self._lock:
            self._offset_s = epoch_s - self._base()

    def _base(self) -> float:
        return time.time() if self._frozen_at is None else self._frozen_at
