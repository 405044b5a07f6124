"""The contract of compute environments of every type, and what counts as a difference."""

from typing import Any, cast

import pytest

from batchwright import BatchSession
from batchwright.errors import InUseError, ReplacementRequiredError
from batchwright.lifecycle import Resource, as_resource
from batchwright.local.in_process import InProcessAws
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.compute_resources import LaunchTemplate
from batchwright.resources.job_queue import JobQueue
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.testing import ResourceContract, evolved
from batchwright.values import Action, Network, OnDrift

ROLE = "arn:aws:iam::123456789012:role/own"


def group(session: BatchSession, name: str = "lab") -> SecurityGroup:
    """A group in the default VPC."""
    return SecurityGroup(session, name=name, network=DefaultNetwork(session))


def lab(session: BatchSession, **fields: object) -> ComputeEnvironment:
    """An environment with instances, unless `fields` say otherwise."""
    surroundings = {"network": DefaultNetwork(session), "security_groups": group(session)}
    said = {"name": "lab", "instance_profile": "lab", **surroundings, **fields}
    return ComputeEnvironment(session, **cast("Any", said))


def fargate(session: BatchSession, **fields: object) -> ComputeEnvironment:
    """An environment on Fargate."""
    return lab(session, **{"type": "FARGATE", "instance_profile": None, **fields})


def one_subnet(session: BatchSession) -> Network:
    """The default VPC with one of its subnets."""
    default = DefaultNetwork(session).describe()
    return Network(vpc_id=default.vpc_id, subnet_ids=default.subnet_ids[:1])


def two_groups(session: BatchSession) -> tuple[SecurityGroup, ...]:
    """The usual group and another."""
    return group(session), group(session, "other")


def raw(session: BatchSession, name: str = "lab") -> dict[str, Any]:
    """What AWS reports."""
    (found,) = session.batch.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
    return dict(found)


@pytest.fixture(autouse=True)
def profile(session: BatchSession, aws: InProcessAws) -> None:
    """An instance profile `lab` and a role `own`, made long ago."""
    session.iam.create_instance_profile(InstanceProfileName="lab")
    session.iam.create_role(RoleName="own", AssumeRolePolicyDocument="{}")
    aws.advance(3600)


class OfSession:
    """Mixed into the contract: values that need a session are given as functions of it."""

    def changed(self, resource: Resource[Any], field: str, value: object) -> Resource[Any]:
        changed = evolved(resource, **{field: value(resource.session) if callable(value) else value})
        for dependency in changed.dependencies():
            as_resource(dependency).ensure()  # a declaration's drift needs what it depends on
        return changed


class TestEc2(OfSession, ResourceContract):
    """An environment on demand changes in place in all that AWS lets change."""

    mutable = {
        "type": "SPOT",
        "max_vcpus": 64,
        "min_vcpus": 2,
        "instance_types": ("c6i", "m6i.large"),
        "allocation_strategy": "BEST_FIT_PROGRESSIVE_ORDERED",
        "network": one_subnet,
        "security_groups": two_groups,
        "launch_template": "lt-0123",
        "image_type": "ECS_AL2023_NVIDIA",
        "image_id": "ami-0123",
        "placement_group": "together",
        "ec2_key_pair": "door",
        "instance_tags": {"Name": "batch.instance", "a": "b"},
        "enabled": False,
        "tags": {"project": "reads"},
    }
    immutable = {"service_role": ROLE}

    def declare(self, session: BatchSession) -> ComputeEnvironment:
        return lab(session)


class TestSpot(OfSession, ResourceContract):
    """An environment of Spot instances changes in place too."""

    mutable = {
        "type": "EC2",
        "bid_percentage": 60,
        "allocation_strategy": "SPOT_CAPACITY_OPTIMIZED_PRIORITIZED",
        "instance_types": ("r6i",),
    }

    def declare(self, session: BatchSession) -> ComputeEnvironment:
        return lab(session, type="SPOT")


