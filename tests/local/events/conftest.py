"""An account with a queue of jobs, and a rule that hands the events of AWS Batch to an SQS queue."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from batchwright.local.delays import Delays
from batchwright.local.engines import ScriptedEngine
from batchwright.local.in_process import InProcessAws
from batchwright.local.server_clock import ServerClock

if TYPE_CHECKING:
    from mypy_boto3_batch import BatchClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

REGION = "us-east-2"
ARN = f"arn:aws:{{}}:{REGION}:123456789012:{{}}"


@attrs.frozen
class Account:
    """Batch, EventBridge and SQS of one account."""

    aws: InProcessAws
    engine: ScriptedEngine
    batch: "BatchClient"
    events: "EventBridgeClient"
    sqs: "SQSClient"

    def client(self, service: str) -> Any:  # noqa: ANN401 - of any service
        """Return the client of another service."""
        return self.aws.boto3_session(REGION).client(service)  # type: ignore[call-overload]

    def queue(self, name: str) -> str:
        """Make an SQS queue that EventBridge may send to; returns its ARN."""
        arn = ARN.format("sqs", name)
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        attributes: dict[Any, str] = {"Policy": _policy(allowed)}
        if name.endswith(".fifo"):
            attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
        self.sqs.create_queue(QueueName=name, Attributes=attributes)
        return arn

    def rule(self, pattern: object, target: dict[str, Any], *, name: str = "rule", bus: str = "default") -> None:
        """Make a rule with one target."""
        self.events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)
        chosen: Any = {"Id": "1", **target}
        self.events.put_targets(Rule=name, EventBusName=bus, Targets=[chosen])

    def events_role(self, *, name: str = "events", actions: tuple[str, ...] = ("*",)) -> str:
        """Make a role that EventBridge may take on for these actions; returns its ARN."""
        trusted = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
        iam = self.client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trusted))["Role"]["Arn"]
        allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        iam.put_role_policy(RoleName=name, PolicyName="rights", PolicyDocument=_policy(allowed))
        return str(role)

    def submit(self, name: str = "job", **more: Any) -> str:  # noqa: ANN401 - members of SubmitJob
        """Submit a job and let it start; returns its id."""
        job_id = self.batch.submit_job(jobName=name, jobQueue="jobs", jobDefinition="work", **more)["jobId"]
        self.aws.advance(0)
        return job_id

    def received(self, queue: str = "told") -> list[Any]:
        """Return the bodies of all messages of an SQS queue, and delete them."""
        url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found: list[Any] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message.get("Body", "null")))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message.get("ReceiptHandle", ""))
        return found


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def account() -> Iterator[Account]:
    clock = ServerClock(frozen_at=1_800_000_000.0)
    engine = ScriptedEngine(clock)
    aws = InProcessAws(clock=clock, engine=engine, delays=Delays.none())
    session = aws.boto3_session(REGION)
    account = Account(aws, engine, session.client("batch"), session.client("events"), session.client("sqs"))
    _make_batch(account)
    yield account
    aws.close()


def _make_batch(account: Account) -> None:
    """Make an environment, a queue and a definition."""
    ec2 = account.client("ec2")
    resources: Any = {
        "type": "FARGATE",
        "maxvCpus": 4,
        "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
        "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    }
    account.batch.create_compute_environment(
        computeEnvironmentName="room", type="MANAGED", state="ENABLED", computeResources=resources
    )
    account.batch.create_job_queue(
        jobQueueName="jobs", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "room"}]
    )
    role = account.client("iam").create_role(RoleName="task", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    needs: Any = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
    account.batch.register_job_definition(
        jobDefinitionName="work",
        type="container",
        platformCapabilities=["FARGATE"],
        containerProperties={
            "image": "busybox",
            "command": ["true"],
            "executionRoleArn": role,
            "resourceRequirements": needs,
        },
    )
