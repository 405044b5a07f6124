"""Where things run: the subnets of the default VPC, or of one that you name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from batchwright._wire import Description, pascal, structure
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import ConflictError, NotFoundError
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.values import Action, Network, object_of

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import SubnetTypeDef


@attrs.frozen(kw_only=True)
class SubnetDescription(Description):
    """One subnet and the zone that it lies in."""

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)

    subnet_id: str
    availability_zone: str

    @property
    def arn(self) -> str:
        """Its ARN, as far as AWS tells it."""
        return str(self.raw.get("SubnetArn", ""))


@attrs.frozen(kw_only=True)
class NetworkDescription(Description):
    """A VPC and those of its subnets that are used, from `ec2:DescribeVpcs` and `ec2:DescribeSubnets`."""

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)
    _live: ClassVar[tuple[str, ...]] = ("vpc_id", "subnet_ids")

    vpc_id: str
    subnets: tuple[SubnetDescription, ...]

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The ids of the subnets, in order."""
        return tuple(subnet.subnet_id for subnet in self.subnets)


@resource(kw_only=True)
class DefaultNetwork(Resource[NetworkDescription]):
    """The region's default VPC with its default subnet of every availability zone; read, never written.

    Where the region has none, every verb that needs it raises NotFoundError with the ways out; `delete()` does nothing.
    """

    kind: ClassVar[str] = "default network"
    drift_rules: ClassVar[DriftRules] = DriftRules(ignore=("tags",))

    name: str = "default"

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {}

    def _read(self, resolved: Resolved) -> NetworkDescription | None:
        session = self.session
        vpcs = session.ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        if not vpcs:
            raise self._absent("there is no default VPC", "create-default-vpc")
        vpc_id = vpcs[0].get("VpcId", "")
        by_zone = {zone: subnet for subnet in self._subnets(vpc_id) if (zone := self._zone(subnet))}
        if not by_zone:
            raise self._absent(
                f"the default VPC {vpc_id} has no default subnets",
                f"create-default-subnet --availability-zone {session.region}a",
            )
        return _described(session, vpc_id, [by_zone[zone] for zone in sorted(by_zone)])

    def _subnets(self, vpc_id: str) -> Iterator[SubnetTypeDef]:
        pages = self.session.ec2.get_paginator("describe_subnets").paginate(
            Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "default-for-az", "Values": ["true"]}]
        )
        for page in pages:
            yield from page["Subnets"]

    def _zone(self, subnet: SubnetTypeDef) -> str:
        # Local and Wavelength Zones, which Fargate and most of EFS lack, carry more than a letter after the region.
        zone = subnet.get("AvailabilityZone", "")
        return zone if re.fullmatch(re.escape(self.session.region) + "[a-z]", zone) else ""

    def _absent(self, why: str, command: str) -> NotFoundError:
        region = self.session.region
        return NotFoundError(
            f"{self.label} in {region}: {why}.",
            resource=self,
            hint=f"Run `aws ec2 {command} --region {region}`, or name a network of your own: "
            "network=Network(vpc_id='vpc-...', subnet_ids=['subnet-...']).",
        )

    def plan(self, resolved: Resolved) -> tuple[Action, Drift]:
        """UNCHANGED: it is never made.

        Raises:
            NotFoundError: The region has no default VPC, so that `ensure()` would fail.
        """
        resolved.put(self, self.read(resolved))
        return Action.UNCHANGED, Drift()

    def check_delete(self, *, force: bool = False) -> None:
        """Nothing to check: `delete()` does nothing."""

    def remove(self) -> Action:
        """Do nothing: a default VPC is not ours to take away."""
        return Action.UNCHANGED

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[NetworkDescription]:
        """Nothing, since a namespace never makes a network."""
        return iter(())


network_legal: Final = object_of(
    Network,
    DefaultNetwork,
    NoneType,
    legal="a Network(vpc_id=..., subnet_ids=[...]), or None for the subnets of the default VPC",
)


def network_of(network: Network | DefaultNetwork | None, resolved: Resolved, session: Connection) -> NetworkDescription:
    """The VPC and the subnets that a field `network` stands for; a `Network` costs one `ec2:DescribeSubnets`.

    Args:
        network: The field's value; None is refused, as the field's own check has done before.
        resolved: What is known of the dependencies.
        session: Whose region it is.

    Raises:
        NotFoundError: There is no default VPC, or no such subnet in the region.
        ConflictError: A subnet lies in another VPC.
    """
    if network is None:
        raise TypeError("network_of needs a network")
    if isinstance(network, DefaultNetwork):
        return resolved[network]
    wanted = list(network.subnet_ids)
    # By filter, since asking for unknown ids outright fails with the first of them only.
    pages = session.ec2.get_paginator("describe_subnets").paginate(Filters=[{"Name": "subnet-id", "Values": wanted}])
    found = {subnet.get("SubnetId", ""): subnet for page in pages for subnet in page["Subnets"]}
    if missing := [subnet_id for subnet_id in wanted if subnet_id not in found]:
        raise NotFoundError(
            f"network {network.vpc_id!r}: {', '.join(missing)} does not exist in {session.region}.",
            hint="Name subnets of this session's region, or give the session another region.",
        )
    strays = {subnet_id: vpc for subnet_id, item in found.items() if (vpc := item.get("VpcId", "")) != network.vpc_id}
    if strays:
        raise ConflictError(
            f"network {network.vpc_id!r} in {session.region}: "
            + ", ".join(f"{subnet_id} lies in {vpc}" for subnet_id, vpc in strays.items())
            + ".",
            hint="All subnets of a network lie in its VPC: correct vpc_id or subnet_ids.",
        )
    return _described(session, network.vpc_id, [found[subnet_id] for subnet_id in wanted])


def _described(session: Connection, vpc_id: str, subnets: list[SubnetTypeDef]) -> NetworkDescription:
    return structure(NetworkDescription, {"VpcId": vpc_id, "Subnets": subnets}, read_at=session.clock.now())
