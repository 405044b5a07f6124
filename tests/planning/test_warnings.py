"""What a plan warns of: each rule, broken and healthy, and what may not be looked at."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from batchwright import BatchJob, BatchSession, ComputeEnvironment, EfsVolume, IamRole, JobDefinition, Plan
from batchwright.declaration import Declaration
from batchwright.findings import Finding, Severity
from batchwright.local.in_process import InProcessAws
from batchwright.planning.warnings import RULES

from .conftest import Deny

Declared = Callable[[BatchSession, int], Declaration]


def environment(session: BatchSession, *, min_vcpus: int = 0, enabled: bool = True) -> ComputeEnvironment:
    return session.compute_environment(name="lab", min_vcpus=min_vcpus, max_vcpus=8, enabled=enabled)


def a_job(
    session: BatchSession, *, vcpus: int = 1, command: Sequence[str] = (), depends_on: Sequence[str] = ()
) -> BatchJob:
    definition = session.job_definition(name="convert", image="busybox", vcpus=vcpus)
    queue = session.job_queue(name="lab", compute_environments=environment(session))
    return session.batch_job(name="sub-01", definition=definition, queue=queue, command=command, depends_on=depends_on)


def volume(session: BatchSession, mibps: int) -> EfsVolume:
    if not mibps:
        return session.efs_volume(name="scratch")
    return session.efs_volume(name="scratch", throughput_mode="provisioned", provisioned_mibps=mibps)


def policies(session: BatchSession, size: int) -> IamRole:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "x" * size}],
    }
    return session.iam_role(name="convert", inline_policies={"more": document})


def managed(session: BatchSession, count: int) -> IamRole:
    return session.iam_role(name="convert", managed_policies=[f"Policy{number}" for number in range(count)])


def waiting_for(session: BatchSession, count: int) -> BatchJob:
    return a_job(session, depends_on=[f"{number:08}-0000-0000-0000-000000000000" for number in range(count)])


def definition(session: BatchSession, size: int) -> JobDefinition:
    return session.job_definition(name="convert", image="busybox", command=["x" * size])


OF_DECLARATIONS: dict[str, tuple[Declared, int, int]] = {
    "idle-instances": (lambda session, vcpus: environment(session, min_vcpus=vcpus), 0, 4),
    "idle-throughput": (volume, 0, 128),
    "idle-table": (
        lambda session, units: session.status_tracker(
            name="rows", billing_mode="PROVISIONED" if units else "PAY_PER_REQUEST"
        ),
        0,
        5,
    ),
    "job-too-large": (lambda session, vcpus: a_job(session, vcpus=vcpus), 8, 16),
    "definition-size": (definition, 15_000, 23_000),
    "job-size": (lambda session, size: a_job(session, command=["x" * size]), 20_000, 28_000),
    "job-dependencies": (waiting_for, 15, 16),
    "role-policies": (policies, 7_000, 9_000),
    "role-managed-policies": (managed, 7, 8),
}
"""By rule a declaration, the number with which there is nothing to warn of, and the one with which there is."""

OF_ACCOUNTS = {
    "nat-gateway",
    "quota-job-queues",
    "quota-compute-environments",
    "quota-efs-file-systems",
    "quota-iam-roles",
    "quota-instance-profiles",
}
"""Rules that ask AWS, which have tests of their own below."""


def found(plan: Plan, rule: str) -> list[Finding]:
    return [finding for finding in plan.warnings if finding.rule == rule]


def test_every_rule_has_a_test_and_a_page_of_aws() -> None:
    """Whoever adds a rule breaks something for it."""
    assert {rule.id for rule in RULES} == {*OF_DECLARATIONS, *OF_ACCOUNTS}
    assert all(rule.source.startswith("https://docs.aws.amazon.com/") for rule in RULES)


@pytest.mark.parametrize("rule", OF_DECLARATIONS)
def test_a_rule_warns_where_it_should_and_only_there(session: BatchSession, rule: str) -> None:
    """The finding names the resource, what to do and AWS's page; a healthy declaration has none."""
    declare, healthy, broken = OF_DECLARATIONS[rule]
    assert session.plan(declare(session, healthy)).warnings == ()
    resource = declare(session, broken)
    (finding,) = session.plan(resource).warnings
    assert (finding.rule, finding.subject) == (rule, resource.label)
    assert finding.fix
    assert finding.severity is (Severity.ERROR if rule == "job-too-large" else Severity.WARNING)


