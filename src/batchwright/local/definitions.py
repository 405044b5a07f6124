"""Job definitions: register, describe, deregister; nothing is ever updated."""

import copy

from batchwright.local.calls import Call
from batchwright.local.consumable_units import check_list
from batchwright.local.container_rules import check_container
from batchwright.local.lookup import check_name, find_revision
from batchwright.local.paging import page, paged_answer
from batchwright.local.refusals import Refusal, not_served
from batchwright.local.retry_rules import check_timeout, normal_retry
from batchwright.local.state import Definition, Wire
from batchwright.local.tags import check_tags

_LARGEST_REQUEST = 24 * 1024
_MOST_DESCRIBED = 100
_LISTS = ("command", "environment", "mountPoints", "resourceRequirements", "secrets", "ulimits", "volumes")
_ELSEWHERE = ("nodeProperties", "eksProperties", "ecsProperties")


def register_job_definition(call: Call) -> Wire:
    """Serve RegisterJobDefinition: always one revision more, whatever became of the ones before."""
    request, region = call.request, call.region
    _check_request(request, call.body_size)
    name = request["jobDefinitionName"]
    revisions = region.definitions.setdefault(name, [])
    revision = len(revisions) + 1
    definition = Definition(
        name=name,
        revision=revision,
        arn=region.arn(f"job-definition/{name}:{revision}"),
        request=copy.deepcopy(request),
        tags=check_tags(request.get("tags", {})),
        created_at=call.now,
    )
    revisions.append(definition)
    return {"jobDefinitionName": name, "jobDefinitionArn": definition.arn, "revision": revision}


def _check_request(request: Wire, body_size: int) -> None:
    check_name("jobDefinitionName", request["jobDefinitionName"])
    if body_size > _LARGEST_REQUEST:
        raise Refusal(f"The job definition has {body_size} bytes, more than the {_LARGEST_REQUEST} allowed.")
    for member in _ELSEWHERE:
        if member in request:
            raise not_served(f"A job definition with {member}")
    if request["type"] != "container" or "containerProperties" not in request:
        raise Refusal("A job definition of type container needs containerProperties.")
    if not 0 <= request.get("schedulingPriority", 0) <= 9999:
        raise Refusal("schedulingPriority must be between 0 and 9999.")
    normal_retry(request.get("retryStrategy", {}))
    check_timeout(request.get("timeout", {}))
    check_list(request.get("consumableResourceProperties", {}))
    check_tags(request.get("tags", {}))
    check_container(request["containerProperties"], platform_of(request))


def platform_of(request: Wire) -> str:
    """Return "EC2" or "FARGATE", which a definition is for."""
    capabilities: list[str] = request.get("platformCapabilities") or ["EC2"]
    if len(capabilities) != 1 or capabilities[0] not in ("EC2", "FARGATE"):
        raise not_served(f"A job definition for {', '.join(capabilities)}")
    return capabilities[0]


def normal_container(request: Wire) -> Wire:
    """Return the definition's container as AWS stores it: lists filled in, variables without a value dropped."""
    container: Wire = {member: [] for member in _LISTS} | copy.deepcopy(request["containerProperties"])
    container["environment"] = [variable for variable in container["environment"] if variable.get("value")]
    if platform_of(request) == "FARGATE":
        container["fargatePlatformConfiguration"] = {
            "platformVersion": "LATEST",
            **container.get("fargatePlatformConfiguration", {}),
        }
    return container


def describe_job_definitions(call: Call) -> Wire:
    """Serve DescribeJobDefinitions, by ARN or `name:revision`, or else by name and status."""
    request = call.request
    wanted: list[str] = request.get("jobDefinitions", [])
    if wanted and set(request) - {"jobDefinitions"}:
        raise Refusal("jobDefinitions cannot be combined with other parameters.")
    if len(wanted) > _MOST_DESCRIBED:
        raise Refusal(f"At most {_MOST_DESCRIBED} job definitions can be described at once.")
    matching = {each.arn: each for each in _matching(call, wanted) if _shows(call, each)}
    shown, token = page(matching.values(), key=lambda each: (each.name, each.revision), request=request)
    return paged_answer("jobDefinitions", [_view(definition) for definition in shown], token)


def _matching(call: Call, wanted: list[str]) -> list[Definition]:
    if wanted:
        found = [find_revision(call.region, each) for each in wanted]
        return [definition for definition in found if definition]
    name, status = call.request.get("jobDefinitionName"), call.request.get("status")
    named = call.region.definitions.items()
    every = [definition for each, revisions in named if name in (None, each) for definition in revisions]
    return [definition for definition in every if status in (None, definition.status)]


def _shows(call: Call, definition: Definition) -> bool:
    return call.now - definition.created_at >= call.state.delays.definition_lag_s


def _view(definition: Definition) -> Wire:
    request = definition.request
    view: Wire = {
        "jobDefinitionName": definition.name,
        "jobDefinitionArn": definition.arn,
        "revision": definition.revision,
        "status": definition.status,
        "type": request["type"],
        "parameters": dict(request.get("parameters", {})),
        "containerProperties": normal_container(request),
        "platformCapabilities": [platform_of(request)],
        "propagateTags": request.get("propagateTags", False),
        "containerOrchestrationType": "ECS",
        "tags": dict(definition.tags),
    }
    if "retryStrategy" in request:
        view["retryStrategy"] = normal_retry(request["retryStrategy"])
    for member in ("timeout", "schedulingPriority", "consumableResourceProperties"):
        if member in request:
            view[member] = copy.deepcopy(request[member])
    return view


def deregister_job_definition(call: Call) -> Wire:
    """Serve DeregisterJobDefinition: the revision becomes INACTIVE and stays so."""
    identifier = call.request["jobDefinition"]
    definition = find_revision(call.region, identifier)
    if definition is None:
        raise Refusal(f"JobDefinition {identifier} does not exist; it is named by ARN or name:revision.")
    definition.status = "INACTIVE"
    return {}
