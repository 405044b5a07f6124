"""Compute environments of the local AWS Batch: states, refusals, updates, deletion."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Lab

EC2 = {
    "type": "EC2",
    "allocationStrategy": "BEST_FIT_PROGRESSIVE",
    "minvCpus": 0,
    "maxvCpus": 64,
    "instanceTypes": ["default_x86_64"],
    "subnets": ["subnet-1"],
    "securityGroupIds": ["sg-1"],
    "instanceRole": "ecsInstanceRole",
}
SPOT = {**EC2, "type": "SPOT", "allocationStrategy": "SPOT_PRICE_CAPACITY_OPTIMIZED"}
FARGATE = {"type": "FARGATE", "maxvCpus": 8, "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}


def without(resources: dict[str, Any], member: str) -> dict[str, Any]:
    return {name: value for name, value in resources.items() if name != member}


def test_environment_takes_its_time_and_becomes_valid(lab: "Lab") -> None:
    """A new environment is CREATING until the delay has passed, then VALID with AWS's reason and defaults."""
    lab.client.create_compute_environment(
        computeEnvironmentName="lab", type="MANAGED", computeResources=EC2, tags={"team": "a"}
    )
    assert lab.described_environment()["status"] == "CREATING"
    lab.advance(34)
    assert lab.described_environment()["status"] == "CREATING"
    lab.advance(1)
    seen = lab.described_environment()
    assert (seen["status"], seen["statusReason"]) == ("VALID", "ComputeEnvironment Healthy")
    assert (seen["state"], seen["tags"], seen["containerOrchestrationType"]) == ("ENABLED", {"team": "a"}, "ECS")
    assert seen["serviceRole"].endswith(":role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch")
    assert seen["computeResources"]["ec2Configuration"][0]["imageType"] == "ECS_AL2023"
    assert {**seen["computeResources"], **EC2} == seen["computeResources"]


def test_second_environment_of_a_name_is_refused_with_409(lab: "Lab") -> None:
    """A name clash is `Object already exists.` with HTTP 409."""
    lab.environment()
    with pytest.raises(lab.client.exceptions.ClientException, match=r"Object already exists\.") as caught:
        lab.environment()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"computeEnvironmentName": "no good"}, "valid pattern"),
        ({"computeEnvironmentName": "-x"}, "valid pattern"),
        ({"type": "HOMEMADE"}, "must be one of MANAGED, UNMANAGED"),
        ({"state": "DISABLED"}, "ENABLED"),
        ({"computeResources": {}}, "required"),
        ({"computeResources": without(EC2, "minvCpus")}, "Resource minvCpus is required."),
        ({"computeResources": without(EC2, "maxvCpus")}, "computeResources.maxvCpus is required."),
        ({"computeResources": without(EC2, "instanceRole")}, "Instance role is required."),
        ({"computeResources": without(EC2, "instanceTypes")}, "instanceTypes"),
        ({"computeResources": without(EC2, "subnets")}, "subnets"),
        ({"computeResources": without(EC2, "securityGroupIds")}, "securityGroupIds"),
        ({"computeResources": {**EC2, "minvCpus": 65}}, "minvCpus"),
        ({"computeResources": {**EC2, "maxvCpus": "many"}}, "must be of type integer"),
        ({"computeResources": {**EC2, "type": "SPOT", "allocationStrategy": "BEST_FIT"}}, "SpotIamFleetRole"),
        ({"computeResources": {**EC2, "allocationStrategy": "SPOT_CAPACITY_OPTIMIZED"}}, "only for the type SPOT"),
        ({"computeResources": {**FARGATE, "tags": {"a": "b"}}}, "tags is not applicable for Fargate."),
        ({"computeResources": {**FARGATE, "desiredvCpus": 1}}, "desiredvCpus is not applicable for Fargate."),
        ({"computeResources": {**FARGATE, "subnets": [f"subnet-{n}" for n in range(17)]}}, "16 subnets"),
        ({"computeResources": {**FARGATE, "securityGroupIds": []}}, "securityGroupIds"),
        ({"computeResources": {**EC2, "launchTemplate": {"version": "1"}}}, "launchTemplateId"),
        ({"computeResources": {**EC2, "ec2Configuration": [{"imageType": "ECS_AL2023"}] * 3}}, "at most 2"),
        ({"computeResources": {**SPOT, "bidPercentage": 101}}, "between 1 and 100"),
        ({"eksConfiguration": {"eksClusterArn": "a", "kubernetesNamespace": "b"}}, "EKS"),
        ({"unmanagedvCpus": 4}, "only for UNMANAGED"),
        ({"type": "UNMANAGED"}, "serviceRole and no computeResources"),
        ({"tags": {"aws:x": "y"}}, "aws:"),
        ({"tags": {f"k{n}": "v" for n in range(51)}}, "at most 50"),
    ],
)
def test_create_refuses(lab: "Lab", changes: dict[str, Any], message: str) -> None:
    """What AWS would not create is refused, and nothing is left behind."""
    request = {"computeEnvironmentName": "lab", "type": "MANAGED", "computeResources": EC2}
    assert message in lab.refusal("create_compute_environment", **{**request, **changes})
    assert lab.client.describe_compute_environments()["computeEnvironments"] == []