def test_what_aws_may_have_agreed_on_is_no_error(session: BatchSession) -> None:
    """AWS allows some accounts more managed policies of a role, and a plan cannot know of which."""
    (finding,) = session.plan(managed(session, 12)).warnings
    assert finding.severity is Severity.WARNING
    assert "takes 10 where no more was agreed on" in finding.summary


def test_what_costs_while_idle_is_told_again_as_long_as_it_does(session: BatchSession) -> None:
    """An environment that is there and keeps instances running is warned of, also where it is disabled."""
    always_on = environment(session, min_vcpus=4, enabled=False)
    session.ensure(always_on)
    plan = session.plan(always_on)
    assert plan.summary.endswith("unchanged")
    (finding,) = found(plan, "idle-instances")
    assert "4 vCPUs" in finding.summary
    assert "disabled" in finding.summary


def test_a_job_is_measured_by_what_a_foreign_environment_has(session: BatchSession) -> None:
    """What is left as it is does not grow by being declared larger."""
    other = BatchSession("other", boto3_session=session.boto3_session, clock=session.clock)
    other.ensure(other.compute_environment(name="lab", max_vcpus=2))
    (finding,) = found(session.plan(a_job(session, vcpus=4)), "job-too-large")
    assert finding.evidence == ("compute environment 'lab' has max_vcpus=2",)


def test_what_aws_would_refuse_is_an_error(session: BatchSession) -> None:
    """Not only near: over."""
    (finding,) = found(session.plan(policies(session, 11_000)), "role-policies")
    assert finding.severity is Severity.ERROR
    assert "AWS will refuse it" in finding.summary


# --- quotas -----------------------------------------------------------------------------------------------------------


def fill(session: BatchSession, environments: int = 0, queues: int = 0) -> None:
    """Make things by hand that nobody owns, and wait until AWS shows them."""
    session.ensure(environment(session))
    declared = session.batch.describe_compute_environments(computeEnvironments=["lab"])["computeEnvironments"][0]
    known: Any = declared["computeResources"]
    members = ("type", "maxvCpus", "minvCpus", "subnets", "securityGroupIds", "instanceTypes", "instanceRole")
    for number in range(environments):
        session.batch.create_compute_environment(
            computeEnvironmentName=f"other-{number}",
            type="MANAGED",
            computeResources={member: known[member] for member in members},
        )
    order: Any = [{"order": 1, "computeEnvironment": declared["computeEnvironmentArn"]}]
    for number in range(queues):
        session.batch.create_job_queue(jobQueueName=f"other-{number}", priority=1, computeEnvironmentOrder=order)
    session.clock.sleep(60)


@pytest.mark.parametrize(("there", "severity"), [(38, None), (39, Severity.WARNING), (50, Severity.ERROR)])
def test_the_quota_of_queues(session: BatchSession, there: int, severity: Severity | None) -> None:
    """From 40 of 50 it warns, and beyond 50 it says that AWS will refuse."""
    fill(session, queues=there)
    findings = found(
        session.plan(session.job_queue(name="mine", compute_environments=environment(session))), "quota-job-queues"
    )
    assert [finding.severity for finding in findings] == ([severity] if severity else [])
    assert all(f"{there} are there" in finding.evidence[0] for finding in findings)


def test_the_quota_of_environments(session: BatchSession) -> None:
    """It counts those of others too."""
    fill(session, environments=39)
    (finding,) = found(session.plan(session.compute_environment(name="mine")), "quota-compute-environments")
    assert finding.summary == "There will be 41 compute environments, and the region takes 50."
    assert "another region" in finding.fix


