"""An account in which hundreds of jobs can be submitted, what is there of them, and ways to break the way to it."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError, ReadTimeoutError

from batchwright import (
    BatchJob,
    BatchSession,
    ComputeEnvironment,
    DefaultNetwork,
    JobDefinition,
    JobQueue,
    SecurityGroup,
    StatusTracker,
)
from batchwright.jobs.ledger import Row
from batchwright.jobs.looking import SUBMISSION_VARIABLE
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock

Handler = Callable[[AWSPreparedRequest, str], AWSResponse | None]


@attrs.define
class Lab:
    """One declaration of each thing that jobs need, and the account that they are in."""

    aws: InProcessAws
    session: BatchSession
    queue: JobQueue
    definition: JobDefinition
    tracker: StatusTracker

    @classmethod
    def of(cls, aws: InProcessAws, session: BatchSession) -> "Lab":
        """The least that a job needs: Fargate, a table, a small container."""
        network = DefaultNetwork(session)
        group = SecurityGroup(session, name="lab", network=network)
        environment = ComputeEnvironment(
            session, name="lab", type="FARGATE", max_vcpus=4, network=network, security_groups=group
        )
        role = "arn:aws:iam::123456789012:role/execution"
        definition = JobDefinition(
            session, name="convert", image="busybox:1.36", platform="FARGATE", execution_role=role
        )
        queue = JobQueue(session, name="lab", compute_environments=environment)
        return cls(aws, session, queue, definition, StatusTracker(session, name="jobs"))

    def another(self, **fields: object) -> "Lab":
        """The same account as another process sees it."""
        session = BatchSession(
            "test", boto3_session=self.aws.boto3_session(), clock=clock_of(self.aws), **cast("Any", fields)
        )
        return Lab.of(self.aws, session)

    def job(self, name: object = "sub-01", **fields: object) -> BatchJob:
        """A job."""
        said = {"definition": self.definition, "queue": self.queue, "tracker": self.tracker, "command": ["true"]}
        return BatchJob(self.session, name=str(name), **cast("Any", {**said, **fields}))

    def jobs(self, count: int, **fields: object) -> list[BatchJob]:
        """So many of them."""
        return [self.job(f"sub-{number:04}", **fields) for number in range(count)]

    def made(self) -> "Lab":
        """The same, with everything around the jobs made and trusted, and no calls counted."""
        self.session.ensure(self.queue, self.definition, self.tracker)
        self.aws.calls.clear()
        return self

    # --- the state of the world -----------------------------------------------------------------------------------

    def at_aws(self) -> dict[str, list[str]]:
        """By submission id, AWS's ids of the jobs that nobody ended; two are one too many."""
        found: dict[str, list[str]] = {}
        for job in self.aws.state.region("us-east-2").jobs.values():
            if job.parent_id is None and not job.is_terminated:
                variables = job.request["containerOverrides"]["environment"]
                key = next(each["value"] for each in variables if each["name"] == SUBMISSION_VARIABLE)
                found.setdefault(key, []).append(job.id)
        return found

    def rows(self) -> dict[str, Row]:
        """Every row, by submission id."""
        pages = self.session.dynamodb.get_paginator("scan").paginate(TableName="jobs")
        rows = [Row.from_item(item) for page in pages for item in page["Items"]]
        return {row.submission_id: row for row in rows}

    def agree(self, jobs: list[BatchJob]) -> None:
        """Assert: asked for, at AWS and in the table are the same, once each."""
        asked = sorted(job.submission_id for job in jobs)
        at_aws = self.at_aws()
        assert sorted(at_aws) == asked
        assert [ids for ids in at_aws.values() if len(ids) > 1] == []
        assert {key: row.job_id for key, row in self.rows().items()} == {key: ids[0] for key, ids in at_aws.items()}

    def counts(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(operation for _, operation in self.aws.calls)

    # --- ways to break it -----------------------------------------------------------------------------------------

    def on(self, operation: str, handler: Handler, *, service: str = "batch_once") -> None:
        """Have `handler` see every request of this operation before it is sent."""
        client = getattr(self.session, service)
        name = "batch" if service.startswith("batch") else service

        def handle(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
            return handler(request, event_name) if event_name.endswith(f".{operation}") else None

        client.meta.events.register(f"before-send.{name}", handle)

    def refusing(
        self, code: str, message: str, *, where: Callable[[int, str], bool], status: int = 400, **more: object
    ) -> Handler:
        """A handler: AWS refuses the requests that are chosen by number, from 0, and body."""

        def act(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
            answer = {
                "Error": {"Code": code, "Message": message},
                "ResponseMetadata": {"HTTPStatusCode": status},
                **more,
            }
            raise ClientError(cast("Any", answer), event_name.rpartition(".")[2])

        return chosen(where, act)

    def losing_answers(self, where: Callable[[int, str], bool]) -> Handler:
        """A handler: AWS gets the request, and the chosen answers get lost."""

        def act(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
            self.aws._answer(request, event_name)
            raise ReadTimeoutError(endpoint_url=request.url)

        return chosen(where, act)

    def losing_requests(self, where: Callable[[int, str], bool]) -> Handler:
        """A handler: the chosen requests get lost on their way."""

        def act(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
            raise ReadTimeoutError(endpoint_url=request.url)

        return chosen(where, act)


def chosen(where: Callable[[int, str], bool], act: Handler) -> Handler:
    """A handler that acts on the requests that are chosen by number, from 0, and body."""
    numbers = itertools.count()

    def handle(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        return act(request, event_name) if where(next(numbers), body) else None

    return handle


def clock_of(aws: InProcessAws) -> FakeClock:
    """A clock whose sleeps move AWS's time."""
    return FakeClock(on_sleep=aws.advance, now=aws.clock.now)


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """An empty account whose things are there at once."""
    aws = InProcessAws(delays=Delays.none())
    yield aws
    aws.close()


@pytest.fixture
def lab(aws: InProcessAws) -> Iterator[Lab]:
    """A session on that account, with nothing made yet."""
    with BatchSession("test", boto3_session=aws.boto3_session(), clock=clock_of(aws)) as session:
        yield Lab.of(aws, session)
