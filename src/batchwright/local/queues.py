"""Job queues: create, describe, update, delete."""

import copy

from batchwright.local.calls import Call
from batchwright.local.lookup import check_name, check_quota, find_queue, is_wanted
from batchwright.local.paging import page, paged_answer
from batchwright.local.queue_rules import (
    check_policy,
    check_queue_request,
    check_time_limit_actions,
    ordered_environments,
    queue_type,
)
from batchwright.local.refusals import Refusal, already_exists, being_modified, does_not_exist
from batchwright.local.state import Queue, Region, Wire
from batchwright.local.stopping import terminate_jobs_of
from batchwright.local.tags import check_tags


def create_job_queue(call: Call) -> Wire:
    """Serve CreateJobQueue: its compute environments must be VALID by now."""
    request, region = call.request, call.region
    name = request["jobQueueName"]
    check_name("jobQueueName", name)
    if name in region.queues or name in region.deleted_queues:
        raise already_exists()
    check_quota("job queues", region.queues)
    check_queue_request(request)
    environments = ordered_environments(region, request.get("computeEnvironmentOrder", []))
    queue = Queue(
        name=name,
        arn=region.arn(f"job-queue/{name}"),
        state=request.get("state", "ENABLED"),
        priority=request["priority"],
        environment_arns=list(environments),
        environment_orders=list(environments.values()),
        tags=check_tags(request.get("tags", {})),
        created_at=call.now,
        due_at=call.now + call.state.delays.queue_s,
    )
    _check_type(queue, region, request)
    if "schedulingPolicyArn" in request:
        queue.scheduling_policy_arn = check_policy(region, request["schedulingPolicyArn"])
    _set_time_limit_actions(queue, request)
    region.queues[name] = queue
    return _named(queue)


def _check_type(queue: Queue, region: Region, request: Wire) -> None:
    kind = request.get("jobQueueType")
    if kind and kind != queue_type(region, queue.environment_arns):
        raise Refusal(f"jobQueueType {kind} does not fit the compute environments of the queue.")


def _named(queue: Queue) -> Wire:
    return {"jobQueueName": queue.name, "jobQueueArn": queue.arn}


def _set_time_limit_actions(queue: Queue, request: Wire) -> None:
    if "jobStateTimeLimitActions" in request:
        check_time_limit_actions(request["jobStateTimeLimitActions"])
        queue.time_limit_actions = copy.deepcopy(request["jobStateTimeLimitActions"])


def describe_job_queues(call: Call) -> Wire:
    """Serve DescribeJobQueues; one that is not there, or does not show yet, is left out."""
    wanted: list[str] = call.request.get("jobQueues", [])
    every = {**call.region.deleted_queues, **call.region.queues}
    unique = {name: each for name, each in every.items() if is_wanted(wanted, name, each.arn) and _shows(call, each)}
    shown, token = page(unique.values(), key=lambda queue: (queue.name,), request=call.request)
    return paged_answer("jobQueues", [_view(call.region, queue) for queue in shown], token)


def _shows(call: Call, queue: Queue) -> bool:
    return call.now - queue.created_at >= call.state.delays.queue_lag_s


def _view(region: Region, queue: Queue) -> Wire:
    view: Wire = {
        **_named(queue),
        "state": queue.state,
        "status": queue.status,
        "statusReason": queue.status_reason,
        "priority": queue.priority,
        "computeEnvironmentOrder": [
            {"order": order, "computeEnvironment": arn}
            for arn, order in zip(queue.environment_arns, queue.environment_orders, strict=True)
        ],
        "serviceEnvironmentOrder": [],
        "jobQueueType": queue_type(region, queue.environment_arns),
        "tags": dict(queue.tags),
        "jobStateTimeLimitActions": copy.deepcopy(queue.time_limit_actions),
    }
    return view | ({"schedulingPolicyArn": queue.scheduling_policy_arn} if queue.scheduling_policy_arn else {})


def update_job_queue(call: Call) -> Wire:
    """Serve UpdateJobQueue: what is sent replaces what was, then UPDATING until it has settled."""
    request, region = call.request, call.region
    queue = _settled_queue(call, "update")
    check_queue_request(request)
    check_time_limit_actions(request.get("jobStateTimeLimitActions", []))
    policy_arn = queue.scheduling_policy_arn
    if "schedulingPolicyArn" in request:
        if policy_arn is None:
            raise Refusal("A scheduling policy cannot be added to a job queue that was created without one.")
        policy_arn = check_policy(region, request["schedulingPolicyArn"])
    if "computeEnvironmentOrder" in request:
        environments = ordered_environments(region, request["computeEnvironmentOrder"])
        queue.environment_arns, queue.environment_orders = list(environments), list(environments.values())
    queue.scheduling_policy_arn = policy_arn
    _set_time_limit_actions(queue, request)
    queue.state = request.get("state", queue.state)
    queue.priority = request.get("priority", queue.priority)
    queue.status, queue.status_reason = "UPDATING", ""
    queue.due_at = call.now + call.state.delays.queue_s
    return _named(queue)


def _settled_queue(call: Call, verb: str) -> Queue:
    identifier = call.request["jobQueue"]
    queue = find_queue(call.region, identifier)
    if queue is None or (queue.status == "DELETING" and verb == "update"):
        raise does_not_exist(identifier)
    if queue.status in ("CREATING", "UPDATING"):
        raise being_modified(verb)
    return queue


def delete_job_queue(call: Call) -> Wire:
    """Serve DeleteJobQueue: its jobs are terminated, and it is DELETING until they have ended."""
    queue = _settled_queue(call, "delete")
    if queue.status == "DELETING":
        return {}
    if queue.state != "DISABLED":
        raise Refusal("Cannot delete, state must be DISABLED.")
    terminate_jobs_of(call.region, queue)
    queue.status, queue.status_reason = "DELETING", ""
    queue.due_at = call.now + call.state.delays.delete_s
    return {}
