"""Rules of the roles of a compute environment: of its instances, of Batch itself, and of Spot fleets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.batch_facts import ENVIRONMENTS, environment_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.foreign import OTHERS
from batchwright.diagnosis.iam_facts import (
    POLICIES,
    PROFILE,
    ROLE,
    attached_to,
    documents_of,
    is_of_account,
    not_allowed,
    profile_of,
    role_of,
)
from batchwright.diagnosis.network_facts import is_eks
from batchwright.diagnosis.rights import Document, lacking, trusts
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import EnvironmentSubject
from batchwright.findings import Finding, error, warning
from batchwright.resources.environment_description import ComputeEnvironmentDescription

_INSTANCE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/instance_IAM_role.html"
_AGENT: Final = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html"
_LINKED: Final = "https://docs.aws.amazon.com/batch/latest/userguide/using-service-linked-roles.html"
_SERVICE: Final = "https://docs.aws.amazon.com/batch/latest/userguide/invalid_compute_environment.html"
_SPOT: Final = "https://docs.aws.amazon.com/batch/latest/userguide/spot_fleet_IAM_role.html"
ECS_POLICY: Final = "service-role/AmazonEC2ContainerServiceforEC2Role"
SPOT_POLICY: Final = "service-role/AmazonEC2SpotFleetTaggingRole"
AGENT_ACTIONS: Final = (
    "ecs:DiscoverPollEndpoint",
    "ecs:Poll",
    "ecs:RegisterContainerInstance",
    "ecs:SubmitContainerStateChange",
    "ecs:SubmitTaskStateChange",
)
"""What the agent on an instance cannot do without: to register, to take jobs, to tell of them."""
LOG_ACTIONS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
"""What writes a job's log, as jobs do by default."""
PULL_ACTIONS: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
)
"""What takes an image out of a private repository of ECR."""
_NEEDED: Final = (
    (error, AGENT_ACTIONS, "lacks rights of the ECS agent: they cannot register, or take no jobs"),
    (warning, LOG_ACTIONS, "cannot write logs: a job whose log goes to CloudWatch Logs, as by default, does not start"),
    (warning, PULL_ACTIONS, "cannot pull images from ECR"),
)
"""What is missing counts in this order, since the first has the widest effect."""
_LINKED_PATH: Final = "/aws-service-role/"


def _instance_role(facts: Facts, subject: EnvironmentSubject) -> Document | None:
    """The role of an environment's instances; None where there is none."""
    seen = environment_of(facts, subject.name)
    profile = profile_of(facts, seen.instance_role) if seen and seen.instance_role else None
    return next(iter(profile["Roles"]), None) if profile else None


