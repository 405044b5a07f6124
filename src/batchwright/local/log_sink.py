"""Brings the lines of jobs into CloudWatch Logs, where AWS Batch puts them."""

from collections.abc import Iterable
from typing import Protocol

import attrs

from batchwright.local.state import State

JOB_LOG_GROUP = "/aws/batch/job"
_MOST_REMEMBERED = 10_000


class EventStore(Protocol):
    """Keeps log events."""

    def append_events(self, region: str, group: str, stream: str, events: list[tuple[int, str]]) -> None:
        """Append events, each with its time in epoch milliseconds; group and stream are made when they are missing."""
        ...


@attrs.define(kw_only=True, eq=False)
class JobLogs:
    """The log sink of the engines: one CloudWatch Logs stream for each attempt, in the region of its job.

    Args:
        state: Tells which region a stream's job is in.
        store: Keeps the events.
        region: Where the lines of unknown jobs go.
    """

    state: State
    store: EventStore
    region: str = "us-east-1"
    _regions: dict[str, str] = attrs.field(factory=dict[str, str], alias="regions")

    def write(self, stream: str, lines: Iterable[tuple[int, str]]) -> None:
        """Append lines, each with its time in epoch milliseconds, to the stream."""
        events = list(lines)
        if events:
            self.store.append_events(self._region_of(stream), JOB_LOG_GROUP, stream, events)

    def _region_of(self, stream: str) -> str:
        with self.state.lock:
            if stream not in self._regions:
                if len(self._regions) >= _MOST_REMEMBERED:
                    self._regions.clear()  # streams that are still written to are searched for once more
                self._regions[stream] = self._searched(stream)
            return self._regions[stream]

    def _searched(self, stream: str) -> str:
        used = [region for region in self.state.regions.values() if region.jobs]
        if len(used) == 1:
            return used[0].name
        for region in used:
            if any(job.log_stream == stream for job in region.jobs.values()):
                return region.name
        return self.region
