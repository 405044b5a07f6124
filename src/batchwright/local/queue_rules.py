"""What AWS Batch demands of a job queue's members, on create and on update."""

from batchwright.local.environment_rules import is_fargate
from batchwright.local.lookup import find_environment
from batchwright.local.refusals import Refusal, not_served
from batchwright.local.state import Environment, Region, Wire

_MOST_ENVIRONMENTS = 3
_SHORTEST_LIMIT_S = 600
_LONGEST_LIMIT_S = 86_400
_LIMIT_REASONS = (
    "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY",
    "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE",
    "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    "MISCONFIGURATION:EC2_INSTANCE_CONFIGURATION_UNSUPPORTED",
)


def ordered_environments(region: Region, order: list[Wire]) -> dict[str, int]:
    """Return the numbers that the environments were sent with, by ARN, most preferred first.

    Raises:
        Refusal: Not 1 to 3 of them, one is missing or not VALID, or EC2 and Fargate are mixed.
    """
    if not 1 <= len(order) <= _MOST_ENVIRONMENTS:
        raise Refusal(f"computeEnvironmentOrder has 1 to {_MOST_ENVIRONMENTS} compute environments, not {len(order)}.")
    if len({each["order"] for each in order}) < len(order):
        raise Refusal("The values of order in computeEnvironmentOrder must differ.")
    ranked = sorted(order, key=lambda each: int(each["order"]))
    environments = [_valid_environment(region, each["computeEnvironment"]) for each in ranked]
    if len({environment.name for environment in environments}) < len(environments):
        raise Refusal("A compute environment occurs twice in computeEnvironmentOrder.")
    if len({is_fargate(environment) for environment in environments}) > 1:
        raise Refusal("EC2 and Fargate compute environments cannot be in the same job queue.")
    return {environment.arn: each["order"] for environment, each in zip(environments, ranked, strict=True)}


def _valid_environment(region: Region, name_or_arn: str) -> Environment:
    environment = find_environment(region, name_or_arn)
    if environment is None:
        raise Refusal(f"Compute environment {name_or_arn} does not exist")
    if environment.status != "VALID":
        raise Refusal(f"{environment.arn} is not a VALID compute environment, its status is {environment.status}.")
    return environment


def check_time_limit_actions(actions: list[Wire]) -> None:
    """Raise Refusal where an action on jobs stuck at the head of the queue is not legal."""
    for action in actions:
        if action["action"] != "CANCEL":
            raise Refusal(f"jobStateTimeLimitActions: action {action['action']} is not for this type of job queue.")
        if not _SHORTEST_LIMIT_S <= action["maxTimeSeconds"] <= _LONGEST_LIMIT_S:
            raise Refusal(
                f"jobStateTimeLimitActions: maxTimeSeconds must be between {_SHORTEST_LIMIT_S} and "
                f"{_LONGEST_LIMIT_S}, not {action['maxTimeSeconds']}."
            )
        if action["reason"] not in _LIMIT_REASONS:
            raise Refusal(f"jobStateTimeLimitActions: reason must be one of {', '.join(_LIMIT_REASONS)}.")


def check_policy(region: Region, arn: str) -> str:
    """Return the scheduling policy's ARN if there is such a policy."""
    if arn not in region.policies:
        raise Refusal(f"Scheduling policy {arn} does not exist")
    return arn


def check_queue_request(request: Wire) -> None:
    """Raise Refusal for what no request about a queue may hold here."""
    if "serviceEnvironmentOrder" in request:
        raise not_served("A job queue of service environments")
    if request.get("priority", 0) < 0:
        raise Refusal("priority must be 0 or more.")


def queue_type(region: Region, environment_arns: list[str]) -> str:
    """Return the type that AWS reports for a queue of these environments."""
    first = find_environment(region, environment_arns[0])
    return "ECS_FARGATE" if first and is_fargate(first) else "ECS"