@rule(
    "instance-profile-missing",
    of=EnvironmentSubject,
    says="the instance profile of the compute environment does not exist",
    actions=(ENVIRONMENTS, PROFILE),
    source=_INSTANCE,
)
def profile_missing(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """No instance is launched without it."""
    seen = environment_of(facts, subject.name)
    if seen and seen.instance_role and profile_of(facts, seen.instance_role) is None:
        yield error(
            f"{subject.label}: its instance profile {seen.instance_role} does not exist, so no instance is launched.",
            f"{PROFILE}: no such profile",
            fix="Make it: ensure() on the InstanceProfile, or on the environment that declares it.",
        )


@rule(
    "instance-profile-empty",
    of=EnvironmentSubject,
    says="the instance profile of the compute environment holds no role",
    actions=(ENVIRONMENTS, PROFILE),
    source=_INSTANCE,
)
def profile_empty(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """The agent on an instance then has no rights at all."""
    seen = environment_of(facts, subject.name)
    profile = profile_of(facts, seen.instance_role) if seen and seen.instance_role else None
    if seen and profile and not profile["Roles"]:
        yield error(
            f"{subject.label}: its instance profile {profile['InstanceProfileName']} holds no role, so its instances "
            "cannot register with ECS.",
            f"{PROFILE}: Roles is empty",
            fix="Put the instance role into it: ensure() on the InstanceProfile does.",
        )


@rule(
    "instance-role-trust",
    of=EnvironmentSubject,
    says="the role of the instances does not trust ec2.amazonaws.com",
    actions=(ENVIRONMENTS, PROFILE),
    source=_AGENT,
)
def instance_trust(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """EC2 takes the role on for an instance."""
    role = _instance_role(facts, subject)
    if role and not trusts(role.get("AssumeRolePolicyDocument") or {}, "ec2.amazonaws.com"):
        yield error(
            f"{subject.label}: the role {role['RoleName']} of its instances does not trust ec2.amazonaws.com, so they "
            "get no rights and cannot register with ECS.",
            f"{PROFILE}: the trust policy of {role['RoleName']} names no ec2.amazonaws.com",
            fix=f'Let EC2 take it on: trusted_service="ec2.amazonaws.com", and ensure() on the role{OTHERS}.',
        )


@rule(
    "instance-role-rights",
    of=EnvironmentSubject,
    says="the role of the instances lacks rights of the ECS agent",
    actions=(ENVIRONMENTS, PROFILE, *POLICIES),
    source=_AGENT,
)
def instance_rights(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """AWS's own policy, or another one with the same rights."""
    role = _instance_role(facts, subject)
    seen = environment_of(facts, subject.name)
    if role is None or seen is None or is_eks(seen):
        return
    if any(arn.endswith(f":aws:policy/{ECS_POLICY}") for arn in attached_to(facts, role["RoleName"])):
        return
    documents = documents_of(facts, role["RoleName"])
    fix = (
        f"Attach AWS's policy {ECS_POLICY} to the role {role['RoleName']}: ensure() on the default instance role does."
    )
    for say, actions, so_that in _NEEDED:
        if missing := lacking(documents, actions):
            yield say(
                f"{subject.label}: the role {role['RoleName']} of its instances {so_that}.",
                not_allowed(role["RoleName"], missing),
                fix=fix,
            )
            return


def _service_role(facts: Facts, seen: ComputeEnvironmentDescription | None) -> tuple[str, Document | None]:
    """The role that Batch takes on, and what IAM says of it."""
    ref = seen.service_role if seen else ""
    return ref, role_of(facts, ref) if ref else None


@rule(
    "service-linked-role-missing",
    of=EnvironmentSubject,
    says="Batch's own service-linked role does not exist",
    actions=(ENVIRONMENTS, ROLE),
    source=_LINKED,
)
def linked_role_missing(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Batch can do nothing in the account without a role."""
    ref, role = _service_role(facts, environment_of(facts, subject.name))
    if _LINKED_PATH in ref and role is None:
        yield error(
            f"{subject.label}: Batch's service-linked role does not exist, so Batch can launch and end nothing.",
            f"{ENVIRONMENTS}: serviceRole {ref}",
            f"{ROLE}: no such role",
            fix="Run `aws iam create-service-linked-role --aws-service-name batch.amazonaws.com`.",
        )


@rule(
    "service-role-unusable",
    of=EnvironmentSubject,
    says="the service role of the compute environment does not exist, or does not trust Batch",
    actions=(ENVIRONMENTS, ROLE),
    source=_SERVICE,
)
def service_role_unusable(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """A role of the account's own that Batch cannot take on."""
    seen = environment_of(facts, subject.name)
    if seen is None or _LINKED_PATH in seen.service_role or not is_of_account(seen.service_role, seen.arn):
        return
    ref, role = _service_role(facts, seen)
    if ref and role is None:
        yield error(
            f"{subject.label}: its service role {ref} does not exist, so Batch can launch and end nothing.",
            f"{ROLE}: no such role",
            fix="Make a role of that name again; a new environment needs no service_role: Batch then uses its own.",
        )
    elif role and not trusts(role.get("AssumeRolePolicyDocument") or {}, "batch.amazonaws.com"):
        yield error(
            f"{subject.label}: its service role {role['RoleName']} does not trust batch.amazonaws.com.",
            f"{ROLE}: the trust policy of {role['RoleName']} names no batch.amazonaws.com",
            fix=f'Let Batch take it on: trusted_service="batch.amazonaws.com", and ensure() on the role{OTHERS}.',
        )


@rule(
    "spot-fleet-role-unusable",
    of=EnvironmentSubject,
    says="the Spot fleet role does not exist, does not trust spotfleet.amazonaws.com, or cannot tag instances",
    actions=(ENVIRONMENTS, ROLE, *POLICIES),
    source=_SPOT,
)
def spot_role_unusable(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Spot with BEST_FIT goes through Spot fleets."""
    seen = environment_of(facts, subject.name)
    ref = str(seen.compute_resources.get("spotIamFleetRole") or "") if seen else ""
    if not seen or not ref or seen.type != "SPOT" or not is_of_account(ref, seen.arn):
        return
    role = role_of(facts, ref)
    fix = (
        f"Declare it with trusted_service='spotfleet.amazonaws.com' and managed_policies=['{SPOT_POLICY}'], and call "
        f"ensure() on it{OTHERS}."
    )
    if role is None:
        yield error(f"{subject.label}: its Spot fleet role {ref} does not exist.", f"{ROLE}: no such role", fix=fix)
    elif not trusts(role.get("AssumeRolePolicyDocument") or {}, "spotfleet.amazonaws.com"):
        yield error(
            f"{subject.label}: its Spot fleet role {role['RoleName']} does not trust spotfleet.amazonaws.com.",
            f"{ROLE}: the trust policy of {role['RoleName']} names no spotfleet.amazonaws.com",
            fix=fix,
        )
    elif missing := lacking(documents_of(facts, role["RoleName"]), ("ec2:RunInstances", "ec2:CreateTags")):
        yield warning(
            f"{subject.label}: its Spot fleet role {role['RoleName']} lacks rights; instances that it cannot tag are "
            "not scaled down.",
            not_allowed(role["RoleName"], missing),
            fix=fix,
        )
