"""Which RUNNABLE job starts next, and where."""

from collections import deque
from collections.abc import Callable

from batchwright.local.capacity import Capacity, Hindrance
from batchwright.local.state import Environment, Queue
from batchwright.local.tracked import Tracked


class Dispatcher:
    """Keeps the RUNNABLE jobs of each queue in order; only the first of a queue is looked at, as on AWS.

    Args:
        start: Starts a job in an environment; its vCPUs are counted as used until `release`.
        fail: Ends a job with a reason.
    """

    def __init__(self, start: Callable[[Tracked, Environment], None], fail: Callable[[Tracked, str], None]) -> None:
        self._start = start
        self._fail = fail
        self._capacity = Capacity()
        self._queued: dict[str, deque[Tracked]] = {}

    def add(self, tracked: Tracked, *, is_retry: bool) -> None:
        """Queue a job: at the end, or in front where it has run before."""
        tracked.blocked_since = None
        queued = self._queued.setdefault(tracked.job.queue_arn, deque())
        if is_retry:
            queued.appendleft(tracked)
        else:
            queued.append(tracked)

    def release(self, tracked: Tracked) -> None:
        """Free the vCPUs of a job, if it has any."""
        if tracked.environment is not None:
            self._capacity.give_back(tracked.environment, tracked.vcpus)
            tracked.environment = None

    def dispatch(self, now: float) -> int:
        """Start what can start, queues of higher priority first, and return how many jobs left their queue."""
        moved = 0
        reserved: set[str] = set()
        for queue, queued in self._queues_in_order():
            while (head := _head(queued)) is not None and head.ready_at <= now:
                if not self._move(head, queue, reserved, now):
                    if head.job.status_reason is None:  # it only waits for room, and a lesser queue must not take that
                        reserved.update(queue.environment_arns)
                    break
                queued.popleft()
                moved += 1
        return moved

    def _queues_in_order(self) -> list[tuple[Queue, deque[Tracked]]]:
        found: list[tuple[Queue, deque[Tracked]]] = []
        for arn, queued in list(self._queued.items()):
            head = _head(queued)
            if head is None:
                del self._queued[arn]
                continue
            queue = head.region.queues.get(arn.rpartition("/")[2])
            if queue is not None and queue.status in ("VALID", "UPDATING"):
                found.append((queue, queued))
        return sorted(found, key=lambda pair: -pair[0].priority)

    def _move(self, head: Tracked, queue: Queue, reserved: set[str], now: float) -> bool:
        """Start the head of a queue, or end it where it stood there for too long; else return False."""
        place = self._capacity.place(queue, head.region, head.vcpus, reserved)
        if lacking := head.units.lacking(head.region, head.job):
            place = Hindrance(lacking)
        if not isinstance(place, Hindrance):
            self._capacity.take(place, head.vcpus)
            head.units.take(head.region, head.job)
            self._start(head, place)
            return True
        if place.reason != head.job.status_reason or head.blocked_since is None:
            head.job.status_reason, head.blocked_since = place.reason, now
        limit = _limit_reached(queue, head, now)
        if limit is not None:
            self._fail(head, f"Canceled by JobStateTimeLimit action due to reason: {limit}")
        return limit is not None


def _head(queued: deque[Tracked]) -> Tracked | None:
    """Return the first job that is still RUNNABLE; those that ended meanwhile are dropped."""
    while queued and queued[0].job.status != "RUNNABLE":
        queued.popleft()
    return queued[0] if queued else None


def _limit_reached(queue: Queue, head: Tracked, now: float) -> str | None:
    """Return the reason of the queue's first time-limit action that has come due for its head."""
    text, since = head.job.status_reason, head.blocked_since
    if text is None or since is None:
        return None
    for action in queue.time_limit_actions:
        reason = str(action.get("reason"))
        if text.startswith(reason) and now - since >= float(action.get("maxTimeSeconds", 0)):
            return reason
    return None
