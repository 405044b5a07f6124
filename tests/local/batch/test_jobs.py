"""Jobs of the local AWS Batch: submission, overrides, views, cancelling."""

from typing import TYPE_CHECKING, Any

import pytest

from batchwright.local.calls import Call, Handler
from batchwright.local.refusals import Refusal
from batchwright.local.state import Attempt, Job, Queue
from batchwright.local.stopping import cancel_jobs, terminate_jobs

if TYPE_CHECKING:
    from conftest import Lab

WEEK_S = 7 * 24 * 3600


def test_submitted_job_is_described_whole(ready: "Lab") -> None:
    """A new job reports ARNs, its container and defaults, and no startedAt."""
    job_id = ready.submit(tags={"team": "a"}, timeout={"attemptDurationSeconds": 60})
    seen = ready.job(job_id)
    assert (seen["status"], seen["jobQueue"]) == ("SUBMITTED", "arn:aws:batch:us-east-2:123456789012:job-queue/lab")
    assert seen["jobDefinition"].endswith("job-definition/convert:1")
    assert seen["jobArn"] == f"arn:aws:batch:us-east-2:123456789012:job/{job_id}"
    assert (seen["container"]["image"], seen["container"]["command"]) == ("busybox", ["true"])
    assert (seen["tags"], seen["timeout"]) == ({"team": "a"}, {"attemptDurationSeconds": 60})
    assert (seen["attempts"], seen["isCancelled"], seen["isTerminated"]) == ([], False, False)
    assert seen["createdAt"] == round(ready.state.clock.now() * 1000)
    assert "startedAt" not in seen
    assert "statusReason" not in seen


def test_one_request_twice_makes_two_jobs(ready: "Lab") -> None:
    """Job names are not unique, as on AWS."""
    assert ready.submit() != ready.submit()
    assert len(ready.region.jobs) == 2


def test_overrides_and_parameters_shape_the_container(lab: "Lab") -> None:
    """Environment is merged by name, sizes by type, and references are filled in."""
    lab.queue("lab")
    lab.definition(
        container={"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
        parameters={"who": "world", "how": "loud"},
    )
    job_id = lab.submit(
        parameters={"who": "you"},
        containerOverrides={
            "command": ["echo", "s3://Ref::who/Ref::how"],
            "environment": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
            "resourceRequirements": [{"type": "MEMORY", "value": "4096"}],
        },
    )
    container = lab.job(job_id)["container"]
    assert container["command"] == ["echo", "s3://you/loud"]
    assert {each["name"]: each["value"] for each in container["environment"]} == {"A": "1", "B": "3", "C": "4"}
    assert {each["type"]: each["value"] for each in container["resourceRequirements"]} == {
        "VCPU": "1",
        "MEMORY": "4096",
    }
    assert lab.job(job_id)["parameters"] == {"who": "you", "how": "loud"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jobName": "no good"}, "Job name should match valid pattern"),
        ({"jobName": "x" * 129}, "Job name should match valid pattern"),
        ({"jobQueue": "gone"}, "JobQueue gone does not exist"),
        ({"jobDefinition": "gone"}, "JobDefinition name gone does not exist or is not in ACTIVE status"),
        ({"jobDefinition": "old:1"}, "not in ACTIVE status"),
        ({"jobDefinition": "old"}, "not in ACTIVE status"),
        ({"jobDefinition": "serverless"}, "can not run Jobs with capability FARGATE."),
        ({"timeout": {"attemptDurationSeconds": 59}}, "at least 60"),
        ({"arrayProperties": {"size": 1}}, "between 2 and 10000"),
        ({"arrayProperties": {"size": 10_001}}, "between 2 and 10000"),
        ({"retryStrategy": {"attempts": 0}}, "between 1 and 10"),
        ({"dependsOn": [{"jobId": "x"}] * 21}, "more than the 20 allowed"),
        ({"dependsOn": [{"jobId": "gone"}]}, "The job gone in dependsOn does not exist"),
        ({"dependsOn": [{"type": "SEQUENTIAL"}]}, "only for array jobs"),
        ({"dependsOn": [{"jobId": "x", "type": "N_TO_N"}]}, "only for array jobs"),
        ({"dependsOn": [{}]}, "jobId is required"),
        ({"shareIdentifier": "a"}, "onlybe submitted"),
        ({"containerOverrides": {"command": ["a", ""]}}, "empty string"),
        ({"containerOverrides": {"environment": [{"name": "AWS_BATCH_X", "value": "1"}]}}, "AWS_BATCH"),
        ({"containerOverrides": {"command": ["Ref::who"]}}, "No parameter found for reference who"),
        ({"containerOverrides": {"resourceRequirements": [{"type": "VCPU", "value": "0.5"}]}}, "whole number"),
        ({"containerOverrides": {"command": ["x" * 31_000]}}, "bytes"),
        ({"nodeOverrides": {"numNodes": 1}}, "not served"),
    ],
)
def test_submit_refuses(ready: "Lab", changes: dict[str, Any], message: str) -> None:
    """What AWS would not take is refused, and no job is made."""
    ready.client.deregister_job_definition(jobDefinition=ready.definition("old"))
    ready.definition("serverless", container={"executionRoleArn": "r"}, platformCapabilities=["FARGATE"])
    request = {"jobName": "sub-01", "jobQueue": "lab", "jobDefinition": "convert"}
    assert message in ready.refusal("submit_job", **{**request, **changes})
    assert ready.region.jobs == {}


