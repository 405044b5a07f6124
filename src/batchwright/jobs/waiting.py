"""Waiting for jobs: for one or many, with what holds them up when the time is over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeVar

import attrs

from batchwright._error_view import printed
from batchwright.advice import advice_on, advice_on_failure, advice_text
from batchwright.connection import Connection
from batchwright.errors import BatchwrightError, JobFailedError, JobVanishedError, WaitTimeoutError
from batchwright.jobs.description import FAILED, VANISHED, JobDescription, describe_jobs
from batchwright.jobs.forgotten import Forgettable, what_became
from batchwright.jobs.logs import LAST_LINES, read_logs
from batchwright.jobs.poller import poller_of
from batchwright.jobs.progress import Onlooker, Tally, watching
from batchwright.jobs.row_keeping import RowKeeper, Seen
from batchwright.jobs.watches import Change, Watch
from batchwright.translation import translated
from batchwright.waiting import Patience

DEFAULT_TIMEOUT_S: Final = 86_400.0
POLL_MAX_S: Final = 30.0
GROWTH: Final = 1.15
"""Factor between two intervals: more than for resources, since there may be thousands of jobs and they take longer."""
NAMED_MAX: Final = 10
"""How many failed children an error names."""

OnChange = Callable[[JobDescription], object]


class Waitable(Forgettable, Protocol):
    """What can be waited for."""

    @property
    def label(self) -> str:
        """How messages name it."""
        ...

    def ended(self, job: JobDescription) -> None:
        """Do what is to be done when it has ended."""
        ...

    def _seen(self, job: JobDescription) -> None:
        """Remember what was just read."""
        ...

    def _seen_lines(self, messages: Sequence[str], *, left_out: int = 0) -> None:
        """Remember its last lines."""
        ...


W = TypeVar("W", bound=Waitable)


def patience_for(timeout_s: float | None, *, most_s: float = POLL_MAX_S) -> Patience:
    """The pace at which jobs are looked at, with at most `most_s` seconds between two looks."""
    timeout_s = DEFAULT_TIMEOUT_S if timeout_s is None else timeout_s
    return Patience(timeout_s=timeout_s, interval_s=0.5, max_interval_s=most_s, growth=GROWTH)


def wait_for(
    session: Connection,
    jobs: Mapping[str, Waitable],
    *,
    timeout_s: float | None = None,
    on_change: OnChange | None = None,
    row_statuses: Mapping[str, str] = {},  # never written to
) -> dict[str, JobDescription]:
    """Wait until all of these jobs have ended; their descriptions by id, in the order given.

    Args:
        session: Whose poller, clients and clock to use.
        jobs: What to wait for, by job id.
        timeout_s: Seconds to wait at the most; by default a day.
        on_change: Called with the description whenever a job's status changes.
        row_statuses: By job id, what the rows say, as far as that is known.

    Raises:
        WaitTimeoutError: The time is over; it says what holds the jobs up.
    """
    with watching(session.clock, total=len(jobs)) as tally:
        ends = ends_of(
            session, dict(jobs), timeout_s=timeout_s, on_change=on_change, row_statuses=row_statuses, tally=tally
        )
        ended: dict[str, JobDescription] = {}
        for job_id, job, description in ends:
            ended[job_id] = description
            job._seen(description)
    return {job_id: ended[job_id] for job_id in jobs}


def ends_of(
    session: Connection,
    jobs: dict[str, W],
    *,
    timeout_s: float | None = None,
    on_change: OnChange | None = None,
    row_statuses: Mapping[str, str] = {},  # never written to
    tally: Onlooker | None = None,
) -> Generator[tuple[str, W, JobDescription]]:
    """Each job with its id and description, as it ends; nothing of it is kept then. Their rows are kept current.

    Args:
        session: Whose poller, clients and clock to use.
        jobs: What to wait for, by job id; emptied as they end.
        timeout_s: Seconds to wait at the most; by default a day.
        on_change: Called with the description whenever a job's status changes.
        row_statuses: By job id, what the rows say, as far as that is known.
        tally: What counts the jobs, and shows them; told of all changes of a look before the first end is.

    Raises:
        WaitTimeoutError: The time is over; it says what holds the jobs up.
    """
    tally = tally or Tally(len(jobs))
    watch = Watch.over(
        jobs,
        patience=patience_for(timeout_s),
        now=session.clock.monotonic(),
        state_of=tally.state_of,
        wants_all=on_change is not None or tally.wants_all,
        tick=tally.show,
        tick_s=tally.tick_s,
    )
    wait = _Wait(session, jobs, watch, tally, on_change, RowKeeper(session, dict(row_statuses)))
    with poller_of(session).joined(watch):
        yield from wait.ends()


@attrs.define(eq=False)
class _Wait(Generic[W]):
    """One wait: tells what the poller sees of its jobs."""

    session: Connection
    jobs: dict[str, W]
    watch: Watch
    tally: Onlooker
    on_change: OnChange | None
    rows: RowKeeper

    def ends(self) -> Iterator[tuple[str, W, JobDescription]]:
        """Each job, as it ends."""
        while self.jobs:
            changes = deque(self.changes())
            self.rows.keep(self.seen(changes))
            for change in changes:
                self.tally.moved(change.before, change.after, change.description)
            self.tally.show()
            yield from self.told(changes)

    def changes(self) -> Iterable[Change]:
        """What has moved since the last time."""
        poller = poller_of(self.session)
        news = poller.news(self.watch)
        if not news:
            raise self.timed_out()
        if not news.missed:
            return news.changes
        return (*news.changes, *poller.conclude(self.watch, what_became(self.session, self.jobs, news.missed)))

    def seen(self, changes: Iterable[Change]) -> Iterator[Seen]:
        """What may stand in the rows."""
        for change in changes:
            row = self.jobs[change.job_id].tracked()
            if row is not None:
                yield Seen(change.job_id, change.after.status, row)

    def told(self, changes: deque[Change]) -> Iterator[tuple[str, W, JobDescription]]:
        """Tell who wants to know of changes; the jobs that have ended. What is told is not kept."""
        while changes:
            change = changes.popleft()
            description = change.description
            if description is None:
                continue
            if self.on_change and change.is_new_status:
                self.on_change(description)
            if description.finished:
                self.rows.known.pop(change.job_id, None)
                job = self.jobs.pop(change.job_id)
                job.ended(description)
                yield change.job_id, job, description

    def timed_out(self) -> WaitTimeoutError:
        """The error that says what holds up the first of the unfinished jobs."""
        waited_s = self.session.clock.monotonic() - self.watch.began  # what follows may take its time
        first_id, *others = self.jobs
        first, last = self.jobs[first_id], self.last_seen(first_id)
        more = f" and {len(others)} more" if others else ""
        state = f"{last.status} ({last.status_reason or 'no reason given'})" if last else "not shown by AWS yet"
        diagnosis = advice_on(self.session, first)
        what = f"{first.label}{more} in {self.session.region}"
        return WaitTimeoutError(
            f"{what}: unfinished after {waited_s:.0f} s; it is {state}. {advice_text(diagnosis)}".strip(),
            description=last,
            diagnosis=diagnosis,
            resource=first,
            hint="job.diagnose() says more. Nothing is lost: wait() again goes on; timeout_s=... waits longer; "
            "terminate() ends it.",
        )

    def last_seen(self, job_id: str) -> JobDescription | None:
        """One of the unfinished jobs as it is now, as far as AWS tells."""
        try:
            with translated(self.jobs[job_id].label, self.session.region):
                return describe_jobs(self.session, [job_id]).get(job_id)
        except BatchwrightError:
            return None  # the time is over, and that is what is to be said


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
    waitable._seen_lines(lines, left_out=len(logs) - len(lines))
    said = [f"{waitable.label} in {session.region} FAILED: {job.status_reason or 'AWS gives no reason'}."]
    if job.exit_code is not None:
        said.append(f"Exit code {job.exit_code}.")
    if job.reason:
        said.append(f"Container: {job.reason.rstrip('.')}.")
    if job.array_size:
        said.append(_of_children(session, job))
    who = "job.children()[index]" if job.array_size else "job"
    diagnosis = advice_on_failure(session, job, lines, label=waitable.label)
    has_run = job.exit_code is not None
    end = printed(lines) if lines else "It printed nothing." if has_run else ""
    more = f"{who}.diagnose() says more" + (f", {who}.logs() gives the whole log" if lines or job.array_size else "")
    return JobFailedError(
        "\n".join(filter(None, (" ".join(said), advice_text(diagnosis), end))),
        exit_code=job.exit_code,
        last_lines=lines,
        description=job,
        diagnosis=diagnosis,
        resource=waitable,
        hint=f"{more}; to run it again, submit it with run=... .",
    )


def _of_children(session: Connection, job: JobDescription) -> str:
    """How the children of an array ended, and which failed (`batch:ListJobs`)."""
    counts = ", ".join(f"{number} {status}" for status, number in job.status_summary.items() if number)
    page = session.batch.list_jobs(arrayJobId=job.job_id, jobStatus=FAILED, maxResults=100)
    failed = sorted(child.get("arrayProperties", {}).get("index", 0) for child in page["jobSummaryList"])
    named = ", ".join(map(str, failed[:NAMED_MAX])) + (", …" if len(failed) > NAMED_MAX or "nextToken" in page else "")
    return f"Children: {counts}. Failed: {named}." if failed else f"Children: {counts}."
