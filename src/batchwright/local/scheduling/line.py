"""The RUNNABLE jobs of one queue in the order in which they are to start."""

import heapq
from collections import defaultdict
from collections.abc import Sequence

from batchwright.local.lookup import find_revision
from batchwright.local.scheduling.fair_share import FairShare, Shares
from batchwright.local.scheduling.needs import priority_of
from batchwright.local.state import Policy
from batchwright.local.tracked import Tracked

_Waiting = tuple[int, bool, int, int, Tracked]
"""Scheduling priority (negative), whether it is its first attempt, time of submission, number, and the job itself."""


class Line:
    """The line of a queue.

    Without a policy the job that was submitted first is first, after those that have run before.  With one, each share
    has such a line, in which a higher scheduling priority comes before all, and the share that has had the least by
    its weight is next.
    """

    def __init__(self) -> None:
        self.shares = Shares()
        self._waiting: defaultdict[str, list[_Waiting]] = defaultdict(list)
        self._policy: tuple[object, FairShare] = (None, FairShare())

    def add(self, tracked: Tracked) -> None:
        """Line a job up that has become RUNNABLE."""
        job = tracked.job
        priority = priority_of(job, find_revision(tracked.region, job.definition_arn)) if job.share_identifier else None
        place = (-(priority or 0), not tracked.is_retry, job.created_at_ms, tracked.number, tracked)
        heapq.heappush(self._waiting[job.share_identifier or ""], place)

    def head(self, now: float) -> Tracked | None:
        """Return the job that is next; those that ended meanwhile are dropped."""
        for share in list(self._waiting):
            waiting = self._waiting[share]
            while waiting and waiting[0][-1].job.status != "RUNNABLE":
                heapq.heappop(waiting)
            if not waiting:
                del self._waiting[share]
        if not self._waiting:
            return None
        return min(self._waiting.items(), key=lambda item: (self._score(item[0], now), item[1][0]))[1][0][-1]

    def take(self, tracked: Tracked) -> None:
        """Take the job away that `head` has returned."""
        heapq.heappop(self._waiting[tracked.job.share_identifier or ""])

    def first(self, most: int, now: float) -> Sequence[Tracked]:
        """Return the jobs that would start next, if there were room for so many and none ended meanwhile."""
        lines = {share: heapq.nsmallest(most, _runnable(waiting))[::-1] for share, waiting in self._waiting.items()}
        started: defaultdict[str, float] = defaultdict(float)
        found: list[Tracked] = []
        while len(found) < most and (left := [share for share, line in lines.items() if line]):
            share = min(left, key=lambda each: (self._score(each, now, started[each]), lines[each][-1]))
            found.append(lines[share].pop()[-1])
            started[share] += found[-1].needs.vcpus
        return found

    def follow(self, policy: Policy | None) -> None:
        """Go by the policy as it is now."""
        source = policy.fairshare if policy else None
        if source is not self._policy[0]:
            self._policy = (source, FairShare.of(source or {}))

    def count(self, tracked: Tracked, vcpus: float, now: float) -> None:
        """Count so many vCPUs more, or less, as in use by the job's share."""
        if tracked.job.share_identifier is not None:
            self.shares.change(tracked.job.share_identifier, vcpus, now, self._policy[1])

    def usable_part(self) -> float:
        """Return the part of each environment that the queue's active shares may fill."""
        return self._policy[1].usable_part(self.shares.active_count())

    def _score(self, share: str, now: float, besides: float = 0.0) -> float:
        return self.shares.score(share, now, self._policy[1], besides=besides) if share else 0.0


def _runnable(waiting: Sequence[_Waiting]) -> list[_Waiting]:
    return [each for each in waiting if each[-1].job.status == "RUNNABLE"]
