"""What leads out of a network, and the role that Batch makes for itself, as AWS has them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3

from batchwright.local.in_process import InProcessAws

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

CodeOf = Callable[..., tuple[int, str]]
DEFAULT = [{"Name": "is-default", "Values": ["true"]}]
OWN_ROLE = "AWSServiceRoleForBatch"


def routes_out(ec2: "EC2Client") -> list[tuple[str, str]]:
    """Kind of gateway and state of every route to everywhere."""
    tables = ec2.describe_route_tables()["RouteTables"]
    routes = [route for table in tables for route in table.get("Routes", [])]
    return sorted(
        ((route.get("GatewayId") or route.get("NatGatewayId", ""))[:3], route.get("State", ""))
        for route in routes
        if route.get("DestinationCidrBlock") == "0.0.0.0/0"
    )


def test_the_default_vpc_leads_out(aws: InProcessAws) -> None:
    """In every region the main route table of the default VPC has a route to a gateway that is attached to it."""
    for region in ("us-east-2", "eu-west-1"):
        ec2 = aws.boto3_session(region).client("ec2")
        (vpc,) = ec2.describe_vpcs(Filters=DEFAULT)["Vpcs"]
        (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
        (table,) = ec2.describe_route_tables()["RouteTables"]
        assert gateway["Attachments"][0]["VpcId"] == vpc["VpcId"] == table["VpcId"]
        assert table["Associations"][0]["Main"]
        assert table["Routes"][1] == {
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": gateway["InternetGatewayId"],
            "Origin": "CreateRoute",
            "State": "active",
        }


def test_a_vpc_made_later_leads_nowhere(session: boto3.Session) -> None:
    """A VPC that somebody makes has no way out until somebody gives it one, and no host names."""
    ec2 = session.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    assert [route["DestinationCidrBlock"] for route in table["Routes"]] == ["10.1.0.0/16"]
    names = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    (default,) = ec2.describe_vpcs(Filters=DEFAULT)["Vpcs"]
    default_names = ec2.describe_vpc_attribute(VpcId=default["VpcId"], Attribute="enableDnsHostnames")
    assert (names["EnableDnsHostnames"]["Value"], default_names["EnableDnsHostnames"]["Value"]) == (False, True)


def test_another_vpc_leaves_the_default_one_as_it_is(session: boto3.Session) -> None:
    """Whoever has taken its gateway away does not get it back with the next VPC."""
    ec2 = session.client("ec2")
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    ec2.detach_internet_gateway(
        InternetGatewayId=gateway["InternetGatewayId"], VpcId=gateway["Attachments"][0]["VpcId"]
    )
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    assert routes_out(ec2) == [("igw", "blackhole")]
    assert [len(ec2.describe_vpcs()["Vpcs"]), len(ec2.describe_internet_gateways()["InternetGateways"])] == [2, 1]


def test_a_default_vpc_made_anew_leads_out(session: boto3.Session) -> None:
    """Whoever deletes the default VPC and has it made again has a way out again."""
    ec2 = session.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=DEFAULT)["Vpcs"]
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    ec2.delete_vpc(VpcId=vpc["VpcId"])
    ec2.create_default_vpc()
    assert routes_out(ec2) == [("igw", "active")]


def test_a_route_to_a_gateway_that_is_gone_is_a_black_hole(session: boto3.Session) -> None:
    """A route stays when its gateway is detached or deleted, and its state says that it leads nowhere."""
    ec2 = session.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=DEFAULT)["Vpcs"]
    (gateway,) = ec2.describe_internet_gateways()["InternetGateways"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.create_route_table(VpcId=vpc["VpcId"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    assert routes_out(ec2) == [("igw", "active"), ("nat", "active")]
    ec2.delete_nat_gateway(NatGatewayId=nat)
    assert routes_out(ec2) == [("igw", "active"), ("nat", "blackhole")]
    ec2.detach_internet_gateway(InternetGatewayId=gateway["InternetGatewayId"], VpcId=vpc["VpcId"])
    assert routes_out(ec2) == [("igw", "blackhole"), ("nat", "blackhole")]


def make_environment(session: boto3.Session, name: str, **more: str) -> None:
    """Ask for an environment on Fargate."""
    ec2 = session.client("ec2")
    resources = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    batch: Any = session.client("batch")
    batch.create_compute_environment(computeEnvironmentName=name, type="MANAGED", computeResources=resources, **more)


def test_batch_makes_its_own_role(aws: InProcessAws, session: boto3.Session) -> None:
    """The first environment that names no service role brings Batch's own into the account, further ones find it."""
    iam = session.client("iam")
    role = iam.create_role(RoleName="mine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    make_environment(session, "first", serviceRole=role)
    assert [each["RoleName"] for each in iam.list_roles()["Roles"]] == ["mine"]
    make_environment(session, "second")
    make_environment(session, "third")
    made = iam.get_role(RoleName=OWN_ROLE)["Role"]
    assert made["Path"] == "/aws-service-role/batch.amazonaws.com/"
    assert made["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "batch.amazonaws.com"}
    (policy,) = iam.list_attached_role_policies(RoleName=OWN_ROLE)["AttachedPolicies"]
    assert policy["PolicyName"] == "BatchServiceRolePolicy"
    aws.advance(40)
    seen = session.client("batch").describe_compute_environments(computeEnvironments=["third"])
    assert seen["computeEnvironments"][0]["serviceRole"] == made["Arn"]


def test_a_service_linked_role_is_made_once(session: boto3.Session, code_of: CodeOf) -> None:
    """CreateServiceLinkedRole answers with AWS's name of the role, and a second time that its name has been taken."""
    iam = session.client("iam")
    made = iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")["Role"]
    assert made["RoleName"] == OWN_ROLE
    assert made == iam.get_role(RoleName=OWN_ROLE)["Role"]
    assert code_of(iam.create_service_linked_role, AWSServiceName="batch.amazonaws.com") == (400, "InvalidInput")
    iam.create_service_linked_role(AWSServiceName="spot.amazonaws.com")
    assert code_of(iam.create_service_linked_role, AWSServiceName="spot.amazonaws.com") == (400, "InvalidInput")


def test_a_service_linked_role_is_deleted_with_its_policy(session: boto3.Session, code_of: CodeOf) -> None:
    """DeleteServiceLinkedRole takes the role away whatever is attached to it; a role that is not there is an error."""
    iam = session.client("iam")
    iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")
    assert iam.delete_service_linked_role(RoleName=OWN_ROLE)["DeletionTaskId"]
    assert code_of(iam.get_role, RoleName=OWN_ROLE) == (404, "NoSuchEntity")
    assert code_of(iam.delete_service_linked_role, RoleName=OWN_ROLE) == (404, "NoSuchEntity")
