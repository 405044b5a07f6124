"""Waiting for jobs: one loop for one or many, a hundred a call, with what holds them up when the time is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from batchwright.connection import Connection
from batchwright.errors import JobFailedError, JobVanishedError, WaitTimeoutError
from batchwright.jobs.description import FAILED, VANISHED, JobDescription, describe_jobs
from batchwright.jobs.logs import LAST_LINES, read_logs
from batchwright.jobs.progress import watching
from batchwright.waiting import Patience

DEFAULT_TIMEOUT_S: Final = 86_400.0
POLL_MAX_S: Final = 30.0
UNSEEN_S: Final = 120.0
"""Seconds for which AWS may not show a job that it has just accepted."""

OnChange = Callable[[JobDescription], object]


class Waitable(Protocol):
    """What can be waited for."""

    @property
    def label(self) -> str:
        """How messages name it."""
        ...

    def held_up_by(self, job: JobDescription) -> str:
        """What keeps it from running, in words; may ask AWS."""
        ...


def patience_for(timeout_s: float | None) -> Patience:
    """The pace at which jobs are looked at."""
    return Patience(
        timeout_s=DEFAULT_TIMEOUT_S if timeout_s is None else timeout_s, interval_s=0.5, max_interval_s=POLL_MAX_S
    )


def wait_for(
    session: Connection,
    jobs: Mapping[str, Waitable],
    *,
    timeout_s: float | None = None,
    on_change: OnChange | None = None,
) -> dict[str, JobDescription]:
    """Wait until all of these jobs have ended; their descriptions by id, in the order given.

    Args:
        session: Whose clients and clock to use.
        jobs: What to wait for, by job id.
        timeout_s: Seconds to wait at the most; by default a day.
        on_change: Called with the description whenever a job's status changes.

    Raises:
        WaitTimeoutError: The time is over; it says what holds the jobs up.
    """
    seen: dict[str, JobDescription] = {}
    began = session.clock.monotonic()
    with watching(session.clock, total=len(jobs)) as show:
        for _ in patience_for(timeout_s).pace(session.clock):
            open_ids = [job_id for job_id in jobs if job_id not in seen or not seen[job_id].finished]
            found = describe_jobs(session, open_ids)
            forgotten = session.clock.monotonic() - began > UNSEEN_S
            for job_id in open_ids:
                now = found.get(job_id) or (_vanished(session, job_id) if forgotten else None)
                if now is None:
                    continue
                if on_change and (job_id not in seen or seen[job_id].status != now.status):
                    on_change(now)
                seen[job_id] = now
            show(seen)
            if len(seen) == len(jobs) and all(job.finished for job in seen.values()):
                return {job_id: seen[job_id] for job_id in jobs}
    raise _timed_out(session, jobs, seen, session.clock.monotonic() - began)


def _vanished(session: Connection, job_id: str) -> JobDescription:
    return JobDescription(
        job_id=job_id,
        name="",
        status=VANISHED,
        status_reason="AWS no longer knows this job",
        read_at=session.clock.now(),
    )


def _timed_out(
    session: Connection, jobs: Mapping[str, Waitable], seen: Mapping[str, JobDescription], waited_s: float
) -> WaitTimeoutError:
    unfinished = {job_id: job for job_id, job in jobs.items() if job_id not in seen or not seen[job_id].finished}
    first_id, first = next(iter(unfinished.items()))
    last = seen.get(first_id)
    others = f" and {len(unfinished) - 1} more" if len(unfinished) > 1 else ""
    state = f"{last.status} ({last.status_reason or 'no reason given'})" if last else "not shown by AWS yet"
    held_up = first.held_up_by(last) if last else ""
    what = f"{first.label}{others} in {session.region}"
    return WaitTimeoutError(
        f"{what}: unfinished after {waited_s:.0f} s; it is {state}. {held_up}".strip(),
        description=last,
        resource=first,
        hint="Nothing is lost: wait() again goes on; timeout_s=... waits longer; terminate() ends it.",
    )


def check_end(session: Connection, waitable: Waitable, job: JobDescription) -> None:
    """Raise if the job did not succeed, with all that AWS says of it.

    Raises:
        JobFailedError: It ended FAILED.
        JobVanishedError: AWS no longer knows it.
    """
    if job.status == VANISHED:
        raise JobVanishedError(
            f"{waitable.label} in {session.region}: AWS no longer knows {job.job_id}; nothing says how it ended.",
            description=job,
            resource=waitable,
            hint="Its log may still be in CloudWatch Logs; to run it again, submit it with run=... .",
        )
    if job.status == FAILED:
        raise _failed(session, waitable, job)


def _failed(session: Connection, waitable: Waitable, job: JobDescription) -> JobFailedError:
    logs = read_logs(session, job)
    lines = tuple(event.message for event in logs[-LAST_LINES:])
    said = [f"{waitable.label} in {session.region} FAILED: {job.status_reason or 'AWS gives no reason'}."]
    if job.exit_code is not None:
        said.append(f"Exit code {job.exit_code}.")
    if job.reason:
        said.append(f"Container: {job.reason}.")
    if job.status_summary:
        said.append("Children: " + ", ".join(f"{n} {status}" for status, n in job.status_summary.items() if n) + ".")
    tail = "\n  ".join(("Last lines:", *lines)) if lines else "It printed nothing."
    return JobFailedError(
        "\n".join((" ".join(said), tail)),
        exit_code=job.exit_code,
        last_lines=lines,
        description=job,
        resource=waitable,
        hint="job.logs() gives the whole log; to run it again, submit it with run=... .",
    )