@pytest.mark.parametrize(
    ("age_s", "reason"),
    [(None, "CLIENT_ERROR - Instance profile ecsInstanceRole does not exist"), (9.0, "CLIENT_ERROR - Instance pro")],
)
def test_missing_or_fresh_instance_profile_makes_it_invalid_until_updated(
    lab: "Lab", age_s: float | None, reason: str
) -> None:
    """An instance profile that has not spread ends the creation INVALID; an update afterwards cures it."""
    if age_s is None:
        lab.world.missing.add("ecsInstanceRole")
    else:
        lab.world.ages_s["ecsInstanceRole"] = age_s
    arn = lab.environment()
    seen = lab.described_environment()
    assert seen["status"] == "INVALID"
    assert seen["statusReason"].startswith(reason)
    lab.world.missing.clear()
    lab.world.ages_s.clear()
    lab.client.update_compute_environment(computeEnvironment=arn, state="ENABLED")
    assert lab.described_environment()["status"] == "UPDATING"
    lab.advance(35)
    assert lab.described_environment()["status"] == "VALID"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("subnet-1", "The subnet ID 'subnet-1' does not exist"),
        ("sg-1", "The security group 'sg-1' does not exist"),
        ("arn:aws:iam::123456789012:role/fleet", "SpotFleetRequestConfig.IamFleetRole is invalid"),
    ],
)
def test_what_is_missing_around_it_makes_it_invalid(lab: "Lab", missing: str, reason: str) -> None:
    """A subnet, security group or Spot fleet role that is not there shows as INVALID with the reason."""
    lab.world.missing.add(missing)
    lab.environment(type="SPOT", spotIamFleetRole="fleet")
    assert lab.described_environment()["status"] == "INVALID"
    assert reason in lab.described_environment()["statusReason"]


def test_update_merges_and_is_refused_while_one_is_under_way(lab: "Lab") -> None:
    """Members that are not sent stay as they are, and a second update must wait for the first."""
    lab.environment()
    lab.client.update_compute_environment(
        computeEnvironment="lab",
        computeResources={"maxvCpus": 128, "instanceTypes": ["c6i"]},
        updatePolicy={"terminateJobsOnUpdate": True},
    )
    refused = lab.refusal("update_compute_environment", computeEnvironment="lab", state="DISABLED")
    assert refused == "Cannot update, resource is being modified."
    lab.advance(35)
    seen = lab.described_environment()
    assert (seen["status"], seen["state"]) == ("VALID", "ENABLED")
    assert seen["computeResources"]["maxvCpus"] == 128
    assert seen["computeResources"]["instanceTypes"] == ["c6i"]
    assert seen["computeResources"]["subnets"] == ["subnet-1"]
    assert seen["updatePolicy"] == {"terminateJobsOnUpdate": True, "jobExecutionTimeoutMinutes": 30}