class TestFargate(OfSession, ResourceContract):
    """An environment on Fargate changes its size and its network, and nothing else."""

    mutable = {
        "max_vcpus": 64,
        "network": one_subnet,
        "security_groups": two_groups,
        "enabled": False,
        "tags": {"project": "reads"},
    }
    immutable = {"type": "FARGATE_SPOT", "service_role": ROLE}

    def declare(self, session: BatchSession) -> ComputeEnvironment:
        return fargate(session)


class TestBestFit(OfSession, ResourceContract):
    """An environment with BEST_FIT can be scaled, and never rebuilt."""

    mutable = {"max_vcpus": 64, "min_vcpus": 2, "enabled": False}
    immutable = {
        "allocation_strategy": "BEST_FIT_PROGRESSIVE",
        "instance_types": ("c6i",),
        "image_id": "ami-0123",
        "launch_template": LaunchTemplate(name="mine", version="3"),
        "network": one_subnet,
    }

    def declare(self, session: BatchSession) -> ComputeEnvironment:
        return lab(session, allocation_strategy="BEST_FIT")


class TestOwnServiceRole(OfSession, ResourceContract):
    """An environment with a service role of its own can be scaled, and never rebuilt."""

    mutable = {"max_vcpus": 64}
    immutable = {"instance_types": ("c6i",), "service_role": None, "ec2_key_pair": "door"}

    def declare(self, session: BatchSession) -> ComputeEnvironment:
        return lab(session, service_role=ROLE)


def test_the_defaults_can_be_updated_later(session: BatchSession) -> None:
    """On demand and Spot have a strategy that AWS updates, and no Spot fleet role."""
    lab(session).ensure()
    lab(session, name="spot", type="SPOT").ensure()
    resources = {name: raw(session, name)["computeResources"] for name in ("lab", "spot")}
    assert resources["lab"]["allocationStrategy"] == "BEST_FIT_PROGRESSIVE"
    assert resources["spot"]["allocationStrategy"] == "SPOT_PRICE_CAPACITY_OPTIMIZED"
    assert "spotIamFleetRole" not in resources["spot"]


def test_it_lies_in_every_zone_of_the_default_network(session: BatchSession) -> None:
    """Subnets and groups arrive as ids, and the description is flat."""
    seen = lab(session, max_vcpus=32).ensure().description
    assert seen.subnets == DefaultNetwork(session).describe().subnet_ids
    assert seen.security_group_ids == (group(session).describe().group_id,)
    assert (seen.type, seen.status, seen.state, seen.max_vcpus) == ("EC2", "VALID", "ENABLED", 32)


def test_what_batch_itself_scales_is_no_drift(session: BatchSession, aws: InProcessAws) -> None:
    """desiredvCpus moves with the load and is neither compared nor sent."""
    lab(session).ensure()
    session.batch.update_compute_environment(computeEnvironment="lab", computeResources={"desiredvCpus": 16})
    aws.advance(60)
    assert lab(session).describe().desired_vcpus == 16
    assert not lab(session).drift()
    lab(session, max_vcpus=32).ensure()
    assert lab(session).describe().desired_vcpus == 16


def test_the_order_of_subnets_groups_and_types_says_nothing(session: BatchSession) -> None:
    """The same members in another order are no drift, unless the strategy goes by the order."""
    default = DefaultNetwork(session).describe()
    lab(session, security_groups=two_groups(session), instance_types=["m6i", "c6i"]).ensure()
    other = Network(vpc_id=default.vpc_id, subnet_ids=default.subnet_ids[::-1])
    groups = two_groups(session)[::-1]
    assert not lab(session, network=other, security_groups=groups, instance_types=["c6i", "m6i"]).drift()

    ordered = {"name": "ordered", "allocation_strategy": "BEST_FIT_PROGRESSIVE_ORDERED"}
    lab(session, instance_types=["m6i", "c6i"], **ordered).ensure()
    drift = lab(session, instance_types=["c6i", "m6i"], **ordered).drift()
    assert drift.paths == ("computeResources.instanceTypes",)


