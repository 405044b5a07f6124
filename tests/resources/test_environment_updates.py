"""What an update of a compute environment sends, and an environment with all that it stands on."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from batchwright import BatchSession, resource
from batchwright.local.in_process import InProcessAws
from batchwright.outcome import Resolved
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.compute_resources import LaunchTemplate
from batchwright.resources.iam_role import IamRole
from batchwright.resources.instance_profile import InstanceProfile
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.values import Action


def instance_role(session: BatchSession) -> IamRole:
    """What instances may do."""
    policy = "service-role/AmazonEC2ContainerServiceforEC2Role"
    return IamRole(session, name="instances", trusted_service="ec2.amazonaws.com", managed_policies=policy)


def lab(
    session: BatchSession, kind: type[ComputeEnvironment] = ComputeEnvironment, **fields: object
) -> ComputeEnvironment:
    """An environment whose every part is declared."""
    network = DefaultNetwork(session)
    surroundings = {
        "network": network,
        "security_groups": SecurityGroup(session, name="lab", network=network),
        "instance_profile": InstanceProfile(session, name="lab", role=instance_role(session)),
    }
    return kind(session, **cast("Any", {"name": "lab", **surroundings, **fields}))


@pytest.fixture
def sent(session: BatchSession) -> list[dict[str, Any]]:
    """Every UpdateComputeEnvironment, as it is sent."""
    sent: list[dict[str, Any]] = []

    def note(params: dict[str, Any], **_: object) -> None:
        sent.append({member: value for member, value in params.items() if member != "computeEnvironment"})

    session.batch.meta.events.register("provide-client-params.batch.UpdateComputeEnvironment", note)
    return sent


def test_it_comes_with_all_it_stands_on(session: BatchSession, aws: InProcessAws) -> None:
    """In a fresh account one call makes role, profile, group and environment; a second one writes nothing."""
    environment = lab(session)
    ensured = environment.ensure()
    assert (ensured.action, ensured.description.status) == (Action.CREATED, "VALID")
    profile = environment.instance_profile
    assert isinstance(profile, InstanceProfile)
    assert ensured.description.instance_role == profile.describe().arn
    aws.calls.clear()
    assert environment.ensure().action is Action.UNCHANGED
    reads = ("Describe", "Get", "List")
    assert [call for call in aws.calls if not call[1].startswith(reads)] == []


def test_a_change_of_state_says_how_large(session: BatchSession, sent: list[dict[str, Any]]) -> None:
    """Some regions refuse an update without computeResources, so maxvCpus always goes along."""
    lab(session, max_vcpus=32).ensure()
    sent.clear()
    lab(session, max_vcpus=32, enabled=False).ensure()
    assert sent == [{"state": "DISABLED", "computeResources": {"maxvCpus": 32}}]


def test_only_what_differs_is_sent(session: BatchSession, sent: list[dict[str, Any]]) -> None:
    """AWS merges, and a member sent needlessly could have it replace instances."""
    lab(session, max_vcpus=32).ensure()
    sent.clear()
    lab(session, max_vcpus=64, min_vcpus=2).ensure()
    assert sent == [{"computeResources": {"maxvCpus": 64, "minvCpus": 2}}]


def test_what_is_taken_out_is_reset(session: BatchSession, sent: list[dict[str, Any]]) -> None:
    """Every optional member has a value that takes it away, and what it was is gone from AWS."""
    lab(
        session,
        launch_template=LaunchTemplate(name="mine", version="$Latest"),
        image_type="ECS_AL2023",
        placement_group="together",
        ec2_key_pair="door",
    ).ensure()
    sent.clear()
    assert lab(session).ensure().action is Action.UPDATED
    (update,) = sent
    assert update["computeResources"] == {
        "maxvCpus": 256,
        "launchTemplate": {"launchTemplateId": ""},
        "ec2Configuration": [],
        "placementGroup": "",
        "ec2KeyPair": "",
    }
    left = lab(session).describe().compute_resources
    assert not {"launchTemplate", "placementGroup", "ec2KeyPair"} & set(left)


def test_an_image_is_named_alone_or_by_its_type(session: BatchSession, sent: list[dict[str, Any]]) -> None:
    """With an image type an AMI stands for that type only, and going from one to the other leaves nothing over."""
    lab(session, image_id="ami-0123").ensure()
    sent.clear()
    lab(session, image_id="ami-0123", image_type="ECS_AL2023").ensure()
    (update,) = sent
    typed = [{"imageType": "ECS_AL2023", "imageIdOverride": "ami-0123"}]
    assert update["computeResources"] == {"maxvCpus": 256, "ec2Configuration": typed, "imageId": ""}


def test_on_demand_has_no_bid(session: BatchSession, sent: list[dict[str, Any]]) -> None:
    """A bid taken out goes back to 100 percent on Spot, and is not sent for instances on demand."""
    lab(session, type="SPOT", bid_percentage=60).ensure()
    sent.clear()
    lab(session, type="SPOT").ensure()
    lab(session, type="SPOT", bid_percentage=60).ensure()
    lab(session).ensure()
    bids = [update["computeResources"].get("bidPercentage") for update in sent]
    assert bids == [100, 60, None]


@resource(kw_only=True)
class Warm(ComputeEnvironment):
    """A user's environment that starts with instances running."""

    warm_vcpus: int = 4

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        request = super()._request(resolved)
        resources = cast("Mapping[str, object]", request["computeResources"])
        return {**request, "computeResources": {**resources, "desiredvCpus": self.warm_vcpus}}


def test_a_subclass_may_start_warm(session: BatchSession, aws: InProcessAws) -> None:
    """What Batch scales itself is no drift, even where a subclass asks for it in the beginning."""
    lab(session, Warm).ensure()
    assert lab(session).describe().desired_vcpus == 4
    session.batch.update_compute_environment(computeEnvironment="lab", computeResources={"desiredvCpus": 16})
    aws.advance(60)
    assert not lab(session, Warm).drift()
