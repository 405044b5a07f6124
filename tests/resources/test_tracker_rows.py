"""What the rows of a tracker say, and who may change what they say."""

import datetime as dt
import io
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest
from IPython.lib.pretty import pretty
from rich.console import Console

from batchwright import BatchSession
from batchwright.errors import DeclarationError, NotFoundError
from batchwright.local.in_process import InProcessAws
from batchwright.resources.status_tracker import StatusTracker
from batchwright.resources.tracker_rows import TrackerRow

QUEUE_ARN = "arn:aws:batch:us-east-2:123456789012:job-queue/lab"


@pytest.fixture
def tracker(session: BatchSession) -> StatusTracker:
    """A tracker whose table is there."""
    tracker = StatusTracker(session, name="lab_status")
    tracker.ensure()
    return tracker


def iso(session: BatchSession, *, ago_s: float = 0) -> str:
    return dt.datetime.fromtimestamp(session.clock.now() - ago_s, dt.UTC).isoformat()


def put(tracker: StatusTracker, row_id: str, **columns: str) -> None:
    """A row as submitting writes it."""
    item = {"id": row_id, "job_id": "", "job_name": row_id, "status": "SUBMITTED", **columns}
    item.setdefault("submitted_on", iso(tracker.session))
    tracker.session.dynamodb.put_item(TableName=tracker.name, Item={key: {"S": text} for key, text in item.items()})


def statuses(tracker: StatusTracker) -> dict[str, str]:
    return {row.id: row.status for row in tracker.rows()}


def let_pass(session: BatchSession, seconds: int) -> None:
    """Time goes by in the steps of somebody who looks every five seconds."""
    for _ in range(0, seconds, 5):
        session.clock.sleep(5)


def submit(session: BatchSession, name: str) -> str:
    """A job on a queue that is made when it is first needed."""
    batch = session.batch
    if not batch.describe_job_queues(jobQueues=["lab"])["jobQueues"]:
        subnet = session.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        group = session.ec2.create_security_group(GroupName="lab", Description="lab")["GroupId"]
        batch.create_compute_environment(
            computeEnvironmentName="lab",
            type="MANAGED",
            computeResources={"type": "FARGATE", "maxvCpus": 256, "subnets": [subnet], "securityGroupIds": [group]},
        )
        session.clock.sleep(60)
        order: Any = [{"order": 1, "computeEnvironment": "lab"}]
        batch.create_job_queue(jobQueueName="lab", priority=1, computeEnvironmentOrder=order)
        role = session.iam.create_role(RoleName="run", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        session.clock.sleep(60)
        sizes: Any = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
        batch.register_job_definition(
            jobDefinitionName="lab",
            type="container",
            platformCapabilities=["FARGATE"],
            containerProperties={
                "image": "busybox",
                "resourceRequirements": sizes,
                "executionRoleArn": role,
                "environment": [{"name": "BATCHWRIGHT_SCRIPT_SECONDS", "value": "300"}],
            },
        )
    return batch.submit_job(jobName=name, jobQueue="lab", jobDefinition="lab")["jobId"]


TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}'
)


# --- update -----------------------------------------------------------------------------------------------------------


def test_a_job_writes_its_status_with_one_call(tracker: StatusTracker, aws: InProcessAws) -> None:
    """update() is one UpdateItem, changes the status only, and needs nothing but the table's name."""
    put(tracker, "a", claim="token", wish="hash", queue_arn=QUEUE_ARN)
    aws.calls.clear()
    assert StatusTracker(tracker.session, name="lab_status").update("a", "Converting 40 %")
    assert aws.calls == [("dynamodb", "UpdateItem")]
    (row,) = tracker.rows()
    assert row.status == "Converting 40 %"
    assert (row.raw["claim"], row.raw["wish"], row.queue_arn) == ("token", "hash", QUEUE_ARN)


def test_no_row_is_made_for_an_unknown_id(tracker: StatusTracker) -> None:
    """update() of an id that was never submitted is an error, and the table stays as it was."""
    with pytest.raises(NotFoundError, match="has no row 'nobody'"):
        tracker.update("nobody", "Converting")
    assert len(tracker.rows()) == 0


