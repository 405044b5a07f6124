"""Environments and queues under moto's own mock, with which users test; it reports less than AWS does."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from batchwright import BatchSession
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.testing import FakeClock
from batchwright.values import Action


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchSession]:
    """A session on moto's mock, in a region of its own."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(config={"batch": {"use_docker": False}}):
        boto3_session = boto3.Session(region_name="eu-central-1")
        with BatchSession("test", boto3_session=boto3_session, clock=FakeClock()) as session:
            yield session


def service_role(session: BatchSession) -> str:
    """moto has no service-linked role, and wants one that exists."""
    return session.iam.create_role(RoleName="service", AssumeRolePolicyDocument=json.dumps({}))["Role"]["Arn"]


def test_the_way_from_nothing_and_back(session: BatchSession) -> None:
    """Made once, found unchanged, switched off and taken away, queue before environment."""
    network = DefaultNetwork(session)
    environment = ComputeEnvironment(
        session,
        name="lab",
        type="FARGATE",
        network=network,
        security_groups=SecurityGroup(session, name="lab", network=network),
        service_role=service_role(session),
    )
    queue = JobQueue(session, name="lab", compute_environments=environment)
    assert queue.ensure().action is Action.CREATED
    assert (environment.ensure().action, queue.ensure().action) == (Action.UNCHANGED, Action.UNCHANGED)
    off = JobQueue(session, name="lab", compute_environments=environment, enabled=False, priority=3)
    assert off.ensure().action is Action.UPDATED
    assert (off.describe().state, off.describe().priority) == ("DISABLED", 3)
    queue.delete()
    environment.delete()
    assert not queue.exists()
    assert not environment.exists()


def test_instances_too(session: BatchSession) -> None:
    """An environment with instances is as declared, as far as moto reports it."""
    session.iam.create_instance_profile(InstanceProfileName="lab")
    network = DefaultNetwork(session)
    environment = ComputeEnvironment(
        session,
        name="lab",
        network=network,
        security_groups=SecurityGroup(session, name="lab", network=network),
        instance_profile=session.iam.get_instance_profile(InstanceProfileName="lab")["InstanceProfile"]["Arn"],
        service_role=service_role(session),
    )
    assert environment.ensure().action is Action.CREATED
    assert environment.ensure().action is Action.UNCHANGED
    assert environment.describe().max_vcpus == 256
