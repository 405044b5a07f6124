"""A deployment on an AWS whose time the tests move: two jobs, a temporary volume, a secret, and its tear-down."""

import json
from typing import Any

import attrs
import pytest

from batchwright import (
    BatchJob,
    BatchSession,
    EfsVolume,
    JobDefinition,
    JobQueue,
    StatusTracker,
    StoredSecret,
    Teardown,
    TeardownDescription,
)
from batchwright.local.in_process import InProcessAws

DAY_S = 86_400.0


@attrs.frozen
class Deployment:
    """What one deployment declares, under one name."""

    session: BatchSession
    aws: InProcessAws
    name: str = "sub-01"

    @property
    def queue(self) -> JobQueue:
        """A queue of Fargate, which needs the least around it."""
        network = self.session.defaults.network
        environment = self.session.compute_environment(name="lab", type="FARGATE", max_vcpus=4, network=network)
        return self.session.job_queue(name="lab", compute_environments=environment)

    @property
    def tracker(self) -> StatusTracker:
        """The table of submissions."""
        return self.session.status_tracker(name="jobs")

    @property
    def volume(self) -> EfsVolume:
        """The temporary volume."""
        return self.session.efs_volume(name=self.name, retain=False, teardown=self.name)

    @property
    def secret(self) -> StoredSecret:
        """The temporary secret."""
        return self.session.stored_secret(name=self.name, value="[remote]", store="ssm")

    @property
    def definition(self) -> JobDefinition:
        """A small container."""
        return self.session.job_definition(
            name="convert",
            image="busybox:1.36",
            platform="FARGATE",
            execution_role="arn:aws:iam::123456789012:role/execution",
        )

    def job(self, name: str, **fields: object) -> BatchJob:
        """A job of this deployment; it succeeds after a second unless its command says otherwise."""
        said: dict[str, Any] = {"command": ["true"], **fields}
        return self.session.batch_job(
            name=f"{self.name}-{name}", definition=self.definition, queue=self.queue, tracker=self.tracker, **said
        )

    def teardown(self, **fields: object) -> Teardown:
        """The tear-down after both jobs."""
        said: dict[str, Any] = {
            "after": (self.job("transfer"), self.job("convert")),
            "volume": self.volume,
            "secrets": self.secret,
            **fields,
        }
        return self.session.teardown(name=self.name, **said)

    def begin(self, **fields: object) -> Teardown:
        """Start the tear-down, then make the volume and the secret."""
        teardown = self.teardown(**fields)
        teardown.ensure()
        self.session.ensure(self.volume, self.secret)
        return teardown

    def pass_time(self, seconds: float, step_s: float = 60.0) -> None:
        """Let time go by, with nobody on line."""
        left = seconds
        while left > 0:
            self.aws.advance(min(step_s, left))
            left -= step_s

    def until_ended(self, teardown: Teardown, most_s: float = 2 * DAY_S) -> TeardownDescription:
        """Let time go by until the tear-down has ended."""
        began = self.aws.clock.now()
        while not (seen := teardown.describe()).finished:
            assert self.aws.clock.now() - began < most_s, f"{seen}: not ended"
            self.aws.advance(60)
        return seen

    @property
    def is_left(self) -> tuple[bool, bool]:
        """Whether the volume and the secret are there."""
        return self.volume.exists(), self.secret.exists()

    def put_row(self, job: BatchJob, **columns: str) -> None:
        """Write a job's row as it is after its claim, or with other columns."""
        item = {"id": {"S": job.submission_id}, **{key: {"S": value} for key, value in columns.items()}}
        self.session.dynamodb.put_item(TableName="jobs", Item=item)

    def wish(self, teardown: Teardown) -> dict[str, Any]:
        """What the last execution was told."""
        seen = self.session.states.describe_execution(executionArn=teardown.describe().execution_arn)
        told: dict[str, Any] = json.loads(seen["input"])
        return told


@pytest.fixture
def deployment(session: BatchSession, aws: InProcessAws) -> Deployment:
    """One deployment, nothing of it made."""
    return Deployment(session, aws)
