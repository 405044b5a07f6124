"""What a session's factories fill in: inert declarations, made once, named after the namespace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from typing import Final, cast

from batchwright.connection import Connection
from batchwright.declaration import Declaration
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.iam_policies import canonical, policy_to_read
from batchwright.resources.iam_role import IamRole
from batchwright.resources.instance_profile import InstanceProfile
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.resources.status_tracker import StatusTracker
from batchwright.resources.stored_secret import StoredSecret
from batchwright.values import SECRET_ARN, Secret

ECS_INSTANCE_POLICY: Final = "service-role/AmazonEC2ContainerServiceforEC2Role"
ECS_EXECUTION_POLICY: Final = "service-role/AmazonECSTaskExecutionRolePolicy"
FARGATE: Final = ("FARGATE", "FARGATE_SPOT")


class Defaults:
    """One declaration of every supporting kind.

    IAM's names are global, so those carry the region too.
    """

    def __init__(self, session: Connection) -> None:
        self._session = session

    @property
    def _name(self) -> str:
        return f"batchwright-{self._session.namespace}"

    @cached_property
    def network(self) -> DefaultNetwork:
        """The region's default VPC."""
        return DefaultNetwork(self._session)

    @cached_property
    def security_group(self) -> SecurityGroup:
        """Lets its members reach each other, which is what mounting a volume takes, and nobody else in."""
        return SecurityGroup(self._session, name=self._name, network=self.network)

    @cached_property
    def instance_role(self) -> IamRole:
        """What ECS's agent on an instance may do."""
        return IamRole(
            self._session,
            name=f"{self._name}-{self._session.region}-instance",
            # The one service of those here whose principal is another one in China.
            trusted_service="ec2.amazonaws.com" + (".cn" if self._session.region.startswith("cn-") else ""),
            managed_policies=(ECS_INSTANCE_POLICY,),
        )

    @cached_property
    def instance_profile(self) -> InstanceProfile:
        """Carries the instance role to the instances."""
        return InstanceProfile(
            self._session, name=f"{self._name}-{self._session.region}-instance", role=self.instance_role
        )

    @cached_property
    def tracker(self) -> StatusTracker:
        """The table in which this namespace's submissions are kept."""
        return StatusTracker(self._session, name=f"{self._name}-jobs")

    @cached_property
    def job_role(self) -> IamRole:
        """What the code in a container may do: write its own status."""
        return IamRole(self._session, name=f"{self._name}-{self._session.region}-job", access_to=(self.tracker,))

    @cached_property
    def execution_role(self) -> IamRole:
        """What ECS may do to start a container: pull its image and write its log."""
        return IamRole(
            self._session,
            name=f"{self._name}-{self._session.region}-execution",
            managed_policies=(ECS_EXECUTION_POLICY,),
        )

    def execution_role_for(self, secrets: object) -> IamRole:
        """The execution role that may read just these secrets, which AWS's own policy does not let it.

        Args:
            secrets: By variable, a `StoredSecret`, `Secret` or an ARN; of anything else the definition says what is
                wrong with it.
        """
        given = cast("Mapping[str, object]", secrets) if isinstance(secrets, Mapping) else dict[str, object]()
        stored = {item.full_name + item.store: item for item in given.values() if isinstance(item, StoredSecret)}
        others = [item for item in given.values() if not isinstance(item, StoredSecret)]
        arns = {item.arn if isinstance(item, Secret) else str(item) for item in others}
        if not given or not all(SECRET_ARN.fullmatch(arn) for arn in arns):
            return self.execution_role
        policy = policy_to_read(arns)
        known_by = [policy, *sorted((*item._identity(), item.kms_key_arn or "") for item in stored.values())]
        digest = hashlib.sha256(canonical(known_by if stored else policy).encode()).hexdigest()[:7]
        return IamRole(
            self._session,
            name=f"{self._name}-{self._session.region}-exec-{digest}",
            managed_policies=(ECS_EXECUTION_POLICY,),
            inline_policies={"batchwright-secrets": policy} if arns else {},
            access_to=tuple(stored[key] for key in sorted(stored)),
        )

    @cached_property
    def compute_environment(self) -> ComputeEnvironment:
        """On-demand EC2 instances, none while nothing runs."""
        return ComputeEnvironment(
            self._session,
            name=self._name,
            network=self.network,
            security_groups=(self.security_group,),
            instance_profile=self.instance_profile,
        )

    @cached_property
    def job_queue(self) -> JobQueue:
        """The queue of the default environment."""
        return JobQueue(self._session, name=self._name, compute_environments=(self.compute_environment,))

    @cached_property
    def fargate_queue(self) -> JobQueue:
        """A queue of its own for Fargate, which cannot share one with EC2."""
        environment = ComputeEnvironment(
            self._session,
            name=f"{self._name}-fargate",
            type="FARGATE",
            network=self.network,
            security_groups=(self.security_group,),
        )
        return JobQueue(self._session, name=f"{self._name}-fargate", compute_environments=(environment,))

    def fill(self, default: str, given: Mapping[str, object]) -> Declaration | None:
        """The declaration for a field that the caller left out, or None where it does not apply.

        Args:
            default: The name of one of these defaults.
            given: The fields that the caller did give.
        """
        if default == "instance_profile" and given.get("type") in FARGATE:
            return None
        if default == "execution_role" and given.get("platform") != "FARGATE" and not given.get("secrets"):
            return None
        if default == "execution_role":
            return self.execution_role_for(given.get("secrets"))
        if default == "job_queue" and getattr(given.get("definition"), "platform", "EC2") == "FARGATE":
            return self.fargate_queue
        value: Declaration = getattr(self, default)
        return value
