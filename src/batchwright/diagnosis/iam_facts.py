"""What IAM tells of roles and instance profiles."""

from __future__ import annotations

from typing import Any, Final, cast

from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.rights import Document
from batchwright.diagnosis.subjects import name_in

ROLE: Final = "iam:GetRole"
PROFILE: Final = "iam:GetInstanceProfile"
ATTACHED: Final = "iam:ListAttachedRolePolicies"
INLINE: Final = "iam:ListRolePolicies"
INLINE_DOCUMENT: Final = "iam:GetRolePolicy"
POLICY: Final = "iam:GetPolicy"
VERSION: Final = "iam:GetPolicyVersion"
POLICIES: Final = (ATTACHED, INLINE, INLINE_DOCUMENT, POLICY, VERSION)
"""The actions by which all policies of a role are read."""


def profile_of(facts: Facts, ref: str) -> Document | None:
    """An instance profile by name or ARN, with its roles; None where it does not exist."""
    name = name_in(ref)
    iam = facts.session.iam
    return facts.fact(
        PROFILE, name, lambda: cast("Document", iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"])
    )


def role_of(facts: Facts, ref: str) -> Document | None:
    """A role by name or ARN; None where it does not exist."""
    name = name_in(ref)
    return facts.fact(ROLE, name, lambda: cast("Document", facts.session.iam.get_role(RoleName=name)["Role"]))


def attached_to(facts: Facts, role: str) -> tuple[str, ...]:
    """The ARNs of a role's managed policies."""

    def read() -> tuple[str, ...]:
        pages = facts.session.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
        return tuple(each.get("PolicyArn", "") for page in pages for each in page["AttachedPolicies"])

    return facts.fact(ATTACHED, role, read) or ()


def documents_of(facts: Facts, role: str) -> tuple[Document, ...]:
    """All policy documents of a role, inline and managed."""

    def names() -> tuple[str, ...]:
        pages = facts.session.iam.get_paginator("list_role_policies").paginate(RoleName=role)
        return tuple(name for page in pages for name in page["PolicyNames"])

    inline = [_inline(facts, role, name) for name in facts.fact(INLINE, role, names) or ()]
    managed = [_managed(facts, arn) for arn in attached_to(facts, role)]
    return tuple(document for document in (*inline, *managed) if document is not None)


def _inline(facts: Facts, role: str, name: str) -> Document | None:
    def read() -> Document:
        answer: Any = facts.session.iam.get_role_policy(RoleName=role, PolicyName=name)
        return cast("Document", answer["PolicyDocument"])

    return facts.fact(INLINE_DOCUMENT, (role, name), read)


def _managed(facts: Facts, arn: str) -> Document | None:
    iam = facts.session.iam
    version = facts.fact(POLICY, arn, lambda: iam.get_policy(PolicyArn=arn)["Policy"].get("DefaultVersionId", ""))

    def read() -> Document:
        answer: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version or "")
        return cast("Document", answer["PolicyVersion"]["Document"])

    return facts.fact(VERSION, arn, read) if version else None


def is_of_account(ref: str, arn: str) -> bool:
    """Whether what `ref` names lies in the account of what `arn` names: what others have cannot be looked at."""
    return not ref.startswith("arn:") or ref.split(":")[4] == arn.split(":")[4]


def not_allowed(role: str, actions: tuple[str, ...]) -> str:
    """The evidence that a role lacks rights."""
    return f"{INLINE_DOCUMENT}, {VERSION}: no policy of {role} allows {', '.join(actions)}"
