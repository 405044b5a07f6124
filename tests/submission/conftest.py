"""A queue, a definition and a table on the local AWS, and ways to break the way to it."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from batchwright import BatchSession
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.looking import SUBMISSION_VARIABLE
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws
from batchwright.submission import Submission
from batchwright.testing import FakeClock

TABLE = "jobs"
SUBMIT = "before-send.batch"
Handler = Callable[[AWSPreparedRequest, str], AWSResponse | None]


@attrs.define
class World:
    """An account in which a job can be submitted."""

    aws: InProcessAws
    session: BatchSession
    queue: str
    definition: str

    def another_session(self, *, clock: object = None) -> BatchSession:
        """As another process would make it."""
        return BatchSession("test", boto3_session=self.aws.boto3_session(), clock=clock or session_clock(self.aws))

    def submission(self, session: BatchSession | None = None, **changes: Any) -> Submission:  # noqa: ANN401  # fields of any type
        """A job's submission, as `BatchJob` makes it."""
        name = changes.pop("name", "sub-01")
        submission_id = f"test/{name}"
        request = {
            "jobName": name,
            "jobQueue": changes.pop("queue", self.queue),
            "jobDefinition": self.definition,
            "containerOverrides": {"environment": [{"name": SUBMISSION_VARIABLE, "value": submission_id}]},
        }
        ledger = Ledger(session or self.session, TABLE)
        made = Submission(submission_id=submission_id, request=request, wish="1:a", tracked=ledger)
        return attrs.evolve(made, **changes)

    def jobs(self) -> list[str]:
        """The id of every job that AWS knows and nobody ended, in whatever queue."""
        jobs = self.aws.state.region("us-east-2").jobs.values()
        return [job.id for job in jobs if not job.is_terminated]

    def row(self, submission_id: str = "test/sub-01") -> Row | None:
        """The submission's row as it is in the table."""
        return Ledger(self.session, TABLE).read(submission_id)

    def submits(self) -> int:
        """How many SubmitJob requests were sent."""
        return self.aws.calls.count(("batch", "SubmitJob"))


def session_clock(aws: InProcessAws) -> FakeClock:
    """A clock whose sleeps move AWS's time."""
    return FakeClock(on_sleep=aws.advance, now=aws.clock.now)


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """An empty account whose things are there at once."""
    aws = InProcessAws(delays=Delays.none())
    yield aws
    aws.close()


@pytest.fixture
def world(aws: InProcessAws) -> Iterator[World]:
    """An account with a queue, a definition and a table."""
    with BatchSession("test", boto3_session=aws.boto3_session(), clock=session_clock(aws)) as session:
        yield World(aws, session, _queue(session), _definition(session))


def _queue(session: BatchSession) -> str:
    vpc = session.ec2.describe_subnets()["Subnets"][0]
    group = session.ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    environment = session.batch.create_compute_environment(
        computeEnvironmentName="lab",
        type="MANAGED",
        computeResources={
            "type": "FARGATE",
            "maxvCpus": 16,
            "subnets": [vpc["SubnetId"]],
            "securityGroupIds": [group],
        },
    )
    session.clock.sleep(1)
    order = [{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}]
    queue = session.batch.create_job_queue(jobQueueName="lab", priority=1, computeEnvironmentOrder=order)
    session.dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    session.clock.sleep(1)
    return queue["jobQueueArn"]


def _definition(session: BatchSession) -> str:
    made = session.batch.register_job_definition(
        jobDefinitionName="convert",
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "alpine",
            "resourceRequirements": [{"type": "VCPU", "value": "0.25"}, {"type": "MEMORY", "value": "512"}],
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        },
    )
    return made["jobDefinitionArn"]


def on_submit(session: BatchSession, handler: Callable[..., AWSResponse | None]) -> None:
    """Call `handler` for every SubmitJob of `session` that the signature gate lets through."""

    def handle(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
        return handler(request, event_name) if event_name.endswith(".SubmitJob") else None

    session.batch_once.meta.events.register(SUBMIT, handle)


def losing_answers(world: World, times: int = 1) -> Callable[..., AWSResponse | None]:
    """A handler: AWS gets the request, and its answer gets lost, so many times."""
    left = [times]

    def handle(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        if not left[0]:
            return None
        left[0] -= 1
        world.aws._answer(request, event_name)
        raise ReadTimeoutError(endpoint_url=request.url)

    return handle


def failing(error: BaseException, times: int = 1) -> Callable[..., AWSResponse | None]:
    """A handler: the request gets lost with this error, so many times."""
    left = [times]

    def handle(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        if not left[0]:
            return None
        left[0] -= 1
        raise error

    return handle


def lost_request() -> ReadTimeoutError:
    """What a request that got lost on its way looks like."""
    return ReadTimeoutError(endpoint_url="https://batch.us-east-2.amazonaws.com")


def no_connection() -> EndpointConnectionError:
    """What a connection that was never made looks like."""
    return EndpointConnectionError(endpoint_url="https://batch.us-east-2.amazonaws.com")


def refusal(code: str, status: int, message: str = "words", operation: str = "SubmitJob") -> ClientError:
    """What botocore raises for an answer of this status."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)  # type: ignore[arg-type]  # a part of an answer
