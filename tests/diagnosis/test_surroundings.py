"""Network, roles, volumes, logs and secrets: what is found says what is wrong, where it was seen, and what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.ways_out import nat_gateways_of
from batchwright.findings import Severity

from .breaks_definitions import with_container
from .breaks_efs import admit_nobody
from .breaks_network import ALL_SERVICES, behind_nat, bring_in, deny, give_no_address, let_out, public_subnet, table_for
from .breaks_roles import SPOT_POLICY, instance_role, spot_environment, take_rights, trust_in
from .healthy import Set, first, on_ec2, on_fargate, with_volume


@pytest.mark.parametrize("make", [on_ec2, on_fargate, with_volume])
def test_where_all_is_well_nothing_is_found(session: BatchSession, make: Callable[[BatchSession], Set]) -> None:
    """A job that waits for its instance in a set that batchwright made has no finding, and neither has its set."""
    lab = make(session)
    assert tuple(session.diagnose(lab.job)) == ()
    assert tuple(session.diagnose(lab.environment)) == ()
    assert lab.volume is None or tuple(session.diagnose(lab.volume)) == ()
    assert session.diagnose(lab.job).rules > 50


def test_no_route_out_on_fargate(session: BatchSession) -> None:
    """Fargate needs a way out too, and its missing endpoints are named without those of the agent."""
    lab = on_fargate(session)
    lab.lead_nowhere()
    found = first(session.diagnose(lab.job))
    assert found.rule == "subnet-no-way-out"
    assert "has none of logs, ecr.api, ecr.dkr, s3 (subnet-" in found.evidence[0]
    assert first(session.diagnose(lab.environment)) == found


def test_no_route_out_of_one_subnet(session: BatchSession) -> None:
    """A subnet with a route table of its own, and no route in it, is a warning where Batch can take another subnet."""
    lab = on_ec2(session)
    own = table_for(lab, lab.subnet_ids[1])
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("subnet-no-way-out", Severity.WARNING)
    assert "1 of its 3 subnets" in found.summary
    assert own in found.evidence[0]


def test_a_nat_gateway_leads_out(session: BatchSession) -> None:
    """Private subnets behind a NAT gateway in a public subnet are fine without addresses, and it is told of."""
    lab = on_ec2(session)
    assert nat_gateways_of(Facts(session), lab.subnet_ids) == ()
    gateway = behind_nat(lab, public_subnet(lab))
    give_no_address(lab)
    assert tuple(session.diagnose(lab.job)) == ()
    assert nat_gateways_of(Facts(session), lab.subnet_ids) == (gateway,)


def test_a_nat_gateway_that_is_deleted(session: BatchSession) -> None:
    """The route stays when its NAT gateway is deleted, and leads nowhere."""
    lab = on_ec2(session)
    gateway = behind_nat(lab, public_subnet(lab))
    session.ec2.delete_nat_gateway(NatGatewayId=gateway)
    found = first(session.diagnose(lab.job))
    assert found.rule == "route-black-hole"
    assert gateway in found.summary


def test_endpoints_take_the_place_of_a_route(session: BatchSession) -> None:
    """With endpoints of all that jobs need a subnet without a route out is fine; S3's is for its route tables only."""
    lab = on_ec2(session)
    lab.lead_nowhere()
    bring_in(lab, *ALL_SERVICES, tables=(table_for(lab),))
    found = first(session.diagnose(lab.job))
    assert (found.rule, "has none of s3 (" in found.evidence[0]) == ("endpoints-missing", True)
    bring_in(lab, tables=(lab.main_table,))
    assert tuple(session.diagnose(lab.job)) == ()


