"""An IAM role that a service of AWS takes on, with no more rights than it is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

import attrs

from batchwright._wire import Description, pascal, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import ABSENT, Change, Drift, DriftRules
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in, tag_list, tag_mapping
from batchwright.resources.iam_policies import (
    Document,
    Granting,
    canonical,
    canonical_all,
    create_members,
    documents,
    granting,
    grants_legal,
    is_settling,
    own_path,
    path_legal,
    policies_legal,
    policy_arn,
    references_legal,
    role_name,
    service_principal,
    trust_in,
)
from batchwright.translation import is_missing
from batchwright.values import strings

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


@attrs.frozen(kw_only=True)
class IamRoleDescription(Description):
    """What IAM reports of one role: `iam:GetRole` and the calls that list its policies.

    Attributes:
        trust: The document that says who takes it on.
        attached_policies: ARNs of its managed policies.
        inline_policies: Its inline policies, by name.
    """

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)

    arn: str
    name: str = attrs.field(metadata=wire("RoleName"))
    path: str
    trust: Mapping[str, object] = attrs.field(metadata=wire("AssumeRolePolicyDocument"), hash=False)
    attached_policies: tuple[str, ...] = ()
    inline_policies: Mapping[str, Document] = attrs.field(factory=dict[str, Document], hash=False)
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=wire("tags"))


@resource(kw_only=True)
class IamRole(Resource[IamRoleDescription]):
    """A role for a service of AWS; what is not declared here it may not do.

    Roles are one namespace per account, all regions together: default names carry the region. A role of this
    name that was made elsewhere is used as it is, whatever its path.

    Args:
        name: 1 to 64 letters, digits or `_+=,.@-`.
        trusted_service: Who takes it on: `"ecs-tasks.amazonaws.com"` for jobs and their start,
            `"ec2.amazonaws.com"` for instances, `"batch.amazonaws.com"` for Batch itself.
        managed_policies: ARNs, or names of AWS's own such as `"service-role/AWSBatchServiceRole"`.
        inline_policies: Documents by name; one that is taken out of the declaration is deleted.
        access_to: Resources it may use, such as a `StatusTracker`: one inline policy each. These stay when the
            declaration no longer has them, since another region's may live in the same role.
        path: By default `/batchwright/<namespace>/`.
    """

    kind: ClassVar[str] = "IAM role"
    drift_rules: ClassVar[DriftRules] = DriftRules(
        update=("AssumeRolePolicyDocument", "managedPolicies", "inlinePolicies", "grants"), keep=("grants",)
    )

    name: str = attrs.field(validator=role_name)
    trusted_service: str = attrs.field(default="ecs-tasks.amazonaws.com", validator=service_principal)
    managed_policies: tuple[str, ...] = attrs.field(default=(), converter=strings, validator=references_legal)
    inline_policies: Mapping[str, Document] = attrs.field(
        factory=dict[str, Document], converter=documents, validator=policies_legal, hash=False
    )
    access_to: tuple[Granting, ...] = attrs.field(default=(), converter=granting, validator=grants_legal)
    path: str | None = attrs.field(default=None, validator=path_legal)

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        partition = self.session.partition
        policies = {
            # By key, so that a policy taken out of the declaration is known by its name.
            "managedPolicies": {policy_arn(reference, partition): True for reference in self.managed_policies},
            "inlinePolicies": canonical_all(self.inline_policies),
            "grants": canonical_all(dict(item.access_policy() for item in self.access_to)),
        }
        return {
            "RoleName": self.name,
            "Path": self._path,
            "AssumeRolePolicyDocument": canonical(trust_in(self.trusted_service)),
            # An empty member would say that there must be none at all.
            **{member: value for member, value in policies.items() if value},
        }

    @property
    def _path(self) -> str:
        return self.path or own_path(self.session)

    def _actual(self, seen: IamRoleDescription) -> Mapping[str, object]:
        inline = canonical_all(seen.inline_policies)
        return {
            **seen.raw,
            # Where nobody names a path, any will do: the role is found by its name.
            "Path": seen.path if self.path else self._path,
            "AssumeRolePolicyDocument": canonical(seen.trust),
            "managedPolicies": dict.fromkeys(seen.attached_policies, True),
            "inlinePolicies": inline,
            "grants": inline,
        }

    def _tags_of(self, seen: IamRoleDescription) -> Mapping[str, str]:
        return seen.tags

    def _read(self, resolved: Resolved) -> IamRoleDescription | None:
        return read_role(self.session, self.name)

    def _create(self, request: Mapping[str, object]) -> None:
        # The policies are the loop's second step: a role that a crash left without them gets them all the same.
        tags = tag_list(cast("Mapping[str, str]", request["tags"]))
        self.session.iam.create_role(**create_members(request), Tags=cast("Any", tags))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: IamRoleDescription) -> None:
        iam = self.session.iam
        for change in drift:
            member, _, name = change.path.partition(".")
            if member == "AssumeRolePolicyDocument":
                iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=str(change.desired))
            elif member == "managedPolicies":
                act = iam.detach_role_policy if change.desired is ABSENT else iam.attach_role_policy
                act(RoleName=self.name, PolicyArn=name)
            else:
                self._write_inline(name, change)

    def _write_inline(self, name: str, change: Change) -> None:
        if change.desired is ABSENT:
            self.session.iam.delete_role_policy(RoleName=self.name, PolicyName=name)
        else:
            self.session.iam.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=str(change.desired))

    def _is_busy(self, error: ClientError) -> bool:
        return is_settling(error)

    def _delete(self, seen: IamRoleDescription) -> None:
        iam = self.session.iam
        if seen.attached_policies or seen.inline_policies:
            for arn in seen.attached_policies:
                iam.detach_role_policy(RoleName=seen.name, PolicyArn=arn)
            for policy in seen.inline_policies:
                iam.delete_role_policy(RoleName=seen.name, PolicyName=policy)
            return
        for page in iam.get_paginator("list_instance_profiles_for_role").paginate(RoleName=seen.name):
            for profile in page["InstanceProfiles"]:
                iam.remove_role_from_instance_profile(
                    RoleName=seen.name, InstanceProfileName=profile["InstanceProfileName"]
                )
        iam.delete_role(RoleName=seen.name)

    def _tag(self, seen: IamRoleDescription, tags: Mapping[str, str]) -> None:
        self.session.iam.tag_role(RoleName=seen.name, Tags=cast("Any", tag_list(tags)))

    def _untag(self, seen: IamRoleDescription, keys: Collection[str]) -> None:
        self.session.iam.untag_role(RoleName=seen.name, TagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[IamRoleDescription]:
        """Every role below the namespace's own path that the namespace made, whatever the region."""
        pages = session.iam.get_paginator("list_roles").paginate(PathPrefix=own_path(session))
        for name in [role["RoleName"] for page in pages for role in page["Roles"]]:
            seen = read_role(session, name)
            if seen and namespace_in(seen.tags) == session.namespace:
                yield seen


def read_role(session: Connection, name: str) -> IamRoleDescription | None:
    """A role with all its policies, or None where it does not exist, or goes away while it is read."""
    from botocore.exceptions import ClientError

    iam = session.iam
    try:
        role = iam.get_role(RoleName=name)["Role"]
        attached = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        inline = iam.get_paginator("list_role_policies").paginate(RoleName=name)
        return structure(
            IamRoleDescription,
            cast("Any", role),
            read_at=session.clock.now(),
            tags=tag_mapping(cast("Any", role.get("Tags"))),
            attached_policies=tuple(
                item.get("PolicyArn", "") for page in attached for item in page["AttachedPolicies"]
            ),
            inline_policies={
                policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for page in inline
                for policy in page["PolicyNames"]
            },
        )
    except ClientError as error:
        if is_missing(error):
            return None
        raise
