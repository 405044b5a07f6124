"""What is shown of a job: its states with their times, its attempts, the end of its log, and where the console is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright._display import Fact, Grid, Lines, Part, Text, View, status_text
from batchwright._display.times import duration, moment, read_note, span_s
from batchwright.console import log_stream, page_of
from batchwright.showing import NOT_READ, because, facts_of

if TYPE_CHECKING:
    from batchwright.jobs.description import JobDescription
    from batchwright.sightings import LastLines

LONG_S: Final = 300.0
"""Seconds of waiting after which somebody may want to know why."""
WHOM_TO_ASK: Final = "session.diagnose(job) says why a job waits"
WAITING: Final = ("SUBMITTED", "PENDING", "RUNNABLE")
_HEADINGS = ("attempt", "exit code", "reason", "started", "ran", "log")


def job_view(
    job: JobDescription,
    *,
    title: str = "",
    fields: Mapping[str, object] = {},  # never written to
    lines: LastLines | None = None,
) -> View:
    """All that is worth knowing of a job.

    Args:
        job: What AWS reports.
        title: What it is called; by default by its name.
        fields: The fields of its declaration, shown after what AWS says, and only where that says nothing.
        lines: The end of its log, as far as it was read.
    """
    told = [*because(job), *_ending(job), *_times(job), *_places(job)]
    names = {fact.name for fact in told}
    rest = {name: value for name, value in fields.items() if name not in names}
    return View(
        title=title or ("" if job.index is None else f"child {job.index} of ") + f"job {job.name!r}",
        status=status_text(job.status),
        facts=[*told, *facts_of({"tags": job.tags, **rest})],
        parts=[*_attempts(job), *last_lines(lines)],
        note="\n".join(filter(None, (_hint(job), read_note(job.read_at)))),
    )


def _hint(job: JobDescription) -> str:
    return WHOM_TO_ASK if waits_long(job, job.read_at) else ""


def waits_long(job: JobDescription, now: float) -> bool:
    """Whether it waits for so long that somebody may want to know why.

    Args:
        job: What AWS reports.
        now: The time, in seconds since the epoch.
    """
    waited_s = span_s(job.created_at, now) if job.status in WAITING else None
    return waited_s is not None and waited_s > LONG_S


def job_not_read(title: str, fields: Mapping[str, object], lines: LastLines | None = None) -> View:
    """A job of which nothing was read in this session but, perhaps, its log; see `job_view`."""
    return View(title=title, facts=[*facts_of(fields)], parts=[*last_lines(lines)], note=NOT_READ)


def last_lines(lines: LastLines | None) -> Iterator[Part]:
    """The end of a log, and when it was read; nothing where nothing was printed."""
    if lines is not None and lines.lines:
        yield Lines(lines.lines, title=f"last lines, {read_note(lines.read_at)}", left_out=lines.left_out)


def _ending(job: JobDescription) -> Iterator[Fact]:
    if job.exit_code is not None:
        yield Fact("exit_code", str(job.exit_code))
    if job.reason:
        yield Fact("reason", job.reason)
    if job.array_size:
        counts = ", ".join(f"{number} {status}" for status, number in job.status_summary.items() if number)
        yield Fact("children", f"{job.array_size}: {counts}" if counts else str(job.array_size))


def _times(job: JobDescription) -> Iterator[Fact]:
    """The moments that AWS tells, and how long it took from each to the next, or to when that was read."""
    created, started, stopped = job.created_at, job.started_at, job.stopped_at
    now = None if job.finished else job.read_at
    if created:
        yield _moment_fact("created_at", created, "waiting for", None if started or stopped else span_s(created, now))
    if started:
        # Between two attempts AWS still tells when the one before began, and what came before was not all waiting.
        running = span_s(started, now) if job.status == "RUNNING" and not stopped else None
        waited = "after waiting" if len(job.attempts) <= int(job.finished) else "the newest attempt, after"
        yield _moment_fact("started_at", started, waited, span_s(created, started), "running for", running)
    if stopped:
        how = "after running" if started else "after"
        yield _moment_fact("stopped_at", stopped, how, span_s(started or created, stopped))


def _moment_fact(name: str, when: dt.datetime, *spans: str | float | None) -> Fact:
    """A moment, and the spans that are known, each after its words."""
    pairs = zip(spans[::2], spans[1::2], strict=True)
    said = [f"{words} {duration(seconds)}" for words, seconds in pairs if isinstance(seconds, float)]
    return Fact(name, ", ".join([moment(when), *said]))


def _places(job: JobDescription) -> Iterator[Fact]:
    if job.job_id:  # what is only claimed has none
        yield Fact("job_id", Text(job.job_id, url=page_of(job.arn)))
    for name, arn in (("queue", job.queue_arn), ("definition", job.definition_arn)):
        if arn:
            yield Fact(name, Text(arn.rpartition("/")[2], url=page_of(arn)))
    if job.log_stream_name:
        yield Fact("log", _log(job, job.log_stream_name))


def _attempts(job: JobDescription) -> Iterator[Part]:
    lines = [
        _attempt(job, number, cast("Mapping[str, Any]", attempt))
        for number, attempt in enumerate(job.attempts, start=1)
    ]
    if lines:
        yield Grid(_HEADINGS, lines, title="attempts", spare=("log",))


def _attempt(job: JobDescription, number: int, attempt: Mapping[str, Any]) -> Sequence[Text]:
    container = cast("Mapping[str, Any]", attempt.get("container") or {})
    reasons = (container.get("reason"), attempt.get("statusReason"))
    started, stopped = _seconds(attempt.get("startedAt")), _seconds(attempt.get("stoppedAt"))
    stream = str(container.get("logStreamName") or "")
    return (
        Text(str(number)),
        Text(str(container.get("exitCode", ""))),
        Text("\n".join(dict.fromkeys(str(reason) for reason in reasons if reason))),
        Text(moment(started)),
        Text(duration(span_s(started, stopped))),
        _log(job, stream) if stream else Text(""),
    )


def _log(job: JobDescription, stream: str) -> Text:
    return Text(stream, url=log_stream(job.arn, job.log_group_name, stream))


def _seconds(milliseconds: object) -> float | None:
    return milliseconds / 1000 if isinstance(milliseconds, int | float) else None
