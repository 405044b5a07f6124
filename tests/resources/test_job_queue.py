"""The contract of job queues, their environments in order, and what they refuse."""

from typing import Any, cast

import pytest

from batchwright import BatchSession, SchedulingPolicy
from batchwright.errors import DeclarationError, InUseError, ReplacementRequiredError
from batchwright.lifecycle import Resource, as_resource
from batchwright.local.in_process import InProcessAws
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.job_queue import JobQueue, TimeLimitAction
from batchwright.resources.network import DefaultNetwork
from batchwright.resources.security_group import SecurityGroup
from batchwright.testing import ResourceContract, evolved
from batchwright.values import Action


def environment(session: BatchSession, name: str = "lab", **fields: object) -> ComputeEnvironment:
    """An environment on Fargate, which needs the least around it."""
    network = DefaultNetwork(session)
    group = SecurityGroup(session, name="lab", network=network)
    surroundings = {"network": network, "security_groups": group}
    said = {"name": name, "type": "FARGATE", **surroundings, **fields}
    return ComputeEnvironment(session, **cast("Any", said))


def lab(session: BatchSession, **fields: object) -> JobQueue:
    """A queue of one environment."""
    said = {"name": "lab", "compute_environments": environment(session), **fields}
    return JobQueue(session, **cast("Any", said))


def two_environments(session: BatchSession) -> list[ComputeEnvironment]:
    """Another environment before the usual one."""
    return [environment(session, "first"), environment(session)]


def policy(session: BatchSession, name: str = "fair") -> SchedulingPolicy:
    """A scheduling policy."""
    return SchedulingPolicy(session, name=name)


def raw(session: BatchSession) -> dict[str, Any]:
    """What AWS reports."""
    (found,) = session.batch.describe_job_queues(jobQueues=["lab"])["jobQueues"]
    return dict(found)


class OfSession:
    """Mixed into the contract: values that need a session are given as functions of it."""

    def changed(self, resource: Resource[Any], field: str, value: object) -> Resource[Any]:
        changed = evolved(resource, **{field: value(resource.session) if callable(value) else value})
        for dependency in changed.dependencies():
            as_resource(dependency).ensure()  # a declaration's drift needs what it depends on
        return changed


class TestJobQueue(OfSession, ResourceContract):
    """A queue changes in place in all but its policy, which a queue without one never gets."""

    mutable = {
        "compute_environments": two_environments,
        "priority": 7,
        "enabled": False,
        "time_limit_actions": (),
        "tags": {"project": "reads"},
    }
    immutable = {"scheduling_policy": policy}

    def declare(self, session: BatchSession) -> JobQueue:
        return lab(session)


class TestQueueWithPolicy(OfSession, ResourceContract):
    """A queue with a policy never loses it."""

    immutable = {"scheduling_policy": None}

    def declare(self, session: BatchSession) -> JobQueue:
        return lab(session, scheduling_policy=policy(session))


def test_a_policy_can_be_replaced_by_another(session: BatchSession) -> None:
    """AWS takes another policy for one, and the queue then has that."""
    lab(session, scheduling_policy=policy(session)).ensure()
    ensured = lab(session, scheduling_policy=policy(session, "fairer")).ensure()
    assert ensured.action is Action.UPDATED
    assert str(ensured.description.scheduling_policy_arn).endswith("scheduling-policy/fairer")


def test_the_first_environment_is_tried_first(session: BatchSession) -> None:
    """One, a list and a tuple are legal, and the order is the order of preference."""
    first, second = two_environments(session)
    ensured = lab(session, compute_environments=(first, second)).ensure()
    names = [arn.rpartition("/")[2] for arn in ensured.description.compute_environment_arns]
    assert names == ["first", "lab"]
    swapped = lab(session, compute_environments=[second, first])
    assert swapped.drift().paths == ("computeEnvironmentOrder",)
    assert swapped.ensure().action is Action.UPDATED


def test_the_numbers_of_the_order_are_not_compared(session: BatchSession, aws: InProcessAws) -> None:
    """The same environments in the same order under other numbers are no drift."""
    lab(session, compute_environments=two_environments(session)).ensure()
    names = [(10, "first"), (30, "lab")]
    order: Any = [{"order": number, "computeEnvironment": name} for number, name in names]
    session.batch.update_job_queue(jobQueue="lab", computeEnvironmentOrder=order)
    aws.advance(60)
    assert not lab(session, compute_environments=two_environments(session)).drift()


def test_jobs_that_can_never_start_are_cancelled_after_a_day(session: BatchSession) -> None:
    """By default the queue has the two actions that keep it from being blocked for ever."""
    lab(session).ensure()
    limits = {
        item["reason"]: (item["maxTimeSeconds"], item["action"]) for item in raw(session)["jobStateTimeLimitActions"]
    }
    assert limits == {
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE": (86_400, "CANCEL"),
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT": (86_400, "CANCEL"),
    }


def test_the_order_of_the_actions_says_nothing(session: BatchSession) -> None:
    """The same actions in another order are no drift."""
    queue = lab(session)
    queue.ensure()
    assert not lab(session, time_limit_actions=queue.time_limit_actions[::-1]).drift()


