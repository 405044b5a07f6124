"""What AWS Batch demands of a compute environment's resources, on create and after a merge."""

import re

from batchwright.local.calls import Call
from batchwright.local.refusals import Refusal, not_served
from batchwright.local.state import Environment, Wire

FARGATE_TYPES = ("FARGATE", "FARGATE_SPOT")
_ARM = re.compile(r"(default_arm64|a1|[a-z]+[0-9]+g[a-z]*)(\.|\Z)")
_EC2_TYPES = ("EC2", "SPOT")
_MOST_FARGATE_SUBNETS = 16
_MOST_FARGATE_GROUPS = 5
_NOT_ON_FARGATE = (
    "allocationStrategy",
    "minvCpus",
    "desiredvCpus",
    "instanceTypes",
    "imageId",
    "ec2KeyPair",
    "instanceRole",
    "tags",
    "placementGroup",
    "bidPercentage",
    "spotIamFleetRole",
    "launchTemplate",
    "ec2Configuration",
)
_SPOT_ONLY_STRATEGIES = (
    "SPOT_CAPACITY_OPTIMIZED",
    "SPOT_PRICE_CAPACITY_OPTIMIZED",
    "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED",
)


def is_fargate(environment: Environment) -> bool:
    """Return whether the environment runs on Fargate."""
    return environment.request.get("computeResources", {}).get("type") in FARGATE_TYPES


def service_linked_role(account: str) -> str:
    """Return the ARN of the role that Batch makes for itself and uses where none is named."""
    return f"arn:aws:iam::{account}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"


def role_arn(account: str, role: str) -> str:
    """Return the ARN of a role given as a name, resolved without a path as Batch does, or as an ARN."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"


def check_resources(resources: Wire) -> None:
    """Raise Refusal where `computeResources` as a whole are not what AWS takes."""
    kind = resources["type"]
    if kind in FARGATE_TYPES:
        _check_fargate(resources)
    elif kind in _EC2_TYPES:
        _check_ec2(resources)
        _check_spot(resources)
    else:
        raise not_served(f"A compute environment of type {kind}")
    _check_sizes(resources)


def refuse_ec2_members(resources: Wire) -> None:
    """Raise Refusal where a member that only EC2 has is given for Fargate."""
    for member in _NOT_ON_FARGATE:
        if member in resources:
            raise Refusal(f"{member} is not applicable for Fargate.")


def _check_fargate(resources: Wire) -> None:
    refuse_ec2_members(resources)
    if not 1 <= len(resources.get("subnets", [])) <= _MOST_FARGATE_SUBNETS:
        raise Refusal(f"A Fargate compute environment has 1 to {_MOST_FARGATE_SUBNETS} subnets.")
    if not 1 <= len(resources.get("securityGroupIds", [])) <= _MOST_FARGATE_GROUPS:
        raise Refusal(f"A Fargate compute environment has 1 to {_MOST_FARGATE_GROUPS} securityGroupIds.")


def _check_ec2(resources: Wire) -> None:
    if "minvCpus" not in resources:
        raise Refusal("Resource minvCpus is required.")
    if not resources.get("instanceRole"):
        raise Refusal("Instance role is required.")
    for member in ("instanceTypes", "subnets"):
        if not resources.get(member):
            raise Refusal(f"At least one of {member} is required.")
    if len({bool(_ARM.match(each)) for each in resources["instanceTypes"]}) > 1:
        raise Refusal("The instance types of a compute environment must share one architecture.")
    if not resources.get("securityGroupIds") and not resources.get("launchTemplate"):
        raise Refusal("At least one of securityGroupIds is required, here or in the launch template.")
    template = resources.get("launchTemplate")
    if template and bool(template.get("launchTemplateId")) == bool(template.get("launchTemplateName")):
        raise Refusal("A launch template is named by launchTemplateId or by launchTemplateName, not both.")
    if len(resources.get("ec2Configuration", [])) > 2:
        raise Refusal("ec2Configuration has at most 2 items.")


def _check_spot(resources: Wire) -> None:
    strategy = resources.get("allocationStrategy", "BEST_FIT")
    if resources["type"] == "SPOT":
        if strategy == "BEST_FIT" and not resources.get("spotIamFleetRole"):
            raise Refusal("SpotIamFleetRole is required for SPOT with the allocation strategy BEST_FIT.")
        if not 1 <= resources.get("bidPercentage", 100) <= 100:
            raise Refusal("bidPercentage must be between 1 and 100.")
        if strategy == "BEST_FIT_PROGRESSIVE_ORDERED":
            raise Refusal(f"Allocation strategy {strategy} is only for the type EC2.")
    elif strategy in _SPOT_ONLY_STRATEGIES:
        raise Refusal(f"Allocation strategy {strategy} is only for the type SPOT.")


def _check_sizes(resources: Wire) -> None:
    least, most = resources.get("minvCpus", 0), resources["maxvCpus"]
    wished = resources.get("desiredvCpus", least)
    if least < 0 or most < 1 or not least <= wished <= most:
        raise Refusal(
            "Compute resources need 0 <= minvCpus <= desiredvCpus <= maxvCpus and maxvCpus >= 1; "
            f"got minvCpus {least}, desiredvCpus {wished}, maxvCpus {most}."
        )


def role_failure(call: Call, environment: Environment) -> str:
    """Return why Batch cannot use the environment's own service role, empty where it can."""
    role = environment.request.get("serviceRole")
    if not role:
        return ""
    arn = role_arn(call.region.account, role)
    age_s = call.world.role_age_s(arn)
    if age_s is None or age_s < call.state.delays.iam_propagation_s:
        return f"CLIENT_ERROR - Not authorized to perform sts:AssumeRole on resource {arn}"
    return ""


def environment_failure(call: Call, environment: Environment) -> str:
    """Return why the environment will end INVALID, empty where it will be VALID."""
    resources = environment.request.get("computeResources", {})
    return (
        role_failure(call, environment)
        or _profile_failure(call, resources.get("instanceRole"))
        or _fleet_role_failure(call, resources.get("spotIamFleetRole"))
        or _network_failure(call, resources)
    )


def _profile_failure(call: Call, profile: str | None) -> str:
    if not profile:
        return ""
    age_s = call.world.instance_profile_age_s(call.region.name, profile)
    if age_s is None or age_s < call.state.delays.iam_propagation_s:
        return f"CLIENT_ERROR - Instance profile {profile} does not exist"
    return ""


def _fleet_role_failure(call: Call, role: str | None) -> str:
    if not role or call.world.role_age_s(role_arn(call.region.account, role)) is not None:
        return ""
    return "CLIENT_ERROR - Parameter: SpotFleetRequestConfig.IamFleetRole is invalid"


def _network_failure(call: Call, resources: Wire) -> str:
    for subnet in resources.get("subnets", []):
        if not call.world.subnet_exists(call.region.name, subnet):
            return f"CLIENT_ERROR - The subnet ID '{subnet}' does not exist"
    for group in resources.get("securityGroupIds", []):
        if not call.world.security_group_exists(call.region.name, group):
            return f"CLIENT_ERROR - The security group '{group}' does not exist"
    return ""
