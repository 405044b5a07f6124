"""UpdateComputeEnvironment: which changes AWS takes in place, and which it never does."""

import copy

from batchwright.local.calls import Call
from batchwright.local.environment_rules import FARGATE_TYPES, check_resources, refuse_ec2_members
from batchwright.local.environments import start_settling
from batchwright.local.lookup import find_environment
from batchwright.local.refusals import Refusal, being_modified, does_not_exist
from batchwright.local.state import Environment, Wire

_CHANGES = ("state", "computeResources", "serviceRole", "unmanagedvCpus", "ecsSettings")
_SCALING = ("minvCpus", "maxvCpus", "desiredvCpus")
_DEFAULT_UPDATE_POLICY: Wire = {"terminateJobsOnUpdate": False, "jobExecutionTimeoutMinutes": 30}


def update_compute_environment(call: Call) -> Wire:
    """Serve UpdateComputeEnvironment: merge what is sent, then UPDATING until it has settled."""
    request = call.request
    environment = _settled_environment(call, request["computeEnvironment"])
    if not any(request.get(member) not in (None, {}) for member in _CHANGES):
        raise Refusal("One of [state | compute-resources | service-role | unmanaged-vcpus] is required.")
    merged = _merged_request(environment, request)
    _check_update_policy(request.get("updatePolicy", {}))
    environment.request = merged
    environment.state = request.get("state", environment.state)
    if "updatePolicy" in request:
        environment.update_policy = {
            **_DEFAULT_UPDATE_POLICY,
            **(environment.update_policy or {}),
            **request["updatePolicy"],
        }
    start_settling(call, environment, "UPDATING")
    return {"computeEnvironmentName": environment.name, "computeEnvironmentArn": environment.arn}


def _settled_environment(call: Call, identifier: str) -> Environment:
    environment = find_environment(call.region, identifier)
    if environment is None or environment.status == "DELETING":
        raise does_not_exist(identifier)
    if environment.status in ("CREATING", "UPDATING"):
        raise being_modified("update")
    return environment


def _merged_request(environment: Environment, request: Wire) -> Wire:
    merged = copy.deepcopy(environment.request)
    for member in ("unmanagedvCpus", "ecsSettings"):
        if member in request:
            merged[member] = request[member]
    if "serviceRole" in request:
        if bool(request["serviceRole"]) != bool(merged.get("serviceRole")):
            raise Refusal("A service-linked role and another service role cannot be exchanged for each other.")
        merged["serviceRole"] = request["serviceRole"]
    if changes := request.get("computeResources"):
        if merged["type"] == "UNMANAGED":
            raise Refusal("An UNMANAGED compute environment has no computeResources.")
        merged["computeResources"] = _merged_resources(merged["computeResources"], changes)
        _check_kind_of_update(environment, merged["computeResources"], changes)
        check_resources(merged["computeResources"])
    return merged


def _merged_resources(resources: Wire, changes: Wire) -> Wire:
    """AWS merges: what is not sent stays, an empty list or string takes away (but not on Fargate)."""
    is_on_fargate = resources["type"] in FARGATE_TYPES
    sent = {
        member: copy.deepcopy(value)
        for member, value in changes.items()
        if member != "updateToLatestImageVersion" and not (is_on_fargate and value == [])
    }
    if is_on_fargate:
        refuse_ec2_members(sent)
    merged = resources | sent
    _settle_desired_vcpus(resources, sent, merged)
    if not any(merged.get("launchTemplate", {"": ""}).values()):
        merged.pop("launchTemplate", None)
    return {member: value for member, value in merged.items() if value != ""}


def _settle_desired_vcpus(resources: Wire, sent: Wire, merged: Wire) -> None:
    """Batch moves desiredvCpus between its new bounds by itself; a caller can only raise it."""
    least: int = resources.get("minvCpus", 0)
    desired: int = resources.get("desiredvCpus", least)
    if sent.get("desiredvCpus", desired) < desired:
        raise Refusal(
            "Manually scaling down compute environment is not supported. Disconnecting job queues from compute "
            "environment will cause it to scale-down to minvCpus"
        )
    if "desiredvCpus" in resources and "desiredvCpus" not in sent:
        merged["desiredvCpus"] = min(max(desired, merged["minvCpus"]), merged["maxvCpus"])


def _check_kind_of_update(environment: Environment, merged: Wire, changes: Wire) -> None:
    """Raise Refusal for an infrastructure update that AWS cannot do on this environment."""
    resources = environment.request["computeResources"]
    if (resources["type"] in FARGATE_TYPES) != (merged["type"] in FARGATE_TYPES):
        raise Refusal(f"The type of a compute environment cannot change from {resources['type']} to {merged['type']}.")
    if resources["type"] in FARGATE_TYPES:
        return
    changed = {member for member in {*resources, *merged} if resources.get(member) != merged.get(member)}
    infrastructure = sorted(changed.difference(_SCALING))
    if changes.get("updateToLatestImageVersion"):
        infrastructure.append("updateToLatestImageVersion")
    if not infrastructure:
        return
    if environment.request.get("serviceRole"):
        raise Refusal(f"Cannot update {infrastructure}: the service role must be the service-linked role.")
    if resources.get("allocationStrategy", "BEST_FIT") == "BEST_FIT":
        raise Refusal(f"Cannot update {infrastructure}: not supported with the allocation strategy BEST_FIT.")


def _check_update_policy(policy: Wire) -> None:
    if not 1 <= policy.get("jobExecutionTimeoutMinutes", 30) <= 7200:
        raise Refusal("jobExecutionTimeoutMinutes must be between 1 and 7200.")
