"""Consumable resources: make, describe, list, update and delete them, and list the jobs that need them."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from batchwright.local.calls import Call
from batchwright.local.consumable_units import available, find_consumable
from batchwright.local.lookup import check_name
from batchwright.local.paging import page, paged_answer
from batchwright.local.refusals import Refusal, already_exists, does_not_exist
from batchwright.local.state import Consumable, Job, Wire
from batchwright.local.tags import check_tags

_KINDS: Final = ("REPLENISHABLE", "NON_REPLENISHABLE")
_TOKEN_VALID_S: Final = 8 * 3600
_MOST: Final = 50_000
Item = TypeVar("Item")


def create_consumable_resource(call: Call) -> Wire:
    """Serve CreateConsumableResource."""
    request, region = call.request, call.region
    name = request["consumableResourceName"]
    check_name("consumableResourceName", name)
    if name in region.consumables:
        raise already_exists()
    if len(region.consumables) >= _MOST:
        raise Refusal(f"Account has reached the maximum number of consumable resources in this region: {_MOST}.")
    kind = request.get("resourceType", _KINDS[0])
    if kind not in _KINDS:
        raise Refusal(f"resourceType must be one of {', '.join(_KINDS)}, not {kind!r}.")
    made = Consumable(
        name=name,
        arn=region.arn(f"consumable-resource/{name}"),
        total=_quantity(request.get("totalQuantity", 0)),
        is_replenishable=kind == _KINDS[0],
        created_at_ms=call.state.clock.now_ms(),
        tags=check_tags(request.get("tags", {})),
    )
    region.consumables[name] = made
    return _named(made)


def _quantity(value: int) -> int:
    if value < 0:
        raise Refusal(f"The quantity of a consumable resource must be non-negative, not {value}.")
    return value


def _named(resource: Consumable) -> Wire:
    return {"consumableResourceName": resource.name, "consumableResourceArn": resource.arn}


def _summary(resource: Consumable) -> Wire:
    return {
        **_named(resource),
        "totalQuantity": resource.total,
        "inUseQuantity": resource.in_use,
        "resourceType": _KINDS[0] if resource.is_replenishable else _KINDS[1],
    }


def describe_consumable_resource(call: Call) -> Wire:
    """Serve DescribeConsumableResource."""
    resource = _existing(call)
    return {
        **_summary(resource),
        "availableQuantity": available(resource),
        "createdAt": resource.created_at_ms,
        "tags": dict(resource.tags),
    }


def _existing(call: Call) -> Consumable:
    identifier = call.request["consumableResource"]
    found = find_consumable(call.region, identifier)
    if found is None:
        raise does_not_exist(f"Consumable resource {identifier}")
    return found


def list_consumable_resources(call: Call) -> Wire:
    """Serve ListConsumableResources, which knows one filter: the name."""
    named = _filtered(call, call.region.consumables.values(), {"CONSUMABLE_RESOURCE_NAME": lambda each: each.name})
    shown, token = page(named, key=lambda each: (each.name,), request=call.request)
    return paged_answer("consumableResources", [_summary(each) for each in shown], token)


def _filtered(call: Call, items: Iterable[Item], known: dict[str, Callable[[Item], str]]) -> list[Item]:
    found = list(items)
    for entry in call.request.get("filters", []):
        name = entry.get("name")
        if name not in known:
            raise Refusal(f"Filter names are {', '.join(known)}; got {name!r}.")
        values: list[str] = entry.get("values", [])
        found = [each for each in found if any(_matches(value, known[name](each)) for value in values)]
    return found


def _matches(wanted: str, text: str) -> bool:
    """Match as Batch's filters do: in any case, an asterisk at the end only."""
    wanted, text = wanted.lower(), text.lower()
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted


def update_consumable_resource(call: Call) -> Wire:
    """Serve UpdateConsumableResource; an update that is sent twice under one client token happens once."""
    resource, request = _existing(call), call.request
    payload = {member: value for member, value in request.items() if member != "clientToken"}
    token = request.get("clientToken")
    resource.updates = {
        each: update for each, update in resource.updates.items() if call.now - update[1] < _TOKEN_VALID_S
    }
    done = resource.updates.get(token or "")
    if done is not None and done[0] != payload:
        raise Refusal("This clientToken was used for another update of the consumable resource.")
    if done is None:
        resource.total = _updated(resource.total, request)
        if token:
            resource.updates[token] = (payload, call.now)
    return {**_named(resource), "totalQuantity": resource.total}


def _updated(total: int, request: Wire) -> int:
    change = _quantity(request.get("quantity", 0))
    match request.get("operation"):
        case "SET":
            return change
        case "ADD":
            return total + change
        case "REMOVE":
            return _quantity(total - change)
        case other:
            raise Refusal(f"operation must be one of SET, ADD, REMOVE, not {other!r}.")


def delete_consumable_resource(call: Call) -> Wire:
    """Serve DeleteConsumableResource, at any time; jobs that need it wait for one of its name."""
    del call.region.consumables[_existing(call).name]
    return {}


def list_jobs_by_consumable_resource(call: Call) -> Wire:
    """Serve ListJobsByConsumableResource; jobs are shown as late as ListJobs shows them."""
    resource = _existing(call)
    newest_ms = call.state.clock.now_ms() - round(call.state.delays.listing_lag_s * 1000)
    jobs = (job for job in call.region.jobs.values() if job.created_at_ms <= newest_ms and _needs(job, resource))
    known: dict[str, Callable[[Job], str]] = {"JOB_STATUS": lambda job: job.status, "JOB_NAME": lambda job: job.name}
    shown, token = page(_filtered(call, jobs, known), key=lambda job: (job.id,), request=call.request)
    return paged_answer("jobs", [_job(job, resource) for job in shown], token)


def _needs(job: Job, resource: Consumable) -> int:
    """Return how many units the job needs; an array's children each need theirs."""
    return sum(need["quantity"] for need in job.consumables if need["consumableResource"] == resource.arn)


def _job(job: Job, resource: Consumable) -> Wire:
    optional = {
        "statusReason": job.status_reason,
        "startedAt": job.started_at_ms,
        "shareIdentifier": job.share_identifier,
    }
    return {
        "jobArn": job.arn,
        "jobQueueArn": job.queue_arn,
        "jobName": job.name,
        "jobDefinitionArn": job.definition_arn,
        "jobStatus": job.status,
        "quantity": _needs(job, resource),
        "createdAt": job.created_at_ms,
        "consumableResourceProperties": {"consumableResourceList": [dict(need) for need in job.consumables]},
        **{member: value for member, value in optional.items() if value is not None},
    }