def test_a_missing_table_is_named(session: BatchSession) -> None:
    """update() in the wrong region or account says that the table is missing."""
    with pytest.raises(NotFoundError, match="'elsewhere' does not exist in us-east-2"):
        StatusTracker(session, name="elsewhere").update("a", "Converting")


@pytest.mark.parametrize("final", ["SUCCEEDED", "FAILED", "VANISHED"])
def test_a_final_status_never_goes_back(tracker: StatusTracker, final: str) -> None:
    """No later text replaces how a job ended, and update() says that it wrote nothing."""
    put(tracker, "a")
    assert tracker.update("a", final)
    for later in ("RUNNING", "Converting 40 %", "SUCCEEDED"):
        assert not tracker.update("a", later)
    assert statuses(tracker) == {"a": final}


@pytest.mark.parametrize(("row_id", "status", "field"), [("", "RUNNING", "submission_id"), ("a", "", "status")])
def test_empty_texts_are_refused_before_any_call(row_id: str, status: str, field: str) -> None:
    """The error names which of the two is empty."""
    with pytest.raises(DeclarationError, match=f"{field}=''"):
        StatusTracker(BatchSession("test"), name="lab_status").update(row_id, status)


# --- rows -------------------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_of_submission_over_all_pages(session: BatchSession, tracker: StatusTracker) -> None:
    """Every page is read, and the first submission comes first."""
    for index in range(7):
        put(tracker, f"row-{index}", submitted_on=iso(session, ago_s=index), padding="x" * 300_000)
    scans: list[str] = []
    session.dynamodb.meta.events.register(
        "before-send.dynamodb.Scan", lambda request, **_: scans.append(body_of(request))
    )
    assert [row.id for row in tracker.rows()] == [f"row-{index}" for index in reversed(range(7))]
    assert len(scans) > 1
    assert all('"ConsistentRead": true' in scan for scan in scans)


def body_of(request: AWSPreparedRequest) -> str:
    body = request.body
    return body.decode() if isinstance(body, bytes) else str(body)


def test_rows_print_as_a_table(session: BatchSession, tracker: StatusTracker) -> None:
    """str(), rich and a notebook show the seed's columns, with markup in a row taken as text."""
    put(tracker, "a", job_id="1-2-3", status="[b]<40 %>", claim="token")
    rows = tracker.rows()
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(rows)
    for shown in (str(rows), pretty(rows), console.export_text()):
        assert "[b]<40 %>" in shown
        assert "1-2-3" in shown
        assert "token" not in shown
    assert "[b]&lt;40 %&gt;" in rows._repr_html_()
    assert "job_name" in rows._repr_html_()
    assert repr(rows[:0]) == "<Rows: 0>"
    assert rows[0].id == "a"


def test_a_row_of_an_older_program_may_lack_columns(tracker: StatusTracker) -> None:
    """Only the id is sure; a column of another type than text is kept in `raw`."""
    tracker.session.dynamodb.put_item(TableName=tracker.name, Item={"id": {"S": "a"}, "status": {"N": "3"}})
    (row,) = tracker.rows()
    assert (row.id, row.status, row.job_id) == ("a", "", "")
    assert row.raw["status"] == 3


@pytest.mark.parametrize(
    ("submitted_on", "age_s"),
    [
        ("2026-01-01T00:00:00+00:00", 86_400.0),
        ("2026-01-01T00:00:00", 43_200.0),
        ("2026-01-01T09:00:00+09:00", 86_400.0),
        ("yesterday", float("inf")),
    ],
)
def test_the_age_of_a_row_is_never_overstated(submitted_on: str, age_s: float) -> None:
    """A time without a zone may be 12 hours behind UTC; one that cannot be read is long ago."""
    now = dt.datetime(2026, 1, 2, tzinfo=dt.UTC).timestamp()
    assert TrackerRow(id="a", submitted_on=submitted_on).age_s(now) == age_s


# --- sync -------------------------------------------------------------------------------------------------------------


