"""A queue, a definition and a table that jobs need, declared; and an AWS that refuses what it is told to refuse."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright import (
    BatchJob,
    BatchSession,
    ComputeEnvironment,
    DefaultNetwork,
    IamRole,
    JobDefinition,
    JobQueue,
    SecurityGroup,
    StatusTracker,
)
from batchwright.jobs.ledger import Ledger, Row
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws
from batchwright.local.messages import Answer
from batchwright.local.refused import refusal
from batchwright.local.transport import response_of

EXECUTION_ROLE = "arn:aws:iam::123456789012:role/execution"


@attrs.frozen
class Lab:
    """Declarations of a session: what a job needs, with the least around it."""

    session: BatchSession

    @property
    def environment(self) -> ComputeEnvironment:
        """Fargate, which takes no instance profile; four vCPUs."""
        network = DefaultNetwork(self.session)
        group = SecurityGroup(self.session, name="lab", network=network)
        return ComputeEnvironment(
            self.session, name="lab", type="FARGATE", max_vcpus=4, network=network, security_groups=group
        )

    @property
    def queue(self) -> JobQueue:
        """The queue of that environment."""
        return JobQueue(self.session, name="lab", compute_environments=self.environment)

    @property
    def tracker(self) -> StatusTracker:
        """The table of submissions."""
        return StatusTracker(self.session, name="jobs")

    def make_execution_role(self) -> None:
        """Have the role that definitions name, as far as a diagnosis looks at it."""
        policies = ("service-role/AmazonECSTaskExecutionRolePolicy",)
        IamRole(self.session, name="execution", path="/", managed_policies=policies).ensure()

    def definition(self, **fields: object) -> JobDefinition:
        """A small container."""
        said = {"name": "convert", "image": "busybox:1.36", "platform": "FARGATE", "execution_role": EXECUTION_ROLE}
        return JobDefinition(self.session, **cast("Any", {**said, **fields}))

    def job(self, name: str = "sub-01", **fields: object) -> BatchJob:
        """A job that succeeds after a second."""
        said = {"definition": self.definition(), "queue": self.queue, "tracker": self.tracker, "command": ["true"]}
        return BatchJob(self.session, name=name, **cast("Any", {**said, **fields}))

    def submitted(self, name: str = "sub-01", **fields: object) -> BatchJob:
        """Such a job, submitted."""
        job = self.job(name, **fields)
        job.ensure()
        return job

    def row(self, job: BatchJob) -> Row:
        """The row of a submitted job."""
        row = Ledger(self.session, "jobs").read(job.submission_id)
        assert row is not None
        return row

    def for_another(self, namespace: str = "test") -> "Lab":
        """The same account from another session."""
        return Lab(BatchSession(namespace, boto3_session=self.session.boto3_session, clock=self.session.clock))


def send_once(client: Any) -> None:  # noqa: ANN401  # of any service
    """Have botocore retry nothing, which would take real time."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister(f"needs-retry.{service}", unique_id=f"retry-config-{service}")


Refuse = Callable[..., None]
Asked = Callable[[], list[str]]


class RefusingAws(InProcessAws):
    """An AWS that refuses what it is told to refuse, and does nothing about it."""

    def __init__(self) -> None:
        super().__init__(delays=Delays.none())
        self.refusals: dict[tuple[str, str], list[Answer]] = {}

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        waiting = self.refusals.get((service, operation))
        return response_of(request, waiting.pop()) if waiting else super()._answer(request, event_name)


@pytest.fixture
def aws() -> Iterator[RefusingAws]:
    """An empty account in which everything settles at once."""
    aws = RefusingAws()
    yield aws
    aws.close()


@pytest.fixture
def lab(session: BatchSession) -> Lab:
    """What a job needs, declared."""
    return Lab(session)


@pytest.fixture
def bare() -> Lab:
    """The same for a session that could call nobody."""
    return Lab(BatchSession("test", region="us-east-2"))


@pytest.fixture
def refuse(aws: RefusingAws) -> Refuse:
    """`refuse("batch", "SubmitJob", code, ...)` makes AWS refuse an operation from then on, or so many times."""

    def refuse(
        service: str, operation: str, code: str, message: str = "no", *, status: int = 400, times: int = 1_000
    ) -> None:
        aws.refusals[service, operation] = [refusal(code, message, status=status, service=service)] * times

    return refuse


@pytest.fixture
def asked(aws: InProcessAws) -> Asked:
    """`asked()`: the operations called since the last time."""
    since = [len(aws.calls)]

    def asked() -> list[str]:
        new = [operation for _, operation in aws.calls[since[0] :]]
        since[0] = len(aws.calls)
        return new

    return asked
