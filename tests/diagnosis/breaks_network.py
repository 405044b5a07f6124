"""What is broken about the network of a compute environment."""

from typing import Any

from .breaking import World, breaks
from .healthy import Set, on_ec2, on_fargate

ALL_SERVICES = ("ecs", "ecs-agent", "ecs-telemetry", "logs", "ecr.api", "ecr.dkr")


def table_for(lab: Set, *subnet_ids: str) -> str:
    """A route table of their own, without a route out, for these subnets."""
    ec2 = lab.session.ec2
    table = ec2.create_route_table(VpcId=lab.vpc_id)["RouteTable"].get("RouteTableId", "")
    for subnet_id in subnet_ids:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_id)
    return table


def behind_nat(lab: Set, nat_subnet: str) -> str:
    """Lead the environment's subnets to a new NAT gateway that lies in the subnet; returns its id."""
    ec2: Any = lab.session.ec2
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway: str = ec2.create_nat_gateway(SubnetId=nat_subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    own = table_for(lab, *lab.subnet_ids)
    ec2.create_route(RouteTableId=own, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    return gateway


def public_subnet(lab: Set) -> str:
    """Another subnet of the VPC, which no environment uses, by the main route table."""
    made = lab.session.ec2.create_subnet(VpcId=lab.vpc_id, CidrBlock="172.31.128.0/20")
    return made["Subnet"].get("SubnetId", "")


def bring_in(lab: Set, *services: str, tables: tuple[str, ...] = ()) -> None:
    """Endpoints of these services, and of S3 in these route tables."""
    ec2, name = lab.session.ec2, f"com.amazonaws.{lab.session.region}"
    for service in services:
        ec2.create_vpc_endpoint(VpcId=lab.vpc_id, ServiceName=f"{name}.{service}", VpcEndpointType="Interface")
    if tables:
        ec2.create_vpc_endpoint(
            VpcId=lab.vpc_id, ServiceName=f"{name}.s3", VpcEndpointType="Gateway", RouteTableIds=list(tables)
        )


def let_out(lab: Set, *ports: int) -> None:
    """Let the environment's group let out these ports, and no others."""
    ec2: Any = lab.session.ec2
    (group,) = ec2.describe_security_groups(GroupIds=[lab.group_id])["SecurityGroups"]
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=lab.group_id, IpPermissions=group["IpPermissionsEgress"])
    anywhere = [{"CidrIp": "0.0.0.0/0"}]
    rules = [{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": anywhere} for port in ports]
    if rules:
        ec2.authorize_security_group_egress(GroupId=lab.group_id, IpPermissions=rules)


def give_no_address(lab: Set) -> None:
    """Let the subnets give no public address."""
    for subnet_id in lab.subnet_ids:
        lab.session.ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": False})


@breaks("subnet-no-way-out")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    lab.lead_nowhere()
    return lab.job


@breaks("endpoints-missing")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    lab.lead_nowhere()
    bring_in(lab, *ALL_SERVICES[2:], tables=(lab.main_table,))
    return lab.job


@breaks("route-black-hole")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    world.session.ec2.detach_internet_gateway(InternetGatewayId=lab.internet_gateway, VpcId=lab.vpc_id)
    return lab.job


@breaks("nat-gateway-unusable")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    behind_nat(lab, lab.subnet_ids[0])  # which then leads to itself
    return lab.job


@breaks("no-public-address")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    give_no_address(lab)
    return lab.job


@breaks("fargate-no-public-address")
def _(world: World) -> object:
    return on_fargate(world.session, is_public=False).job


@breaks("security-group-no-egress")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    let_out(lab)
    return lab.job


@breaks("subnet-missing")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    world.session.ec2.delete_subnet(SubnetId=lab.subnet_ids[2])
    return lab.job


@breaks("security-group-missing")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    world.session.ec2.delete_security_group(GroupId=lab.group_id)
    return lab.job


@breaks("network-acl-closed")
def _(world: World) -> object:
    lab = on_ec2(world.session)
    deny(lab, 50, is_outbound=True)
    return lab.job


def deny(lab: Set, number: int, *, is_outbound: bool) -> None:
    """Let the network ACL of the VPC deny everything in one direction, in the entry of this number."""
    ec2: Any = lab.session.ec2
    (acl,) = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [lab.vpc_id]}])["NetworkAcls"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl["NetworkAclId"],
        RuleNumber=number,
        Protocol="-1",
        RuleAction="deny",
        Egress=is_outbound,
        CidrBlock="0.0.0.0/0",
    )
