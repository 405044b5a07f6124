"""The instance profile that carries a role to the instances of a compute environment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright._wire import Description, pascal, structure, wire
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import ConflictError
from batchwright.lifecycle import Resource
from batchwright.outcome import Resolved
from batchwright.ownership import namespace_in, tag_list, tag_mapping
from batchwright.resources.iam_policies import create_members, is_settling, own_path, profile_name
from batchwright.resources.iam_role import IamRole
from batchwright.translation import is_missing
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_iam.type_defs import InstanceProfileTypeDef

CLOCKS_DIFFER_S: Final = 60.0
"""A profile from further in the future says that this machine's clock is slow, and nothing about its age."""


@attrs.frozen(kw_only=True)
class InstanceProfileDescription(Description):
    """What `iam:GetInstanceProfile` reports; IAM allows one role in it.

    Its status is our own word: PROPAGATING while it may not be known outside IAM, ACTIVE from then on.
    """

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)

    arn: str
    name: str = attrs.field(metadata=wire("InstanceProfileName"))
    path: str
    role_names: tuple[str, ...] = ()
    create_date: dt.datetime | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=wire("tags"))


@resource(kw_only=True)
class InstanceProfile(Resource[InstanceProfileDescription]):
    """An instance profile with one role in it, which EC2 and SPOT environments need: new accounts have none.

    Args:
        name: 1 to 128 letters, digits or `_+=,.@-`; one namespace per account, all regions together.
        role: The role of the instances; it trusts `ec2.amazonaws.com`.
    """

    kind: ClassVar[str] = "instance profile"
    states: ClassVar[States] = States(ready=("ACTIVE",))
    drift_rules: ClassVar[DriftRules] = DriftRules(update=("Roles",))

    name: str = attrs.field(validator=profile_name)
    role: IamRole

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {"InstanceProfileName": self.name, "Path": own_path(self.session), "Roles": [self.role.name]}

    def _actual(self, seen: InstanceProfileDescription) -> Mapping[str, object]:
        # It is found by its name: any path will do.
        return {**seen.raw, "Path": own_path(self.session), "Roles": list(seen.role_names)}

    def _tags_of(self, seen: InstanceProfileDescription) -> Mapping[str, str]:
        return seen.tags

    def _read(self, resolved: Resolved) -> InstanceProfileDescription | None:
        return _read_profile(self.session, self.name)

    def _create(self, request: Mapping[str, object]) -> None:
        # The role goes in with the loop's second step, which also mends a profile that a crash left empty.
        tags = tag_list(cast("Mapping[str, str]", request["tags"]))
        members = {key: value for key, value in create_members(request).items() if key != "Roles"}
        self.session.iam.create_instance_profile(**members, Tags=cast("Any", tags))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: InstanceProfileDescription) -> None:
        if seen.role_names:
            raise ConflictError(
                f"{self.label} holds role {seen.role_names[0]!r} and not {self.role.name!r}: IAM allows one.",
                resource=self,
                hint=f"Declare it with role {seen.role_names[0]!r}, give it another name, or take that role out with "
                f"`aws iam remove-role-from-instance-profile --instance-profile-name {self.name} "
                f"--role-name {seen.role_names[0]}`; then ensure() again.",
            )
        self.session.iam.add_role_to_instance_profile(InstanceProfileName=self.name, RoleName=self.role.name)

    def _is_busy(self, error: ClientError) -> bool:
        return is_settling(error)

    def _delete(self, seen: InstanceProfileDescription) -> None:
        for name in seen.role_names:
            self.session.iam.remove_role_from_instance_profile(InstanceProfileName=seen.name, RoleName=name)
        if not seen.role_names:
            self.session.iam.delete_instance_profile(InstanceProfileName=seen.name)

    def _tag(self, seen: InstanceProfileDescription, tags: Mapping[str, str]) -> None:
        self.session.iam.tag_instance_profile(InstanceProfileName=seen.name, Tags=cast("Any", tag_list(tags)))

    def _untag(self, seen: InstanceProfileDescription, keys: Collection[str]) -> None:
        self.session.iam.untag_instance_profile(InstanceProfileName=seen.name, TagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[InstanceProfileDescription]:
        """Every profile below the namespace's own path that the namespace made, whatever the region."""
        path = own_path(session)
        pages = session.iam.get_paginator("list_instance_profiles").paginate(PathPrefix=path)
        found = [profile for page in pages for profile in page["InstanceProfiles"] if profile["Path"].startswith(path)]
        for profile in found:
            seen = _read_profile(session, profile["InstanceProfileName"])
            if seen and namespace_in(seen.tags) == session.namespace:
                yield seen


def _read_profile(session: Connection, name: str) -> InstanceProfileDescription | None:
    from botocore.exceptions import ClientError

    try:
        profile = session.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    except ClientError as error:
        if is_missing(error):
            return None
        raise
    status, reason = _status(session, profile)
    return structure(
        InstanceProfileDescription,
        cast("Any", profile),
        read_at=session.clock.now(),
        status=status,
        status_reason=reason,
        role_names=tuple(role["RoleName"] for role in profile["Roles"]),
        tags=tag_mapping(cast("Any", profile.get("Tags"))),
    )


def _status(session: Connection, profile: InstanceProfileTypeDef) -> tuple[str, str]:
    """An environment that names a profile too early becomes INVALID, and is longer in mending than in waiting."""
    age_s = session.clock.now() - profile["CreateDate"].timestamp()
    left_s = session.iam_propagation_s - max(age_s, 0.0)
    is_known = age_s < -CLOCKS_DIFFER_S or session.is_on_this_machine(session.iam)
    if not profile["Roles"] or is_known or left_s <= 0:
        return "ACTIVE", ""
    return "PROPAGATING", f"it is new, and is given {left_s:.0f} s more to be known outside IAM"
