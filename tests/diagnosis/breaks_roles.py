"""What is broken about the roles of a compute environment and of a job definition."""

import json
from typing import Any

from batchwright import BatchSession

from .breaking import World, breaks
from .healthy import Set, on_ec2, on_fargate

SPOT_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2SpotFleetTaggingRole"


def trust_in(service: str) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": {"Service": [service]}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def instance_role(lab: Set) -> str:
    """The name of the role of the instances, whose profile has the same."""
    return lab.session.defaults.instance_role.name


def take_rights(lab: Set, role: str) -> None:
    """Take all policies from the role."""
    iam = lab.session.iam
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy.get("PolicyArn", ""))
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def spot_environment(session: BatchSession) -> None:
    """An environment `spot` of Spot instances with BEST_FIT, which takes the fleet role `fleet`."""
    role = session.iam.create_role(RoleName="fleet", AssumeRolePolicyDocument=trust_in("spotfleet.amazonaws.com"))
    session.iam.attach_role_policy(RoleName="fleet", PolicyArn=SPOT_POLICY)
    made = on_ec2(session).environment.describe()
    resources: Any = {
        "type": "SPOT",
        "allocationStrategy": "BEST_FIT",
        "minvCpus": 0,
        "maxvCpus": 8,
        "instanceTypes": ["optimal"],
        "subnets": list(made.subnets),
        "securityGroupIds": list(made.security_group_ids),
        "instanceRole": made.instance_role,
        "spotIamFleetRole": role["Role"]["Arn"],
    }
    session.batch.create_compute_environment(computeEnvironmentName="spot", type="MANAGED", computeResources=resources)
    session.clock.sleep(40)


@breaks("instance-profile-empty")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    name = instance_role(lab)
    world.session.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
    return lab.job


@breaks("instance-profile-missing")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    name = instance_role(lab)
    world.session.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
    world.session.iam.delete_instance_profile(InstanceProfileName=name)
    return lab.job


@breaks("instance-role-trust")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    world.session.iam.update_assume_role_policy(
        RoleName=instance_role(lab), PolicyDocument=trust_in("ecs-tasks.amazonaws.com")
    )
    return lab.job


@breaks("instance-role-rights")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    take_rights(lab, instance_role(lab))
    return lab.job


@breaks("service-linked-role-missing")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    world.session.iam.delete_service_linked_role(RoleName="AWSServiceRoleForBatch")
    return lab.job


@breaks("service-role-unusable")
def _(world: World) -> object:
    iam = world.session.iam
    role = iam.create_role(RoleName="for-batch", AssumeRolePolicyDocument=trust_in("batch.amazonaws.com"))
    world.aws.advance(20)
    environment = world.session.compute_environment(name="own", service_role=role["Role"]["Arn"])
    environment.ensure()
    assert not world.session.diagnose(environment)
    iam.update_assume_role_policy(RoleName="for-batch", PolicyDocument=trust_in("ec2.amazonaws.com"))
    return environment


@breaks("spot-fleet-role-unusable")
def _(world: World) -> object:
    spot_environment(world.session)
    environment = world.session.compute_environment(name="spot", type="SPOT")
    assert not world.session.diagnose(environment)
    world.session.iam.detach_role_policy(RoleName="fleet", PolicyArn=SPOT_POLICY)
    return environment


@breaks("execution-role-unusable")
def _(world: World) -> object:
    lab = on_fargate(world.session)
    name = world.session.defaults.execution_role.name
    take_rights(lab, name)
    world.session.iam.delete_role(RoleName=name)
    return lab.job


@breaks("execution-role-rights")
def _(world: World) -> object:
    lab = on_fargate(world.session)
    take_rights(lab, world.session.defaults.execution_role.name)
    return lab.job


@breaks("job-role-unusable")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    name = world.session.defaults.job_role.name
    take_rights(lab, name)
    world.session.iam.delete_role(RoleName=name)
    return lab.job
