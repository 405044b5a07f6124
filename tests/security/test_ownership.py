"""What a namespace did not make it does not take away, overwrite or take over without being told to."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.errors import NotOwnedError
from batchwright.lifecycle import Resource
from batchwright.local.in_process import InProcessAws
from batchwright.ownership import NAMESPACE_TAG, OWNER_TAG
from batchwright.values import OnDrift

from .conftest import session_of

Declare = Callable[[BatchSession], Resource[Any]]


def _role(session: BatchSession) -> Any:  # noqa: ANN401  # of either session
    return session.iam_role(name="shared", trusted_service="ec2.amazonaws.com", path="/shared/")


def _group(session: BatchSession) -> Any:  # noqa: ANN401  # of either session
    return session.security_group(name="shared")


def _environment(session: BatchSession) -> Any:  # noqa: ANN401  # of either session
    profile = session.instance_profile(name="shared", role=_role(session))
    return session.compute_environment(name="shared", security_groups=_group(session), instance_profile=profile)


KINDS: dict[str, Declare] = {
    "job queue": lambda session: session.job_queue(name="shared", compute_environments=_environment(session)),
    "compute environment": _environment,
    "scheduling policy": lambda session: session.scheduling_policy(name="shared"),
    "job definition": lambda session: session.job_definition(
        name="shared", image="busybox", job_role=None, command=[session.namespace]
    ),
    "EFS volume": lambda session: session.efs_volume(name="shared", security_groups=_group(session), retain=False),
    "status tracker": lambda session: session.status_tracker(name="shared", retain=False),
    "security group": _group,
    "instance profile": lambda session: session.instance_profile(name="shared", role=_role(session)),
    "IAM role": _role,
}


@pytest.fixture(scope="module")
def owner(house: InProcessAws) -> BatchSession:
    """The namespace that made one of each kind."""
    owner = session_of(house, "owner")
    owner.ensure(*(declare(owner) for declare in KINDS.values()))
    return owner


@pytest.fixture
def other(house: InProcessAws, owner: BatchSession) -> BatchSession:
    """Another namespace, which declares the same names."""
    return session_of(house, "other")


@pytest.mark.parametrize("declare", KINDS.values(), ids=KINDS)
def test_another_namespaces_thing_is_not_deleted(
    house: InProcessAws, owner: BatchSession, other: BatchSession, declare: Declare
) -> None:
    """delete() refuses before its first call that writes, alone and among others."""
    theirs = declare(other)
    before = declare(owner).describe()
    house.calls.clear()
    with pytest.raises(NotOwnedError, match="namespace 'other'"):
        theirs.delete()
    with pytest.raises(ExceptionGroup) as caught:
        other.delete(theirs)
    assert {type(error) for error in caught.value.exceptions} == {NotOwnedError}
    assert not [call for _, call in house.calls if not call.startswith(("Describe", "List", "Get"))]
    assert declare(owner).describe() == before


@pytest.mark.parametrize("declare", KINDS.values(), ids=KINDS)
def test_an_update_on_request_leaves_whose_it_is(owner: BatchSession, other: BatchSession, declare: Declare) -> None:
    """Told to bring a foreign thing into line, ensure() keeps the tags that say whose it is."""
    before = _tags(declare(owner))
    declare(other).ensure(on_drift=OnDrift.UPDATE)
    after = _tags(declare(owner))
    kept = (NAMESPACE_TAG, OWNER_TAG)
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    with pytest.raises(NotOwnedError):
        declare(other).delete()


def _tags(resource: Resource[Any]) -> dict[str, str]:
    return dict(resource._tags_of(resource.describe()))


def test_the_default_group_of_a_vpc_is_not_deleted(other: BatchSession) -> None:
    """The VPC's own group is used as it is, without a rule added, and never deleted."""
    group = other.security_group(name="default")
    before = group.describe().raw["IpPermissions"]
    assert not group.ensure().owned
    with pytest.raises(NotOwnedError):
        group.delete()
    assert group.describe().raw["IpPermissions"] == before


def test_a_role_that_someone_else_prepared_is_reported_and_given_nothing(other: BatchSession) -> None:
    """A role of the right name with another trust is told as drift, gets no right from us, and can be corrected."""
    role = other.defaults.job_role
    anyone = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [anyone]})
    other.iam.create_role(RoleName=role.name, Path="/elsewhere/", AssumeRolePolicyDocument=trust)
    report = other.ensure(role)
    assert not report[role].owned
    assert "AssumeRolePolicyDocument" in report[role].drift.paths
    assert "found, not ours" in str(report)
    assert role.describe().inline_policies == {}
    with pytest.raises(NotOwnedError):
        role.delete()
    role.ensure(on_drift=OnDrift.UPDATE)
    assert "*" not in json.dumps(role.describe().trust)
    role.delete(force=True)
