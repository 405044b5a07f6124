"""The default network in any region, and networks by name."""

import pytest

from batchwright import BatchSession
from batchwright.errors import ConflictError, DeclarationError, NotFoundError
from batchwright.local.in_process import InProcessAws
from batchwright.outcome import Resolved
from batchwright.resources.network import DefaultNetwork, network_of
from batchwright.testing import FakeClock
from batchwright.values import Action, Network

WRITES = ("Create", "Delete", "Modify", "Authorize")


def session_in(aws: InProcessAws, region: str) -> BatchSession:
    """A session in another region of the account."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    return BatchSession("test", boto3_session=aws.boto3_session(region), clock=clock)


@pytest.mark.parametrize("region", ["us-east-2", "eu-central-1", "us-west-2"])
def test_the_default_network_has_one_subnet_per_zone(aws: InProcessAws, region: str) -> None:
    """In any region its subnets lie in distinct zones of that region and in one VPC."""
    session = session_in(aws, region)
    ensured = DefaultNetwork(session).ensure()
    zones = [subnet.availability_zone for subnet in ensured.description.subnets]
    assert len(zones) >= 3
    assert zones == sorted(set(zones))
    assert all(zone[:-1] == region for zone in zones)
    vpcs = session.ec2.describe_subnets(SubnetIds=list(ensured.description.subnet_ids))["Subnets"]
    assert {item["VpcId"] for item in vpcs} == {ensured.description.vpc_id}
    assert (ensured.action, ensured.owned) == (Action.UNCHANGED, False)


def test_subnets_that_are_not_the_default_of_a_zone_are_left_out(session: BatchSession) -> None:
    """A subnet that someone adds to the default VPC changes nothing."""
    before = DefaultNetwork(session).describe()
    session.ec2.create_subnet(
        VpcId=before.vpc_id, CidrBlock="172.31.200.0/24", AvailabilityZone=before.subnets[0].availability_zone
    )
    assert DefaultNetwork(session).describe() == before


def test_local_zones_are_left_out(session: BatchSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default subnet in a Local Zone is none of the network's."""
    network = DefaultNetwork(session)
    subnets = [*network._subnets(network.describe().vpc_id), {"SubnetId": "s", "AvailabilityZone": "us-east-2-lax-1a"}]
    monkeypatch.setattr(DefaultNetwork, "_subnets", lambda *_: iter(subnets))
    assert "s" not in network.describe().subnet_ids
    assert len(network.describe().subnets) == len(subnets) - 1


def test_the_default_network_is_never_written(session: BatchSession, aws: InProcessAws) -> None:
    """Neither ensure() nor delete() sends anything but reads."""
    network = DefaultNetwork(session, tags={"project": "reads"})
    network.ensure()
    network.delete(force=True)
    assert network.exists()
    assert not [operation for _, operation in aws.calls if operation.startswith(WRITES)]
    assert list(DefaultNetwork.list_owned(session)) == []


def test_no_default_vpc_is_a_clear_error(session: BatchSession) -> None:
    """Every verb names the region and the two ways out; that it is absent is no error to `exists()` and `delete()`."""
    network = DefaultNetwork(session)
    seen = network.describe()
    for subnet_id in seen.subnet_ids:
        session.ec2.delete_subnet(SubnetId=subnet_id)
    with pytest.raises(NotFoundError, match="create-default-subnet --availability-zone us-east-2a"):
        network.ensure()
    session.ec2.delete_vpc(VpcId=seen.vpc_id)
    for verb in (network.ensure, network.describe, network.drift):
        with pytest.raises(NotFoundError, match=r"us-east-2: there is no default VPC") as caught:
            verb()
        assert "aws ec2 create-default-vpc --region us-east-2" in str(caught.value)
        assert "Network(vpc_id=" in str(caught.value)
    assert not network.exists()
    network.delete()


def test_a_network_of_ones_own_is_looked_up_in_its_order(session: BatchSession) -> None:
    """The zones of named subnets are read, and the order stays."""
    default = DefaultNetwork(session).describe()
    ids = default.subnet_ids[::-1]
    seen = network_of(Network(vpc_id=default.vpc_id, subnet_ids=ids), Resolved(), session)
    assert seen.subnet_ids == ids
    assert seen.subnets == default.subnets[::-1]


def test_unknown_subnets_are_named(session: BatchSession) -> None:
    """The error names every subnet that is not there, and the region."""
    default = DefaultNetwork(session).describe()
    network = Network(vpc_id=default.vpc_id, subnet_ids=("subnet-0a", default.subnet_ids[0], "subnet-0b"))
    with pytest.raises(NotFoundError, match=r"subnet-0a, subnet-0b does not exist in us-east-2"):
        network_of(network, Resolved(), session)


def test_a_subnet_of_another_vpc_is_refused(session: BatchSession) -> None:
    """The error says in which VPC it lies."""
    default = DefaultNetwork(session).describe()
    with pytest.raises(ConflictError, match=rf"{default.subnet_ids[0]} lies in {default.vpc_id}"):
        network_of(Network(vpc_id="vpc-other", subnet_ids=default.subnet_ids[0]), Resolved(), session)


def test_a_network_without_subnets_is_refused_before_any_call() -> None:
    """The error names the field and what is legal."""
    with pytest.raises(DeclarationError, match=r"subnet_ids=\(\).*1 to 16 subnets"):
        Network(vpc_id="vpc-1", subnet_ids=())