def test_a_launch_template_decides_about_the_address(session: BatchSession) -> None:
    """What the launch template says of public addresses goes before what the subnet says."""
    lab = on_ec2(session)
    give_no_address(lab)
    seen = lab.environment.describe()
    data: Any = {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [lab.group_id]}]}
    session.ec2.create_launch_template(LaunchTemplateName="public", LaunchTemplateData=data)
    kept = ("type", "minvCpus", "maxvCpus", "instanceTypes", "subnets", "instanceRole", "allocationStrategy")
    resources: Any = {key: seen.compute_resources[key] for key in kept}
    resources["launchTemplate"] = {"launchTemplateName": "public"}
    session.batch.create_compute_environment(computeEnvironmentName="own", type="MANAGED", computeResources=resources)
    session.clock.sleep(40)
    own = session.compute_environment(name="own")
    assert tuple(session.diagnose(own)) == ()
    assert first(session.diagnose(lab.environment)).rule == "no-public-address"
    let_out(lab)
    assert first(session.diagnose(own)).rule == "security-group-no-egress"


def test_answers_that_do_not_come_in(session: BatchSession) -> None:
    """A network ACL knows no connections: one that admits no answers is closed too; a later denial is none."""
    lab = on_ec2(session)
    deny(lab, 200, is_outbound=False)
    assert tuple(session.diagnose(lab.environment)) == ()
    deny(lab, 50, is_outbound=False)
    assert "lets no answers in" in first(session.diagnose(lab.environment)).evidence[0]


def test_egress_of_https_alone_is_enough(session: BatchSession) -> None:
    """A group that lets out 443 alone is fine for jobs without a volume, and one that lets out NFS alone is not."""
    lab = on_ec2(session)
    let_out(lab, 443)
    assert tuple(session.diagnose(lab.environment)) == ()
    let_out(lab, 2049)
    assert first(session.diagnose(lab.environment)).rule == "security-group-no-egress"


def test_a_policy_of_ones_own(session: BatchSession) -> None:
    """A policy with the same rights as AWS's is as good; one without those for logs or ECR is a warning."""
    lab = on_ec2(session)
    name = instance_role(lab)
    take_rights(lab, name)
    put = session.iam.put_role_policy
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %s, "Resource": "*"}]}'
    put(RoleName=name, PolicyName="agent", PolicyDocument=document % '["ecs:*", "ecr:*"]')
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("instance-role-rights", Severity.WARNING)
    assert "cannot write logs" in found.summary
    assert "register" not in found.summary
    put(RoleName=name, PolicyName="agent", PolicyDocument=document % '["ecs:*", "logs:Create*", "logs:PutLogEvents"]')
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("instance-role-rights", Severity.WARNING)
    assert "ecr:BatchGetImage" in found.evidence[0]
    put(RoleName=name, PolicyName="pull", PolicyDocument=document % '"ecr:*"')
    assert tuple(session.diagnose(lab.job)) == ()


def test_roles_that_are_gone(session: BatchSession) -> None:
    """A service role and a Spot fleet role that trust another service, or were deleted, are named."""
    spot_environment(session)
    environment = session.compute_environment(name="spot", type="SPOT")
    session.iam.update_assume_role_policy(RoleName="fleet", PolicyDocument=trust_in("ec2.amazonaws.com"))
    assert "does not trust spotfleet.amazonaws.com" in first(session.diagnose(environment)).summary
    session.iam.detach_role_policy(RoleName="fleet", PolicyArn=SPOT_POLICY)
    session.iam.delete_role(RoleName="fleet")
    assert "its Spot fleet role" in first(session.diagnose(environment)).summary
    assert "does not exist" in first(session.diagnose(environment)).summary


def test_an_execution_role_that_trusts_another_service(session: BatchSession) -> None:
    """ECS cannot take on a role that trusts EC2 only."""
    lab = on_fargate(session)
    name = session.defaults.execution_role.name
    session.iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust_in("ec2.amazonaws.com"))
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("execution-role-unusable", Severity.ERROR)
    assert "does not trust ecs-tasks.amazonaws.com" in found.summary


