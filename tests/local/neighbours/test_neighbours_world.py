"""What else of AWS the neighbours must show, and what Batch sees of them."""

from collections.abc import Callable

import boto3

from batchwright.local.in_process import InProcessAws

CodeOf = Callable[..., tuple[int, str]]

EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"


def test_the_default_group_lets_its_members_in(session: boto3.Session) -> None:
    """The default security group admits all traffic from itself, in a VPC made later too."""
    ec2 = session.client("ec2")
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    filters = [{"Name": "group-name", "Values": ["default"]}]
    groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    assert len(groups) == 2
    for group in groups:
        (permission,) = group["IpPermissions"]
        assert [pair["GroupId"] for pair in permission["UserIdGroupPairs"]] == [group["GroupId"]]


def test_the_default_subnets_are_public(aws: InProcessAws) -> None:
    """Every region has a default VPC with one subnet for each zone, which gives public addresses."""
    for region in ("us-east-2", "eu-west-1"):
        subnets = aws.boto3_session(region).client("ec2").describe_subnets()["Subnets"]
        zones = {subnet["AvailabilityZone"] for subnet in subnets}
        assert len(zones) == len(subnets) == 3
        assert all(subnet["MapPublicIpOnLaunch"] and subnet["DefaultForAz"] for subnet in subnets)


def test_managed_policies_exist(session: boto3.Session) -> None:
    """AWS's own policies can be attached."""
    iam = session.client("iam")
    iam.create_role(RoleName="execution", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="execution", PolicyArn=EXECUTION_POLICY)
    (attached,) = iam.list_attached_role_policies(RoleName="execution")["AttachedPolicies"]
    assert attached["PolicyArn"] == EXECUTION_POLICY


def environment_status(aws: InProcessAws, session: boto3.Session, profile: str) -> str:
    ec2, batch = session.client("ec2"), session.client("batch")
    batch.create_compute_environment(
        computeEnvironmentName="lab",
        type="MANAGED",
        computeResources={
            "type": "EC2",
            "minvCpus": 0,
            "maxvCpus": 4,
            "instanceTypes": ["optimal"],
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
            "instanceRole": profile,
        },
    )
    aws.advance(35)
    (found,) = batch.describe_compute_environments()["computeEnvironments"]
    return found["status"]


def test_an_environment_needs_an_instance_profile(aws: InProcessAws, session: boto3.Session) -> None:
    """Batch sees through moto whether the instance profile exists."""
    assert environment_status(aws, session, "missing") == "INVALID"


def test_an_environment_accepts_a_grown_instance_profile(aws: InProcessAws, session: boto3.Session) -> None:
    """An instance profile that is older than its propagation takes makes a VALID environment."""
    iam = session.client("iam")
    iam.create_instance_profile(InstanceProfileName="grown")
    iam.create_role(RoleName="instance", AssumeRolePolicyDocument="{}")
    iam.add_role_to_instance_profile(InstanceProfileName="grown", RoleName="instance")
    aws.advance(10)
    assert environment_status(aws, session, "grown") == "VALID"


def test_the_tagging_api_lists_batch_too(aws: InProcessAws, session: boto3.Session) -> None:
    """GetResources finds what is tagged in Batch beside what is tagged in moto's services, by key and value."""
    tags = {"owner": "me"}
    session.client("batch").create_scheduling_policy(name="fair", tags=tags)
    session.client("batch").create_scheduling_policy(name="other", tags={"owner": "you"})
    session.client("efs").create_file_system(CreationToken="lab", Tags=[{"Key": "owner", "Value": "me"}])
    tagging = session.client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "owner", "Values": ["me"]}])["ResourceTagMappingList"]
    assert sorted(item["ResourceARN"].split(":")[2] for item in found) == ["batch", "elasticfilesystem"]
    only = tagging.get_resources(ResourceTypeFilters=["batch:scheduling-policy"])["ResourceTagMappingList"]
    assert len(only) == 2


def test_other_services_are_not_served(session: boto3.Session, code_of: CodeOf) -> None:
    """A service that nobody needs here is refused by name instead of half served."""
    assert code_of(session.client("lambda").list_functions) == (404, "UnknownOperationException")