def test_disabled_and_unfinished_queues_take_no_jobs(ready: "Lab") -> None:
    """A queue takes jobs when it is ENABLED and no longer CREATING."""
    request = {"jobName": "sub-01", "jobDefinition": "convert"}
    ready.client.update_job_queue(jobQueue="lab", state="DISABLED")
    assert "state DISABLED" in ready.refusal("submit_job", jobQueue="lab", **request)
    ready.client.create_job_queue(
        jobQueueName="young",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "lab-environment"}],
    )
    assert "status CREATING" in ready.refusal("submit_job", jobQueue="young", **request)
    ready.advance(10)
    assert ready.submit(jobQueue="young") in ready.region.jobs


def test_fair_share_queue_wants_a_share(lab: "Lab") -> None:
    """A queue with a scheduling policy takes only jobs with a share identifier."""
    policy = lab.client.create_scheduling_policy(name="fair")["arn"]
    lab.queue("lab", schedulingPolicyArn=policy)
    lab.definition()
    request = {"jobName": "sub-01", "jobQueue": "lab", "jobDefinition": "convert"}
    assert "shareIdentifier is required" in lab.refusal("submit_job", **request)
    job_id = lab.submit(shareIdentifier="a", schedulingPriorityOverride=7)
    assert (lab.job(job_id)["shareIdentifier"], lab.job(job_id)["schedulingPriority"]) == ("a", 7)


def test_bare_name_means_the_newest_active_revision(ready: "Lab") -> None:
    """An INACTIVE newest revision is passed over."""
    ready.definition()
    ready.client.deregister_job_definition(jobDefinition=ready.definition())
    assert ready.job(ready.submit())["jobDefinition"].endswith("convert:2")


def test_array_job_has_children_that_can_be_seen(ready: "Lab") -> None:
    """Each index is a job of its own, listed under its parent and counted in its summary."""
    parent = ready.submit("many", arrayProperties={"size": 3})
    ready.advance(2)
    ready.set_job(f"{parent}:1", status="RUNNING", started_at_ms=1)
    summary = ready.job(parent)["arrayProperties"]
    assert summary["size"] == 3
    assert (summary["statusSummary"]["SUBMITTED"], summary["statusSummary"]["RUNNING"]) == (2, 1)
    assert ready.job(f"{parent}:2")["arrayProperties"] == {"index": 2}
    (running,) = ready.client.list_jobs(arrayJobId=parent)["jobSummaryList"]
    assert (running["jobId"], running["arrayProperties"]) == (f"{parent}:1", {"index": 1})
    waiting = ready.client.list_jobs(arrayJobId=parent, jobStatus="SUBMITTED")["jobSummaryList"]
    assert [each["jobId"] for each in waiting] == [f"{parent}:0", f"{parent}:2"]
    (listed,) = ready.client.list_jobs(jobQueue="lab", jobStatus="SUBMITTED")["jobSummaryList"]
    assert (listed["jobId"], listed["arrayProperties"]) == (parent, {"size": 3})


def test_n_to_n_needs_arrays_of_one_size(ready: "Lab") -> None:
    """Arrays of different sizes cannot depend index by index."""
    other = ready.submit("other", arrayProperties={"size": 3})
    depends_on = [{"jobId": other, "type": "N_TO_N"}, {"type": "SEQUENTIAL"}]
    request = {"jobName": "next", "jobQueue": "lab", "jobDefinition": "convert", "dependsOn": depends_on}
    assert "one size" in ready.refusal("submit_job", **request, arrayProperties={"size": 2})
    job_id = ready.submit("next", dependsOn=depends_on, arrayProperties={"size": 3})
    assert ready.job(job_id)["dependsOn"] == depends_on


def test_at_most_100_jobs_are_described(ready: "Lab") -> None:
    """101 ids are refused, unknown ones are left out."""
    assert "Maximum number of jobs supported is 100" in ready.refusal("describe_jobs", jobs=["x"] * 101)
    assert ready.client.describe_jobs(jobs=["gone"])["jobs"] == []


