"""Tags of every kind of Batch resource."""

import re

from batchwright.local.calls import Call
from batchwright.local.consumable_units import find_consumable
from batchwright.local.lookup import find_revision
from batchwright.local.refusals import Refusal, does_not_exist
from batchwright.local.state import Consumable, Definition, Environment, Job, Policy, Queue, Region, Wire

_LEGAL = re.compile(r"[\w .:/=+@-]*")
_MOST_TAGS = 50
_LONGEST_KEY = 128
_LONGEST_VALUE = 256


def check_tags(tags: dict[str, str]) -> dict[str, str]:
    """Return a copy of the tags if Batch takes them."""
    if len(tags) > _MOST_TAGS:
        raise Refusal(f"A resource has at most {_MOST_TAGS} tags, not {len(tags)}.")
    for key, value in tags.items():
        if not 1 <= len(key) <= _LONGEST_KEY or key.lower().startswith("aws:"):
            raise Refusal(f"Tag key {key!r} must have 1 to {_LONGEST_KEY} characters and not begin with aws:.")
        if len(value) > _LONGEST_VALUE:
            raise Refusal(f"The value of tag {key!r} must have at most {_LONGEST_VALUE} characters.")
        if not _LEGAL.fullmatch(key) or not _LEGAL.fullmatch(value):
            raise Refusal(f"Tag {key!r} must have letters, digits, spaces and _.:/=+-@ only.")
    return dict(tags)


def list_tags(call: Call) -> Wire:
    """Serve ListTagsForResource."""
    return {"tags": dict(_tags_of(call.region, call.request["resourceArn"]))}


def tag_resource(call: Call) -> Wire:
    """Serve TagResource: add tags, or give them new values."""
    tags = _tags_of(call.region, call.request["resourceArn"])
    tags.update(check_tags({**tags, **call.request["tags"]}))
    return {}


def untag_resource(call: Call) -> Wire:
    """Serve UntagResource: remove tags; one that is not there is fine."""
    tags = _tags_of(call.region, call.request["resourceArn"])
    for key in call.request["tagKeys"]:
        tags.pop(key, None)
    return {}


def _tags_of(region: Region, arn: str) -> dict[str, str]:
    resource = _find(region, arn)
    if resource is None:
        raise does_not_exist(arn)
    return resource.tags


def _find(region: Region, arn: str) -> Environment | Queue | Policy | Consumable | Definition | Job | None:
    kind, _, name = arn.removeprefix(region.arn("")).partition("/")
    if arn != region.arn(f"{kind}/{name}"):
        raise Refusal(f"{arn} is not the ARN of a Batch resource in {region.name}.")
    match kind:
        case "compute-environment":
            return region.environments.get(name)
        case "job-queue":
            return region.queues.get(name)
        case "scheduling-policy" | "consumable-resource":
            return region.policies.get(arn) or find_consumable(region, arn)
        case "job-definition":
            return find_revision(region, arn)
        case "job" if ":" not in name:
            return region.jobs.get(name)
        case _:
            return None
