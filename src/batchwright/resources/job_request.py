"""A declared job as the request that is sent, and as the hash by which it is known again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright.errors import ConflictError
from batchwright.jobs.description import FAILED, SUCCEEDED, JobDescription
from batchwright.jobs.looking import SUBMISSION_VARIABLE
from batchwright.jobs.request import as_sent, check_array_dependencies, salted_hash, without_empty
from batchwright.outcome import Resolved
from batchwright.ownership import NAMESPACE_TAG, OWNER_TAG, tag_value
from batchwright.resources.definition_checks import request_fits
from batchwright.resources.job_start import start_part
from batchwright.resources.sizes import check_sizes, requirements
from batchwright.values import refuse

if TYPE_CHECKING:
    from batchwright.resources.batch_job import BatchJob

REQUEST_MAX_BYTES: Final = 30 * 1024
KEY_MAX_BYTES: Final = 2048
"""How long a key DynamoDB takes."""
TAGS_MAX: Final = 50
"""How many tags a task takes."""


def check_job(job: BatchJob) -> None:
    """Refuse what no field of a job can know alone; nothing is asked of AWS.

    Raises:
        DeclarationError: It names the field, the value and what is legal.
    """
    if not 1 <= len(job.submission_id) <= 1024 or len(job.submission_id.encode()) > KEY_MAX_BYTES:
        raise refuse(job, "submission_id", job.submission_id, f"1 to 1024 characters, of {KEY_MAX_BYTES} bytes in all")
    if job.run != 1 and job.submission_id != job.default_submission_id(job.run):
        raise refuse(job, "run", job.run, "1 where submission_id says what the submission is known by")
    if SUBMISSION_VARIABLE in job.environment:
        raise refuse(job, "environment", SUBMISSION_VARIABLE, "names other than that: batchwright sets it itself")
    if job.share_identifier is None and job.required_queue.scheduling_policy is not None:
        legal = f"named, since {job.required_queue.label} has a scheduling policy"
        raise refuse(job, "share_identifier", None, legal)
    check_array_dependencies(job, job.depends_on, job.array_size)
    given, own = job, job.definition
    check_sizes(
        job,
        platform=own.platform,
        vcpus=own.vcpus if given.vcpus is None else given.vcpus,
        memory_gib=own.memory_gib if given.memory_gib is None else given.memory_gib,
        gpus=own.gpus if given.gpus is None else given.gpus,
    )
    request_fits(job, own_part(job), most_bytes=REQUEST_MAX_BYTES)


def job_request(job: BatchJob, resolved: Resolved) -> Mapping[str, object]:
    """The arguments of `batch:SubmitJob`.

    Raises:
        DeclarationError: It is larger than AWS takes, or has more tags than its task can have.
    """
    request = {
        **own_part(job),
        "jobQueue": resolved[job.required_queue].arn,
        "jobDefinition": resolved[job.definition].arn,
        "dependsOn": _dependencies(job, resolved),
        "tags": {
            **job.session.tags,
            **job.tags,
            NAMESPACE_TAG: job.session.namespace,
            OWNER_TAG: tag_value(job.session.caller),
        },
    }
    request_fits(job, request, most_bytes=REQUEST_MAX_BYTES)
    _check_propagated(job, {**resolved[job.definition].tags, **cast("Mapping[str, str]", request["tags"])})
    return without_empty(request)


def _check_propagated(job: BatchJob, tags: Mapping[str, str]) -> None:
    """AWS takes such a job, and then fails it."""
    if job.definition.propagate_tags and job.array_size is None and len(tags) > TAGS_MAX:
        legal = f"at most {TAGS_MAX} with those of {job.definition.label}, which propagates them to the task"
        raise refuse(job, "tags", f"{len(tags)} tags", legal)


def own_part(job: BatchJob) -> dict[str, object]:
    """What the declaration alone says."""
    environment = {**job.environment, SUBMISSION_VARIABLE: job.submission_id}
    overrides = {
        "command": list(job.command),
        "environment": [{"name": name, "value": value} for name, value in environment.items()],
        "resourceRequirements": requirements(job.vcpus, job.memory_gib, job.gpus),
    }
    part = {
        "jobName": job.name,
        "containerOverrides": without_empty(overrides),
        "arrayProperties": {"size": job.array_size} if job.array_size else None,
        "retryStrategy": job.retry.to_request() if job.retry else None,
        "timeout": {"attemptDurationSeconds": job.timeout_s} if job.timeout_s else None,
        "shareIdentifier": job.share_identifier,
        "tags": {**job.session.tags, **job.tags},
        **start_part(job),
    }
    return without_empty(part)


def _dependencies(job: BatchJob, resolved: Resolved) -> list[dict[str, str]]:
    """What it waits for, without what succeeded so long ago that AWS would not know it."""
    past: set[str] = set()

    def id_of(other: object) -> str:
        seen = resolved[cast("Any", other)]
        if seen.forgotten and seen.status == SUCCEEDED:
            past.add(seen.job_id)
        elif seen.forgotten:
            raise _can_never_start(job, other, seen)
        return str(seen.job_id)

    entries = [as_sent(item, id_of) for item in job.depends_on]
    return [entry for entry in entries if entry.get("jobId") not in past]


def _can_never_start(job: BatchJob, other: object, seen: JobDescription) -> ConflictError:
    how = "FAILED" if seen.status == FAILED else "ended nobody knows how"
    return ConflictError(
        f"{job.label} waits for {cast('Any', other).label}, job {seen.job_id}, which {how} so long ago that AWS has "
        "forgotten it.",
        resource=job,
        hint="Run that one again (run=2 of its declaration) and depend on the new run.",
    )


def job_wish(job: BatchJob) -> str:
    """The salted hash of what is declared; equal for equal declarations, and of no use for guessing a value."""
    return salted_hash(
        job.submission_id,
        {
            "name": job.name,
            "definition": job.definition.content_hash(job.submission_id),
            "queue": job.required_queue.name,
            "command": job.command,
            "environment": dict(job.environment),
            "sizes": requirements(job.vcpus, job.memory_gib, job.gpus),
            "array_size": job.array_size,
            "depends_on": [
                as_sent(item, lambda other: str(cast("Any", other).submission_id)) for item in job.depends_on
            ],
            "retry": job.retry.to_request() if job.retry else None,
            "timeout_s": job.timeout_s,
            "share_identifier": job.share_identifier,
            # Left out where it says nothing, so that the rows of older versions still fit.
            **({"run_at_most_once": True} if job.run_at_most_once else {}),
        },
    )
