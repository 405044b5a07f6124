"""A security group whose members reach each other, and that nobody else can enter."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright._wire import Description, pascal, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import from_session, resource
from batchwright.drift import Drift, DriftRules
from batchwright.lifecycle import BUSY, Resource
from batchwright.outcome import Resolved
from batchwright.ownership import NAMESPACE_TAG, tag_list, tag_mapping
from batchwright.resources.network import DefaultNetwork, network_legal, network_of
from batchwright.translation import says
from batchwright.values import Network, matching

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_ec2.type_defs import IpPermissionOutputTypeDef, SecurityGroupTypeDef

_LEGAL: Final = r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"
_group_name = matching(
    re.compile(r"(?!sg-)(?! )" + _LEGAL + r"(?<! )"),
    "1 to 255 letters, digits, spaces or ._-:/()#,@[]+=&;{}!$*, not starting with 'sg-', no space at the ends",
)
_group_text = matching(re.compile(_LEGAL), "1 to 255 letters, digits, spaces or ._-:/()#,@[]+=&;{}!$*")


@attrs.frozen(kw_only=True)
class SecurityGroupDescription(Description):
    """What `ec2:DescribeSecurityGroups` reports of one group."""

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)
    _live: ClassVar[tuple[str, ...]] = ("group_id", "vpc_id")

    group_id: str
    name: str = attrs.field(metadata=wire("GroupName"))
    vpc_id: str
    description: str = ""
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=wire("tags"))

    @property
    def arn(self) -> str:
        """Its ARN; an empty string where boto3 is too old to tell."""
        return str(self.raw.get("SecurityGroupArn", ""))

    @property
    def lets_members_in(self) -> bool:
        """Whether its members reach each other on every port, which EFS and multi-container jobs need."""
        rules = cast("list[IpPermissionOutputTypeDef]", self.raw.get("IpPermissions", []))
        pairs = [pair for rule in rules if rule.get("IpProtocol") == "-1" for pair in rule.get("UserIdGroupPairs", [])]
        return any(pair.get("GroupId") == self.group_id for pair in pairs)


@resource(kw_only=True)
class SecurityGroup(Resource[SecurityGroupDescription]):
    """A security group, known by its VPC and name, with all traffic from its own members and none from outside.

    Rules that others add stay. A group that this namespace did not make is used as it is, the VPC's own
    `"default"` for example.

    Args:
        network: Whose VPC it lies in.
        description: 1 to 255 characters; AWS cannot change it.
    """

    kind: ClassVar[str] = "security group"
    drift_rules: ClassVar[DriftRules] = DriftRules(update=("LetsMembersIn",))

    name: str = attrs.field(validator=_group_name)
    network: Network | DefaultNetwork | None = attrs.field(
        default=None, validator=network_legal, metadata=from_session("network", required=True)
    )
    description: str = attrs.field(default="Made by batchwright: members reach each other", validator=_group_text)

    def _identity(self) -> tuple[object, ...]:
        # Every VPC has names of its own.
        return (self.kind, self.name, self.network)

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        vpc_id = network_of(self.network, resolved, self.session).vpc_id
        return {"GroupName": self.name, "Description": self.description, "VpcId": vpc_id, "LetsMembersIn": True}

    def _actual(self, seen: SecurityGroupDescription) -> Mapping[str, object]:
        return {**seen.raw, "LetsMembersIn": seen.lets_members_in}

    def _tags_of(self, seen: SecurityGroupDescription) -> Mapping[str, str]:
        return seen.tags

    def _read(self, resolved: Resolved) -> SecurityGroupDescription | None:
        vpc_id = network_of(self.network, resolved, self.session).vpc_id
        by_name = {"vpc-id": vpc_id, "group-name": self.name}
        # A filter takes * for anything, and a name may hold one.
        return next((seen for seen in _described(self.session, by_name) if seen.name == self.name), None)

    def _create(self, request: Mapping[str, object]) -> None:
        tags = tag_list(cast("Mapping[str, str]", request["tags"]))
        members = {key: value for key, value in request.items() if key not in ("tags", "LetsMembersIn")}
        specification = {"ResourceType": "security-group", "Tags": tags}
        self.session.ec2.create_security_group(**cast("Any", members), TagSpecifications=[cast("Any", specification)])

    def _update(self, request: Mapping[str, object], drift: Drift, seen: SecurityGroupDescription) -> None:
        # The rule names the group's own id, so that it can only come after the group: the loop's second step.
        self.session.ec2.authorize_security_group_ingress(
            GroupId=seen.group_id,
            IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": seen.group_id}]}],
        )

    def _is_busy(self, error: ClientError) -> bool:
        # EC2 shows a new group in some answers before others.
        return says(error, *BUSY, "InvalidGroup.NotFound")

    def _delete(self, seen: SecurityGroupDescription) -> None:
        self.session.ec2.delete_security_group(GroupId=seen.group_id)

    def _tag(self, seen: SecurityGroupDescription, tags: Mapping[str, str]) -> None:
        self.session.ec2.create_tags(Resources=[seen.group_id], Tags=cast("Any", tag_list(tags)))

    def _untag(self, seen: SecurityGroupDescription, keys: Collection[str]) -> None:
        self.session.ec2.delete_tags(Resources=[seen.group_id], Tags=[{"Key": key} for key in keys])

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[SecurityGroupDescription]:
        """Every group of the account's region that the session's namespace made."""
        yield from _described(session, {f"tag:{NAMESPACE_TAG}": session.namespace})


def _described(session: Connection, filters: Mapping[str, str]) -> Iterator[SecurityGroupDescription]:
    pages = session.ec2.get_paginator("describe_security_groups").paginate(
        Filters=[{"Name": name, "Values": [value]} for name, value in filters.items()]
    )
    for page in pages:
        for item in page["SecurityGroups"]:
            yield _description(item, session.clock.now())


def _description(item: SecurityGroupTypeDef, read_at: float) -> SecurityGroupDescription:
    tags = tag_mapping(cast("Any", item.get("Tags")))
    return structure(SecurityGroupDescription, cast("Any", item), read_at=read_at, tags=tags)
