"""Jobs that AWS starts at most once: their unit, from its making to its end."""

import re
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from batchwright import (
    Action,
    BatchJob,
    BatchSession,
    ConflictError,
    InUseError,
    UnfinishedJobError,
    WaitTimeoutError,
)
from batchwright.jobs.description import describe_jobs
from batchwright.local.in_process import InProcessAws

from .declaring import declared, unit_of

PERMISSIONS = Path(__file__).parents[2] / "docs" / "how-to" / "permissions.md"
LONG = {"BATCHWRIGHT_SCRIPT_SECONDS": "6000"}


def submitted_again(session: BatchSession, job: BatchJob) -> str:
    """What AWS accepts where everything else has failed: the same request a second time."""
    session.clock.sleep(1)
    request = session.batch.describe_jobs(jobs=[job.job_id()])["jobs"][0]
    variables = [{"name": "BATCHWRIGHT_SUBMISSION_ID", "value": job.submission_id}]
    answer = session.batch.submit_job(
        jobName=job.name,
        jobQueue=request["jobQueue"],
        jobDefinition=request["jobDefinition"],
        containerOverrides={"environment": cast("Any", variables)},
        consumableResourcePropertiesOverride={
            "consumableResourceList": [{"consumableResource": unit_of(job).name, "quantity": 1}]
        },
    )
    return answer["jobId"]


def record(session: BatchSession, job: BatchJob, job_id: str) -> None:
    """Have the job's row say that another job is its own."""
    session.dynamodb.update_item(
        TableName=cast("Any", job.tracker).name,
        Key={"id": {"S": job.submission_id}},
        UpdateExpression="SET job_id = :id",
        ExpressionAttributeValues={":id": {"S": job_id}},
    )


