"""Rules of a job that has FAILED: one for each class of failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.batch_facts import JOBS, job_of
from batchwright.diagnosis.facts import Facts, UnreadableError
from batchwright.diagnosis.failing import Failure, said_of
from batchwright.diagnosis.failures import FAILURES, failure_of
from batchwright.diagnosis.jobs import dependency_ids
from batchwright.diagnosis.rules import Check, rule
from batchwright.diagnosis.subjects import JobSubject
from batchwright.diagnosis.waiting_jobs import REASONS
from batchwright.findings import Distance, Finding, error
from batchwright.jobs.description import FAILED, JobDescription
from batchwright.jobs.logs import LAST_LINES, log_streams

LOGS: Final = "logs:GetLogEvents"
LINE_MAX: Final = 300
_LATE: Final = frozenset(
    {
        "failed-dependency",
        "failed-children",
        "failed-mount",
        "failed-secrets",
        "failed-initialization",
        "failed-pull-denied",
        "failed-pull-network",
        "failed-pull",
        "failed-to-start",
    }
)
"""Failures of which the cause is another job's, or something around the job, where that is found too."""


def last_lines_of(facts: Facts, job: JobDescription) -> tuple[str, ...]:
    """The last lines of its log; none where it printed nothing."""
    if job.job_id in facts.last_lines:
        return facts.last_lines[job.job_id]

    streams = log_streams(job)

    def read() -> tuple[str, ...]:
        answer = facts.session.logs.get_log_events(
            logGroupName=job.log_group_name, logStreamName=streams[-1], startFromHead=False, limit=LAST_LINES
        )
        return tuple(event.get("message", "") for event in answer["events"])

    return (facts.fact(LOGS, job.job_id, read) or ()) if streams else ()


def _check_for(failure: Failure) -> Check[JobSubject]:
    def check(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
        job = job_of(facts, subject.job_id)
        if job is None or job.status != FAILED or failure_of(job) not in _may_become(failure):
            return
        try:
            lines, unread = last_lines_of(facts, job), None
        except UnreadableError as missing:
            lines, unread = (), missing
        if failure_of(job, lines) is failure:
            said = f"{subject.label} {failure.says}{_detail(failure, job)}."
            yield error(said, *_evidence(failure, job, lines), fix=_fix(failure, job, lines))
        if unread is not None:
            raise unread

    return check


def _may_become(failure: Failure) -> tuple[Failure, ...]:
    """What the class can look like without the log's last lines, which need not be read for the others."""
    return FAILURES if failure.id == "failed-architecture" else (failure,)


def _detail(failure: Failure, job: JobDescription) -> str:
    """What is known of it besides its class: of one dependency its id, and an exit code that the class does not say."""
    ids = dependency_ids(job)
    if failure.id == "failed-dependency" and len(ids) == 1:
        return f": job {ids[0]}"
    code = f"exit code {job.exit_code}" if job.exit_code else ""
    return f" ({code})" if code and job.exit_code not in (126, 127, 137, 139, 143) else ""


def _evidence(failure: Failure, job: JobDescription, lines: tuple[str, ...]) -> Iterator[str]:
    said = said_of(job)
    yield f"{JOBS}: {said[:LINE_MAX] or 'no reason'}"
    if job.exit_code is not None:
        yield f"{JOBS}: exit code {job.exit_code}"
    if failure.id == "failed-dependency":
        yield f"{JOBS}: it depends on {', '.join(dependency_ids(job)) or 'jobs that AWS does not name'}"
    spoken = [line.strip() for line in lines if line.strip()]
    if spoken and job.exit_code is not None:
        yield f"{LOGS}: its last line was {spoken[-1][:LINE_MAX]!r}"


def _fix(failure: Failure, job: JobDescription, lines: tuple[str, ...]) -> str:
    """The fix; where AWS names the reason why a job was stuck, the reason's own."""
    if failure.id == "failed-exit-code" and not any(map(str.strip, lines)):
        return "job.logs() gives its log; where that is empty, run the command by hand in its image."
    if failure.id != "failed-time-limit":
        return failure.fix
    known = (reason.fix for prefix, reason in REASONS.items() if prefix in job.status_reason)
    return f"{next(known, 'Put right what the reason names.')} {failure.fix}"


for _failure in FAILURES:
    rule(
        _failure.id,
        of=JobSubject,
        says=f"the job {_failure.says}",
        actions=(JOBS, LOGS),
        source=_failure.source,
        distance=Distance.EFFECT if _failure.id in _LATE else Distance.CAUSE,
    )(_check_for(_failure))
