"""What it takes until a new volume can be mounted."""

import threading
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from batchwright import BatchSession
from batchwright.errors import (
    WaitTimeoutError,
)
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_volume import EfsVolume
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.testing import FakeClock
from batchwright.values import Action, Network, OnDrift
from batchwright.waiting import Patience

ZONES = ("us-east-2a", "us-east-2b", "us-east-2c")


def test_a_new_volume_is_encrypted_elastic_and_in_every_zone(
    session: BatchSession, declared: Callable[..., Any], file_systems: Callable[..., Any], targets: Callable[..., Any]
) -> None:
    """One mount target stands in each zone of the network, with our group, and everything is available."""
    seen = declared(session).ensure().description
    (made,) = file_systems(session)
    assert (made["Encrypted"], made["ThroughputMode"], made["Name"]) == (True, "elastic", "scratch")
    assert [target.zone for target in seen.mount_targets] == list(ZONES)
    group_id = declared(session).security_groups[0].describe().group_id
    for target in targets(session, seen.file_system_id):
        assert target["LifeCycleState"] == "available"
        answer = session.efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])
        assert answer["SecurityGroups"] == [group_id]
    assert (seen.status, seen.status_reason, seen.backup) == ("available", "", False)


def test_any_region_will_do(aws: InProcessAws, declared: Callable[..., Any]) -> None:
    """The zones come from the region's own network."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    with BatchSession("test", boto3_session=aws.boto3_session("eu-central-1"), clock=clock) as session:
        seen = declared(session).ensure().description
    assert [target.zone for target in seen.mount_targets] == ["eu-central-1a", "eu-central-1b", "eu-central-1c"]


def test_a_volume_is_ready_when_its_dns_name_is(
    session: BatchSession,
    aws: InProcessAws,
    declared: Callable[..., Any],
    file_systems: Callable[..., Any],
    targets: Callable[..., Any],
) -> None:
    """ensure() returns 90 seconds after the last mount target became available, and waits no second time."""
    available_at: list[float] = []

    def look(**_: object) -> None:
        made = [target for found in file_systems(other) for target in targets(other, found["FileSystemId"])]
        if not available_at and made and all(target["LifeCycleState"] == "available" for target in made):
            available_at.append(aws.clock.now())

    other = BatchSession("other", boto3_session=aws.boto3_session())
    session.efs.meta.events.register("before-call.efs.DescribeMountTargets", look)
    declared(session).ensure()
    waited = aws.clock.now() - available_at[0]
    assert 90 <= waited < 120
    slept = len(session.clock.slept)  # type: ignore[attr-defined]
    declared(session).ensure()
    assert len(session.clock.slept) == slept  # type: ignore[attr-defined]


def test_the_reason_for_waiting_is_told(session: BatchSession, aws: InProcessAws, declared: Callable[..., Any]) -> None:
    """Whoever loses patience reads which part is not ready yet."""
    volume = declared(session)
    seen: list[str] = []
    for _ in range(60):
        with pytest.raises(WaitTimeoutError) as caught:
            attrs.evolve(volume, patience=Patience(timeout_s=0.001)).ensure()
        seen.append(str(caught.value))
        aws.advance(3)
        if "DNS" in seen[-1]:
            break
    assert any("mount target fsmt-" in text and "us-east-2a is creating" in text for text in seen)
    assert "DNS name is given" in seen[-1]


def test_two_processes_at_once_make_one_volume(
    aws: InProcessAws, declared: Callable[..., Any], file_systems: Callable[..., Any]
) -> None:
    """Both end with the same file system, and one of them says that it made it."""
    network = DefaultNetwork(BatchSession("test", boto3_session=aws.boto3_session()))
    group = SecurityGroup(network.session, name="lab", network=network).ensure().description.group_id
    results: list[Any] = []
    ready = threading.Barrier(2, timeout=30)

    def process() -> None:
        clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
        mine = BatchSession("test", boto3_session=aws.boto3_session(), clock=clock)
        ready.wait()
        results.append(declared(mine, network=DefaultNetwork(mine), security_groups=group).ensure())

    threads = [threading.Thread(target=process) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(file_systems(network.session)) == 1
    assert len({result.description.file_system_id for result in results}) == 1
    assert len(results) == 2


def test_a_creation_that_came_second_is_no_error(
    session: BatchSession, declared: Callable[..., Any], file_systems: Callable[..., Any]
) -> None:
    """AWS's 409 for a known token leads to another look, not to a second volume."""
    volume = declared(session)
    volume.network.ensure()
    beaten: list[str] = []

    def first(params: dict[str, Any], **_: object) -> None:
        if not beaten:
            beaten.append("made")
            other.create_file_system(CreationToken=volume.creation_token, Encrypted=True, ThroughputMode="elastic")

    other = session.boto3_session.client("efs", region_name=session.region)
    session.efs.meta.events.register("before-parameter-build.efs.CreateFileSystem", first)
    ensured = volume.ensure(on_drift=OnDrift.UPDATE)
    assert beaten == ["made"]
    assert len(file_systems(session)) == 1
    assert ensured.action is not Action.CREATED


@pytest.mark.parametrize(("namespace", "name"), [("lab", "x" * 200), ("lab", "données"), ("n" * 24, "y" * 39)])
def test_the_token_is_one_and_the_same_and_fits(namespace: str, name: str) -> None:
    """It is the same in every process, differs from its neighbours, and is 64 ASCII characters at most."""
    network = Network(vpc_id="vpc-1", subnet_ids=("subnet-1",))

    def token(namespace: str, name: str) -> str:
        session = BatchSession(namespace, region="us-east-2")
        return EfsVolume(session, name=name, network=network, security_groups="sg-1").creation_token

    assert token(namespace, name) == token(namespace, name)
    assert token(namespace, name) not in (token(namespace, name[:-1] + "z"), token("other", name))
    assert len(token(namespace, name)) <= 64
    assert token(namespace, name).isascii()
