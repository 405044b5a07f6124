"""The network of a compute environment: one thing taken away, and the first finding names it and its fix."""

from collections.abc import Callable

import pytest

from batchwright import BatchSession
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.ways_out import nat_gateways_of
from batchwright.findings import Severity

from .healthy import Set, first, on_ec2, on_fargate, with_volume

ALL_SERVICES = ("ecs", "ecs-agent", "ecs-telemetry", "logs", "ecr.api", "ecr.dkr")


def table_for(lab: Set, *subnet_ids: str) -> str:
    """A route table of their own, without a route out, for these subnets."""
    ec2 = lab.session.ec2
    table = ec2.create_route_table(VpcId=lab.vpc_id)["RouteTable"].get("RouteTableId", "")
    for subnet_id in subnet_ids:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_id)
    return table


def nat_gateway_in(lab: Set, subnet_id: str) -> str:
    """A NAT gateway that lies in the subnet."""
    ec2 = lab.session.ec2
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=subnet_id, AllocationId=address)["NatGateway"]
    return made.get("NatGatewayId", "")


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


@pytest.mark.parametrize("make", [on_ec2, on_fargate, with_volume])
def test_where_all_is_well_nothing_is_found(session: BatchSession, make: Callable[[BatchSession], Set]) -> None:
    """A job that waits for its instance in a set that batchwright made has no finding, and neither has its set."""
    lab = make(session)
    assert tuple(session.diagnose(lab.job)) == ()
    assert tuple(session.diagnose(lab.environment)) == ()
    assert session.diagnose(lab.job).rules > 30


@pytest.mark.parametrize("make", [on_ec2, on_fargate])
def test_no_route_out(session: BatchSession, make: Callable[[BatchSession], Set]) -> None:
    """Without the route to the internet gateway the first finding of the job says so, and what leads out."""
    lab = make(session)
    lab.lead_nowhere()
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("subnet-no-way-out", Severity.ERROR)
    assert lab.main_table in found.evidence[0]
    assert "NAT gateway" in found.fix
    assert first(session.diagnose(lab.environment)) == found


def test_no_route_out_of_one_subnet(session: BatchSession) -> None:
    """A subnet with a route table of its own, and no route in it, is a warning where Batch can take another subnet."""
    lab = on_ec2(session)
    own = table_for(lab, lab.subnet_ids[1])
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("subnet-no-way-out", Severity.WARNING)
    assert "1 of its 3 subnets" in found.summary
    assert own in found.evidence[0]


def test_a_gateway_that_is_detached(session: BatchSession) -> None:
    """A route to an internet gateway that was detached is a black hole, and the finding names the gateway."""
    lab = on_ec2(session)
    gateway = lab.internet_gateway
    session.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=lab.vpc_id)
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("route-black-hole", Severity.ERROR)
    assert f"{gateway} is gone or detached" in found.summary
    assert lab.main_table in found.fix


