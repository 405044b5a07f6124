"""A job's lines in CloudWatch Logs: all of them, or as they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast, overload

import attrs

from batchwright._display import Displayed, Lines, View, disarmed
from batchwright._display.times import counted, moment
from batchwright.connection import Connection
from batchwright.jobs.description import JobDescription
from batchwright.translation import is_missing
from batchwright.waiting import Patience

LAST_LINES: Final = 20


@attrs.frozen(kw_only=True)
class LogEvent(Displayed):
    """One line of a job's output, and when it was written; `str()` shows it without acting on a terminal.

    Attributes:
        timestamp: When it was written.
        message: The line as it came.
    """

    timestamp: dt.datetime
    message: str

    def __str__(self) -> str:
        return disarmed(self.message)


class Logs(Displayed, Sequence[LogEvent]):
    """The lines that were there when they were asked for; `str()` is the text, in which nothing acts on a terminal."""

    def __init__(self, events: Sequence[LogEvent] = ()) -> None:
        self._events = tuple(events)

    @overload
    def __getitem__(self, index: int) -> LogEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Logs: ...
    def __getitem__(self, index: int | slice) -> LogEvent | Logs:
        return Logs(self._events[index]) if isinstance(index, slice) else self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Logs) and self._events == other._events

    def __hash__(self) -> int:
        return hash(self._events)

    def __str__(self) -> str:
        return "\n".join(map(str, self._events))

    def __repr__(self) -> str:
        return f"Logs({len(self)} lines)"

    def _view(self) -> View:
        note = f"from {moment(self[0].timestamp)} to {moment(self[-1].timestamp)}" if self else ""
        lines = [Lines([event.message for event in self])] if self else []
        return View(title="log", status=counted(len(self), "line"), parts=lines, note=note)


def log_streams(description: JobDescription) -> tuple[str, ...]:
    """The stream of every attempt, the oldest first."""
    attempts = [cast("Mapping[str, Any]", attempt.get("container") or {}) for attempt in description.attempts]
    names = [str(container["logStreamName"]) for container in attempts if container.get("logStreamName")]
    if description.log_stream_name:
        names.append(description.log_stream_name)
    return tuple(dict.fromkeys(names))


def read_logs(session: Connection, description: JobDescription) -> Logs:
    """Every line so far, of all attempts; none when nothing was printed yet (`logs:GetLogEvents`)."""
    events: list[LogEvent] = []
    for stream in log_streams(description):
        reader = _StreamReader(session, description.log_group_name, stream)
        events.extend(reader.read())
    return Logs(events)


def follow_logs(
    session: Connection, describe: Callable[[], JobDescription], *, patience: Patience
) -> Iterator[LogEvent]:
    """Every line as it comes, until the job has ended and its last line was given."""
    readers: dict[str, _StreamReader] = {}
    has_ended = False
    for _ in patience.pace(session.clock):
        was_over, description = has_ended, describe()
        has_ended = description.finished
        for stream in log_streams(description):
            reader = readers.setdefault(stream, _StreamReader(session, description.log_group_name, stream))
            yield from reader.read()
        if was_over:
            return  # after one look more than the job lasted: CloudWatch shows the last lines late


class _StreamReader:
    """Reads on in one stream from where it last stopped."""

    def __init__(self, session: Connection, group: str, stream: str) -> None:
        self._session, self._group, self._stream = session, group, stream
        self._token: str | None = None

    def read(self) -> Iterator[LogEvent]:
        """The lines that came since the last time; none while AWS does not know the stream."""
        from botocore.exceptions import ClientError

        while True:
            token = {"nextToken": self._token} if self._token else {}
            try:
                page = self._session.logs.get_log_events(
                    logGroupName=self._group, logStreamName=self._stream, startFromHead=True, **cast("Any", token)
                )
            except ClientError as error:
                if is_missing(error):
                    return  # nothing was printed yet
                raise
            for event in page["events"]:
                moment = dt.datetime.fromtimestamp(event.get("timestamp", 0) / 1000, dt.UTC)
                yield LogEvent(timestamp=moment, message=event.get("message", ""))
            if page["nextForwardToken"] == self._token:
                return  # the end is where the token does not move on
            self._token = page["nextForwardToken"]