def test_sync_follows_a_job_to_its_end(session: BatchSession, tracker: StatusTracker) -> None:
    """The row passes through AWS's words, each change is reported once, and the end stays."""
    put(tracker, "a", job_id=submit(session, "a"), status="Job submitted...")
    session.clock.sleep(1)
    assert [row.status for row in tracker.sync()] == ["SUBMITTED"]
    let_pass(session, 40)
    (changed,) = tracker.sync()
    assert (changed.id, changed.status) == ("a", "RUNNING")
    let_pass(session, 600)
    assert [row.status for row in tracker.sync()] == ["SUCCEEDED"]
    assert len(tracker.sync()) == 0
    assert statuses(tracker) == {"a": "SUCCEEDED"}


def test_sync_leaves_what_the_job_wrote_until_it_ends(session: BatchSession, tracker: StatusTracker) -> None:
    """A text of the code inside the job says more than RUNNING; how the job ended says more than that."""
    put(tracker, "a", job_id=submit(session, "a"))
    tracker.update("a", "Converting 40 %")
    let_pass(session, 40)
    assert len(tracker.sync()) == 0
    assert statuses(tracker) == {"a": "Converting 40 %"}
    let_pass(session, 600)
    tracker.sync()
    assert statuses(tracker) == {"a": "SUCCEEDED"}


def test_sync_asks_for_a_hundred_jobs_a_call(session: BatchSession, tracker: StatusTracker, aws: InProcessAws) -> None:
    """101 unfinished rows are two calls; finished and claimed rows are not asked for."""
    for index in range(101):
        put(tracker, f"row-{index}", job_id=f"job-{index}")
    put(tracker, "finished", job_id="job-f", status="FAILED")
    put(tracker, "claimed", status="CLAIMED")
    aws.calls.clear()
    assert len(tracker.sync()) == 0
    assert aws.calls.count(("batch", "DescribeJobs")) == 2
    assert ("dynamodb", "UpdateItem") not in aws.calls


def test_a_job_that_aws_forgot_has_vanished(session: BatchSession, tracker: StatusTracker) -> None:
    """It is shown as such, and not as running; a young row waits, since its job may only not show yet."""
    put(tracker, "old", job_id="gone-1", status="RUNNING", submitted_on=iso(session, ago_s=3600))
    put(tracker, "young", job_id="gone-2", status="RUNNING", submitted_on=iso(session, ago_s=60))
    put(tracker, "claimed", status="CLAIMED", submitted_on=iso(session, ago_s=3600))
    assert [(row.id, row.status) for row in tracker.sync()] == [("old", "VANISHED")]
    assert statuses(tracker) == {"old": "VANISHED", "young": "RUNNING", "claimed": "CLAIMED"}


def test_a_job_of_another_region_is_left_alone(session: BatchSession, tracker: StatusTracker) -> None:
    """This region's Batch knows nothing of it, which says nothing."""
    elsewhere = QUEUE_ARN.replace("us-east-2", "eu-west-1")
    put(tracker, "a", job_id="gone", status="RUNNING", submitted_on=iso(session, ago_s=3600), queue_arn=elsewhere)
    assert len(tracker.sync()) == 0
    assert statuses(tracker) == {"a": "RUNNING"}


def test_sync_does_not_undo_what_happens_meanwhile(session: BatchSession, tracker: StatusTracker) -> None:
    """A text, an end or a deletion between the reading of the table and the writing wins."""
    for row_id in ("written", "ended", "deleted"):
        put(tracker, row_id, job_id=submit(session, row_id))
    let_pass(session, 40)

    def meanwhile(**_: object) -> None:
        other = StatusTracker(session, name=tracker.name)
        other.update("written", "Converting 40 %")
        other.update("ended", "FAILED")
        session.dynamodb.delete_item(TableName=tracker.name, Key={"id": {"S": "deleted"}})

    session.batch.meta.events.register("before-call.batch.DescribeJobs", meanwhile)
    assert len(tracker.sync()) == 0
    assert statuses(tracker) == {"written": "Converting 40 %", "ended": "FAILED"}
