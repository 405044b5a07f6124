"""Compute environments: create, describe, delete."""

import copy
import math
import uuid

from batchwright.local.calls import Call
from batchwright.local.environment_rules import (
    check_resources,
    environment_failure,
    is_fargate,
    role_arn,
    role_failure,
    service_linked_role,
)
from batchwright.local.lookup import check_name, check_quota, find_environment, is_wanted
from batchwright.local.paging import page, paged_answer
from batchwright.local.refusals import Refusal, already_exists, being_modified, does_not_exist, not_served
from batchwright.local.state import Environment, Wire
from batchwright.local.tags import check_tags


def create_compute_environment(call: Call) -> Wire:
    """Serve CreateComputeEnvironment: CREATING, then VALID, or INVALID with the reason."""
    request = call.request
    name = request["computeEnvironmentName"]
    check_name("computeEnvironmentName", name)
    if name in call.region.environments or name in call.region.deleted_environments:
        raise already_exists()
    check_quota("compute environments", call.region.environments)
    _check_request(request)
    identity = str(uuid.uuid4())
    environment = Environment(
        name=name,
        arn=call.region.arn(f"compute-environment/{name}"),
        uuid=identity,
        ecs_cluster_arn=f"arn:aws:ecs:{call.region.name}:{call.region.account}:cluster/AWSBatch-{name}-{identity}",
        request=copy.deepcopy(request),
        state=request.get("state", "ENABLED"),
        tags=check_tags(request.get("tags", {})),
        created_at=call.now,
    )
    if not request.get("serviceRole"):
        call.world.make_service_linked_role()
    start_settling(call, environment, "CREATING")
    call.region.environments[name] = environment
    return {"computeEnvironmentName": name, "computeEnvironmentArn": environment.arn}


def _check_request(request: Wire) -> None:
    if "eksConfiguration" in request:
        raise not_served("A compute environment on EKS")
    if request.get("state") == "DISABLED":
        raise Refusal("A compute environment must be created in the ENABLED state.")
    if request["type"] == "UNMANAGED":
        if "computeResources" in request or not request.get("serviceRole"):
            raise Refusal("An UNMANAGED compute environment has a serviceRole and no computeResources.")
        return
    if "unmanagedvCpus" in request:
        raise Refusal("unmanagedvCpus is only for UNMANAGED compute environments.")
    if not request.get("computeResources"):
        raise Refusal("computeResources is required for a MANAGED compute environment.")
    check_resources(request["computeResources"])


def start_settling(call: Call, environment: Environment, status: str) -> None:
    """Set a status that passes, and decide from the world of this moment what it will settle to."""
    environment.status, environment.status_reason = status, ""
    environment.pending_failure = environment_failure(call, environment)
    environment.due_at = call.now + call.state.delays.environment_s


def describe_compute_environments(call: Call) -> Wire:
    """Serve DescribeComputeEnvironments; one that is not there, or was made a moment ago, is left out."""
    wanted: list[str] = call.request.get("computeEnvironments", [])
    every = {**call.region.deleted_environments, **call.region.environments}
    unique = {name: each for name, each in every.items() if is_wanted(wanted, name, each.arn) and _shows(call, each)}
    shown, token = page(unique.values(), key=lambda environment: (environment.name,), request=call.request)
    return paged_answer("computeEnvironments", [_view(call, environment) for environment in shown], token)


def _shows(call: Call, environment: Environment) -> bool:
    return call.now - environment.created_at >= call.state.delays.environment_lag_s


def _view(call: Call, environment: Environment) -> Wire:
    request, region = environment.request, call.region
    role = request.get("serviceRole")
    view: Wire = {
        "computeEnvironmentName": environment.name,
        "computeEnvironmentArn": environment.arn,
        "ecsClusterArn": environment.ecs_cluster_arn,
        "tags": dict(environment.tags),
        "type": request["type"],
        "state": environment.state,
        "status": environment.status,
        "statusReason": environment.status_reason,
        "serviceRole": role_arn(region.account, role) if role else service_linked_role(region.account),
        "containerOrchestrationType": "ECS",
        "uuid": environment.uuid,
    }
    optional = {
        "computeResources": _resources_view(environment, call.state.vcpus_in_use(environment)),
        "updatePolicy": environment.update_policy,
        "unmanagedvCpus": request.get("unmanagedvCpus"),
        "ecsSettings": request.get("ecsSettings"),
    }
    return view | {member: value for member, value in optional.items() if value is not None}


def _resources_view(environment: Environment, in_use: float) -> Wire | None:
    """The resources with the defaults that AWS reports, some of which it does not take back."""
    resources: Wire | None = copy.deepcopy(environment.request.get("computeResources"))
    if not resources or is_fargate(environment):
        return resources
    resources.setdefault("allocationStrategy", "BEST_FIT")
    # Batch moves it with the jobs, between the bounds.
    wished = max(resources.get("desiredvCpus", 0), resources["minvCpus"], math.ceil(in_use))
    resources["desiredvCpus"] = min(wished, resources["maxvCpus"])
    resources.setdefault("ec2Configuration", [{"imageType": "ECS_AL2023"}])
    resources.setdefault("tags", {})
    for image in resources["ec2Configuration"]:
        if "imageIdOverride" not in image:
            image["batchImageStatus"] = "LATEST"
    return resources


def delete_compute_environment(call: Call) -> Wire:
    """Serve DeleteComputeEnvironment: it must be DISABLED, settled, and in no queue."""
    identifier = call.request["computeEnvironment"]
    environment = find_environment(call.region, identifier)
    if environment is None:
        raise does_not_exist(identifier)
    if environment.status == "DELETING":
        return {}
    if environment.status in ("CREATING", "UPDATING"):
        raise being_modified("delete")
    if environment.state != "DISABLED":
        raise Refusal("Cannot delete, state must be DISABLED.")
    if any(environment.arn in queue.environment_arns for queue in call.region.queues.values()):
        raise Refusal("Cannot delete, found existing JobQueue relationship")
    environment.status, environment.status_reason = "DELETING", ""
    # Without its service role Batch cannot take its instances away: the environment stays, INVALID.
    environment.pending_failure = role_failure(call, environment)
    environment.due_at = call.now + call.state.delays.delete_s
    return {}
