"""Why AWS cannot change a field in place, and what to do instead: as data, by kind and path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, cast

import attrs

from batchwright.drift import ABSENT, Drift, empty, look_up, matches

Tree = Mapping[str, object]
WAY_OUT: Final = "Declare it under a new name, move to that one what uses it, and delete this one; or delete it first."
_NEW_RUN: Final = "Give it another name, or run=2 to submit it again on purpose."
_COPY_DATA: Final = "Declare another volume, copy the data, and delete this one."


@attrs.frozen
class Fixed:
    """Something that AWS does not change in place.

    Attributes:
        kind: Of which kind of resource.
        paths: At which paths of the request; a pattern covers all below it.
        why: AWS's rule, in a sentence.
        source: Where AWS says so.
        when: Whether the rule is about this one, by its request and by what AWS reports.
        way_out: What to do.
    """

    kind: str
    paths: tuple[str, ...]
    why: str
    source: str
    when: Callable[[Tree, Tree], bool] = attrs.field(default=lambda wanted, actual: True, kw_only=True)
    way_out: str = attrs.field(default=WAY_OUT, kw_only=True)


def _resources(tree: Tree) -> Tree:
    return cast("Tree", tree.get("computeResources") or {})


def _is_fargate(tree: Tree) -> bool:
    return str(_resources(tree).get("type", "")).startswith("FARGATE")


def _is_best_fit(tree: Tree) -> bool:
    return not _is_fargate(tree) and _resources(tree).get("allocationStrategy", "BEST_FIT") == "BEST_FIT"


def _has_own_role(tree: Tree) -> bool:
    role = tree.get("serviceRole")
    return bool(role) and "/aws-service-role/" not in str(role)


_ENVIRONMENT: Final = "compute environment"
_UPDATES: Final = "https://docs.aws.amazon.com/batch/latest/userguide/infrastructure-updates.html"
_API: Final = "https://docs.aws.amazon.com/batch/latest/APIReference/"
_EFS: Final = "https://docs.aws.amazon.com/efs/latest/"
FIXED: Final = (
    Fixed(
        _ENVIRONMENT,
        ("serviceRole",),
        "AWS exchanges one service role for another, never its service-linked role for one of yours, nor back.",
        f"{_API}API_UpdateComputeEnvironment.html",
    ),
    Fixed(
        _ENVIRONMENT,
        ("computeResources.type",),
        "An environment of instances never becomes one of Fargate, nor the other way round.",
        _UPDATES,
        when=lambda wanted, actual: _is_fargate(wanted) != _is_fargate(actual),
    ),
    Fixed(
        _ENVIRONMENT,
        ("computeResources",),
        "Between an environment of instances and one of Fargate, AWS changes nothing but scale and state.",
        _UPDATES,
        when=lambda wanted, actual: _is_fargate(wanted) != _is_fargate(actual),
    ),
    Fixed(
        _ENVIRONMENT,
        ("computeResources",),
        "Of a Fargate environment AWS changes scale, subnets, security groups and state only.",
        "https://docs.aws.amazon.com/batch/latest/userguide/scaling-updates.html",
        when=lambda wanted, actual: _is_fargate(actual),
    ),
    Fixed(
        _ENVIRONMENT,
        ("computeResources",),
        "An environment with a service role of its own can only be scaled, enabled and disabled.",
        _UPDATES,
        when=lambda wanted, actual: _has_own_role(actual) or _has_own_role(wanted),
    ),
    Fixed(
        _ENVIRONMENT,
        ("computeResources",),
        "AWS changes no strategy to or from BEST_FIT; such an environment can only be scaled, enabled and disabled.",
        _UPDATES,
        when=lambda wanted, actual: _is_best_fit(actual) or _is_best_fit(wanted),
    ),
    Fixed(
        "job queue",
        ("schedulingPolicyArn",),
        "A queue that was made without a scheduling policy stays first in, first out.",
        f"{_API}API_CreateJobQueue.html",
        when=lambda wanted, actual: empty(look_up(actual, "schedulingPolicyArn")),
    ),
    Fixed(
        "job queue",
        ("schedulingPolicyArn",),
        "The scheduling policy of a queue can be replaced by another one, never taken away.",
        f"{_API}API_CreateJobQueue.html",
    ),
    Fixed(
        "EFS volume",
        ("Encrypted", "KmsKeyId"),
        "Encryption and its key are set when a file system is made.",
        f"{_EFS}ug/encryption-at-rest.html",
        way_out=_COPY_DATA,
    ),
    Fixed(
        "EFS volume",
        ("PerformanceMode",),
        "The performance mode is set when a file system is made.",
        f"{_EFS}APIReference/API_CreateFileSystem.html",
        way_out=_COPY_DATA,
    ),
    Fixed(
        "EFS volume",
        ("AvailabilityZoneName",),
        "Whether a file system is kept in one zone, and in which, is set when it is made.",
        f"{_EFS}APIReference/API_CreateFileSystem.html",
        way_out=_COPY_DATA,
    ),
    Fixed(
        "IAM role",
        ("Path",),
        "IAM has no call that moves a role to another path.",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html",
    ),
    Fixed(
        "security group",
        ("Description", "GroupName", "VpcId"),
        "EC2 sets name, description and VPC of a security group when it is made.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/creating-security-groups.html",
    ),
    Fixed(
        "status tracker",
        ("KeySchema",),
        "DynamoDB sets the key of a table when it is made.",
        "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html",
    ),
    Fixed(
        "stored secret",
        ("Type",),
        "Parameter Store changes no parameter into one of another type.",
        "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html",
    ),
    Fixed(
        "consumable resource",
        ("resourceType",),
        "Whether units come back after a job is set when a consumable resource is made.",
        f"{_API}API_UpdateConsumableResource.html",
    ),
    Fixed(
        "state machine",
        ("type",),
        "Step Functions sets the type of a state machine when it is made.",
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html",
    ),
    Fixed(
        "job",
        ("wish",),
        "Another declaration was submitted under this name, and AWS cannot change a submitted job.",
        f"{_API}API_SubmitJob.html",
        way_out=_NEW_RUN,
    ),
)
"""The first one that fits counts."""


@attrs.frozen
class Reason:
    """Why some differences cannot be made to go away.

    Attributes:
        why: AWS's rules, one a sentence.
        way_out: What to do instead.
        sources: Where AWS says so.
    """

    why: tuple[str, ...]
    way_out: str
    sources: tuple[str, ...]


def reason_for(kind: str, drift: Drift, actual: Tree) -> Reason:
    """Why AWS cannot change what differs, as far as its documentation says so.

    Args:
        kind: The kind of the resource.
        drift: What differs.
        actual: What AWS reports, in the shape of the request.
    """
    replacing = drift.replacing
    wanted = _with(actual, replacing)
    rules = dict.fromkeys(
        rule for change in replacing if (rule := _rule(kind, change.path, wanted, actual)) is not None
    )
    way_out = next((rule.way_out for rule in rules if rule.way_out != WAY_OUT), WAY_OUT)
    sources = dict.fromkeys(rule.source for rule in rules)
    return Reason(tuple(rule.why for rule in rules), way_out, tuple(sources))


def _rule(kind: str, path: str, wanted: Tree, actual: Tree) -> Fixed | None:
    return next(
        (rule for rule in FIXED if rule.kind == kind and matches(path, rule.paths) and rule.when(wanted, actual)), None
    )


def _with(actual: Tree, drift: Drift) -> Tree:
    """What AWS would report if the differences were gone, as far as the rules look: two levels deep."""
    wanted: dict[str, object] = dict(actual)
    for change in drift:
        head, _, rest = change.path.partition(".")
        value = None if change.desired is ABSENT else change.desired
        if rest:
            wanted[head] = {**cast("Tree", wanted.get(head) or {}), rest: value}
        else:
            wanted[head] = value
    return wanted
