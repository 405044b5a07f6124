"""A real boto3 client wired to the local AWS Batch in this process, with a clock that stands still."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from batchwright.local.batch_app import BatchApp
from batchwright.local.delays import Delays
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job, Region, State

REGION = "us-east-2"
EC2_RESOURCES = {
    "type": "EC2",
    "allocationStrategy": "BEST_FIT_PROGRESSIVE",
    "minvCpus": 0,
    "maxvCpus": 64,
    "instanceTypes": ["default_x86_64"],
    "subnets": ["subnet-1"],
    "securityGroupIds": ["sg-1"],
    "instanceRole": "ecsInstanceRole",
}
FARGATE_RESOURCES = {"type": "FARGATE", "maxvCpus": 8, "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]}
SIZES = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]


class Raw(io.BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


@attrs.define
class SettableWorld:
    """Everything exists but what a test takes away; ages are those of long ago unless set."""

    missing: set[str] = attrs.field(factory=set)
    ages_s: dict[str, float] = attrs.field(factory=dict)

    def instance_profile_age_s(self, region: str, name_or_arn: str) -> float | None:
        return None if name_or_arn in self.missing else self.ages_s.get(name_or_arn, 3600.0)

    def role_age_s(self, arn: str) -> float | None:
        return None if arn in self.missing else self.ages_s.get(arn, 3600.0)

    def make_service_linked_role(self) -> None:
        """It is there."""

    def subnet_exists(self, region: str, subnet_id: str) -> bool:
        return subnet_id not in self.missing

    def security_group_exists(self, region: str, group_id: str) -> bool:
        return group_id not in self.missing


class IdleScheduler:
    def __init__(self) -> None:
        self.ticks = 0

    def tick(self) -> None:
        self.ticks += 1


@attrs.define
class Lab:
    """One local AWS Batch and what a test may do to it."""

    state: State
    world: SettableWorld
    app: BatchApp
    client: Any

    @property
    def region(self) -> Region:
        return self.state.region(REGION)

    def advance(self, seconds: float) -> None:
        self.state.clock.advance(seconds)

    def environment(self, name: str = "lab", **resources: object) -> str:
        """Create a VALID compute environment and return its ARN."""
        base = FARGATE_RESOURCES if str(resources.get("type", "")).startswith("FARGATE") else EC2_RESOURCES
        answer = self.client.create_compute_environment(
            computeEnvironmentName=name, type="MANAGED", computeResources={**base, **resources}
        )
        self.advance(60)
        return str(answer["computeEnvironmentArn"])

    def queue(self, name: str = "lab", *environments: str, **members: object) -> str:
        """Create a VALID job queue over the environments (one is made if none is named) and return its ARN."""
        arns = environments or (self.environment(f"{name}-environment"),)
        order = [{"order": number, "computeEnvironment": arn} for number, arn in enumerate(arns, 1)]
        answer = self.client.create_job_queue(jobQueueName=name, priority=1, computeEnvironmentOrder=order, **members)
        self.advance(60)
        return str(answer["jobQueueArn"])

    def definition(self, name: str = "convert", *, container: dict[str, Any] | None = None, **members: object) -> str:
        """Register a job definition and return its ARN."""
        properties = {"image": "busybox", "command": ["true"], "resourceRequirements": SIZES, **(container or {})}
        answer = self.client.register_job_definition(
            jobDefinitionName=name, type="container", containerProperties=properties, **members
        )
        return str(answer["jobDefinitionArn"])

    def submit(self, name: str = "sub-01", **members: object) -> str:
        """Submit a job to queue `lab` with definition `convert` and return its id."""
        request = {"jobName": name, "jobQueue": "lab", "jobDefinition": "convert", **members}
        return str(self.client.submit_job(**request)["jobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        (found,) = self.client.describe_jobs(jobs=[job_id])["jobs"]
        return dict(found)

    def set_job(self, job_id: str, **changes: object) -> Job:
        """Play the scheduler: change a job's record."""
        job = self.region.jobs[job_id]
        for member, value in changes.items():
            setattr(job, member, value)
        return job

    def described_environment(self, name: str = "lab") -> dict[str, Any]:
        (found,) = self.client.describe_compute_environments(computeEnvironments=[name])["computeEnvironments"]
        return dict(found)

    def described_queue(self, name: str = "lab") -> dict[str, Any]:
        (found,) = self.client.describe_job_queues(jobQueues=[name])["jobQueues"]
        return dict(found)

    def refusal(self, operation: str, **request: object) -> str:
        """Return the message with which AWS refuses the call; fail the test if it does not."""
        with pytest.raises(ClientError) as caught:
            getattr(self.client, operation)(**request)
        assert caught.value.response["Error"]["Code"] == "ClientException"
        return str(caught.value.response["Error"]["Message"])


def wired_client(app: BatchApp) -> BaseClient:
    client = boto3.client(
        "batch",
        region_name=REGION,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        target = request.url.split("amazonaws.com", 1)[1]
        body = request.body or b""
        response = app(REGION, target, request.method, body if isinstance(body, bytes) else body.encode())
        return AWSResponse(request.url, response.status, response.headers, Raw(response.body))

    client.meta.events.register("before-send.batch", answer)
    return client


@pytest.fixture
def make_lab() -> Callable[[Delays], Lab]:
    def make(delays: Delays) -> Lab:
        state = State(clock=ServerClock(frozen_at=1_700_000_000.0), delays=delays)
        world = SettableWorld()
        app = BatchApp(state, world, IdleScheduler())
        return Lab(state=state, world=world, app=app, client=wired_client(app))

    return make


@pytest.fixture
def lab(make_lab: Callable[[Delays], Lab]) -> Lab:
    """What was made a moment ago is shown at once, so that a test need not move the time after each call."""
    return make_lab(attrs.evolve(Delays.realistic(), describe_lag_s=0.0, environment_lag_s=0.0))


@pytest.fixture
def ready(lab: Lab) -> Lab:
    """A lab with queue `lab` and definition `convert`."""
    lab.queue("lab")
    lab.definition()
    return lab
