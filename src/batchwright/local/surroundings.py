"""What our own rules need to know of EC2 and IAM: subnets, groups, roles and their ages."""

import re
from typing import TYPE_CHECKING

import attrs
from botocore.exceptions import ClientError

from batchwright.local.inner_clients import InnerClients
from batchwright.local.messages import Answer, Call
from batchwright.local.neighbour_rules import Forward
from batchwright.local.refused import refusal
from batchwright.local.server_clock import ServerClock
from batchwright.local.service_linked_roles import (
    create_service_linked_role,
    delete_service_linked_role,
    make_role_of_batch,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

_LONG_AGO_S = 86_400.0


@attrs.define(kw_only=True, eq=False)
class Births:
    """When roles and instance profiles were made, by the server's clock; moto's own dates follow the machine's."""

    clock: ServerClock
    _at: dict[tuple[str, str], float] = attrs.field(factory=dict[tuple[str, str], float], alias="at")

    def record(self, kind: str, name: str) -> None:
        """Remember that the role or instance profile was made, or got its role, now."""
        self._at[kind, name] = self.clock.now()

    def age_s(self, kind: str, name: str) -> float:
        """Return its age; what was made unseen is a day old."""
        born_at = self._at.get((kind, name))
        return _LONG_AGO_S if born_at is None else self.clock.now() - born_at

    def reset(self) -> None:
        """Forget everything."""
        self._at.clear()


@attrs.frozen(kw_only=True)
class MotoWorld:
    """Answers Batch's questions, and those of the EFS rules, from moto's EC2 and IAM."""

    clients: InnerClients
    births: Births

    def instance_profile_age_s(self, region: str, name_or_arn: str) -> float | None:
        """Return how many seconds ago the instance profile was made or got its role, None where it does not exist."""
        name = name_or_arn.rpartition("/")[2]
        try:
            found = self.clients.iam().get_instance_profile(InstanceProfileName=name)
        except ClientError:
            return None
        is_other = name_or_arn.startswith("arn:") and found["InstanceProfile"]["Arn"] != name_or_arn
        return None if is_other else self.births.age_s("instance-profile", name)

    def role_age_s(self, arn: str) -> float | None:
        """Return how many seconds ago the role was made, None where it does not exist."""
        name = arn.rpartition("/")[2]
        try:
            found = self.clients.iam().get_role(RoleName=name)
        except ClientError:
            return None
        is_other = arn.startswith("arn:") and found["Role"]["Arn"] != arn
        return None if is_other else self.births.age_s("role", name)

    def make_service_linked_role(self) -> None:
        """Make the role that Batch has for itself, where it is not there yet."""
        make_role_of_batch(self.clients.iam())

    def subnet_exists(self, region: str, subnet_id: str) -> bool:
        """Return whether the subnet exists in the region."""
        return self.subnet(region, subnet_id) is not None

    def security_group_exists(self, region: str, group_id: str) -> bool:
        """Return whether the security group exists in the region."""
        wanted = ec2_filter("group-id", group_id)
        return bool(self.clients.ec2(region).describe_security_groups(Filters=[wanted])["SecurityGroups"])

    def subnet(self, region: str, subnet_id: str) -> dict[str, str] | None:
        """Return the subnet's AvailabilityZone and VpcId, None where it does not exist."""
        wanted = ec2_filter("subnet-id", subnet_id)
        for found in self.clients.ec2(region).describe_subnets(Filters=[wanted])["Subnets"]:
            return {"AvailabilityZone": found.get("AvailabilityZone", ""), "VpcId": found.get("VpcId", "")}
        return None

    def default_group(self, region: str, vpc_id: str) -> str | None:
        """Return the id of the VPC's default security group."""
        wanted = [ec2_filter("vpc-id", vpc_id), ec2_filter("group-name", "default")]
        groups = self.clients.ec2(region).describe_security_groups(Filters=wanted)["SecurityGroups"]
        return groups[0].get("GroupId") if groups else None


def ec2_filter(name: str, value: str) -> "FilterTypeDef":
    """Return EC2's filter for one value."""
    return {"Name": name, "Values": [value]}


@attrs.frozen(kw_only=True)
class IamRules:
    """Remembers when roles and instance profiles were made, names Batch's own role, and refuses where moto fails."""

    births: Births
    clients: InnerClients
    service: str = "iam"

    def reset(self) -> None:
        """Forget everything."""
        self.births.reset()

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of IAM."""
        form = call.form()
        if form.get("Action") == "CreateServiceLinkedRole":
            return create_service_linked_role(call, forward, self.clients.iam())
        if form.get("Action") == "DeleteServiceLinkedRole":
            return delete_service_linked_role(call, forward, self.clients.iam())
        try:
            answer = forward(call)
        except ValueError:
            if form.get("Action") != "RemoveRoleFromInstanceProfile":
                raise
            message = f"Instance profile {form.get('InstanceProfileName')} does not hold role {form.get('RoleName')}."
            return refusal("NoSuchEntity", message, status=404, service=self.service)
        if answer.is_success and form.get("Action") == "CreateRole":
            self.births.record("role", form.get("RoleName", ""))
        if answer.is_success and form.get("Action") in {"CreateInstanceProfile", "AddRoleToInstanceProfile"}:
            self.births.record("instance-profile", form.get("InstanceProfileName", ""))
        return answer


@attrs.frozen(kw_only=True)
class StsRules:
    """The caller is a user of the account; moto's own has the ARN of no real identity."""

    service: str = "sts"

    def reset(self) -> None:
        """Nothing is remembered."""

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of STS."""
        answer = forward(call)
        body = re.sub(rb"arn:aws:sts::(\d+):user/moto", rb"arn:aws:iam::\1:user/local", answer.body)
        return attrs.evolve(answer, body=body)