@pytest.mark.parametrize(
    ("resources", "change", "message"),
    [
        ({"allocationStrategy": "BEST_FIT"}, {"instanceTypes": ["c6i"]}, "BEST_FIT"),
        ({}, {"allocationStrategy": "BEST_FIT"}, "must be one of BEST_FIT_PROGRESSIVE"),
        ({"desiredvCpus": 4}, {"desiredvCpus": 2}, "Manually scaling down compute environment is not supported"),
        ({}, {"type": "FARGATE"}, "cannot change"),
        ({}, {"securityGroupIds": []}, "securityGroupIds"),
        ({"type": "FARGATE"}, {"instanceTypes": ["c6i"]}, "not applicable for Fargate"),
        ({}, {"updateToLatestImageVersion": True, "minvCpus": 65}, "minvCpus"),
        ({"allocationStrategy": "BEST_FIT"}, {"updateToLatestImageVersion": True}, "BEST_FIT"),
        ({}, {}, "One of [state | compute-resources"),
    ],
)
def test_update_refuses(lab: "Lab", resources: dict[str, Any], change: dict[str, Any], message: str) -> None:
    """What AWS cannot change in place is refused, and the environment stays as it was."""
    lab.environment(**resources)
    before = lab.described_environment()
    refused = lab.refusal("update_compute_environment", computeEnvironment="lab", computeResources=change)
    assert message in refused
    assert lab.described_environment() == before


def test_own_service_role_forbids_infrastructure_updates_but_not_scaling(lab: "Lab") -> None:
    """With a service role of one's own only vCPUs and state can be updated."""
    lab.client.create_compute_environment(
        computeEnvironmentName="lab", type="MANAGED", computeResources=EC2, serviceRole="own"
    )
    lab.advance(60)
    assert lab.described_environment()["serviceRole"] == "arn:aws:iam::123456789012:role/own"
    change = {"instanceTypes": ["c6i"], "maxvCpus": 128}
    refused = lab.refusal("update_compute_environment", computeEnvironment="lab", computeResources=change)
    assert "service-linked role" in refused
    lab.client.update_compute_environment(computeEnvironment="lab", computeResources={"maxvCpus": 128})
    assert lab.described_environment()["computeResources"]["maxvCpus"] == 128


def test_fargate_network_is_a_scaling_update_and_empty_lists_are_ignored(lab: "Lab") -> None:
    """On Fargate subnets change in place, and an empty list changes nothing."""
    lab.environment(type="FARGATE")
    lab.client.update_compute_environment(
        computeEnvironment="lab", computeResources={"subnets": ["subnet-2"], "securityGroupIds": []}
    )
    resources = lab.described_environment()["computeResources"]
    assert (resources["subnets"], resources["securityGroupIds"]) == (["subnet-2"], ["sg-1"])


def test_update_of_a_missing_environment_says_so(lab: "Lab") -> None:
    """The refusal repeats the identifier that was sent."""
    assert (
        lab.refusal("update_compute_environment", computeEnvironment="gone", state="ENABLED") == "gone does not exist"
    )


def test_deletion_needs_disabled_settled_and_detached(lab: "Lab") -> None:
    """Deleting is refused step by step with AWS's texts, then takes its time, then frees the name."""
    arn = lab.environment()
    lab.queue("lab", arn)
    assert "DISABLED" in lab.refusal("delete_compute_environment", computeEnvironment="lab")
    lab.client.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    refused = lab.refusal("delete_compute_environment", computeEnvironment="lab")
    assert refused == "Cannot delete, resource is being modified."
    lab.advance(35)
    refused = lab.refusal("delete_compute_environment", computeEnvironment="lab")
    assert refused == "Cannot delete, found existing JobQueue relationship"
    lab.client.update_job_queue(jobQueue="lab", state="DISABLED")
    lab.advance(10)
    lab.client.delete_job_queue(jobQueue="lab")
    refused = lab.refusal("delete_compute_environment", computeEnvironment="lab")
    assert refused == "Cannot delete, found existing JobQueue relationship"
    lab.advance(30)
    lab.client.delete_compute_environment(computeEnvironment="lab")
    assert lab.described_environment()["status"] == "DELETING"
    lab.advance(30)
    assert lab.described_environment()["status"] == "DELETED"
    resources = lab.state.region("us-east-2").deleted_environments["lab"].request["computeResources"]
    again = {"computeEnvironmentName": "lab", "type": "MANAGED", "computeResources": resources}
    assert lab.refusal("create_compute_environment", **again) == "Object already exists."
    lab.advance(30)
    assert lab.client.describe_compute_environments(computeEnvironments=["lab"])["computeEnvironments"] == []
    lab.environment()
    assert lab.described_environment()["status"] == "VALID"