def test_a_nat_gateway_leads_out(session: BatchSession) -> None:
    """Private subnets behind a NAT gateway in a public subnet are fine, on EC2 and without addresses; it is told of."""
    lab = on_ec2(session)
    gateway = nat_gateway_in(lab, public_subnet(lab))
    assert nat_gateways_of(Facts(session), lab.subnet_ids) == ()
    own = table_for(lab, *lab.subnet_ids)
    session.ec2.create_route(RouteTableId=own, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    for subnet_id in lab.subnet_ids:
        session.ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": False})
    assert tuple(session.diagnose(lab.job)) == ()
    assert nat_gateways_of(Facts(session), lab.subnet_ids) == (gateway,)


def test_a_nat_gateway_behind_itself(session: BatchSession) -> None:
    """A NAT gateway that lies in a subnet whose route leads to it reaches nothing."""
    lab = on_ec2(session)
    gateway = nat_gateway_in(lab, lab.subnet_ids[0])
    own = table_for(lab, *lab.subnet_ids)
    session.ec2.create_route(RouteTableId=own, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("nat-gateway-unusable", Severity.ERROR)
    assert f"{gateway} lies in {lab.subnet_ids[0]}" in found.summary
    assert "public subnet" in found.fix


def test_a_nat_gateway_that_is_deleted(session: BatchSession) -> None:
    """The route stays when its NAT gateway is deleted, and leads nowhere."""
    lab = on_ec2(session)
    gateway = nat_gateway_in(lab, public_subnet(lab))
    own = table_for(lab, *lab.subnet_ids)
    session.ec2.create_route(RouteTableId=own, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
    session.ec2.delete_nat_gateway(NatGatewayId=gateway)
    found = first(session.diagnose(lab.job))
    assert found.rule == "route-black-hole"
    assert gateway in found.summary


def test_no_public_address(session: BatchSession) -> None:
    """An internet gateway is of no use to instances that get no public address."""
    lab = on_ec2(session)
    for subnet_id in lab.subnet_ids:
        session.ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": False})
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("no-public-address", Severity.ERROR)
    assert "MapPublicIpOnLaunch is false" in found.evidence[0]
    assert "MapPublicIpOnLaunch" in found.fix


def test_a_fargate_task_without_public_address(session: BatchSession) -> None:
    """On Fargate it is the definition that gives the address, whatever the subnet says."""
    lab = on_fargate(session, is_public=False)
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("fargate-no-public-address", Severity.ERROR)
    assert "assign_public_ip=True" in found.fix
    assert tuple(session.diagnose(lab.environment)) == ()


def test_endpoints_take_the_place_of_a_route(session: BatchSession) -> None:
    """Endpoints of all that jobs need stand in for a route out; where those of the agent are missing they do not."""
    lab = on_ec2(session)
    lab.lead_nowhere()
    bring_in(lab, *ALL_SERVICES[2:], tables=(lab.main_table,))
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("endpoints-missing", Severity.ERROR)
    assert "has none of ecs, ecs-agent" in found.evidence[0]
    assert "telemetry" not in found.evidence[0]
    bring_in(lab, *ALL_SERVICES[:2])
    assert tuple(session.diagnose(lab.job)) == ()


def test_a_gateway_endpoint_is_for_its_route_tables(session: BatchSession) -> None:
    """S3's gateway endpoint does nothing for a subnet whose route table does not name it."""
    lab = on_ec2(session)
    lab.lead_nowhere()
    bring_in(lab, *ALL_SERVICES, tables=(table_for(lab),))
    found = first(session.diagnose(lab.job))
    assert found.rule == "endpoints-missing"
    assert found.evidence[0].endswith("has none of s3")


def test_no_egress(session: BatchSession) -> None:
    """A security group that lets nothing out keeps instances from ECS."""
    lab = on_ec2(session)
    everything = session.ec2.describe_security_groups(GroupIds=[lab.group_id])["SecurityGroups"][0]
    rules = everything.get("IpPermissionsEgress", [])
    session.ec2.revoke_security_group_egress(GroupId=lab.group_id, IpPermissions=rules)
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("security-group-no-egress", Severity.ERROR)
    assert lab.group_id in found.evidence[0]
    assert "TCP 443" in found.fix


def test_egress_of_another_port(session: BatchSession) -> None:
    """A rule that lets out NFS alone lets no HTTPS out; one that lets out 443 alone is enough."""
    lab = on_ec2(session)
    ec2, anywhere = session.ec2, [{"CidrIp": "0.0.0.0/0"}]
    group = ec2.describe_security_groups(GroupIds=[lab.group_id])["SecurityGroups"][0]
    ec2.revoke_security_group_egress(GroupId=lab.group_id, IpPermissions=group.get("IpPermissionsEgress", []))
    for port, rules in ((2049, ["security-group-no-egress"]), (443, [])):
        ec2.authorize_security_group_egress(
            GroupId=lab.group_id,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": anywhere}],
        )
        assert [found.rule for found in session.diagnose(lab.environment)] == rules


def test_a_subnet_that_is_gone(session: BatchSession) -> None:
    """A subnet that was deleted under the environment is named."""
    lab = on_ec2(session)
    gone = lab.subnet_ids[2]
    session.ec2.delete_subnet(SubnetId=gone)
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("subnet-missing", Severity.WARNING)
    assert gone in found.summary
    assert "network" in found.fix


def test_a_security_group_that_is_gone(session: BatchSession) -> None:
    """A group that was deleted under the environment is named."""
    lab = on_ec2(session)
    gone = lab.group_id
    session.ec2.delete_security_group(GroupId=gone)
    found = first(session.diagnose(lab.job))
    assert (found.rule, found.severity) == ("security-group-missing", Severity.ERROR)
    assert gone in found.summary
    assert "security_groups" in found.fix
