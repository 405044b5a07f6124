"""Scheduling policies: fair shares of a job queue."""

import copy
import re

from batchwright.local.calls import Call
from batchwright.local.lookup import check_name
from batchwright.local.paging import page, paged_answer
from batchwright.local.refusals import Refusal, already_exists, does_not_exist, not_served
from batchwright.local.scheduling.fair_share import covers
from batchwright.local.state import Policy, Wire
from batchwright.local.tags import check_tags

_LONGEST_DECAY_S = 604_800
_SHARE_IDENTIFIER = re.compile(r"[A-Za-z0-9]{0,254}[A-Za-z0-9*]")


def create_scheduling_policy(call: Call) -> Wire:
    """Serve CreateSchedulingPolicy."""
    request = call.request
    name = request["name"]
    check_name("name", name)
    arn = call.region.arn(f"scheduling-policy/{name}")
    if arn in call.region.policies:
        raise already_exists()
    if "quotaSharePolicy" in request:
        raise not_served("A quota share policy")
    fairshare = request.get("fairsharePolicy", {})
    _check_fairshare(fairshare)
    tags = check_tags(request.get("tags", {}))
    call.region.policies[arn] = Policy(name=name, arn=arn, fairshare=copy.deepcopy(fairshare), tags=tags)
    return {"name": name, "arn": arn}


def _check_fairshare(fairshare: Wire) -> None:
    if not 0 <= fairshare.get("shareDecaySeconds", 0) <= _LONGEST_DECAY_S:
        raise Refusal(f"shareDecaySeconds must be between 0 and {_LONGEST_DECAY_S}.")
    if not 0 <= fairshare.get("computeReservation", 0) <= 99:
        raise Refusal("computeReservation must be between 0 and 99.")
    shares = fairshare.get("shareDistribution", [])
    for share in shares:
        if not _SHARE_IDENTIFIER.fullmatch(share["shareIdentifier"]):
            raise Refusal(f"shareIdentifier {share['shareIdentifier']!r} must be up to 255 letters and digits.")
        if not 0.0001 <= share.get("weightFactor", 1.0) <= 999.9999:
            raise Refusal("weightFactor must be between 0.0001 and 999.9999.")
    names: list[str] = [share["shareIdentifier"] for share in shares]
    if len(set(names)) < len(names):
        raise Refusal("A shareIdentifier occurs twice in shareDistribution.")
    for name in names:
        if other := next((each for each in names if each != name and covers(name, each)), None):
            raise Refusal(f"The shareIdentifiers {name} and {other} of shareDistribution overlap.")


def describe_scheduling_policies(call: Call) -> Wire:
    """Serve DescribeSchedulingPolicies, which knows policies by ARN only."""
    if len(call.request["arns"]) > 100:
        raise Refusal("At most 100 scheduling policies can be described at once.")
    found = (call.region.policies.get(arn) for arn in dict.fromkeys(call.request["arns"]))
    return {"schedulingPolicies": [_view(policy) for policy in found if policy]}


def _view(policy: Policy) -> Wire:
    return {
        "name": policy.name,
        "arn": policy.arn,
        "fairsharePolicy": copy.deepcopy(policy.fairshare),
        "tags": dict(policy.tags),
    }


def list_scheduling_policies(call: Call) -> Wire:
    """Serve ListSchedulingPolicies."""
    shown, token = page(call.region.policies.values(), key=lambda policy: (policy.arn,), request=call.request)
    return paged_answer("schedulingPolicies", [{"arn": policy.arn} for policy in shown], token)


def update_scheduling_policy(call: Call) -> Wire:
    """Serve UpdateSchedulingPolicy: the shares that are sent replace the ones there were."""
    policy = _existing_policy(call)
    if "quotaSharePolicy" in call.request:
        raise Refusal("A fair share policy cannot become a quota share policy.")
    if "fairsharePolicy" in call.request:
        _check_fairshare(call.request["fairsharePolicy"])
        policy.fairshare = copy.deepcopy(call.request["fairsharePolicy"])
    return {}


def delete_scheduling_policy(call: Call) -> Wire:
    """Serve DeleteSchedulingPolicy, refused while a queue uses the policy."""
    policy = _existing_policy(call)
    if any(queue.scheduling_policy_arn == policy.arn for queue in call.region.queues.values()):
        raise Refusal("Cannot delete scheduling policy, it is in use by a job queue.")
    del call.region.policies[policy.arn]
    return {}


def _existing_policy(call: Call) -> Policy:
    arn = call.request["arn"]
    if arn not in call.region.policies:
        raise does_not_exist(arn)
    return call.region.policies[arn]
