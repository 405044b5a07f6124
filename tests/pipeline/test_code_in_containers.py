"""Code inside a container works with the local AWS as code inside a job works with AWS."""

from collections.abc import Iterator

import pytest

from batchwright import BatchSession
from batchwright.local import LocalServer

pytestmark = pytest.mark.docker

# As users have it in their images: boto3 alone, told nothing but what the container was started with.
UPDATE_ROW = """
import os, boto3
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
row = table.update_item(
    Key={"id": os.environ["SUBMISSION_ID"]},
    UpdateExpression="SET #status = :status, sorted_units = :units",
    ExpressionAttributeNames={"#status": "status"},
    ExpressionAttributeValues={":status": "Sorted 12 of 40 units", ":units": 12},
    ConditionExpression="attribute_exists(id)",
    ReturnValues="ALL_NEW",
)["Attributes"]
print(row["id"], row["status"], row["job_name"], sep=", ")
"""


@pytest.fixture
def server() -> Iterator[LocalServer]:
    """An AWS whose jobs are containers, and that has had no problems at its end."""
    with LocalServer(engine="docker") as server:
        yield server
        assert server.status()["problems"] == []


@pytest.fixture
def session(server: LocalServer) -> Iterator[BatchSession]:
    """A session on that AWS."""
    with BatchSession("lab", boto3_session=server.boto3_session()) as session:
        yield session


def test_a_job_writes_its_row_of_the_tracker(server: LocalServer, session: BatchSession, python: str) -> None:
    """boto3 in the container finds the endpoint and the session's key, and what it writes is in the table."""
    tracker = session.status_tracker(name="progress")
    job = session.batch_job(
        name="sort",
        definition=session.job_definition(
            name="python", image=python, job_role=session.iam_role(name="worker", access_to=(tracker,))
        ),
        tracker=tracker,
        submission_id="sort-01",
        command=["python3", "-c", UPDATE_ROW],
        environment={"TABLE": tracker.name, "SUBMISSION_ID": "sort-01"},
    )
    job.ensure()
    assert job.wait().status == "SUCCEEDED"

    assert str(job.logs()).strip() == "sort-01, Sorted 12 of 40 units, sort"
    row = server.boto3_session().resource("dynamodb").Table(tracker.name).get_item(Key={"id": "sort-01"})["Item"]
    assert row["sorted_units"] == 12
    assert row["status"] == "SUCCEEDED"  # as whoever waited wrote after the job's end
