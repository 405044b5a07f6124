"""What ensure() does about an INVALID environment: wait where it passes, say so where it does not."""

from typing import Any, cast

import pytest

from batchwright import BatchSession
from batchwright.errors import ResourceFailedError
from batchwright.local.in_process import InProcessAws
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.values import Action


def lab(session: BatchSession, **fields: object) -> ComputeEnvironment:
    """An environment with instances, unless `fields` say otherwise."""
    network = DefaultNetwork(session)
    group = SecurityGroup(session, name="lab", network=network)
    said = {"name": "lab", "instance_profile": "lab", "network": network, "security_groups": group, **fields}
    return ComputeEnvironment(session, **cast("Any", said))


@pytest.fixture(autouse=True)
def profile(session: BatchSession, aws: InProcessAws) -> None:
    """An instance profile `lab` made long ago."""
    session.iam.create_instance_profile(InstanceProfileName="lab")
    aws.advance(3600)


def test_a_new_profile_that_has_not_spread_is_waited_for(session: BatchSession) -> None:
    """INVALID for a reason that passes ends in VALID, without a call of the user's."""
    session.iam.create_instance_profile(InstanceProfileName="new")
    ensured = lab(session, instance_profile="new").ensure()
    assert (ensured.action, ensured.description.status) == (Action.CREATED, "VALID")


def test_a_profile_that_does_not_exist_is_not_waited_for(session: BatchSession) -> None:
    """The error has AWS's reason and says what to make; afterwards the same call goes on."""
    environment = lab(session, instance_profile="ecsInstanceRole")
    started = session.clock.now()
    with pytest.raises(ResourceFailedError, match="Make the instance profile 'ecsInstanceRole'") as caught:
        environment.ensure()
    assert "Instance profile ecsInstanceRole does not exist" in str(caught.value)
    assert session.clock.now() - started < 120
    session.iam.create_instance_profile(InstanceProfileName="ecsInstanceRole")
    assert environment.ensure().description.status == "VALID"


def test_a_failure_that_stays_ends_the_wait(session: BatchSession) -> None:
    """An INVALID environment ends the wait at once with AWS's reason, and can be deleted."""
    broken = lab(session, security_groups="sg-0123")
    with pytest.raises(ResourceFailedError, match="security group 'sg-0123' does not exist") as caught:
        broken.ensure()
    assert caught.value.description.status == "INVALID"
    broken.delete()
    assert not broken.exists()


def test_a_failed_environment_is_mended_by_a_better_declaration(session: BatchSession) -> None:
    """ensure() with the right group makes the INVALID environment VALID."""
    with pytest.raises(ResourceFailedError):
        lab(session, security_groups="sg-0123").ensure()
    ensured = lab(session).ensure()
    assert (ensured.action, ensured.description.status) == (Action.UPDATED, "VALID")
