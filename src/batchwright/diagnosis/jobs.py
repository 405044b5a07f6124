"""What belongs to a job, and rules of any job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright.diagnosis.batch_facts import JOBS, LIST, environment_names, job_of, jobs_of
from batchwright.diagnosis.facts import Facts, below
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import (
    DefinitionSubject,
    JobSubject,
    QueueSubject,
    Subject,
    VolumeSubject,
    name_in,
)
from batchwright.findings import Finding, error
from batchwright.jobs.description import FAILED, JobDescription

if TYPE_CHECKING:
    from mypy_boto3_batch.literals import JobStatusType

WAITING: Final = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING")
"""Statuses of a job whose surroundings may keep it from running."""
CHILDREN_MAX: Final = 3
"""Failed children of an array that are looked at."""
_START_FAILURES: Final = ("CannotPullContainer", "ResourceInitialization", "Task failed to start", "DockerTimeout")


def around(facts: Facts, subject: JobSubject) -> Iterator[Subject]:
    """Its dependencies, and what it needs in order to start."""
    job = job_of(facts, subject.job_id)
    if job is None:
        return
    yield from _children(facts, job)
    if job.status in WAITING or is_of_dependency(job):
        for job_id, other in jobs_of(facts, dependency_ids(job)).items():
            yield JobSubject(job_id, f"job {other.name!r}")
    if job.status in WAITING or (job.status == FAILED and failed_to_start(job)):
        yield DefinitionSubject(name_in(job.definition_arn))
        yield QueueSubject(name_in(job.queue_arn))
        yield from _volumes(facts, job)


def _children(facts: Facts, job: JobDescription) -> Iterator[Subject]:
    """Of an array those children that stand for the others: the first that waits, and some that failed."""
    if job.array_size is None or job.status not in (*WAITING, FAILED):
        return
    status: JobStatusType = "FAILED" if job.status == FAILED else "RUNNABLE"

    def read() -> tuple[str, ...]:
        page = facts.session.batch.list_jobs(arrayJobId=job.job_id, jobStatus=status, maxResults=CHILDREN_MAX)
        return tuple(each["jobId"] for each in page["jobSummaryList"])

    for job_id in (facts.fact(LIST, f"children of {job.job_id}", read) or ())[: CHILDREN_MAX if job.finished else 1]:
        yield JobSubject(job_id, f"child {job_id.rpartition(':')[2]} of job {job.name!r}")


def is_of_dependency(job: JobDescription) -> bool:
    """Whether it failed because one that it depends on did."""
    return job.status == FAILED and "depend" in job.status_reason.lower()


def failed_to_start(job: JobDescription) -> bool:
    """Whether it failed for what lies around it, before its command ran."""
    said = f"{job.status_reason} {job.reason}"
    return any(words in said for words in _START_FAILURES)


def dependency_ids(job: JobDescription) -> tuple[str, ...]:
    """The ids of the jobs that must succeed first."""
    depends_on = cast("Sequence[Mapping[str, Any]]", job.raw.get("dependsOn") or ())
    ids = (str(each.get("jobId") or "") for each in depends_on)
    return tuple(job_id for job_id in ids if job_id and job_id != job.job_id)


def container_of(job: JobDescription) -> Mapping[str, Any]:
    """The container as it is to run, overrides included; empty for what has none."""
    return below(job.raw, "container")


def _volumes(facts: Facts, job: JobDescription) -> Iterator[Subject]:
    """The file systems that it mounts."""
    for volume in container_of(job).get("volumes") or ():
        efs = below(volume, "efsVolumeConfiguration")
        if efs.get("fileSystemId"):
            yield VolumeSubject(
                file_system_id=str(efs["fileSystemId"]),
                label=f"EFS file system {efs['fileSystemId']}",
                environments=environment_names(facts, name_in(job.queue_arn)),
                access_point_id=str(below(efs, "authorizationConfig").get("accessPointId") or ""),
            )


@rule(
    "job-not-submitted",
    of=JobSubject,
    says="the job was not submitted, or AWS no longer knows it",
    actions=(JOBS,),
    source="https://docs.aws.amazon.com/batch/latest/userguide/job_states.html",
)
def not_submitted(facts: Facts, subject: JobSubject) -> Iterator[Finding]:
    """There is nothing to run."""
    if not subject.job_id:
        yield error(
            f"{subject.label} was not submitted.", "no row and no listed job tell of it", fix="Submit it with ensure()."
        )
    elif job_of(facts, subject.job_id) is None:
        yield error(
            f"{subject.label} is not known to AWS.",
            f"{JOBS}: no job {subject.job_id}",
            fix="A job of a moment ago appears soon; finished ones go after some days: to run it again, use run=... .",
        )
