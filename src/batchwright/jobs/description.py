"""What AWS reports of a job, and reading it a hundred at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

import attrs

from batchwright._display import View
from batchwright._wire import Description, structure
from batchwright.connection import Connection
from batchwright.jobs.showing import job_view
from batchwright.side_by_side import read_each

UNFINISHED: Final = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
SUCCEEDED: Final = "SUCCEEDED"
FAILED: Final = "FAILED"
VANISHED: Final = "VANISHED"
"""Our own word for a job that AWS no longer knows and whose row does not say how it ended."""
FINISHED: Final = (SUCCEEDED, FAILED, VANISHED)
IDS_PER_CALL: Final = 100
UNSEEN_S: Final = 300.0
"""Seconds for which AWS may not show a job that it has accepted."""


@attrs.frozen(kw_only=True)
class JobDescription(Description):
    """What `batch:DescribeJobs` reports of one job.

    Attributes:
        job_id: AWS's id; a child of an array has `"<parent>:<index>"`.
        status: SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED or FAILED; VANISHED when AWS forgot it.
        status_reason: AWS's reason, or an empty string.
        exit_code: The container's, or None when it never started.
        reason: The container's own reason, for example that its image could not be pulled.
        log_stream_name: Where the newest attempt writes, or None before it runs.
        array_size: The number of children, or None.
        index: The place in its array, or None.
        status_summary: Children by status, for an array.
    """

    job_id: str
    name: str
    status: str = "SUBMITTED"
    status_reason: str = ""
    arn: str = ""
    queue_arn: str = ""
    definition_arn: str = ""
    created_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    exit_code: int | None = None
    reason: str = ""
    log_stream_name: str | None = None
    log_group_name: str = "/aws/batch/job"
    attempts: tuple[Mapping[str, object], ...] = attrs.field(default=(), hash=False)
    array_size: int | None = None
    index: int | None = None
    status_summary: Mapping[str, int] = attrs.field(factory=dict[str, int], hash=False)
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)

    @property
    def finished(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.status in FINISHED

    @property
    def forgotten(self) -> bool:
        """Whether AWS no longer shows it, so that all of this is what was written down before."""
        return self.finished and not self.raw

    @property
    def is_stopping(self) -> bool:
        """Whether its end was asked for already."""
        return bool(self.raw.get("isTerminated") or self.raw.get("isCancelled"))

    @property
    def environment(self) -> Mapping[str, str]:
        """The container's variables; not printed, since a value may be secret."""
        container = cast("Mapping[str, Any]", self.raw.get("container") or {})
        return {item["name"]: item.get("value", "") for item in container.get("environment", ())}

    def _view(self) -> View:
        return job_view(self)


def job_description(answer: Mapping[str, Any], *, read_at: float) -> JobDescription:
    """The description of one entry of DescribeJobs or ListJobs."""
    container = _below(answer, "container")
    attempts: Sequence[Mapping[str, Any]] = answer.get("attempts") or []
    array = _below(answer, "arrayProperties")
    newest = _below(attempts[-1] if attempts else {}, "container")
    options = _below(_below(container, "logConfiguration"), "options")
    flat: dict[str, object] = {
        "jobId": answer["jobId"],
        "name": answer.get("jobName", ""),
        "arn": answer.get("jobArn", ""),
        "queueArn": answer.get("jobQueue", ""),
        "definitionArn": answer.get("jobDefinition", ""),
        "exitCode": container.get("exitCode", newest.get("exitCode")),
        "reason": container.get("reason") or newest.get("reason") or "",
        "logStreamName": container.get("logStreamName") or newest.get("logStreamName"),
        "logGroupName": options.get("awslogs-group", "/aws/batch/job"),
        "attempts": attempts,
        "arraySize": array.get("size"),
        "index": array.get("index"),
        "statusSummary": _below(array, "statusSummary"),
    }
    for member in ("status", "statusReason", "createdAt", "startedAt", "stoppedAt", "tags"):
        if answer.get(member) is not None:
            flat[member] = answer[member]
    return attrs.evolve(structure(JobDescription, flat, read_at=read_at), raw=answer)


def recorded(job_id: str, *, name: str, status: str, age_s: float, read_at: float) -> JobDescription | None:
    """What is left of a job that AWS does not show; None while that may be because it is new.

    Args:
        job_id: AWS's id.
        name: The job's name.
        status: What was written down of it; anything but an end becomes VANISHED.
        age_s: Seconds since it was submitted, at the least.
        read_at: The time, in seconds since the epoch.
    """
    if age_s < UNSEEN_S:
        return None
    return JobDescription(
        job_id=job_id,
        name=name,
        status=status if status in FINISHED else VANISHED,
        status_reason="AWS no longer knows this job",
        read_at=read_at,
    )


def _below(tree: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", tree.get(member) or {})


def describe_jobs(session: Connection, job_ids: Iterable[str]) -> dict[str, JobDescription]:
    """What AWS reports of these jobs, by id, a hundred a call; what AWS does not know is left out.

    An empty list makes no call: AWS would take it for no filter.
    """
    ids = list(dict.fromkeys(job_ids))
    chunks = [ids[start : start + IDS_PER_CALL] for start in range(0, len(ids), IDS_PER_CALL)]
    found = {job.job_id: job for jobs in read_each(chunks, partial(_described, session)) for job in jobs}
    for job in found.values():
        session.sightings.see_job(job.job_id, job)
    return found


def _described(session: Connection, job_ids: list[str]) -> list[JobDescription]:
    answer, now = session.batch.describe_jobs(jobs=job_ids)["jobs"], session.clock.now()
    return [job_description(cast("Mapping[str, Any]", job), read_at=now) for job in answer]