@pytest.mark.parametrize("options", [{"awslogs-create-group": "true"}, {"awslogs-region": "eu-west-1"}, {}])
def test_log_groups_that_are_fine(session: BatchSession, options: dict[str, str]) -> None:
    """A log group that is there, is to be made, or lies where nobody looks is no finding; its name is never shown."""
    if not options:
        session.logs.create_log_group(logGroupName="/lab/hidden-value")
    configuration = {"logDriver": "awslogs", "options": {"awslogs-group": "/lab/hidden-value", **options}}
    job = with_container(session, logConfiguration=configuration)
    diagnosis = session.diagnose(job)
    assert tuple(diagnosis) == ()
    assert "hidden-value" not in repr(diagnosis)


def test_a_secret_that_the_role_may_not_read(session: BatchSession) -> None:
    """An execution role without the right to a secret is named, with the variable and without any value."""
    secret = session.stored_secret(name="key", value="hidden-value", store="ssm")
    job = session.submit("sub-01", image="busybox", command=["true"], secrets={"KEY": secret})
    session.clock.sleep(8)
    assert tuple(session.diagnose(job)) == ()
    (role,) = (
        each["RoleName"]
        for each in session.iam.list_roles()["Roles"]
        if "execution_role" in each["RoleName"] or "-exec" in each["RoleName"]
    )
    for policy in session.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        session.iam.delete_role_policy(RoleName=role, PolicyName=policy)
    found = first(session.diagnose(job))
    assert found.rule == "execution-role-rights"
    assert "ssm:GetParameters (for KEY)" in found.evidence[0]
    session.ssm.delete_parameter(Name=secret.full_name)
    diagnosis = session.diagnose(job)
    assert {"execution-role-rights", "secret-missing"} == {each.rule for each in diagnosis}
    assert "hidden-value" not in repr(diagnosis)


def test_a_secret_whose_own_policy_may_let_the_role_in(session: BatchSession) -> None:
    """What a secret's own policy allows is not read, so that it is no error that the role's policies do not."""
    secret = session.stored_secret(name="key", value="hidden-value", store="secretsmanager")
    job = session.submit("sub-01", image="busybox", command=["true"], secrets={"KEY": secret})
    session.clock.sleep(8)
    (role,) = (each["RoleName"] for each in session.iam.list_roles()["Roles"] if "-exec" in each["RoleName"])
    for policy in session.iam.list_role_policies(RoleName=role)["PolicyNames"]:
        session.iam.delete_role_policy(RoleName=role, PolicyName=policy)
    found = first(session.diagnose(job))
    assert (found.rule, found.severity) == ("execution-role-rights", Severity.WARNING)
    assert "unless the policy of the secret" in found.summary


def test_one_zone(session: BatchSession) -> None:
    """Jobs outside the zone of a One Zone file system cannot mount it, and no mount target can be made there."""
    zone = f"{session.region}a"
    volume = session.efs_volume(name="scratch", availability_zone=zone)
    job = session.submit("sub-01", image="busybox", command=["true"], volumes={"/mnt/efs": volume})
    session.clock.sleep(8)
    found = first(session.diagnose(job))
    assert (found.rule, found.severity) == ("mount-target-zone", Severity.WARNING)
    assert f"kept in {zone} only" in found.fix


def test_a_volume_by_itself(session: BatchSession) -> None:
    """A volume that is diagnosed without a job tells of what holds for every job."""
    lab = with_volume(session)
    admit_nobody(lab)
    found = first(session.diagnose(lab.volume))
    assert (found.rule, found.severity) == ("nfs-not-admitted", Severity.ERROR)
    session.ec2.modify_vpc_attribute(VpcId=lab.vpc_id, EnableDnsSupport={"Value": False})
    session.ec2.modify_vpc_attribute(VpcId=lab.vpc_id, EnableDnsHostnames={"Value": False})
    said = [each.summary for each in session.diagnose(lab.volume) if each.rule == "vpc-dns-off"]
    assert "enableDnsSupport and enableDnsHostnames are off" in said[0]