def test_finished_jobs_are_forgotten_after_a_week(ready: "Lab") -> None:
    """Eight days after its end a job is neither described nor listed nor depended on."""
    job_id = ready.submit()
    ready.set_job(job_id, status="SUCCEEDED", stopped_at_ms=ready.state.clock.now_ms())
    ready.advance(WEEK_S)
    assert ready.job(job_id)["status"] == "SUCCEEDED"
    ready.advance(1)
    assert ready.client.describe_jobs(jobs=[job_id])["jobs"] == []
    assert ready.client.list_jobs(jobQueue="lab", jobStatus="SUCCEEDED")["jobSummaryList"] == []
    request = {"jobName": "next", "jobQueue": "lab", "jobDefinition": "convert"}
    assert "does not exist" in ready.refusal("submit_job", **request, dependsOn=[{"jobId": job_id}])


def test_failed_job_tells_why(ready: "Lab") -> None:
    """The view of a FAILED job holds reason, exit code, log stream and each attempt."""
    job_id = ready.submit()
    attempt = Attempt(started_at_ms=5, stopped_at_ms=6, exit_code=3, reason="boom", status_reason="x", log_stream="s")
    result = {"exit_code": 3, "reason": "boom", "log_stream": "s"}
    ready.set_job(job_id, status="FAILED", status_reason="x", started_at_ms=5, attempts=[attempt], **result)
    seen = ready.job(job_id)
    result = {"exitCode": 3, "reason": "boom", "logStreamName": "s"}
    assert {member: seen["container"][member] for member in result} == result
    assert seen["attempts"] == [{"container": result, "startedAt": 5, "stoppedAt": 6, "statusReason": "x"}]
    assert seen["statusReason"] == "x"


@pytest.mark.parametrize(
    ("verb", "status", "flag"),
    [
        ("cancel_job", "RUNNABLE", "isCancelled"),
        ("cancel_job", "RUNNING", None),
        ("cancel_job", "FAILED", None),
        ("terminate_job", "RUNNING", "isTerminated"),
        ("terminate_job", "SUCCEEDED", None),
    ],
)
def test_stopping_marks_what_can_still_be_stopped(ready: "Lab", verb: str, status: str, flag: str | None) -> None:
    """Cancelling leaves a started job alone, terminating leaves a finished one; both succeed without a word."""
    job_id = ready.submit()
    ready.set_job(job_id, status=status)
    getattr(ready.client, verb)(jobId=job_id, reason="enough")
    flags = {name for name in ("isCancelled", "isTerminated") if ready.job(job_id)[name]}
    assert flags == ({flag} if flag else set())
    assert ready.region.jobs[job_id].stop_reason == ("enough" if flag else None)


def test_stopping_an_array_reaches_its_children(ready: "Lab") -> None:
    """A terminated parent marks every unfinished child."""
    parent = ready.submit(arrayProperties={"size": 2})
    ready.set_job(f"{parent}:0", status="SUCCEEDED")
    ready.client.terminate_job(jobId=parent, reason="enough")
    marked = [ready.job(each)["isTerminated"] for each in (parent, f"{parent}:0", f"{parent}:1")]
    assert marked == [True, False, True]


def test_stopping_needs_a_reason_of_fair_length(ready: "Lab") -> None:
    """A reason has 1 to 1024 characters; an unknown job is no error."""
    assert "1 to 1024" in ready.refusal("terminate_job", jobId="x", reason="")
    assert "1 to 1024" in ready.refusal("cancel_job", jobId="x", reason="x" * 1025)
    assert ready.client.cancel_job(jobId="gone", reason="x")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_snapshot_shows_what_is_to_start_next(ready: "Lab") -> None:
    """The front of the queue is what the scheduler says, the first hundred of it."""
    ids = [ready.submit(f"sub-{number}") for number in range(3)]
    asked: list[tuple[str, int]] = []

    def front(queue: Queue, most: int) -> list[Job]:
        asked.append((queue.name, most))
        return [ready.region.jobs[job_id] for job_id in reversed(ids)]

    ready.state.front_of_queue = front
    shown = ready.client.get_job_queue_snapshot(jobQueue="lab")["frontOfQueue"]["jobs"]
    assert [each["jobArn"].rpartition("/")[2] for each in shown] == ids[::-1]
    assert asked == [("lab", 100)]


@pytest.mark.parametrize(("stop", "flag"), [(cancel_jobs, "isCancelled"), (terminate_jobs, "isTerminated")])
def test_many_jobs_are_stopped_in_one_call(ready: "Lab", stop: Handler, flag: str) -> None:
    """The bulk calls mark each job and count an unknown id as done; 51 ids are refused."""
    ids = [ready.submit(), ready.submit(), "gone"]
    parts = {"state": ready.state, "region": ready.region, "world": ready.world}
    assert stop(Call(**parts, request={"jobs": ids, "reason": "x"})) == {"successful": ids, "errors": []}
    assert [ready.job(job_id)[flag] for job_id in ids[:2]] == [True, True]
    with pytest.raises(Refusal, match="1 to 50"):
        stop(Call(**parts, request={"jobs": ["x"] * 51, "reason": "x"}))