def counted(session: BatchSession, **counts: int) -> None:
    """Let IAM count otherwise."""

    def change(parsed: dict[str, Any], **_: object) -> None:
        parsed["SummaryMap"].update(counts)

    session.iam.meta.events.register("after-call.iam.GetAccountSummary", change)


@pytest.mark.parametrize(
    ("entity", "rule"), [("Roles", "quota-iam-roles"), ("InstanceProfiles", "quota-instance-profiles")]
)
def test_the_quotas_of_iam(session: BatchSession, entity: str, rule: str) -> None:
    """IAM says itself how many an account may have."""
    profile = session.instance_profile(name="mine", role=session.iam_role(name="mine"))
    assert session.plan(profile).warnings == ()
    counted(session, **{entity: 4999, f"{entity}Quota": 5000})
    (finding,) = session.plan(profile).warnings
    assert (finding.rule, finding.subject) == (rule, "region us-east-2")
    assert "5000" in finding.summary


def test_the_quota_of_file_systems(session: BatchSession) -> None:
    """A region takes a thousand, unless more was asked for."""

    def many(parsed: dict[str, Any], **_: object) -> None:
        parsed["FileSystems"] = [
            {"FileSystemId": f"fs-{number}", "LifeCycleState": "available", "Tags": []} for number in range(900)
        ]

    session.efs.meta.events.register("after-call.efs.DescribeFileSystems", many)
    plan = session.plan(session.efs_volume(name="scratch"))
    (finding,) = found(plan, "quota-efs-file-systems")
    assert "Service Quotas" in finding.fix


# --- looking ----------------------------------------------------------------------------------------------------------


def through_nat(session: BatchSession) -> str:
    """Lead one of the default VPC's subnets out through a NAT gateway in another one."""
    ec2 = session.ec2
    public, private = ec2.describe_subnets()["Subnets"][:2]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(SubnetId=public["SubnetId"], AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=private["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    ec2.associate_route_table(RouteTableId=table, SubnetId=private["SubnetId"])
    return gateway


def test_a_way_out_through_a_nat_gateway(session: BatchSession) -> None:
    """It is named where an environment is made; the default VPC has none."""
    assert session.plan(environment(session)).warnings == ()
    gateway = through_nat(session)
    (finding,) = session.plan(environment(session)).warnings
    assert (finding.rule, finding.subject) == ("nat-gateway", "compute environment 'lab'")
    assert gateway in finding.summary
    session.ensure(environment(session))
    assert session.plan(environment(session)).warnings == ()


@pytest.mark.parametrize("operation", ["ec2:DescribeRouteTables", "ec2:DescribeSubnets", "iam:GetAccountSummary"])
def test_a_denied_look_names_its_action_and_the_others_go_on(session: BatchSession, deny: Deny, operation: str) -> None:
    """What could not be checked is said once, with the permission to ask for."""
    deny(operation)
    plan = session.plan(environment(session, min_vcpus=4))
    (finding,) = [each for each in plan.warnings if each.severity is Severity.UNCHECKED]
    assert operation in f"{finding.summary} {finding.fix}"
    assert "plan" in finding.fix
    assert found(plan, "idle-instances")
    assert "to create" in plan.summary


def test_warnings_are_part_of_what_is_shown(session: BatchSession) -> None:
    """With the resource, what to do and where AWS writes about it."""
    text = str(session.plan(environment(session, min_vcpus=4)))
    assert "warning: compute environment 'lab': It costs while nothing runs" in text
    assert "min_vcpus=0" in text
    assert "docs.aws.amazon.com" in text.replace("\n", "")


def test_what_is_there_is_counted_only_for_what_is_to_be_made(session: BatchSession, aws: InProcessAws) -> None:
    """A plan that makes nothing asks nothing besides."""
    queue = session.job_queue(name="lab", compute_environments=environment(session))
    session.ensure(queue)
    aws.calls.clear()
    session.plan(queue)
    assert aws.calls.count(("batch", "DescribeJobQueues")) == 1
    assert not {"DescribeRouteTables", "GetAccountSummary"} & {name for _, name in aws.calls}
