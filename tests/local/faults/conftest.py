"""Each fault is tried on the AWS inside this process and on one behind a socket, by the same test."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from batchwright.local import Delays, FaultCount, InProcessAws, LocalServer

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
    '"Principal": {"Service": "batch.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
)
RESOURCES = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}]


@attrs.frozen
class Place:
    """A local AWS, however it is reached, and what a test asks of it."""

    boto3_session: Callable[..., boto3.Session]
    inject: Callable[..., None]
    counts: Callable[[], tuple[FaultCount, ...]]
    clear: Callable[[], None]
    now: Callable[[], float]
    set_time: Callable[[float], None]
    advance: Callable[[float], None]
    reset: Callable[[], None]
    is_here: bool

    def client(
        self, service: str, *, attempts: int = 1, read_timeout_s: float = 20.0, clock_offset_s: float = 0.0
    ) -> Any:  # noqa: ANN401  # boto3's own, whichever
        """A client that sends each call once, unless told otherwise."""
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, read_timeout=read_timeout_s)
        return self.boto3_session(clock_offset_s=clock_offset_s).client(service, config=config)

    def acted(self) -> list[int]:
        """How often each fault has acted."""
        return [each.acted for each in self.counts()]

    def make_queue(self) -> None:
        """Make a queue and a definition, both named `lab`."""
        batch = self.client("batch")
        role = self.client("iam").create_role(RoleName="lab", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        batch.create_compute_environment(computeEnvironmentName="lab", type="UNMANAGED", serviceRole=role)
        order = [{"order": 1, "computeEnvironment": "lab"}]
        batch.create_job_queue(jobQueueName="lab", priority=1, computeEnvironmentOrder=order)
        container = {"image": "busybox", "command": ["true"], "resourceRequirements": RESOURCES}
        batch.register_job_definition(jobDefinitionName="lab", type="container", containerProperties=container)

    def submit(self, name: str = "one", attempts: int = 1, read_timeout_s: float = 20.0) -> str:
        """Submit a job; its id."""
        batch = self.client("batch", attempts=attempts, read_timeout_s=read_timeout_s)
        job_id: str = batch.submit_job(jobName=name, jobQueue="lab", jobDefinition="lab")["jobId"]
        return job_id

    def jobs(self) -> list[str]:
        """The names of all jobs of the queue, newest first."""
        filters = [{"name": "AFTER_CREATED_AT", "values": ["0"]}]
        pages = self.client("batch").get_paginator("list_jobs").paginate(jobQueue="lab", filters=filters)
        return [job["jobName"] for page in pages for job in page["jobSummaryList"]]

    def table(self, name: str = "rows") -> Any:  # noqa: ANN401  # boto3's own, whichever
        """A client of DynamoDB, where there is now a table with the key `id`."""
        dynamodb = self.client("dynamodb")
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        return dynamodb

    @staticmethod
    def refused(call: Callable[..., object], **arguments: object) -> tuple[int, str, str]:
        """HTTP status, code and message of the error that a call gets."""
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
        return metadata["HTTPStatusCode"], error["Code"], error["Message"]


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    with LocalServer(engine="scripted", delays=Delays.none()) as started:
        yield started


@pytest.fixture
def in_process() -> Iterator[Place]:
    """The AWS inside this process, whose time stands still."""
    aws = InProcessAws(delays=Delays.none())
    faults = aws.faults
    yield Place(
        aws.boto3_session,
        faults.add,
        faults.counts,
        faults.clear,
        aws.clock.now,
        aws.set_time,
        aws.advance,
        aws.reset,
        is_here=True,
    )
    aws.close()


@pytest.fixture
def over_http(server: LocalServer) -> Iterator[Place]:
    """The AWS of another process."""
    yield Place(
        server.boto3_session,
        server.inject,
        server.fault_counts,
        server.clear_faults,
        server.now,
        server.set_time,
        server.advance,
        server.reset,
        is_here=False,
    )
    server.clear_faults()
    server.reset()
    assert server.status()["problems"] == []


@pytest.fixture(params=["in_process", "over_http"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty AWS on which nothing goes wrong yet."""
    place: Place = request.getfixturevalue(request.param)
    return place