def status_of(session: BatchSession, job_id: str) -> str:
    return str(session.batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"])


def started(session: BatchSession, *job_ids: str) -> list[str]:
    """Those of these jobs that have ever had a container."""
    return [job["jobId"] for job in session.batch.describe_jobs(jobs=list(job_ids))["jobs"] if job.get("startedAt")]


def let_start(aws: InProcessAws) -> None:
    """Time for whatever can start; each step of a job begins when the one before is seen."""
    for _ in range(5):
        aws.advance(60)


def units(aws: InProcessAws) -> list[str]:
    return list(aws.state.region("us-east-2").consumables)


def test_two_accepted_requests_start_one_container(session: BatchSession, aws: InProcessAws) -> None:
    """The second waits, is told why, and ends with the job; what it leaves is nothing."""
    job = declared(session, environment=LONG)
    job.ensure()
    second = submitted_again(session, job)
    let_start(aws)
    assert (status_of(session, job.job_id()), status_of(session, second)) == ("RUNNING", "RUNNABLE")
    diagnosis = session.diagnose(describe_jobs(session, [second])[second])
    assert diagnosis.top is not None
    assert f"was taken by job {job.job_id()} (RUNNING)" in diagnosis.top.summary
    aws.advance(6000)
    assert job.wait().status == "SUCCEEDED"
    aws.advance(60)
    job.delete()
    assert started(session, job.job_id(), second) == [job.job_id()]
    assert status_of(session, second) == "FAILED"
    assert units(aws) == []


def test_the_job_of_the_row_may_be_the_one_without_the_unit(session: BatchSession, aws: InProcessAws) -> None:
    """Waiting for it names the job that has the unit, its end leaves that one alone, and deleting ends both."""
    job = declared(session, environment=LONG)
    job.ensure()
    first, second = job.job_id(), submitted_again(session, job)
    let_start(aws)
    record(session, job, second)
    with pytest.raises(WaitTimeoutError, match=rf"was taken by job {first} \(RUNNING\)"):
        job.wait(timeout_s=60)
    job.terminate()
    assert job.wait(check=False).status == "FAILED"
    assert (status_of(session, first), units(aws)) == ("RUNNING", [unit_of(job).name])
    job.delete()
    assert (status_of(session, first), units(aws)) == ("FAILED", [])
    assert started(session, first, second) == [first]


def test_a_job_that_has_its_unit_is_not_held_up_by_it(session: BatchSession, aws: InProcessAws) -> None:
    """A wait for a running job that runs out of time finds nothing wrong."""
    job = declared(session, environment=LONG)
    job.ensure()
    let_start(aws)
    with pytest.raises(WaitTimeoutError) as caught:
        job.wait(timeout_s=60)
    assert unit_of(job).name not in str(caught.value)
    assert caught.value.diagnosis is not None
    assert not caught.value.diagnosis


def test_ensure_again_makes_no_second_unit(session: BatchSession, aws: InProcessAws) -> None:
    """Neither while the job runs nor after its unit was taken away."""
    job = declared(session)
    assert job.ensure().action is Action.CREATED
    assert unit_of(job).describe().total_quantity == 1
    assert job.ensure().action is Action.UNCHANGED
    job.wait()
    assert units(aws) == []
    assert job.ensure().action is Action.UNCHANGED
    report = session.ensure(job)
    assert (report[unit_of(job)].action, report[unit_of(job)].description.status) == (Action.UNCHANGED, "SPENT")
    assert {step.action for step in session.plan(job).values()} == {Action.UNCHANGED}
    assert units(aws) == []
    assert aws.calls.count(("batch", "CreateConsumableResource")) == 1
    assert aws.calls.count(("batch", "SubmitJob")) == 1


def test_a_unit_deleted_by_hand_is_not_made_again(session: BatchSession, aws: InProcessAws) -> None:
    """A second request that AWS has accepted would be let in by another unit."""
    job = declared(session, environment=LONG)
    job.ensure()
    second = submitted_again(session, job)
    let_start(aws)
    session.batch.delete_consumable_resource(consumableResource=unit_of(job).name)
    job.ensure()
    let_start(aws)
    assert started(session, job.job_id(), second) == [job.job_id()]
    top = session.diagnose(describe_jobs(session, [second])[second]).top
    assert top is not None
    assert "does not exist any more: it never starts" in top.summary
    assert units(aws) == []


def test_a_unit_that_is_gone_while_a_claim_is_open_is_a_conflict(session: BatchSession, aws: InProcessAws) -> None:
    """Nobody knows whether a job was submitted, so nothing is made and nothing is sent."""
    job = declared(session)
    job.ensure()
    record(session, job, "")
    session.batch.delete_consumable_resource(consumableResource=unit_of(job).name)
    with pytest.raises(ConflictError, match=r"taken away while submission 'test/sub-01' was only\s+claimed"):
        job.ensure()
    assert units(aws) == []
    assert aws.calls.count(("batch", "SubmitJob")) == 1


def test_a_process_that_is_faster_is_no_conflict(session: BatchSession, aws: InProcessAws) -> None:
    """Another one that makes the unit and claims between our two looks leaves us its unit and its job."""
    fast = BatchSession("test", boto3_session=aws.boto3_session(), clock=session.clock)
    job = declared(session)
    session.ensure(*(other for other in job.dependencies() if other != job.start_unit))
    missed: list[str] = []

    def overtake(**_: object) -> None:
        if not missed:
            missed.append("the unit")
            declared(fast).ensure()
            record(fast, declared(fast), "")  # as it is between its claim and its record

    session.dynamodb.meta.events.register("before-call.dynamodb.GetItem", overtake)
    assert unit_of(job).ensure().action is Action.UNCHANGED
    assert missed
    assert unit_of(job).describe().status == "ACTIVE"


def test_deleting_ends_the_job_before_its_unit_goes(session: BatchSession, aws: InProcessAws) -> None:
    """A job that is deleted before it starts leaves no unit, and none comes back; deleting twice is fine."""
    job = declared(session, environment=LONG)
    job.ensure()
    job.delete()
    assert (job.describe().status, units(aws)) == ("FAILED", [])
    job.delete()
    assert job.ensure().action is Action.UNCHANGED
    assert units(aws) == []


def test_a_unit_that_is_needed_is_not_deleted_alone(session: BatchSession, aws: InProcessAws) -> None:
    """The error names the job; together with the job it goes."""
    job = declared(session, environment=LONG)
    job.ensure()
    aws.advance(60)
    with pytest.raises(InUseError, match="'sub-01'"):
        unit_of(job).delete()
    session.delete(unit_of(job), job)
    assert (job.describe().status, units(aws)) == ("FAILED", [])


def test_the_definitions_attempts_do_not_count(session: BatchSession, aws: InProcessAws) -> None:
    """A container that fails is not run again, whatever the definition says."""
    job = declared(session, environment={"BATCHWRIGHT_SCRIPT_EXIT": "1"})
    job.ensure()
    described = job.wait(check=False)
    assert described.status == "FAILED"
    assert cast("Any", described.raw)["retryStrategy"]["attempts"] == 1
    assert len(described.attempts) == 1


def test_the_next_run_of_a_name_has_a_unit_of_its_own(session: BatchSession, aws: InProcessAws) -> None:
    """`session.submit` makes a unit for each run, and the earlier one's does not come back."""
    said: dict[str, Any] = {"image": "busybox:1.36", "command": ["true"], "run_at_most_once": True}
    first = session.submit("sub-01", **said)
    with pytest.raises(UnfinishedJobError):
        session.submit("sub-01", **said)
    first.wait()
    second = session.submit("sub-01", **said)
    assert unit_of(second) != unit_of(first)
    assert units(aws) == [unit_of(second).name]
    assert second.wait().status == "SUCCEEDED"
    assert units(aws) == []


def test_many_are_submitted_and_waited_for_like_others(session: BatchSession, aws: InProcessAws) -> None:
    """Each has a unit of its own, made before it, and gone after its end."""
    jobs = [declared(session, f"sub-{number}") for number in range(3)]
    results = list(session.submit_many(jobs))
    assert [result.error for result in results] == [None] * 3
    assert sorted(units(aws)) == sorted(unit_of(job).name for job in jobs)
    assert {job.status for job in session.wait(jobs).values()} == {"SUCCEEDED"}
    assert units(aws) == []
    assert aws.calls.count(("batch", "SubmitJob")) == 3


def test_without_the_right_to_tidy_up_a_wait_ends_all_the_same(
    session: BatchSession, aws: InProcessAws, caplog: pytest.LogCaptureFixture
) -> None:
    """The end of the job is told, and the log says what was left."""
    job = declared(session)
    job.ensure()

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DeleteConsumableResource")

    session.batch.meta.events.register("before-call.batch.DeleteConsumableResource", refuse)
    assert job.wait().status == "SUCCEEDED"
    assert f"{unit_of(job).name!r} was not taken away after its job's end" in caplog.text
    assert units(aws) == [unit_of(job).name]


def test_the_documented_rights_are_enough(session: BatchSession, aws: InProcessAws) -> None:
    """Besides those of the smaller policy, a job that starts at most once needs the four that are named there."""
    declared(session, "before").ensure()
    other = BatchSession("test", boto3_session=aws.boto3_session(), clock=session.clock)
    aws.calls.clear()
    job = declared(other)
    job.ensure()
    job.wait()
    job.delete()
    text = PERMISSIONS.read_text("utf-8")
    policy, added = text.split("<!-- policy: submit -->")[1].split("run_at_most_once=True`, add")
    rights = set(re.findall(r'"(batch:\w+)"', policy)) | set(re.findall(r"`(batch:\w+)`", added.split(".")[0]))
    assert {f"batch:{operation}" for service, operation in aws.calls if service == "batch"} <= rights
