"""Jobs as DescribeJobs, ListJobs and GetJobQueueSnapshot show them."""

import copy
from collections import Counter

from batchwright.local.calls import Call
from batchwright.local.job_containers import job_parameters
from batchwright.local.lookup import find_queue, find_revision
from batchwright.local.propagation import propagates_tags
from batchwright.local.refusals import Refusal, does_not_exist
from batchwright.local.scheduling.needs import priority_of
from batchwright.local.state import JOB_STATUSES, Attempt, Job, Region, Wire

_MOST_DESCRIBED = 100
_MOST_SNAPSHOT = 100
_KEPT_S = 7 * 24 * 3600


def is_remembered(job: Job, now: float) -> bool:
    """Return whether AWS would still show the job: finished ones are kept for seven days."""
    return not job.is_finished or job.stopped_at_ms is None or now - job.stopped_at_ms / 1000 <= _KEPT_S


def describe_jobs(call: Call) -> Wire:
    """Serve DescribeJobs for up to 100 ids; one that is not known, or was submitted a moment ago, is left out."""
    ids: list[str] = call.request["jobs"]
    if len(ids) > _MOST_DESCRIBED:
        raise Refusal(f"Maximum number of jobs supported is {_MOST_DESCRIBED}")
    found = (call.region.jobs.get(each) for each in dict.fromkeys(ids))
    return {"jobs": [job_detail(call.region, job) for job in found if job and _shows(call, job)]}


def _shows(call: Call, job: Job) -> bool:
    # In whole milliseconds, as the job's own time is: rounded up, it may be later than now.
    is_seen = call.state.clock.now_ms() - job.created_at_ms >= call.state.delays.describe_lag_s * 1000
    return is_seen and is_remembered(job, call.now)


def _present(members: Wire) -> Wire:
    return {member: value for member, value in members.items() if value is not None}


def _progress(job: Job) -> Wire:
    """What a job has only from some moment on, or never."""
    members = {
        "statusReason": job.status_reason,
        "startedAt": job.started_at_ms,
        "stoppedAt": job.stopped_at_ms,
        "shareIdentifier": job.share_identifier,
    }
    return _present(members)


def job_detail(region: Region, job: Job) -> Wire:
    """Return a job as DescribeJobs and events show it."""
    optional = {
        "arrayProperties": _array_detail(region, job),
        "timeout": {"attemptDurationSeconds": job.timeout_s} if job.timeout_s else None,
        "consumableResourceProperties": {"consumableResourceList": copy.deepcopy(job.consumables)}
        if job.consumables
        else None,
    }
    return {
        "jobArn": job.arn,
        "jobName": job.name,
        "jobId": job.id,
        "jobQueue": job.queue_arn,
        "status": job.status,
        "attempts": [_attempt(attempt) for attempt in job.attempts],
        "createdAt": job.created_at_ms,
        "dependsOn": copy.deepcopy(job.depends_on),
        "jobDefinition": job.definition_arn,
        "container": _container(job),
        "platformCapabilities": [job.platform],
        "tags": dict(job.tags),
        "isCancelled": job.is_cancelled,
        "isTerminated": job.is_terminated,
        **_from_definition(region, job),
        **_progress(job),
        **_present(optional),
    }


def _from_definition(region: Region, job: Job) -> Wire:
    """What the definition gives where the submission said nothing."""
    definition = find_revision(region, job.definition_arn)
    members = {
        "parameters": job_parameters(definition, job.request) if definition else {},
        "propagateTags": propagates_tags(job, definition),
        "retryStrategy": {"attempts": 1, **copy.deepcopy(job.retry)},
        "schedulingPriority": priority_of(job, definition) if job.share_identifier else None,
    }
    return _present(members)


def _container(job: Job) -> Wire:
    result = {"exitCode": job.exit_code, "reason": job.reason, "logStreamName": _stream_shown(job)}
    return copy.deepcopy(job.container) | _present(result)


def _stream_shown(of: Job | Attempt) -> str | None:
    """Return the log stream, which is told of from RUNNING on."""
    return None if of.started_at_ms is None else of.log_stream


def _attempt(attempt: Attempt) -> Wire:
    container = {"exitCode": attempt.exit_code, "reason": attempt.reason, "logStreamName": _stream_shown(attempt)}
    members = {
        "startedAt": attempt.started_at_ms,
        "stoppedAt": attempt.stopped_at_ms,
        "statusReason": attempt.status_reason,
    }
    return {"container": _present(container), **_present(members)}


def _array_detail(region: Region, job: Job) -> Wire | None:
    if job.array_size is None:
        return _array_summary(job)
    children = (region.jobs.get(f"{job.id}:{index}") for index in range(job.array_size))
    counted = Counter(child.status for child in children if child)
    return {"size": job.array_size, "statusSummary": {status: counted[status] for status in JOB_STATUSES}}


def _array_summary(job: Job) -> Wire | None:
    if job.array_size is not None:
        return {"size": job.array_size}
    return None if job.index is None else {"index": job.index}


def job_summary(job: Job) -> Wire:
    """Return the job as ListJobs shows it."""
    result = _present({"exitCode": job.exit_code, "reason": job.reason})
    optional = {
        "arrayProperties": _array_summary(job),
        "container": result or None,
        "isCancelled": job.is_cancelled or None,
        "isTerminated": job.is_terminated or None,
    }
    return {
        "jobArn": job.arn,
        "jobId": job.id,
        "jobName": job.name,
        "createdAt": job.created_at_ms,
        "status": job.status,
        "jobDefinition": job.definition_arn,
        **_progress(job),
        **_present(optional),
    }


def job_queue_snapshot(call: Call) -> Wire:
    """Serve GetJobQueueSnapshot: the first 100 RUNNABLE jobs in the order in which they are to start."""
    identifier = call.request["jobQueue"]
    queue = find_queue(call.region, identifier)
    if queue is None:
        raise does_not_exist(identifier)
    waiting = call.state.front_of_queue(queue, _MOST_SNAPSHOT)
    front = [{"jobArn": job.arn, "earliestTimeAtPosition": job.runnable_at_ms} for job in waiting]
    return {"frontOfQueue": {"jobs": front, "lastUpdatedAt": call.state.clock.now_ms()}}