def test_a_profile_named_by_its_arn_is_the_same_profile(session: BatchSession) -> None:
    """AWS takes a name and an ARN, so one for the other is no drift."""
    lab(session).ensure()
    arn = session.iam.get_instance_profile(InstanceProfileName="lab")["InstanceProfile"]["Arn"]
    assert not lab(session, instance_profile=arn).drift()


def test_tags_that_others_gave_the_instances_stay(session: BatchSession, aws: InProcessAws) -> None:
    """Only declared tags are set, and only tags declared before are removed."""
    lab(session, instance_tags={"a": "1", "b": "2"}).ensure()
    tags = {"a": "1", "b": "2", "cost.center": "42"}
    session.batch.update_compute_environment(computeEnvironment="lab", computeResources={"tags": tags})
    aws.advance(60)
    lab(session, instance_tags={"a": "3"}).ensure()
    assert raw(session)["computeResources"]["tags"] == {"a": "3", "cost.center": "42"}


def test_the_difference_says_that_it_needs_a_replacement(session: BatchSession) -> None:
    """Whether a field can change depends on the environment that is there, also when nothing is written."""
    lab(session, allocation_strategy="BEST_FIT").ensure()
    drift = lab(session, instance_types=["c6i"], max_vcpus=8).drift()
    assert drift.paths == (
        "computeResources.maxvCpus",
        "computeResources.instanceTypes",
        "computeResources.allocationStrategy",
    )
    assert drift.replacing.paths == drift.paths[1:]


def test_instances_and_fargate_cannot_be_exchanged(session: BatchSession) -> None:
    """The error names the type, and the environment stays as it was."""
    lab(session).ensure()
    with pytest.raises(ReplacementRequiredError, match=r"computeResources\.type: 'EC2' -> 'FARGATE'"):
        fargate(session).ensure()
    assert raw(session)["computeResources"]["type"] == "EC2"


def test_an_environment_in_use_is_deleted_once_its_queue_is_gone(session: BatchSession) -> None:
    """AWS deletes no environment of a queue, whoever insists, so that nobody waits for it."""
    environment = lab(session)
    queue = JobQueue(session, name="lab", compute_environments=environment)
    queue.ensure()
    for force in (False, True):
        with pytest.raises(InUseError, match="is one of the environments of 'lab'"):
            environment.delete(force=force)
    queue.delete()
    environment.delete()
    assert not environment.exists()


def test_an_environment_that_others_made_is_used_as_it_is(session: BatchSession, aws: InProcessAws) -> None:
    """What differs is reported and left, unless the caller asks for the update."""
    foreign = BatchSession("elsewhere", boto3_session=session.boto3_session, clock=session.clock)
    lab(foreign, max_vcpus=8).ensure()
    aws.calls.clear()
    ensured = lab(session).ensure()
    assert (ensured.action, ensured.owned) == (Action.UNCHANGED, False)
    assert "computeResources.maxvCpus" in ensured.drift.paths
    assert not [call for call in aws.calls if call[1].startswith(("Update", "Create", "Tag"))]
    assert lab(session).ensure(on_drift=OnDrift.UPDATE).action is Action.UPDATED
    assert lab(session).describe().max_vcpus == 256


def test_the_inventory_lists_our_own_only(session: BatchSession) -> None:
    """list_owned goes through the region and keeps to the namespace."""
    foreign = BatchSession("elsewhere", boto3_session=session.boto3_session, clock=session.clock)
    lab(foreign, name="theirs").ensure()
    lab(session, name="ours").ensure()
    assert [seen.name for seen in ComputeEnvironment.list_owned(session)] == ["ours"]


def test_a_queue_that_comes_while_it_is_deleted_ends_the_wait(session: BatchSession, aws: InProcessAws) -> None:
    """Somebody else ensures the queue anew: AWS would refuse for as long as it is there, so nobody waits for that."""
    environment = lab(session)
    session.ensure(session.job_queue(name="lab", compute_environments=environment))
    began = aws.clock.now()
    with pytest.raises(InUseError, match="is one of the environments of 'lab'"):
        environment.remove()  # what delete() does after its checks
    assert aws.clock.now() - began < 300
