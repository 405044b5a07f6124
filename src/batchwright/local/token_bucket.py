"""Token buckets, by which AWS limits how fast it is called."""

import threading


class Buckets:
    """Buckets by name, each full when first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, name: str, tokens: float, *, now: float, per_second: float, burst: float) -> bool:
        """Take tokens out of a bucket and return True, or take none where it holds too few.

        Args:
            name: The bucket.
            tokens: How many to take.
            now: The time in epoch seconds; where it has gone back, nothing is added.
            per_second: How many come in.
            burst: How many it can hold.
        """
        with self._lock:
            level, since = self._levels.get(name, (burst, now))
            level = min(burst, level + max(now - since, 0.0) * per_second)
            is_enough = level >= tokens
            self._levels[name] = (level - tokens if is_enough else level, now)
            return is_enough
