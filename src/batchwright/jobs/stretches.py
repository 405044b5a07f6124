"""What AWS tells of the times of a job: how long it waited and ran, attempt by attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, cast

import attrs

from batchwright._display.times import span_s
from batchwright.jobs.description import FINISHED, JobDescription

WAITED: Final = "waited"
RAN: Final = "ran"
_SAME_END: Final = dt.timedelta(seconds=1)


@attrs.frozen
class Stretch:
    """One attempt of a job, waiting or running.

    Attributes:
        attempt: Its number, from 1.
        phase: "waited" or "ran".
        began: When it began, or None where AWS does not say.
        ended: When it ended, or None where AWS does not say, and while it goes on.
        is_open: Whether it went on when the job was read.
        status: The job's status while it goes on; how the attempt ended, SUCCEEDED or FAILED, otherwise.
        exit_code: What the command returned, where it ran and that is known.
    """

    attempt: int
    phase: str
    began: dt.datetime | None
    ended: dt.datetime | None
    is_open: bool = False
    status: str = ""
    exit_code: int | None = None

    def seconds(self, now: float) -> float | None:
        """How long it took, or takes already at `now`, in seconds since the epoch; None where AWS does not say."""
        return span_s(self.began, now if self.is_open else self.ended)


@attrs.frozen
class _Attempt:
    started: dt.datetime | None
    stopped: dt.datetime | None
    exit_code: int | None
    is_over: bool


def stretches_of(job: JobDescription) -> tuple[Stretch, ...]:
    """How a job went so far: for each attempt how long it waited, and how long it ran if it got so far.

    AWS tells when a job was created, and when each attempt began and stopped to run. It does not tell when an attempt
    went from RUNNABLE to STARTING, so that the pull of the image is a part of the waiting. An attempt that never ran
    waited until it stopped. The parent of an array has none: its children run, each with times of its own.
    """
    if job.array_size is not None:
        return ()
    attempts = list(_attempts(job))
    before = [job.created_at, *(attempt.stopped for attempt in attempts)]
    told: list[Stretch] = []
    for number, (attempt, (free, _)) in enumerate(zip(attempts, pairwise(before), strict=True), start=1):
        told.extend(_told(job, number, attempt, free, is_last=number == len(attempts)))
    return tuple(told)


def _told(
    job: JobDescription, number: int, attempt: _Attempt, free: dt.datetime | None, *, is_last: bool
) -> Iterator[Stretch]:
    """The stretches of one attempt, which could have run since `free`."""
    status = job.status if is_last else "FAILED"
    waits = attempt.started is None
    yield Stretch(
        number,
        WAITED,
        free,
        attempt.stopped if waits else attempt.started,
        is_open=waits and not attempt.is_over,
        status=status,
    )
    if not waits:
        yield Stretch(
            number,
            RAN,
            attempt.started,
            attempt.stopped,
            is_open=not attempt.is_over,
            status=status,
            exit_code=attempt.exit_code,
        )


def _attempts(job: JobDescription) -> Iterator[_Attempt]:
    """Those that are over, and the one that waits or runs; at least one."""
    last: dt.datetime | None = None
    for entry in cast("tuple[Mapping[str, Any], ...]", job.attempts):
        container = cast("Mapping[str, Any]", entry.get("container") or {})
        last = _at(entry.get("stoppedAt"))
        yield _Attempt(_at(entry.get("startedAt")), last, container.get("exitCode"), is_over=True)
    if job.status in FINISHED:
        if not job.attempts:
            yield _Attempt(job.started_at, job.stopped_at, job.exit_code, is_over=True)
        elif job.is_stopping and last and job.stopped_at and job.stopped_at - last > _SAME_END:
            yield _Attempt(None, job.stopped_at, None, is_over=True)  # told to end while it waited to run again
        return
    # Between two attempts, startedAt may still be that of the one before.
    runs = job.status == "RUNNING" and job.started_at is not None and (last is None or job.started_at >= last)
    yield _Attempt(job.started_at if runs else None, None, None, is_over=False)


def _at(milliseconds: int | None) -> dt.datetime | None:
    return None if milliseconds is None else dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)