def test_actions_taken_out_are_gone(session: BatchSession) -> None:
    """An empty field takes the actions of an earlier declaration away, and another time limit replaces one."""
    lab(session).ensure()
    lab(session, time_limit_actions=()).ensure()
    assert raw(session)["jobStateTimeLimitActions"] == []
    short = TimeLimitAction("CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", max_time_s=600)
    lab(session, time_limit_actions=short).ensure()
    assert [item["maxTimeSeconds"] for item in raw(session)["jobStateTimeLimitActions"]] == [600]


def submit(session: BatchSession, name: str) -> str:
    """A job in the queue that does not end by itself."""
    sizes: Any = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    session.batch.register_job_definition(
        jobDefinitionName="convert",
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "busybox",
            "resourceRequirements": sizes,
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        },
    )
    return session.batch.submit_job(jobName=name, jobQueue="lab", jobDefinition="convert")["jobId"]


def test_a_queue_with_an_unfinished_job_is_kept(session: BatchSession, aws: InProcessAws) -> None:
    """Nothing is written, and the error names the job; with force AWS ends the job and the queue goes."""
    queue = lab(session)
    queue.ensure()
    job_id = submit(session, "sub-01")
    aws.advance(60)
    with pytest.raises(InUseError, match=r"unfinished jobs.*'sub-01'"):
        queue.delete()
    assert raw(session)["state"] == "ENABLED"
    queue.delete(force=True)
    assert not queue.exists()
    (job,) = session.batch.describe_jobs(jobs=[job_id])["jobs"]
    assert job["status"] == "FAILED"


def test_a_queue_with_finished_jobs_goes(session: BatchSession, aws: InProcessAws) -> None:
    """Only unfinished jobs keep a queue."""
    queue = lab(session)
    queue.ensure()
    job_id = submit(session, "sub-01")
    session.batch.terminate_job(jobId=job_id, reason="enough")
    aws.advance(600)
    queue.delete()
    assert not queue.exists()


def test_a_policy_cannot_be_added_later(session: BatchSession) -> None:
    """The error names the member that AWS cannot change."""
    lab(session).ensure()
    with pytest.raises(ReplacementRequiredError, match="schedulingPolicyArn"):
        lab(session, scheduling_policy=policy(session)).ensure()


def test_an_environment_that_settles_is_waited_for(session: BatchSession, aws: InProcessAws) -> None:
    """Where someone updates the environment just before the queue is made, it is made when that has settled."""
    environment(session).ensure()
    meddled: list[int] = []

    def meddle(**_: object) -> None:
        if not meddled:
            meddled.append(1)
            session.batch.update_compute_environment(computeEnvironment="lab", computeResources={"maxvCpus": 256})

    session.batch.meta.events.register("provide-client-params.batch.CreateJobQueue", meddle)
    assert lab(session).ensure().action is Action.CREATED
    assert aws.calls.count(("batch", "CreateJobQueue")) > 1


def test_the_inventory_lists_our_own_only(session: BatchSession) -> None:
    """list_owned goes through the region and keeps to the namespace."""
    foreign = BatchSession("elsewhere", boto3_session=session.boto3_session, clock=session.clock)
    lab(foreign, name="theirs").ensure()
    lab(session, name="ours").ensure()
    assert [seen.name for seen in JobQueue.list_owned(session)] == ["ours"]


def bare() -> BatchSession:
    """A session that could call nobody."""
    return BatchSession("test", region="us-east-2")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, r"name=''.*1 to 128 letters"),
    ({"priority": -1}, r"priority=-1.*0 or more"),
    ({"priority": 1.5}, r"priority=1\.5.*a whole number"),
    ({"compute_environments": ()}, r"compute_environments=\(\).*session\.defaults\.compute_environment"),
    ({"compute_environments": [environment(bare(), f"e{n}") for n in range(4)]}, "1 to 3 compute environments"),
    ({"compute_environments": [environment(bare())] * 2}, r"\['lab', 'lab'\].*each once"),
    (
        {
            "compute_environments": [
                environment(bare()),
                environment(bare(), "spot", type="SPOT", instance_profile="ecsInstanceRole"),
            ]
        },
        r"'spot': 'SPOT'.*or all of them Fargate",
    ),
    (
        {"time_limit_actions": [TimeLimitAction("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT")] * 2},
        "at most one action for each reason",
    ),
]


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_bad_input_is_refused_before_any_call(fields: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what is legal."""
    with pytest.raises(DeclarationError, match=message):
        lab(bare(), **fields)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"reason": "BORED"}, "reason='BORED'"),
        ({"max_time_s": 599}, "max_time_s=599.*600 to 86400 seconds"),
        ({"action": "TERMINATE"}, "action='TERMINATE'.*'CANCEL'"),
    ],
)
def test_a_time_limit_is_checked(fields: dict[str, Any], message: str) -> None:
    """An action that no queue of environments takes is refused."""
    with pytest.raises(DeclarationError, match=message):
        TimeLimitAction(**{"reason": "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", **fields})
