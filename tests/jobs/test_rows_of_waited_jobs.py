"""The rows of waited jobs: current while they wait, by one rule, and never the end of a wait."""

import warnings

import attrs
import pytest

from batchwright import BatchSession, JobDescription
from batchwright.jobs.row_keeping import StaleRowsWarning
from batchwright.local.in_process import InProcessAws

from .conftest import Asked, Lab, Refuse, send_once

SECONDS = "BATCHWRIGHT_SCRIPT_SECONDS"


def test_every_status_is_written_as_it_is_seen(lab: Lab, aws: InProcessAws) -> None:
    """Whoever is told of a change finds it in the row."""
    aws.state.delays = attrs.evolve(aws.state.delays, job_submit_s=5, job_start_s=20)
    job = lab.submitted(environment={SECONDS: "30"})
    seen: list[tuple[str, str]] = []

    def note(now: JobDescription) -> None:
        seen.append((now.status, lab.row(job).status))

    job.wait(on_change=note)
    assert [status for status, _ in seen] == ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
    assert all(status == written for status, written in seen)


def test_many_rows_travel_together(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """A change of twenty jobs is one transaction."""
    jobs = [lab.submitted(f"sub-{place}", environment={SECONDS: "1"}, vcpus=0.25, memory_gib=1) for place in range(12)]
    asked()
    session.wait(jobs)
    operations = asked()
    assert operations.count("TransactWriteItems") + operations.count("UpdateItem") <= 6
    assert {row.status for row in lab.tracker.rows()} == {"SUCCEEDED"}


def test_what_the_code_in_the_job_writes_stays_until_it_ends(session: BatchSession, lab: Lab) -> None:
    """AWS's word for a job that runs is no news beside "Converting 40 %"; how it ended is."""
    first, second = (lab.submitted(name, environment={SECONDS: "100"}) for name in ("first", "second"))
    texts: list[str] = []

    def note(now: JobDescription) -> None:
        if now.status == "RUNNING":
            lab.tracker.update(first.submission_id, "Converting 40 %")
            session.clock.sleep(1)
        texts.append(lab.row(first).status)

    lab.tracker.update(second.submission_id, "Converting 1 %")
    session.wait([first, second], on_change=note)
    assert "Converting 40 %" in texts
    assert [lab.row(job).status for job in (first, second)] == ["SUCCEEDED", "SUCCEEDED"]


def test_an_end_is_final(session: BatchSession, lab: Lab) -> None:
    """A row that says how a job ended is not changed by what AWS says later."""
    job = lab.submitted(environment={SECONDS: "1"})
    lab.tracker.update(job.submission_id, "FAILED")
    assert job.wait().status == "SUCCEEDED"
    assert lab.row(job).status == "FAILED"


def test_the_row_of_another_job_is_left_alone(session: BatchSession, lab: Lab) -> None:
    """What became of a job that its row does not name, such as a duplicate, is not the submission's."""
    job = lab.submitted(environment={SECONDS: "30"})
    named = job.job_id()

    def rename(_: JobDescription) -> None:
        session.dynamodb.update_item(
            TableName="jobs",
            Key={"id": {"S": job.submission_id}},
            UpdateExpression="SET job_id = :other",
            ExpressionAttributeValues={":other": {"S": "another"}},
        )

    ended = job.wait(on_change=rename)
    assert (ended.job_id, ended.status) == (named, "SUCCEEDED")
    assert lab.row(job).status != "SUCCEEDED"


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDeniedException", 400), ("ResourceNotFoundException", 400), ("ThrottlingException", 400)],
)
def test_a_table_that_refuses_ends_no_wait(
    session: BatchSession, lab: Lab, refuse: Refuse, code: str, status: int
) -> None:
    """One warning, which says what brings the rows up to date, and the wait goes on to its end."""
    jobs = [lab.submitted(f"sub-{place}", environment={SECONDS: "30"}) for place in range(3)]
    send_once(session.dynamodb)
    for operation in ("UpdateItem", "TransactWriteItems"):
        refuse("dynamodb", operation, code, status=status)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ended = session.wait(jobs)
    assert {job.status for job in ended.values()} == {"SUCCEEDED"}
    assert [warning.category for warning in caught] == [StaleRowsWarning]
    assert "StatusTracker.sync()" in str(caught[0].message)


def test_a_table_that_failed_once_is_written_to_again(session: BatchSession, lab: Lab, refuse: Refuse) -> None:
    """A wait of a day does not leave its rows alone for one bad moment."""
    job = lab.submitted("sub-01", environment={SECONDS: "200"})
    send_once(session.dynamodb)
    refuse("dynamodb", "UpdateItem", "InternalServerError", status=500, times=1)
    with pytest.warns(StaleRowsWarning, match="Rows of table 'jobs'"):
        job.wait()
    assert lab.row(job).status == "SUCCEEDED"


def test_a_table_that_is_slow_is_not_waited_for(session: BatchSession, lab: Lab, refuse: Refuse) -> None:
    """Ten seconds, and the wait goes on without it."""
    jobs = [lab.submitted(f"sub-{place}", environment={SECONDS: "1"}) for place in range(4)]
    send_once(session.dynamodb)
    for operation in ("UpdateItem", "TransactWriteItems"):
        refuse("dynamodb", operation, "ProvisionedThroughputExceededException", times=100)
    before = session.clock.now()
    with pytest.warns(StaleRowsWarning, match="Rows of table 'jobs' in us-east-2 are behind"):
        session.wait(jobs)
    assert session.clock.now() - before < 60
