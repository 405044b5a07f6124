"""SubmitJob: what it refuses, and the jobs that it makes."""

import copy
import re
import uuid

from batchwright.local.calls import Call
from batchwright.local.consumable_units import check_needed, needed_by
from batchwright.local.definitions import platform_of
from batchwright.local.environment_rules import is_fargate
from batchwright.local.job_containers import job_container
from batchwright.local.job_views import is_remembered
from batchwright.local.lookup import find_active_definition, find_environment, find_queue
from batchwright.local.refusals import Refusal, not_served
from batchwright.local.retry_rules import check_timeout, normal_retry
from batchwright.local.state import Definition, Job, Queue, Region, Wire
from batchwright.local.tags import check_tags

_LARGEST_REQUEST = 30 * 1024
_MOST_DEPENDENCIES = 20
_SMALLEST_ARRAY = 2
_LARGEST_ARRAY = 10_000
_JOB_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_ELSEWHERE = ("nodeOverrides", "eksPropertiesOverride", "ecsPropertiesOverride")


def submit_job(call: Call) -> Wire:
    """Serve SubmitJob; a second call with the same request makes a second job."""
    request, region = call.request, call.region
    _check_request(request, call.body_size)
    queue = _open_queue(region, request)
    definition = _active_definition(region, queue, request["jobDefinition"])
    job = _new_job(call, queue, definition)
    _check_dependencies(call, job)
    check_needed(region, job.consumables)
    region.jobs[job.id] = job
    for index in range(job.array_size or 0):
        child = _child(job, index)
        region.jobs[child.id] = child
    return {"jobArn": job.arn, "jobName": job.name, "jobId": job.id}


def _check_request(request: Wire, body_size: int) -> None:
    if body_size > _LARGEST_REQUEST:
        raise Refusal(f"The request has {body_size} bytes, more than the {_LARGEST_REQUEST} allowed.")
    if not _JOB_NAME.fullmatch(request["jobName"]):
        raise Refusal(f"Job name should match valid pattern: ^{_JOB_NAME.pattern}$")
    for member in _ELSEWHERE:
        if member in request:
            raise not_served(f"SubmitJob with {member}")
    size = request.get("arrayProperties", {}).get("size", _SMALLEST_ARRAY)
    if not _SMALLEST_ARRAY <= size <= _LARGEST_ARRAY:
        raise Refusal(f"arrayProperties.size must be between {_SMALLEST_ARRAY} and {_LARGEST_ARRAY}, not {size}.")
    check_timeout(request.get("timeout", {}))


def _open_queue(region: Region, request: Wire) -> Queue:
    identifier = request["jobQueue"]
    queue = find_queue(region, identifier)
    if queue is None or queue.status == "DELETING":
        raise Refusal(f"JobQueue {identifier} does not exist")
    if queue.state != "ENABLED" or queue.status not in ("VALID", "UPDATING"):
        raise Refusal(f"JobQueue {identifier} cannot take jobs: state {queue.state}, status {queue.status}.")
    is_fair_share = queue.scheduling_policy_arn is not None
    if is_fair_share and "shareIdentifier" not in request:
        raise Refusal("shareIdentifier is required by a job queue with a fair share scheduling policy.")
    if not is_fair_share and ("shareIdentifier" in request or "schedulingPriorityOverride" in request):
        raise Refusal(
            "Job with shareIdentifier or schedulingPriority can onlybe submitted to "
            "a job queue with a scheduling policy."
        )
    return queue


def _active_definition(region: Region, queue: Queue, identifier: str) -> Definition:
    definition = find_active_definition(region, identifier)
    if definition is None:
        raise Refusal(f"JobDefinition name {identifier} does not exist or is not in ACTIVE status")
    capability = platform_of(definition.request)
    environments = [find_environment(region, arn) for arn in queue.environment_arns]
    offered = {"FARGATE" if is_fargate(environment) else "EC2" for environment in environments if environment}
    if capability not in offered:
        raise Refusal(
            f"Job Queue is attached to Compute Environment that can not run Jobs with capability {capability}."
        )
    return definition


def _new_job(call: Call, queue: Queue, definition: Definition) -> Job:
    request, defaults = call.request, definition.request
    job_id = str(uuid.uuid4())
    timeout = request.get("timeout") or defaults.get("timeout", {})
    return Job(
        id=job_id,
        arn=call.region.arn(f"job/{job_id}"),
        name=request["jobName"],
        queue_arn=queue.arn,
        definition_arn=definition.arn,
        request=copy.deepcopy(request),
        container=job_container(definition, request),
        created_at_ms=call.state.clock.now_ms(),
        retry=normal_retry(request.get("retryStrategy") or defaults.get("retryStrategy", {})),
        timeout_s=timeout.get("attemptDurationSeconds"),
        depends_on=copy.deepcopy(request.get("dependsOn", [])),
        array_size=request.get("arrayProperties", {}).get("size"),
        tags=check_tags(request.get("tags", {})),
        platform=platform_of(defaults),
        share_identifier=request.get("shareIdentifier"),
        consumables=needed_by(call.region, definition, request),
    )


def _child(parent: Job, index: int) -> Job:
    """Children share what is never changed with their parent: an array may have ten thousand."""
    return Job(
        id=f"{parent.id}:{index}",
        arn=f"{parent.arn}:{index}",
        name=parent.name,
        queue_arn=parent.queue_arn,
        definition_arn=parent.definition_arn,
        request=parent.request,
        container=parent.container,
        created_at_ms=parent.created_at_ms,
        retry=parent.retry,
        timeout_s=parent.timeout_s,
        parent_id=parent.id,
        index=index,
        platform=parent.platform,
        share_identifier=parent.share_identifier,
        consumables=parent.consumables,
    )


def _check_dependencies(call: Call, job: Job) -> None:
    if len(job.depends_on) > _MOST_DEPENDENCIES:
        raise Refusal(f"dependsOn has {len(job.depends_on)} entries, more than the {_MOST_DEPENDENCIES} allowed.")
    for dependency in job.depends_on:
        _check_dependency(call, job, dependency.get("jobId"), dependency.get("type"))


def _check_dependency(call: Call, job: Job, job_id: str | None, kind: str | None) -> None:
    if kind is not None and job.array_size is None:
        raise Refusal(f"A dependency of type {kind} is only for array jobs.")
    if kind == "SEQUENTIAL":
        if job_id is not None:
            raise Refusal("A dependency of type SEQUENTIAL is on the array job itself and has no jobId.")
        return
    if job_id is None:
        raise Refusal("jobId is required in dependsOn.")
    other = call.region.jobs.get(job_id)
    if other is None or not is_remembered(other, call.now):
        raise Refusal(f"The job {job_id} in dependsOn does not exist.")
    if kind == "N_TO_N" and other.array_size != job.array_size:
        raise Refusal(f"N_TO_N needs array jobs of one size; {job_id} has {other.array_size}, this {job.array_size}.")
