"""What else of AWS the neighbours must show, and what Batch sees of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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


def test_a_group_in_use_cannot_be_deleted(aws: InProcessAws, session: boto3.Session, code_of: CodeOf) -> None:
    """A group is in use by another's rules, by a mount target, and until that one is gone; then it can go."""
    ec2, efs = session.client("ec2"), session.client("efs")
    group = ec2.create_security_group(GroupName="nfs", Description="nfs")["GroupId"]
    other = ec2.create_security_group(GroupName="other", Description="other")["GroupId"]
    pair: Any = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    refusal = (400, "DependencyViolation")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=pair)
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=pair)
    assert code_of(ec2.delete_security_group, GroupId=group) == refusal
    ec2.delete_security_group(GroupId=other)
    volume = efs.create_file_system(CreationToken="lab")["FileSystemId"]
    aws.advance(15)
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    target = efs.create_mount_target(FileSystemId=volume, SubnetId=subnet, SecurityGroups=[group])["MountTargetId"]
    assert code_of(ec2.delete_security_group, GroupId=group) == refusal
    efs.delete_mount_target(MountTargetId=target)
    assert code_of(ec2.delete_security_group, GroupId=group) == refusal
    aws.advance(30)
    ec2.delete_security_group(GroupId=group)
    assert code_of(ec2.describe_security_groups, GroupIds=[group]) == (400, "InvalidGroup.NotFound")


def test_the_default_group_stays(session: boto3.Session, code_of: CodeOf) -> None:
    """The default security group cannot be deleted."""
    ec2 = session.client("ec2")
    (group,) = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    assert code_of(ec2.delete_security_group, GroupId=group["GroupId"]) == (400, "CannotDelete")


def test_the_caller_is_a_user(session: boto3.Session) -> None:
    """The caller has the ARN of an IAM user, as a caller of AWS with an access key has."""
    assert session.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/local"


def test_a_condition_lets_one_of_many_through(aws: InProcessAws, session: boto3.Session) -> None:
    """Of several threads that put a row that must not be there, one succeeds."""
    dynamodb = session.client("dynamodb")
    dynamodb.create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.advance(8)

    def put(number: int) -> bool:
        item: Any = {"id": {"S": "one"}, "by": {"N": str(number)}}
        try:
            dynamodb.put_item(TableName="rows", Item=item, ConditionExpression="attribute_not_exists(id)")
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(put, range(24))) == 1