def test_environment_outlives_its_service_role_as_invalid(lab: "Lab") -> None:
    """With its service role gone an environment cannot be deleted: it ends INVALID."""
    lab.client.create_compute_environment(
        computeEnvironmentName="lab", type="MANAGED", computeResources=EC2, serviceRole="own"
    )
    lab.advance(60)
    lab.client.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    lab.advance(60)
    lab.world.missing.add("arn:aws:iam::123456789012:role/own")
    lab.client.delete_compute_environment(computeEnvironment="lab")
    lab.advance(60)
    assert lab.described_environment()["status"] == "INVALID"
    assert "sts:AssumeRole" in lab.described_environment()["statusReason"]


def test_unmanaged_environment_has_no_resources_to_update(lab: "Lab") -> None:
    """An UNMANAGED environment takes a number of vCPUs for fair share, and nothing of computeResources."""
    lab.client.create_compute_environment(
        computeEnvironmentName="lab", type="UNMANAGED", serviceRole="own", unmanagedvCpus=4
    )
    lab.advance(60)
    refused = lab.refusal("update_compute_environment", computeEnvironment="lab", computeResources={"maxvCpus": 1})
    assert "UNMANAGED" in refused
    refused = lab.refusal("update_compute_environment", computeEnvironment="lab", serviceRole="", state="DISABLED")
    assert "cannot be exchanged" in refused
    lab.client.update_compute_environment(computeEnvironment="lab", unmanagedvCpus=8, serviceRole="other")
    seen = lab.described_environment()
    assert (seen["unmanagedvCpus"], seen["serviceRole"]) == (8, "arn:aws:iam::123456789012:role/other")
    assert "computeResources" not in seen


def test_empty_string_takes_a_launch_template_away(lab: "Lab") -> None:
    """An update with an empty launch template id and key pair removes both."""
    lab.environment(launchTemplate={"launchTemplateId": "lt-1"}, ec2KeyPair="key")
    change = {"launchTemplate": {"launchTemplateId": ""}, "ec2KeyPair": ""}
    lab.client.update_compute_environment(computeEnvironment="lab", computeResources=change)
    assert {"launchTemplate", "ec2KeyPair"}.isdisjoint(lab.described_environment()["computeResources"])


def test_update_policy_is_bounded(lab: "Lab") -> None:
    """The time that jobs are given in an update is 1 to 7200 minutes."""
    lab.environment()
    policy = {"jobExecutionTimeoutMinutes": 7201}
    lab.refusal("update_compute_environment", computeEnvironment="lab", state="DISABLED", updatePolicy=policy)
    assert lab.described_environment()["state"] == "ENABLED"


def test_deletion_of_what_is_gone_or_going(lab: "Lab") -> None:
    """A missing environment is refused by name; one that is being deleted is left to it."""
    assert lab.refusal("delete_compute_environment", computeEnvironment="gone") == "gone does not exist"
    lab.environment()
    lab.client.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    lab.advance(35)
    for _ in range(2):
        lab.client.delete_compute_environment(computeEnvironment="lab")
    assert lab.described_environment()["status"] == "DELETING"
    refused = lab.refusal("update_compute_environment", computeEnvironment="lab", state="ENABLED")
    assert refused == "lab does not exist"
