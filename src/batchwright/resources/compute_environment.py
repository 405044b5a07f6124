"""A managed compute environment of AWS Batch: where the jobs of its queues run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.declaration import from_session, resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import InUseError, ResourceFailedError
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in
from batchwright.resources import environment_checks as checks
from batchwright.resources.compute_resources import (
    DEFAULT_STRATEGY,
    RESOURCES,
    RULES,
    TYPES,
    LaunchTemplate,
    Side,
    arranged,
    changed_resources,
    is_fargate,
    last_segment,
    launch_template_of,
    rules_between,
)
from batchwright.resources.environment_description import ComputeEnvironmentDescription, described
from batchwright.resources.network import DefaultNetwork, network_legal, network_of
from batchwright.translation import is_missing, says
from batchwright.values import Network, aws_name, mapping, one_of, several, strings, tags_legal, whole
from batchwright.waiting import Patience, States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

    from batchwright.resources.iam_role import IamRole
    from batchwright.resources.instance_profile import InstanceProfile
    from batchwright.resources.security_group import SecurityGroup

PROPAGATING: Final = (
    "sts:AssumeRole",
    "is not authorized to perform",
    "Instance profile",
    "IamFleetRole is invalid",
)
"""What AWS says while a new role or instance profile has not reached all of its servers."""
_IN_A_QUEUE: Final = "JobQueue relationship"
"""What AWS says of an environment that a queue has, or had until some seconds ago."""


def _groups(value: SecurityGroup | str | Iterable[SecurityGroup | str] | None) -> tuple[SecurityGroup | str, ...]:
    return several(value)


@resource(kw_only=True)
class ComputeEnvironment(Resource[ComputeEnvironmentDescription]):
    """A managed compute environment: instances, or Fargate, that Batch starts and stops as jobs need them.

    Most fields change in place. AWS replaces running instances for some of them, which takes 10 to 30 minutes;
    an environment with the strategy BEST_FIT or a service role of its own can only be scaled, enabled and disabled.

    Args:
        type: `"EC2"`, `"SPOT"`, `"FARGATE"` or `"FARGATE_SPOT"`; EC2 and Spot can be exchanged for each other.
        max_vcpus: vCPUs at the most, 1 or more; Batch may exceed it by one instance.
        min_vcpus: vCPUs kept running also without jobs, and paid for; not for Fargate.
        instance_types: Types (`"c6i.large"`), families (`"c6i"`) or bundles (`"optimal"`, `"default_arm64"`), all
            of one CPU architecture; not for Fargate.
        allocation_strategy: AWS's word; by default BEST_FIT_PROGRESSIVE, or SPOT_PRICE_CAPACITY_OPTIMIZED for
            Spot. Not for Fargate.
        network: Where it runs: a network of the session, or a VPC and subnets.
        security_groups: Groups or ids of groups for its instances or tasks; at most 5 for Fargate.
        instance_profile: What its instances may do: a profile, or the name or ARN of one; not for Fargate.
        service_role: The role that Batch works with, in place of its own service-linked one: then nothing but the
            scale can ever be updated.
        launch_template: A template, or the id or name of one; not for Fargate.
        image_type: Which of AWS's images instances start from, such as `"ECS_AL2023_NVIDIA"`; not for Fargate.
        image_id: An AMI for the instances; with `image_type`, for those of that type. Not for Fargate.
        bid_percentage: The highest Spot price in percent of the On-Demand price, 1 to 100; best left out.
        placement_group: The EC2 placement group of the instances; not for Fargate.
        ec2_key_pair: The EC2 key pair that opens the instances to SSH; not for Fargate.
        instance_tags: Tags of the instances, which `tags` do not reach; not for Fargate.
        enabled: Whether jobs are placed here.
    """

    kind: ClassVar[str] = "compute environment"
    _used_by: ClassVar[str] = "job queue"
    states: ClassVar[States] = States(ready=("VALID",), failed=("INVALID",), deleting=("DELETING",), gone=("DELETED",))
    drift_rules: ClassVar[DriftRules] = RULES
    curable: ClassVar[tuple[str, ...]] = PROPAGATING

    name: str = attrs.field(validator=aws_name)
    # AWS takes up to half an hour to replace instances.
    patience: Patience = Patience(timeout_s=2400)
    type: str = attrs.field(default="EC2", validator=one_of(*TYPES))
    max_vcpus: int = attrs.field(default=256, validator=whole(1, float("inf"), "vCPUs"))
    min_vcpus: int = attrs.field(
        default=0, validator=[whole(0, float("inf"), "vCPUs"), checks.under_the_maximum, checks.instances_only]
    )
    instance_types: tuple[str, ...] = attrs.field(default=("optimal",), converter=strings, validator=checks.types_legal)
    allocation_strategy: str | None = attrs.field(default=None, validator=checks.strategy_legal)
    network: Network | DefaultNetwork | None = attrs.field(
        default=None, validator=network_legal, metadata=from_session("network", required=True)
    )
    security_groups: tuple[SecurityGroup | str, ...] = attrs.field(
        default=(),
        converter=_groups,
        validator=checks.groups_legal,
        metadata=from_session("security_group", required=True),
    )
    instance_profile: InstanceProfile | str | None = attrs.field(
        default=None, validator=checks.profile_legal, metadata=from_session("instance_profile")
    )
    service_role: IamRole | str | None = None
    launch_template: LaunchTemplate | None = attrs.field(
        default=None, converter=launch_template_of, validator=checks.instances_only
    )
    image_type: str | None = attrs.field(default=None, validator=checks.instances_only)
    image_id: str | None = attrs.field(default=None, validator=checks.instances_only)
    bid_percentage: int | None = attrs.field(default=None, validator=[whole(1, 100, "percent"), checks.spot_only])
    placement_group: str | None = attrs.field(default=None, validator=checks.instances_only)
    ec2_key_pair: str | None = attrs.field(default=None, validator=checks.instances_only)
    instance_tags: Mapping[str, str] = attrs.field(
        factory=dict[str, str], converter=mapping, validator=[checks.instances_only, tags_legal], hash=False
    )
    enabled: bool = True

    @property
    def is_fargate(self) -> bool:
        """Whether it has no instances of its own."""
        return is_fargate(self.type)

    @property
    def _strategy(self) -> str | None:
        return self.allocation_strategy or DEFAULT_STRATEGY.get(self.type)

    # --- hooks ----------------------------------------------------------------------------------------------------

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        groups = [group if isinstance(group, str) else resolved[group].group_id for group in self.security_groups]
        resources: dict[str, object] = {
            "type": self.type,
            "maxvCpus": self.max_vcpus,
            "subnets": list(network_of(self.network, resolved, self.session).subnet_ids),
            "securityGroupIds": groups,
            **({} if self.is_fargate else self._instances(resolved)),
        }
        role = self.service_role
        return {
            "computeEnvironmentName": self.name,
            "type": "MANAGED",
            "state": "ENABLED" if self.enabled else "DISABLED",
            "computeResources": resources,
            **({"serviceRole": role if isinstance(role, str) else resolved[role].arn} if role else {}),
        }

    def _instances(self, resolved: Resolved) -> dict[str, object]:
        """The members that only instances have."""
        profile = self.instance_profile
        members: dict[str, object] = {
            "minvCpus": self.min_vcpus,
            "instanceTypes": arranged(self.instance_types, self._strategy),
            "allocationStrategy": self._strategy,
            "instanceRole": profile if profile is None or isinstance(profile, str) else resolved[profile].arn,
            "launchTemplate": self.launch_template.to_request() if self.launch_template else None,
            **self._image(),
            "bidPercentage": self.bid_percentage,
            "placementGroup": self.placement_group,
            "ec2KeyPair": self.ec2_key_pair,
            "tags": dict(self.instance_tags) or None,
        }
        return {member: value for member, value in members.items() if value is not None}

    def _image(self) -> dict[str, object]:
        if self.image_type is None:
            return {"imageId": self.image_id}
        override = {"imageIdOverride": self.image_id} if self.image_id else {}
        return {"ec2Configuration": [{"imageType": self.image_type, **override}]}

    def _read(self, resolved: Resolved) -> ComputeEnvironmentDescription | None:
        answer = self.session.batch.describe_compute_environments(computeEnvironments=[self.name])
        found = answer["computeEnvironments"]
        return described(found[0], self.session.clock.now()) if found else None

    def _actual(self, seen: ComputeEnvironmentDescription) -> Mapping[str, object]:
        resources = seen.compute_resources
        if not seen.instance_types:
            return seen.raw
        types = arranged(seen.instance_types, seen.allocation_strategy)
        return {**seen.raw, "computeResources": {**resources, "instanceTypes": types}}

    def _rules_for(self, seen: ComputeEnvironmentDescription) -> DriftRules:
        """What AWS changes in place of the environment that is there."""
        role = self.service_role or ""
        own_role = role if isinstance(role, str) else role.label
        return rules_between(
            Side(type=seen.type, allocation_strategy=seen.allocation_strategy, service_role=seen.service_role),
            Side(type=self.type, allocation_strategy=self._strategy, service_role=own_role),
        )

    def _create(self, request: Mapping[str, object]) -> None:
        # AWS makes enabled environments only; the loop disables it in its next step.
        self.session.batch.create_compute_environment(**cast("Any", {**request, "state": "ENABLED"}))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: ComputeEnvironmentDescription) -> None:
        wanted = cast("Mapping[str, object]", request[RESOURCES])
        changes: dict[str, object] = {
            member: request[member] for member in ("state", "serviceRole") if member in drift.fields
        }
        self._send(seen, {**changes, RESOURCES: changed_resources(wanted, drift, seen.compute_resources)})

    def _is_busy(self, error: ClientError) -> bool:
        # What someone deletes does not exist for an update; it is made anew when it is gone.
        return super()._is_busy(error) or says(error, f"compute-environment/{self.name} does not exist")

    def _cure(self, request: Mapping[str, object], seen: ComputeEnvironmentDescription) -> None:
        self._check_profile(seen)
        wanted = cast("Mapping[str, object]", request[RESOURCES])
        self._send(seen, {"state": request["state"], RESOURCES: {"maxvCpus": wanted["maxvCpus"]}})

    def _check_profile(self, seen: ComputeEnvironmentDescription) -> None:
        """A profile that was only named may not exist at all, and then waiting for IAM is in vain."""
        from botocore.exceptions import ClientError

        profile = self.instance_profile
        if not isinstance(profile, str) or "instance profile" not in seen.status_reason.lower():
            return
        try:
            self.session.iam.get_instance_profile(InstanceProfileName=str(last_segment(profile)))
        except ClientError as error:
            if is_missing(error):
                raise ResourceFailedError(
                    f"{self.label} in {self.session.region} is {seen.status}: {seen.status_reason}",
                    description=seen,
                    resource=self,
                    hint=f"Make the instance profile {profile!r}, or declare an InstanceProfile; then ensure() again.",
                ) from error

    def _check_delete(self, seen: ComputeEnvironmentDescription | None, *, force: bool) -> None:
        if seen is None or force or seen.status == "DELETING":
            return
        if queues := tuple(self._queues()):
            raise InUseError(
                f"{self.label} in {self.session.region} is one of the environments of {', '.join(map(repr, queues))}.",
                users=queues,
                resource=self,
                hint="Delete these job queues with it or before it, or take it out of them; AWS deletes no environment "
                "of a queue.",
            )

    def _queues(self) -> Iterator[str]:
        """The names of the queues that it belongs to, whoever made them."""
        for page in self.session.batch.get_paginator("describe_job_queues").paginate():
            for queue in page["jobQueues"]:
                names = [last_segment(each["computeEnvironment"]) for each in queue["computeEnvironmentOrder"]]
                if self.name in names and queue.get("status") not in ("DELETING", "DELETED"):
                    yield queue["jobQueueName"]

    def _delete(self, seen: ComputeEnvironmentDescription) -> None:
        if seen.state != "DISABLED":
            self._send(seen, {"state": "DISABLED"})
            return
        from botocore.exceptions import ClientError

        try:
            self.session.batch.delete_compute_environment(computeEnvironment=seen.arn)
        except ClientError as error:
            if says(error, _IN_A_QUEUE):  # of one that is going away it passes; somebody may have made a new one since
                self._check_delete(seen, force=False)
            raise

    def _send(self, seen: ComputeEnvironmentDescription, changes: Mapping[str, object]) -> None:
        self.session.batch.update_compute_environment(computeEnvironment=seen.arn, **cast("Any", changes))

    def _tag(self, seen: ComputeEnvironmentDescription, tags: Mapping[str, str]) -> None:
        self.session.batch.tag_resource(resourceArn=seen.arn, tags=dict(tags))

    def _untag(self, seen: ComputeEnvironmentDescription, keys: Collection[str]) -> None:
        self.session.batch.untag_resource(resourceArn=seen.arn, tagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[ComputeEnvironmentDescription]:
        """Every environment of the account's region that the session's namespace made."""
        for page in session.batch.get_paginator("describe_compute_environments").paginate():
            for item in page["computeEnvironments"]:
                is_there = item.get("status") not in cls.states.gone  # AWS shows it for a while
                if is_there and namespace_in(item.get("tags", {})) == session.namespace:
                    yield described(item, session.clock.now())
