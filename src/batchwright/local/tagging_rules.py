"""The Resource Groups Tagging API lists the resources of AWS Batch and Step Functions besides those of moto."""

from collections.abc import Iterator
from typing import Any

import attrs

from batchwright.local.messages import Answer, Call, as_list
from batchwright.local.neighbour_rules import Forward
from batchwright.local.state import Region, State, Wire
from batchwright.local.state_machines.machines import Machines

_ARN_SERVICE_AT = 2
_ARN_TYPE_AT = 5


@attrs.frozen(kw_only=True)
class TaggingRules:
    """GetResources answers for all services; jobs are tagged resources too, for as long as they are known."""

    state: State
    machines: Machines
    service: str = "tagging"

    def reset(self) -> None:
        """Forget nothing: those who own the resources do."""

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of the tagging API; ours are on the last page."""
        answer = forward(call)
        if not answer.is_success or not call.header("x-amz-target").endswith(".GetResources"):
            return answer
        content = answer.json()
        if content.get("PaginationToken"):
            return answer
        request = call.json()
        with self.state.lock:
            ours = [
                {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
                for arn, tags in (*_tagged(self.state.region(call.region)), *self.machines.tagged(call.region))
                if tags and _is_wanted(arn, tags, request)
            ]
        return answer.with_json({**content, "ResourceTagMappingList": content["ResourceTagMappingList"] + ours})


def _tagged(region: Region) -> Iterator[tuple[str, dict[str, str]]]:
    named = (region.environments, region.queues, region.policies)
    for things in named:
        yield from ((thing.arn, thing.tags) for thing in things.values())
    for revisions in region.definitions.values():
        yield from ((revision.arn, revision.tags) for revision in revisions)
    yield from ((job.arn, job.tags) for job in region.jobs.values() if job.parent_id is None)


def _is_wanted(arn: str, tags: dict[str, str], request: Wire) -> bool:
    parts = arn.split(":")
    service, kind = parts[_ARN_SERVICE_AT], parts[_ARN_TYPE_AT].partition("/")[0]
    types = _strings(request.get("ResourceTypeFilters"))
    arns = _strings(request.get("ResourceARNList"))
    filters: list[dict[str, Any]] = request.get("TagFilters") or []
    return (
        (not types or service in types or f"{service}:{kind}" in types)
        and (not arns or arn in arns)
        and all(_matches(tags, one) for one in filters)
    )


def _matches(tags: dict[str, str], one: dict[str, Any]) -> bool:
    values = _strings(one.get("Values"))
    value = tags.get(str(one["Key"]))
    return value is not None and (not values or value in values)


def _strings(value: object) -> list[str]:
    return [str(item) for item in as_list(value)]
