"""Which RUNNABLE job starts next, and where."""

import heapq
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

from batchwright.local.capacity import Capacity, Hindrance
from batchwright.local.scheduling.line import Line
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Environment, Job, Queue
from batchwright.local.tracked import Tracked


class Dispatcher:
    """Keeps the RUNNABLE jobs of each queue in order; only the first of a queue is looked at, as on AWS.

    Args:
        clock: The server's time.
        start: Starts a job in an environment; what it needs is counted as used until `release`.
        fail: Ends a job with a reason.
        tell_blocked: Is told of the head of a queue that cannot start, once for each reason.
    """

    def __init__(
        self,
        clock: ServerClock,
        start: Callable[[Tracked, Environment], None],
        fail: Callable[[Tracked, str], None],
        tell_blocked: Callable[[Job], None] = lambda job: None,
    ) -> None:
        self._clock = clock
        self._start = start
        self._fail = fail
        self._tell_blocked = tell_blocked
        self._capacity = Capacity()
        self._lines: defaultdict[str, Line] = defaultdict(Line)
        self._coming: list[tuple[float, int, Tracked]] = []  # RUNNABLE, but not yet seen by the queue
        self._numbers = count()

    def enter(self, tracked: Tracked) -> None:
        """Know a job from its submission on: its share is active until it leaves."""
        if tracked.job.share_identifier is not None:
            self._lines[tracked.job.queue_arn].shares.active[tracked.job.share_identifier] += 1

    def leave(self, tracked: Tracked) -> None:
        """Forget a job that has ended."""
        self.release(tracked)
        if tracked.job.share_identifier is not None:
            self._lines[tracked.job.queue_arn].shares.active[tracked.job.share_identifier] -= 1

    def add(self, tracked: Tracked) -> None:
        """Queue a RUNNABLE job from its `ready_at` on; one that has run before stands in front until then."""
        tracked.blocked_since = None
        if tracked.is_retry:
            self._lines[tracked.job.queue_arn].add(tracked)
            return
        heapq.heappush(self._coming, (tracked.ready_at, next(self._numbers), tracked))

    def release(self, tracked: Tracked) -> None:
        """Free what a job uses, if it uses anything."""
        if tracked.environment is not None:
            self._capacity.give_back(tracked.environment, tracked.needs.vcpus)
            self._lines[tracked.job.queue_arn].count(tracked, -tracked.needs.vcpus, self._clock.now())
            tracked.environment = None

    def dispatch(self, now: float) -> int:
        """Start what can start, queues of higher priority first, and return how many jobs left their queue."""
        while self._coming and self._coming[0][0] <= now:
            tracked = heapq.heappop(self._coming)[2]
            self._lines[tracked.job.queue_arn].add(tracked)
        moved = 0
        reserved: set[str] = set()
        for queue, line in self._lines_in_order(now):
            while (head := line.head(now)) is not None and head.ready_at <= now:
                place = self._place(head, queue, line, reserved)
                if isinstance(place, Hindrance) and not self._is_given_up(head, queue, place, now):
                    reserved.update(place.waits_for)  # a lesser queue must not take what it only waits for
                    break
                line.take(head)
                moved += 1
                if not isinstance(place, Hindrance):
                    self._occupy(head, line, place, now)
        return moved

    def front(self, queue: Queue, most: int) -> Sequence[Job]:
        """Return the first RUNNABLE jobs of a queue in the order in which they would start."""
        first = self._lines[queue.arn].first(most, self._clock.now())
        coming = [tracked for _, _, tracked in sorted(self._coming, key=lambda each: each[:2])]
        later = [each for each in coming if each.job.queue_arn == queue.arn and each.job.status == "RUNNABLE"]
        return [tracked.job for tracked in (*first, *later)][:most]

    def vcpus_in_use(self, environment: Environment) -> float:
        """Return the vCPUs of the jobs that start or run in an environment."""
        return self._capacity.used(environment)

    def _lines_in_order(self, now: float) -> list[tuple[Queue, Line]]:
        found: list[tuple[Queue, Line]] = []
        for arn, line in self._lines.items():
            head = line.head(now)
            queue = None if head is None else head.region.queues.get(arn.rpartition("/")[2])
            if head is not None and queue is not None and queue.status in ("VALID", "UPDATING"):
                line.follow(head.region.policies.get(queue.scheduling_policy_arn or ""))
                found.append((queue, line))
        return sorted(found, key=lambda pair: -pair[0].priority)

    def _place(self, head: Tracked, queue: Queue, line: Line, reserved: set[str]) -> Environment | Hindrance:
        place = self._capacity.place(queue, head.region, head.needs, reserved, part=line.usable_part())
        lacking = head.units.lacking(head.region, head.job)
        return Hindrance(lacking) if lacking else place

    def _occupy(self, head: Tracked, line: Line, place: Environment, now: float) -> None:
        self._capacity.take(place, head.needs.vcpus)
        line.count(head, head.needs.vcpus, now)
        head.units.take(head.region, head.job)
        self._start(head, place)

    def _is_given_up(self, head: Tracked, queue: Queue, place: Hindrance, now: float) -> bool:
        """Write down why the head of a queue does not start, and end it where it stood there for too long."""
        if place.reason != head.job.status_reason or head.blocked_since is None:
            head.job.status_reason, head.blocked_since = place.reason, now
            if place.reason is not None:
                self._tell_blocked(head.job)
        limit = _limit_reached(queue, head, now)
        if limit is not None:
            self._fail(head, f"Canceled by JobStateTimeLimit action due to reason: {limit}")
        return limit is not None


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
