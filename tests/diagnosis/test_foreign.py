"""What is broken and another's: a fix that goes by `ensure()` says so, and done as it says it heals."""

import pytest

from batchwright import BatchSession, OnDrift
from batchwright.local.in_process import InProcessAws

from .breaking import BREAKS, World
from .breaks_efs import theirs
from .breaks_roles import SPOT_POLICY


@pytest.fixture
def world(session: BatchSession, aws: InProcessAws) -> World:
    return World(aws, session)


def test_what_another_namespace_has_made(world: World) -> None:
    """`ensure()` leaves it, so the fix names the way that heals; their own session needs none."""
    world.queue.ensure()
    world.session.batch.update_job_queue(jobQueue="lab", state="DISABLED")
    world.session.batch.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    world.aws.advance(100)
    own = world.queue.diagnose()
    assert not [each for each in own if "OnDrift" in each.fix]
    other = World(world.aws, BatchSession("other", boto3_session=world.aws.boto3_session(), clock=world.session.clock))
    other.session.ensure(other.queue)
    found = {each.rule: each.fix for each in other.queue.diagnose()}
    assert "compute environment 'lab' was not made in namespace 'other'" in found["environment-disabled"]
    assert "job queue 'lab' was not made in namespace 'other'" in found["queue-disabled"]
    assert "on_drift=OnDrift.UPDATE" in found["environment-disabled"]
    other.environment.ensure(on_drift=OnDrift.UPDATE)
    other.queue.ensure(on_drift=OnDrift.UPDATE)
    assert not other.queue.diagnose()


def test_a_volume_that_somebody_else_has_made(world: World) -> None:
    """To wait for it `ensure()` will do, and for its mount targets it will not."""
    theirs(world.session)
    volume = world.session.efs_volume(name="theirs")
    (young,) = volume.diagnose()
    assert (young.rule, "OnDrift" in young.fix) == ("file-system-not-available", False)
    world.aws.advance(60)
    (bare,) = volume.diagnose()
    assert (bare.rule, "OnDrift" in bare.fix) == ("mount-target-none", True)


@pytest.mark.parametrize(
    ("rule", "name", "service", "policies"),
    [
        ("service-role-unusable", "for-batch", "batch", ()),
        ("spot-fleet-role-unusable", "fleet", "spotfleet", (SPOT_POLICY.partition(":policy/")[2],)),
    ],
)
def test_a_role_that_somebody_else_has_made(
    world: World, rule: str, name: str, service: str, policies: tuple[str, ...]
) -> None:
    """The fix heals as it is said."""
    subject = BREAKS[rule](world)
    top = world.session.diagnose(subject).top
    assert top is not None
    assert "ensure(on_drift=OnDrift.UPDATE)" in top.fix
    role = world.session.iam_role(name=name, trusted_service=f"{service}.amazonaws.com", managed_policies=policies)
    role.ensure(on_drift=OnDrift.UPDATE)
    assert not world.session.diagnose(subject)
