"""The main job under moto's own `mock_aws`, with which users test their programs: made, run, and taken away.

`mock_aws` swaps moto's data for its own and puts nothing back, so it stands in no test with the local AWS; each test
begins with an empty account.
"""

import json
import time
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from batchwright import Action, BatchSession
from batchwright.local import InProcessAws
from batchwright.resources.batch_job import BatchJob
from batchwright.testing import FakeClock

CONFIG = {"batch": {"use_docker": False}, "iam": {"load_aws_managed_policies": True}}


@pytest.fixture(params=["us-east-2", "eu-central-1"])
def session(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[BatchSession]:
    """A session on moto's mock."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(config=CONFIG):  # type: ignore[arg-type]  # moto's type does not know its own options
        boto3_session = boto3.Session(region_name=request.param)
        with BatchSession("moto", boto3_session=boto3_session, clock=FakeClock(time.time())) as session:
            yield session


def declared(session: BatchSession) -> BatchJob:
    """A job with an environment, a queue, a definition, a tracker and a volume of its own."""
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    try:
        role = session.iam.create_role(RoleName="batch-service", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    except session.iam.exceptions.EntityAlreadyExistsException:
        role = session.iam.get_role(RoleName="batch-service")["Role"]["Arn"]
    # moto knows no service-linked role, and wants one that exists.
    environment = session.compute_environment(name="lab", service_role=role)
    queue = session.job_queue(name="lab", compute_environments=environment)
    volume = session.efs_volume(name="scratch", retain=False)
    tracker = session.status_tracker(name="lab-jobs", retain=False)
    job_role = session.iam_role(name="lab-job", access_to=(tracker,))
    definition = session.job_definition(
        name="convert", image="busybox:1.36", volumes={"/mnt/efs": volume}, job_role=job_role
    )
    return session.batch_job(name="sub-01", definition=definition, queue=queue, tracker=tracker, command=["true"])


def test_it_is_made_once_and_runs(session: BatchSession) -> None:
    """Everything is created, then found unchanged; the job ends, and its row says how."""
    job = declared(session)
    made = session.ensure(job)
    assert {done.action for done in made.values() if done.owned} == {Action.CREATED}
    assert job.wait().status == "SUCCEEDED"
    again = session.ensure(declared(session))
    assert {done.action for done in again.values()} == {Action.UNCHANGED}
    jobs = session.batch.list_jobs(jobQueue="lab", jobStatus="SUCCEEDED")["jobSummaryList"]
    assert [each["jobId"] for each in jobs] == [job.job_id()]
    tracker = session.status_tracker(name="lab-jobs")
    assert [(row.id, row.status, row.job_id) for row in tracker.rows()] == [("moto/sub-01", "SUCCEEDED", job.job_id())]


def test_it_is_listed(session: BatchSession) -> None:
    """By status, name and time, with its row."""
    session.ensure(declared(session))
    session.wait(session.jobs())
    for arguments in ({}, {"name": "sub-*"}, {"since": 600}, {"status": "finished", "queue": "lab"}):
        (job,) = session.jobs(**arguments)  # type: ignore[arg-type]  # of several types
        assert (job.name, job.status, job.submission_id) == ("sub-01", "SUCCEEDED", "moto/sub-01")


def test_it_is_taken_away(session: BatchSession) -> None:
    """After `delete()` the namespace owns nothing."""
    job = declared(session)
    session.ensure(job)
    job.wait()
    assert len(session.inventory()) >= 8
    session.delete()
    assert list(session.inventory()) == []
    assert session.efs.describe_file_systems()["FileSystems"] == []
    assert session.dynamodb.list_tables()["TableNames"] == []


def test_the_local_aws_can_follow_in_one_process(session: BatchSession) -> None:
    """Once a mock has ended, the local AWS of the same process starts empty and works."""
    session.ensure(declared(session))
    aws = InProcessAws()
    with BatchSession("local", boto3_session=aws.boto3_session(), clock=aws.session_clock()) as local:
        assert list(local.inventory()) == []
        assert local.status_tracker(name="own", retain=False).ensure().action is Action.CREATED
    aws.close()


def test_the_one_call(session: BatchSession) -> None:
    """`submit()` on a queue of one's own: it runs, and the next call of the name is the next run."""
    job = declared(session)
    session.ensure(job.required_queue)
    first = session.submit("one", image="busybox:1.36", command=["true"], queue=job.required_queue)
    assert first.wait().status == "SUCCEEDED"
    second = session.submit("one", image="busybox:1.36", command=["true"], queue=job.required_queue)
    assert second.run == 2
    assert second.job_id() != first.job_id()
    second.wait()
