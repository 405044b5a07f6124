"""Waiting for jobs: one loop for one or many, a hundred a call, with what holds them up when the time is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

import attrs

from batchwright.connection import Connection
from batchwright.errors import BatchwrightError, JobFailedError, JobVanishedError, WaitTimeoutError
from batchwright.jobs.description import FAILED, UNSEEN_S, VANISHED, JobDescription, describe_jobs
from batchwright.jobs.logs import LAST_LINES, read_logs
from batchwright.jobs.progress import Show, watching
from batchwright.translation import translated
from batchwright.waiting import Patience

DEFAULT_TIMEOUT_S: Final = 86_400.0
POLL_MAX_S: Final = 30.0
MISSED_S: Final = 10.0
"""Seconds for which a job must be missing in AWS's answers before anybody is asked what became of it."""
NAMED_MAX: Final = 10
"""How many failed children an error names."""

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

    def forgotten(self) -> JobDescription | None:
        """What else is known of it when AWS does not show it; None while that may be because it is new."""
        ...


def patience_for(timeout_s: float | None, *, most_s: float = POLL_MAX_S) -> Patience:
    """The pace at which jobs are looked at, with at most `most_s` seconds between two looks."""
    return Patience(
        timeout_s=DEFAULT_TIMEOUT_S if timeout_s is None else timeout_s, interval_s=0.5, max_interval_s=most_s
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
    began = session.clock.monotonic()
    with watching(session.clock, total=len(jobs)) as show:
        watch = _Watch(session, jobs, show, on_change, missing_since=dict.fromkeys(jobs, began))
        for _ in patience_for(timeout_s).pace(session.clock):
            if not watch.look():
                return {job_id: watch.seen[job_id] for job_id in jobs}
    raise watch.timed_out(session.clock.monotonic() - began)


@attrs.define
class _Watch:
    """What one wait has seen of its jobs."""

    session: Connection
    jobs: Mapping[str, Waitable]
    show: Show
    on_change: OnChange | None
    missing_since: dict[str, float]
    seen: dict[str, JobDescription] = attrs.field(factory=dict[str, JobDescription])

    def look(self) -> bool:
        """Ask AWS about every job that has not ended; whether there is one still."""
        found = describe_jobs(self.session, self.unfinished())
        now = self.session.clock.monotonic()
        for job_id in self.unfinished():
            job = found.get(job_id)
            if job is not None:
                self.missing_since[job_id] = now
            elif now - self.missing_since[job_id] > MISSED_S:
                job = self.missed(job_id, now - self.missing_since[job_id])
            if job is not None:
                self.note(job_id, job)
        self.show(self.seen)
        return bool(self.unfinished())

    def unfinished(self) -> list[str]:
        """The ids of the jobs that have not ended, as far as anybody knows."""
        return [job_id for job_id in self.jobs if job_id not in self.seen or not self.seen[job_id].finished]

    def missed(self, job_id: str, missing_s: float) -> JobDescription | None:
        """What became of a job that AWS does not show; None while it may show it yet."""
        known = self.jobs[job_id].forgotten()
        if known is not None or missing_s < UNSEEN_S:
            return known
        reason = "AWS no longer knows this job"
        return JobDescription(
            job_id=job_id, name="", status=VANISHED, status_reason=reason, read_at=self.session.clock.now()
        )

    def note(self, job_id: str, job: JobDescription) -> None:
        """Remember a description, and tell who wants to know."""
        before = self.seen.get(job_id)
        self.seen[job_id] = job
        if self.on_change and (before is None or before.status != job.status):
            self.on_change(job)

    def timed_out(self, waited_s: float) -> WaitTimeoutError:
        """The error that says what holds up the first of the unfinished jobs."""
        first_id, *others = self.unfinished()
        first, last = self.jobs[first_id], self.seen.get(first_id)
        more = f" and {len(others)} more" if others else ""
        state = f"{last.status} ({last.status_reason or 'no reason given'})" if last else "not shown by AWS yet"
        held_up = self.held_up(first, last) if last else ""
        what = f"{first.label}{more} in {self.session.region}"
        return WaitTimeoutError(
            f"{what}: unfinished after {waited_s:.0f} s; it is {state}. {held_up}".strip(),
            description=last,
            resource=first,
            hint="Nothing is lost: wait() again goes on; timeout_s=... waits longer; terminate() ends it.",
        )

    def held_up(self, waitable: Waitable, job: JobDescription) -> str:
        """What holds it up; that AWS does not say so must not hide that the time is over."""
        try:
            with translated(waitable.label, self.session.region, waitable):
                return waitable.held_up_by(job)
        except BatchwrightError as error:
            return f"What holds it up is unknown: {error.summary}"


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
    if job.array_size:
        said.append(_of_children(session, job))
    printed = "\n  ".join(("Last lines:", *lines)) if lines else "" if job.array_size else "It printed nothing."
    return JobFailedError(
        "\n".join(filter(None, (" ".join(said), printed))),
        exit_code=job.exit_code,
        last_lines=lines,
        description=job,
        resource=waitable,
        hint=f"job.{'children()[index].' if job.array_size else ''}logs() gives the whole log; "
        "to run it again, submit it with run=... .",
    )


def _of_children(session: Connection, job: JobDescription) -> str:
    """How the children of an array ended, and which failed (`batch:ListJobs`)."""
    counts = ", ".join(f"{number} {status}" for status, number in job.status_summary.items() if number)
    page = session.batch.list_jobs(arrayJobId=job.job_id, jobStatus=FAILED, maxResults=100)
    failed = sorted(child.get("arrayProperties", {}).get("index", 0) for child in page["jobSummaryList"])
    named = ", ".join(map(str, failed[:NAMED_MAX])) + (", …" if len(failed) > NAMED_MAX or "nextToken" in page else "")
    return f"Children: {counts}. Failed: {named}." if failed else f"Children: {counts}."
