"""The contract of jobs: submitted once, known again in copies, never changed."""

from typing import Any

import attrs
import pytest

from batchwright import Action, BatchSession, ConflictError, JobQueue, NotFoundError
from batchwright.drift import Remedy
from batchwright.lifecycle import Resource
from batchwright.testing import ResourceContract, evolved

from .conftest import Lab


def declared(session: BatchSession, **fields: object) -> Resource[Any]:
    """A job whose every need is spelt out, so that any session will do."""
    environment = session.compute_environment(name="lab", type="FARGATE")
    queue = session.job_queue(name="lab", compute_environments=environment)
    definition = session.job_definition(name="convert", image="busybox:1.36")
    definition = evolved(definition, platform="FARGATE", execution_role="arn:aws:iam::123456789012:role/execution")
    job = session.batch_job(name="sub-01", definition=definition, queue=queue, command=["true"])
    return evolved(job, **fields)


class TestBatchJob(ResourceContract):
    """A job keeps the contract; that it goes away is not part of it, since it stays known."""

    def declare(self, session: BatchSession) -> Resource[Any]:
        return declared(session)

    def test_delete_twice(self, session: BatchSession) -> None:
        """Deleting ends the job, which is described as FAILED from then on; the second time nothing is left to do."""
        job = declared(session, environment={"BATCHWRIGHT_SCRIPT_SECONDS": "6000"})
        job.ensure()
        job.delete()
        assert (job.describe().status, job.describe().status_reason) == ("FAILED", "deleted by batchwright")
        job.delete()
        assert job.ensure().action is Action.UNCHANGED


class TestUntrackedJob(ResourceContract):
    """Without a tracker a job is found by its name in the queue."""

    def declare(self, session: BatchSession) -> Resource[Any]:
        return declared(session, tracker=None)

    def test_delete_twice(self, session: BatchSession) -> None:
        """Deleting ends it, and deleting an ended one is fine."""
        job = self.declare(session)
        job.delete()
        job.ensure()
        job.delete()
        assert job.describe().status == "FAILED"
        job.delete()


CHANGES: dict[str, object] = {
    "command": ("false",),
    "environment": {"SUBJECT": "02"},
    "memory_gib": 4,
    "array_size": 2,
    "timeout_s": 60,
    "depends_on": ("0f0e0d0c-0000-4000-8000-000000000000",),
}


@pytest.mark.parametrize("field", CHANGES)
def test_another_declaration_under_the_name_is_a_conflict(session: BatchSession, lab: Lab, field: str) -> None:
    """The error says how to run the changed job too, drift and plan say the same, and nothing is submitted."""
    job = lab.submitted()
    changed = evolved(job, **{field: CHANGES[field]})
    assert [change.remedy for change in changed.drift()] == [Remedy.REPLACE]
    assert session.plan(job)[job].action is Action.UNCHANGED
    assert session.plan(changed)[changed].action is Action.REPLACED
    if field != "depends_on":  # AWS would be asked about a job that it does not know
        with pytest.raises(ConflictError, match="run=2"):
            changed.ensure()
    assert (
        len(session.batch.list_jobs(jobQueue="lab", filters=[{"name": "JOB_NAME", "values": ["*"]}])["jobSummaryList"])
        == 1
    )


def test_another_definition_under_the_name_is_a_conflict(lab: Lab) -> None:
    """The definition counts by its content, not by its revision."""
    job = lab.submitted()
    assert not evolved(job, definition=lab.definition(tags={"project": "reads"})).drift()
    assert evolved(job, definition=lab.definition(image="busybox:1.37")).drift()


def test_a_copy_with_another_name_or_run_is_another_submission(lab: Lab) -> None:
    """The submission id of a copy follows its name and run, unless one was given."""
    job = lab.job()
    assert attrs.evolve(job, name="sub-02").submission_id == "test/sub-02"
    assert attrs.evolve(job, run=2).submission_id == "test/sub-01/2"
    assert attrs.evolve(lab.job(submission_id="mine"), name="sub-02").submission_id == "mine"
    assert len({job, attrs.evolve(job), attrs.evolve(job, run=2), attrs.evolve(job, name="sub-02")}) == 3


def test_one_submission_id_under_two_names_is_a_conflict(lab: Lab) -> None:
    """The second is not silently taken for the first."""
    lab.submitted("one", submission_id="mine")
    with pytest.raises(ConflictError, match="'mine'"):
        lab.job("two", submission_id="mine").ensure()


def test_what_it_shows_of_itself(lab: Lab) -> None:
    """The submission id is part of it as plain data; in the repr only where it was given, and never a value."""
    job = lab.job(environment={"COLOUR": "hunter2"}, submission_id="mine")
    assert job.to_dict()["submission_id"] == "mine"
    assert lab.job().to_dict()["submission_id"] == "test/sub-01"
    assert "submission_id='mine'" in repr(job)
    assert "submission_id" not in repr(lab.job())
    assert "hunter2" not in f"{job!r} {job._repr_html_()} {job.to_dict()}"


def test_verbs_on_a_job_that_was_not_submitted_say_so(lab: Lab) -> None:
    """Every one of them raises NotFoundError, with the way out."""
    job = lab.job(array_size=2)
    lab.session.ensure(lab.tracker, lab.queue)
    for verb in (job.describe, job.job_id, job.wait, job.logs, job.children, job.cancel, job.terminate, job.drift):
        with pytest.raises(NotFoundError, match=r"ensure\(\)"):
            verb()
    with pytest.raises(NotFoundError):
        next(job.follow_logs())


def test_a_claim_without_its_job_id_is_looked_for(session: BatchSession, lab: Lab) -> None:
    """A job whose submitter died before writing its id down is described, and deleted."""
    job = lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "6000"})
    job_id = job.job_id()
    session.dynamodb.update_item(
        TableName="jobs",
        Key={"id": {"S": job.submission_id}},
        UpdateExpression="SET job_id = :none",
        ExpressionAttributeValues={":none": {"S": ""}},
    )
    assert job.describe().job_id == job_id
    job.delete()
    assert session.batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] == "FAILED"


def test_a_job_of_a_queue_that_is_not_there_was_not_submitted(lab: Lab) -> None:
    """Without a tracker, no queue means no job."""
    job = lab.job(tracker=None)
    assert not job.exists()
    assert isinstance(job.queue, JobQueue)
