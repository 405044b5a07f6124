"""AWS Batch's REST-JSON interface on this machine."""

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Protocol

import attrs

from batchwright.local import (
    consumables,
    definitions,
    environment_updates,
    environments,
    job_listing,
    job_views,
    policies,
    queues,
    stopping,
    submissions,
    tags,
)
from batchwright.local.calls import Call, Handler
from batchwright.local.forgetting import forget_old_jobs
from batchwright.local.refusals import Refusal, not_served
from batchwright.local.settling import settle
from batchwright.local.state import State, Wire
from batchwright.local.wire_check import read_request
from batchwright.local.world import World

_logger = logging.getLogger(__name__)

_HANDLERS: Mapping[str, Handler] = {
    "CreateComputeEnvironment": environments.create_compute_environment,
    "DescribeComputeEnvironments": environments.describe_compute_environments,
    "UpdateComputeEnvironment": environment_updates.update_compute_environment,
    "DeleteComputeEnvironment": environments.delete_compute_environment,
    "CreateJobQueue": queues.create_job_queue,
    "DescribeJobQueues": queues.describe_job_queues,
    "UpdateJobQueue": queues.update_job_queue,
    "DeleteJobQueue": queues.delete_job_queue,
    "GetJobQueueSnapshot": job_views.job_queue_snapshot,
    "CreateSchedulingPolicy": policies.create_scheduling_policy,
    "DescribeSchedulingPolicies": policies.describe_scheduling_policies,
    "ListSchedulingPolicies": policies.list_scheduling_policies,
    "UpdateSchedulingPolicy": policies.update_scheduling_policy,
    "DeleteSchedulingPolicy": policies.delete_scheduling_policy,
    "CreateConsumableResource": consumables.create_consumable_resource,
    "DescribeConsumableResource": consumables.describe_consumable_resource,
    "ListConsumableResources": consumables.list_consumable_resources,
    "ListJobsByConsumableResource": consumables.list_jobs_by_consumable_resource,
    "UpdateConsumableResource": consumables.update_consumable_resource,
    "DeleteConsumableResource": consumables.delete_consumable_resource,
    "RegisterJobDefinition": definitions.register_job_definition,
    "DescribeJobDefinitions": definitions.describe_job_definitions,
    "DeregisterJobDefinition": definitions.deregister_job_definition,
    "SubmitJob": submissions.submit_job,
    "DescribeJobs": job_views.describe_jobs,
    "ListJobs": job_listing.list_jobs,
    "CancelJob": stopping.cancel_job,
    "CancelJobs": stopping.cancel_jobs,
    "TerminateJob": stopping.terminate_job,
    "TerminateJobs": stopping.terminate_jobs,
    "ListTagsForResource": tags.list_tags,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
}


class Ticker(Protocol):
    """What moves the jobs along; the scheduler, in a server."""

    def tick(self) -> None:
        """Move every job as far as the clock allows; the caller holds the state's lock."""
        ...


@attrs.frozen(kw_only=True)
class Response:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class BatchApp:
    """Serves one HTTP request of AWS Batch at a time, under the state's lock.

    Args:
        state: What is remembered.
        world: Answers about the resources of other services.
        scheduler: Ticked before each call, so that every answer is of its moment.
    """

    def __init__(self, state: State, world: World, scheduler: Ticker) -> None:
        self._state = state
        self._world = world
        self._scheduler = scheduler

    def __call__(self, region: str, operation_path: str, method: str, body: bytes) -> Response:
        """Answer the request.

        Args:
            region: The region of the request's signature.
            operation_path: The path, such as `/v1/submitjob`, with its query string where there is one.
            method: The HTTP method.
            body: The request's body.
        """
        try:
            with self._state.lock:
                settle(self._state)
                forget_old_jobs(self._state)
                self._scheduler.tick()
                answer = self._serve(region, operation_path, method, body)
        except Refusal as refusal:
            return _error(refusal)
        except Exception:
            _logger.exception("The local AWS Batch failed in %s %s.", method, operation_path)
            return _error(Refusal("Internal error of the local AWS Batch.", code="ServerException", http_status=500))
        return _response(200, answer, {})

    def _serve(self, region: str, operation_path: str, method: str, body: bytes) -> Wire:
        operation, request = read_request(method, operation_path, body)
        handler = _HANDLERS.get(operation)
        if handler is None:
            raise attrs.evolve(not_served(f"The operation {operation}"), http_status=404)
        call = Call(
            state=self._state,
            region=self._state.region(region),
            world=self._world,
            request=request,
            body_size=len(body),
        )
        return handler(call)


def _error(refusal: Refusal) -> Response:
    return _response(refusal.http_status, {"message": refusal.message}, {"x-amzn-ErrorType": refusal.code})


def _response(status: int, body: Wire, headers: dict[str, str]) -> Response:
    common = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
    return Response(status=status, headers={**common, **headers}, body=json.dumps(body).encode())
