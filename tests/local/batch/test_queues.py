"""Job queues and scheduling policies of the local AWS Batch."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Lab

LIMIT = {
    "reason": "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
    "state": "RUNNABLE",
    "maxTimeSeconds": 600,
    "action": "CANCEL",
}
FAIR = {"shareDecaySeconds": 600, "shareDistribution": [{"shareIdentifier": "a*", "weightFactor": 0.5}]}


def order(*environments: str) -> list[dict[str, Any]]:
    return [{"order": number, "computeEnvironment": each} for number, each in enumerate(environments, 1)]


def test_queue_becomes_valid_and_describes_arns(lab: "Lab") -> None:
    """A queue made with names is CREATING, then VALID, and always reports ARNs in order of preference."""
    first, second = lab.environment("first"), lab.environment("second")
    lab.client.create_job_queue(
        jobQueueName="lab",
        priority=5,
        computeEnvironmentOrder=[
            {"order": 9, "computeEnvironment": "second"},
            {"order": 2, "computeEnvironment": "first"},
        ],
        jobStateTimeLimitActions=[LIMIT],
        tags={"team": "a"},
    )
    assert lab.described_queue()["status"] == "CREATING"
    lab.advance(10)
    seen = lab.described_queue()
    assert (seen["status"], seen["statusReason"], seen["state"]) == ("VALID", "JobQueue Healthy", "ENABLED")
    assert seen["computeEnvironmentOrder"] == [
        {"order": 2, "computeEnvironment": first},
        {"order": 9, "computeEnvironment": second},
    ]
    assert (seen["priority"], seen["jobStateTimeLimitActions"], seen["tags"]) == (5, [LIMIT], {"team": "a"})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jobQueueName": "a b"}, "valid pattern"),
        ({"computeEnvironmentOrder": []}, "1 to 3"),
        ({"computeEnvironmentOrder": order("one", "two", "three", "four")}, "1 to 3"),
        ({"computeEnvironmentOrder": order("one", "one")}, "twice"),
        ({"computeEnvironmentOrder": order("one", "fargate")}, "cannot be in the same"),
        ({"computeEnvironmentOrder": order("gone")}, "Compute environment gone does not exist"),
        ({"computeEnvironmentOrder": order("young")}, "its status is CREATING"),
        ({"priority": -1}, "priority"),
        ({"schedulingPolicyArn": "arn:gone"}, "does not exist"),
        ({"jobStateTimeLimitActions": [{**LIMIT, "action": "TERMINATE"}]}, "TERMINATE"),
        ({"jobStateTimeLimitActions": [{**LIMIT, "maxTimeSeconds": 599}]}, "between 600 and 86400"),
        ({"jobStateTimeLimitActions": [{**LIMIT, "reason": "BORED"}]}, "reason must be one of"),
        ({"jobStateTimeLimitActions": [{**LIMIT, "state": "RUNNING"}]}, "must be one of RUNNABLE"),
    ],
)
def test_create_refuses(lab: "Lab", changes: dict[str, Any], message: str) -> None:
    """What AWS would not create is refused, and nothing is left behind."""
    for name in ("one", "two", "three", "four"):
        lab.environment(name)
    lab.environment("fargate", type="FARGATE")
    lab.client.create_compute_environment(
        computeEnvironmentName="young",
        type="MANAGED",
        computeResources={"type": "FARGATE", "maxvCpus": 1, "subnets": ["s"], "securityGroupIds": ["g"]},
    )
    request = {"jobQueueName": "lab", "priority": 1, "computeEnvironmentOrder": order("one")}
    assert message in lab.refusal("create_job_queue", **{**request, **changes})
    assert lab.client.describe_job_queues()["jobQueues"] == []


def test_update_replaces_whole_members_and_waits_its_turn(lab: "Lab") -> None:
    """An update replaces what it names, an empty list of actions clears them, and updates do not overlap."""
    lab.queue("lab", jobStateTimeLimitActions=[LIMIT])
    other = lab.environment("other")
    lab.client.update_job_queue(
        jobQueue="lab", priority=9, computeEnvironmentOrder=order("other"), jobStateTimeLimitActions=[]
    )
    assert lab.described_queue()["status"] == "UPDATING"
    assert lab.refusal("update_job_queue", jobQueue="lab", priority=1) == "Cannot update, resource is being modified."
    lab.advance(10)
    seen = lab.described_queue()
    assert (seen["status"], seen["priority"], seen["jobStateTimeLimitActions"]) == ("VALID", 9, [])
    assert seen["computeEnvironmentOrder"] == order(other)


def test_refused_update_changes_nothing(lab: "Lab") -> None:
    """A request with one good and one bad member is refused as a whole."""
    lab.queue("lab")
    before = lab.described_queue()
    lab.refusal("update_job_queue", jobQueue="lab", priority=9, computeEnvironmentOrder=order("gone"))
    assert lab.described_queue() == before


def test_queue_is_deleted_only_when_disabled_and_after_its_jobs(lab: "Lab") -> None:
    """An ENABLED queue stays; a DELETING one terminates its jobs and stays until they have ended."""
    lab.queue("lab")
    lab.definition()
    job_id = lab.submit()
    assert "DISABLED" in lab.refusal("delete_job_queue", jobQueue="lab")
    lab.client.update_job_queue(jobQueue="lab", state="DISABLED")
    assert lab.refusal("delete_job_queue", jobQueue="lab") == "Cannot delete, resource is being modified."
    lab.advance(10)
    lab.client.delete_job_queue(jobQueue="lab")
    lab.advance(30)
    assert lab.described_queue()["status"] == "DELETING"
    assert lab.refusal("update_job_queue", jobQueue="lab", priority=1) == "lab does not exist"
    assert lab.job(job_id)["isTerminated"] is True
    lab.set_job(job_id, status="FAILED")
    assert lab.described_queue()["status"] == "DELETED"
    assert lab.refusal("update_job_queue", jobQueue="lab", priority=1) == "lab does not exist"
    lab.advance(30)
    assert lab.client.describe_job_queues(jobQueues=["lab"])["jobQueues"] == []


def test_scheduling_policy_lives_and_is_held_by_its_queue(lab: "Lab") -> None:
    """A policy is found by ARN, replaced by update, and not deleted while a queue uses it."""
    arn = lab.client.create_scheduling_policy(name="fair", fairsharePolicy=FAIR, tags={"team": "a"})["arn"]
    assert arn == "arn:aws:batch:us-east-2:123456789012:scheduling-policy/fair"
    assert lab.refusal("create_scheduling_policy", name="fair") == "Object already exists."
    assert lab.client.list_scheduling_policies()["schedulingPolicies"] == [{"arn": arn}]
    lab.queue("lab", schedulingPolicyArn=arn)
    assert "in use" in lab.refusal("delete_scheduling_policy", arn=arn)
    lab.client.update_scheduling_policy(arn=arn, fairsharePolicy={"computeReservation": 5})
    (seen,) = lab.client.describe_scheduling_policies(arns=[arn, "arn:gone"])["schedulingPolicies"]
    assert (seen["name"], seen["fairsharePolicy"], seen["tags"]) == ("fair", {"computeReservation": 5}, {"team": "a"})
    lab.client.update_job_queue(jobQueue="lab", state="DISABLED")
    lab.advance(10)
    lab.client.delete_job_queue(jobQueue="lab")
    lab.advance(30)
    lab.client.delete_scheduling_policy(arn=arn)
    assert lab.client.describe_scheduling_policies(arns=[arn])["schedulingPolicies"] == []


@pytest.mark.parametrize(
    "policy",
    [
        {"shareDecaySeconds": 604_801},
        {"computeReservation": 100},
        {"shareDistribution": [{"shareIdentifier": "a", "weightFactor": 1000.0}]},
        {"shareDistribution": [{"shareIdentifier": "a"}, {"shareIdentifier": "a"}]},
        {"shareDistribution": [{"shareIdentifier": "a-b"}]},
    ],
)
def test_fair_share_out_of_range_is_refused(lab: "Lab", policy: dict[str, Any]) -> None:
    """Shares outside the documented ranges make no policy."""
    lab.refusal("create_scheduling_policy", name="fair", fairsharePolicy=policy)
    assert lab.client.list_scheduling_policies()["schedulingPolicies"] == []


def test_policy_is_never_added_to_a_queue_without_one(lab: "Lab") -> None:
    """A FIFO queue stays FIFO."""
    arn = lab.client.create_scheduling_policy(name="fair")["arn"]
    lab.queue("lab")
    assert "cannot be added" in lab.refusal("update_job_queue", jobQueue="lab", schedulingPolicyArn=arn)
    assert "schedulingPolicyArn" not in lab.described_queue()
