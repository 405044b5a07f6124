"""The scheduler behind the API: what SubmitJob, CancelJob and GetJobQueueSnapshot make of it."""

import pytest
from botocore.exceptions import ClientError

from batchwright import BatchJob, BatchSession, JobQueue, SchedulingPolicy
from batchwright.local.in_process import InProcessAws


def _queue(session: BatchSession, *, max_vcpus: int = 1, policy: SchedulingPolicy | None = None) -> JobQueue:
    environment = session.compute_environment(name="env", max_vcpus=max_vcpus)
    return session.job_queue(name="queue", compute_environments=environment, scheduling_policy=policy)


def _job(session: BatchSession, queue: JobQueue, name: str, **fields: object) -> BatchJob:
    definition = session.job_definition(name="tool", image="busybox", vcpus=1, memory_gib=1)
    job = session.batch_job(name=name, definition=definition, queue=queue, command=["true"], **fields)
    job.ensure()
    return job


def _pass(aws: InProcessAws, minutes: int) -> None:
    """Let time go by in steps, as jobs go from state to state."""
    for _ in range(minutes):
        aws.advance(60)


def _front(session: BatchSession, aws: InProcessAws) -> list[str]:
    answer = session.batch.get_job_queue_snapshot(jobQueue="queue")
    jobs = aws.state.region("us-east-2").jobs
    return [jobs[each["jobArn"].rpartition("/")[2]].name for each in answer["frontOfQueue"]["jobs"]]


def test_the_snapshot_shows_shares_by_weight_and_priorities_within_them(
    session: BatchSession, aws: InProcessAws
) -> None:
    """What is first in it is what starts first, whenever it was submitted."""
    policy = SchedulingPolicy(session, name="fair", shares={"lab*": 0.5})
    queue = _queue(session, policy=policy)
    _job(session, queue, "occupant", share_identifier="other", environment={"BATCHWRIGHT_SCRIPT_SECONDS": "900"})
    _pass(aws, 5)
    for name, share, priority in (("o1", "other", 1), ("l1", "lab1", 1), ("l2", "lab1", 7)):
        shared = {"shareIdentifier": share, "schedulingPriorityOverride": priority}
        session.batch.submit_job(jobName=name, jobQueue="queue", jobDefinition="tool", **shared)
    _pass(aws, 5)
    assert _front(session, aws) == ["l2", "l1", "o1"]


def test_a_policy_whose_shares_overlap_is_refused(session: BatchSession) -> None:
    """AWS could not tell which weight to take."""
    shares = [{"shareIdentifier": "lab*"}, {"shareIdentifier": "lab1"}]
    with pytest.raises(ClientError, match=r"lab\* and lab1 .* overlap"):
        session.batch.create_scheduling_policy(name="fair", fairsharePolicy={"shareDistribution": shares})


def test_a_cancelled_array_lets_its_running_children_end(session: BatchSession, aws: InProcessAws) -> None:
    """CancelJob on the parent reaches every child that has not started; the array FAILED with the reason."""
    queue = _queue(session, max_vcpus=2)
    job = _job(session, queue, "array", array_size=5, environment={"BATCHWRIGHT_SCRIPT_SECONDS": "600"})
    _pass(aws, 5)
    job.cancel(reason="not needed")
    aws.advance(1)
    region = aws.state.region("us-east-2")
    children = [each for each in region.jobs.values() if each.parent_id is not None]
    assert [each.status for each in children] == ["RUNNING", "RUNNING", "FAILED", "FAILED", "FAILED"]
    assert job.describe().status == "PENDING"
    _pass(aws, 10)
    assert [each.status for each in children] == ["SUCCEEDED", "SUCCEEDED", "FAILED", "FAILED", "FAILED"]
    assert (job.describe().status, job.describe().status_reason) == ("FAILED", "not needed")


def test_an_array_of_ten_thousand_is_described_and_listed(session: BatchSession, aws: InProcessAws) -> None:
    """The summary counts every child, and the pages hold each once."""
    queue = _queue(session, max_vcpus=4000)
    job = _job(session, queue, "array", array_size=10_000)
    _pass(aws, 3)
    summary = session.batch.describe_jobs(jobs=[job.describe().job_id])["jobs"][0]["arrayProperties"]["statusSummary"]
    assert sum(summary.values()) == 10_000
    job.wait()
    seen: list[str] = []
    token = ""
    while token or not seen:
        more = {"nextToken": token} if token else {}
        page = session.batch.list_jobs(arrayJobId=job.describe().job_id, jobStatus="SUCCEEDED", **more)
        seen += [each["jobId"] for each in page["jobSummaryList"]]
        token = page.get("nextToken", "")
    assert len(seen) == len(set(seen)) == 10_000
