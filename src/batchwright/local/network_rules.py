"""AWS's rules for EC2's networks around moto's."""

import threading
from collections.abc import Callable, Set

import attrs

from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward
from batchwright.local.refused import refusal
from batchwright.local.surroundings import ec2_filter
from batchwright.local.ways_out import lead_out, with_black_holes


@attrs.define(kw_only=True, eq=False)
class NetworkRules:
    """Default groups let their members reach each other, default VPCs lead out, and routes tell whether they still do.

    A group that is in use cannot be deleted.

    Args:
        clients: How to look at moto's EC2.
        held_groups: Tells the groups of a region that something else still holds, such as a mount target that is
            being deleted.
    """

    clients: InnerClients
    held_groups: Callable[[str], Set[str]]
    service: str = "ec2"
    _known: set[str] = attrs.field(factory=set[str], alias="known")
    _lock: threading.Lock = attrs.field(factory=threading.Lock, alias="lock")

    def reset(self) -> None:
        """Forget which regions have been seen."""
        with self._lock:
            self._known.clear()

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of EC2."""
        with self._lock:
            is_new = call.region not in self._known
            self._known.add(call.region)
        if is_new:
            self._complete(call.region)
        form = call.form()
        action = form.get("Action")
        refused = self._undeletable(call.region, form.get("GroupId", "")) if action == "DeleteSecurityGroup" else None
        if refused is not None:
            return refused
        answer = forward(call)
        if answer.is_success and action == "CreateVpc":
            self._let_members_in(call.region)
        if answer.is_success and action == "CreateDefaultVpc":
            self._complete(call.region)
        if answer.is_success and action == "DescribeRouteTables":
            return with_black_holes(self.clients.ec2(call.region), answer)
        return answer

    def _complete(self, region: str) -> None:
        """Give default groups and default VPCs what AWS gives them and moto does not."""
        self._let_members_in(region)
        lead_out(self.clients.ec2(region))

    def _let_members_in(self, region: str) -> None:
        """Give every default group the rule that admits its own members."""
        client = self.clients.ec2(region)
        for group in client.describe_security_groups(Filters=[ec2_filter("group-name", "default")])["SecurityGroups"]:
            group_id = group.get("GroupId", "")
            if not group.get("IpPermissions"):
                client.authorize_security_group_ingress(
                    GroupId=group_id, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group_id}]}]
                )

    def _undeletable(self, region: str, group_id: str) -> Answer | None:
        client = self.clients.ec2(region)
        by_group = ec2_filter("group-id", group_id)
        for group in client.describe_security_groups(Filters=[by_group])["SecurityGroups"]:
            if group.get("GroupName") == "default":
                message = f'the specified group: "{group_id}" name: "default" cannot be deleted by a user'
                return refusal("CannotDelete", message, service="ec2")
        by_reference = ec2_filter("ip-permission.group-id", group_id)
        referring = client.describe_security_groups(Filters=[by_reference])["SecurityGroups"]
        is_used = (
            group_id in self.held_groups(region)
            or client.describe_network_interfaces(Filters=[by_group])["NetworkInterfaces"]
            or any(group.get("GroupId") != group_id for group in referring)
        )
        message = f"resource {group_id} has a dependent object"
        return refusal("DependencyViolation", message, service="ec2") if is_used else None
