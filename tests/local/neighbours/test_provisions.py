"""What a job needs of the services around Batch: secrets reach it, and what is missing fails it as on AWS."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest

from batchwright.local.engines import LogSink, Run, ScriptedEngine
from batchwright.local.in_process import InProcessAws
from batchwright.local.server_clock import ServerClock
from batchwright.local.state import Job

SIZES = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}]
ROLE = "arn:aws:iam::123456789012:role/execution"
Fields = dict[str, Any]
RunJob = Callable[..., Fields]


class RecordingEngine(ScriptedEngine):
    """Keeps the variables of every attempt that it started."""

    def __init__(self, clock: ServerClock) -> None:
        super().__init__(clock)
        self.environments: list[dict[str, str]] = []

    def start(self, job: Job, attempt_no: int, environment: Mapping[str, str], log: LogSink) -> Run:
        self.environments.append(dict(environment))
        return super().start(job, attempt_no, environment, log)


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine(ServerClock(frozen_at=1_800_000_000.0))


@pytest.fixture
def aws(engine: RecordingEngine) -> Iterator[InProcessAws]:
    made = InProcessAws(engine=engine, clock=engine._clock)
    yield made
    made.close()


@pytest.fixture
def run_job(aws: InProcessAws, session: boto3.Session) -> RunJob:
    """Runs a container to its end and returns what DescribeJobs says of the job."""
    batch, ec2 = session.client("batch"), session.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    resources: Any = {"type": "FARGATE", "maxvCpus": 4, "subnets": [subnet], "securityGroupIds": [group]}
    resources = {**resources, "type": "EC2", "minvCpus": 0, "instanceTypes": ["optimal"], "instanceRole": "instance"}
    session.client("iam").create_instance_profile(InstanceProfileName="instance")
    aws.advance(60)
    batch.create_compute_environment(computeEnvironmentName="lab", type="MANAGED", computeResources=resources)
    aws.advance(60)
    order: Any = [{"order": 1, "computeEnvironment": "lab"}]
    batch.create_job_queue(jobQueueName="lab", priority=1, computeEnvironmentOrder=order)
    aws.advance(60)

    def run(*, retry: Fields | None = None, **container: Any) -> Fields:  # noqa: ANN401 - any member of a container
        properties: Any = {"image": "busybox", "command": ["true"], "resourceRequirements": SIZES, **container}
        batch.register_job_definition(
            jobDefinitionName="lab", type="container", containerProperties=properties, retryStrategy=retry or {}
        )
        job_id = batch.submit_job(jobName="one", jobQueue="lab", jobDefinition="lab")["jobId"]
        for _ in range(12):
            aws.advance(10)
        return dict(batch.describe_jobs(jobs=[job_id])["jobs"][0])

    return run


@pytest.fixture
def file_system(aws: InProcessAws, session: boto3.Session) -> str:
    """The id of a file system with a mount target."""
    efs = session.client("efs")
    made = efs.create_file_system(CreationToken="lab")["FileSystemId"]
    aws.advance(60)
    subnet = session.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    efs.create_mount_target(FileSystemId=made, SubnetId=subnet)
    aws.advance(60)
    return made


def secret(name: str, source: str) -> Fields:
    return {"executionRoleArn": ROLE, "secrets": [{"name": name, "valueFrom": source}]}


def volume(file_system_id: str, **authorization: str) -> Fields:
    configuration: Fields = {"fileSystemId": file_system_id, "transitEncryption": "ENABLED"}
    if authorization:
        configuration["authorizationConfig"] = authorization
    return {"volumes": [{"name": "data", "efsVolumeConfiguration": configuration}]}


def test_secrets_reach_the_job_and_nobody_else(
    session: boto3.Session, engine: RecordingEngine, run_job: RunJob
) -> None:
    """Whole secrets, one member of a secret, and parameters by name and ARN are variables of the job, shown nowhere."""
    secrets, ssm = session.client("secretsmanager"), session.client("ssm")
    whole = secrets.create_secret(Name="token", SecretString="s3cret-whole")["ARN"]
    content = json.dumps({"user": "lab", "password": "s3cret-member", "port": 5432})
    pair = secrets.create_secret(Name="pair", SecretString=content)["ARN"]
    ssm.put_parameter(Name="/lab/key", Value="s3cret-parameter", Type="SecureString")
    ssm.put_parameter(Name="plain", Value="s3cret-plain", Type="String")
    arn = "arn:aws:ssm:us-east-2:123456789012:parameter"
    sources = {
        "WHOLE": (whole, "s3cret-whole"),
        "MEMBER": (f"{pair}:password::", "s3cret-member"),
        "NUMBER": (f"{pair}:port:AWSCURRENT:", "5432"),
        "BY_NAME": ("/lab/key", "s3cret-parameter"),
        "BY_ARN": (f"{arn}/lab/key", "s3cret-parameter"),
        "BY_SHORT_ARN": (f"{arn}/plain", "s3cret-plain"),
    }
    declared = [{"name": name, "valueFrom": source} for name, (source, _) in sources.items()]
    job = run_job(executionRoleArn=ROLE, secrets=declared)
    assert job["status"] == "SUCCEEDED"
    assert job["container"]["secrets"] == declared
    (seen,) = engine.environments
    assert {name: seen[name] for name in sources} == {name: value for name, (_, value) in sources.items()}
    events = session.client("logs").get_log_events(
        logGroupName="/aws/batch/job", logStreamName=job["container"]["logStreamName"]
    )
    assert "s3cret" not in json.dumps([job, events["events"]], default=str)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("arn:aws:secretsmanager:us-east-2:123456789012:secret:gone-AbCdEf", "ResourceNotFoundException"),
        ("PAIR:pass::", "did not contain json key pass"),
        ("PLAIN:pass::", "did not contain json key pass"),
        ("PAIR:user:AWSPREVIOUS:", "ResourceNotFoundException"),
        ("/gone", "invalid ssm parameters: /gone"),
        ("arn:aws:ssm:us-east-2:123456789012:parameter/gone", "invalid ssm parameters: arn:aws:ssm"),
        ("arn:aws:s3:::bucket", "the ARN of no secret"),
    ],
)
def test_a_secret_that_cannot_be_read_fails_the_job(
    session: boto3.Session, engine: RecordingEngine, run_job: RunJob, source: str, said: str
) -> None:
    """Nothing is started, and the reason names the secret but not what is in it."""
    secrets = session.client("secretsmanager")
    made = {
        "PAIR": secrets.create_secret(Name="pair", SecretString='{"user": "s3cret"}')["ARN"],
        "PLAIN": secrets.create_secret(Name="plain", SecretString="s3cret")["ARN"],
    }
    kind, colon, rest = source.partition(":")
    job = run_job(**secret("TOKEN", f"{made[kind]}{colon}{rest}" if kind in made else source))
    assert (job["status"], job["statusReason"]) == ("FAILED", "Task failed to start")
    reason = job["container"]["reason"]
    assert reason.startswith("ResourceInitializationError: unable to pull secrets")
    assert said in reason
    assert "s3cret" not in json.dumps(job)
    assert engine.environments == []


def test_a_volume_that_is_there_lets_the_job_start(session: boto3.Session, file_system: str, run_job: RunJob) -> None:
    """A file system with a mount target can be mounted, by an access point of its own too."""
    point = session.client("efs").create_access_point(ClientToken="lab", FileSystemId=file_system)["AccessPointId"]
    assert run_job(**volume(file_system))["status"] == "SUCCEEDED"
    assert run_job(**volume(file_system, accessPointId=point))["status"] == "SUCCEEDED"


@pytest.mark.parametrize("missing", ["file system", "mount target", "access point", "another's access point"])
def test_a_volume_that_cannot_be_mounted_fails_the_job(
    aws: InProcessAws,
    session: boto3.Session,
    engine: RecordingEngine,
    file_system: str,
    run_job: RunJob,
    missing: str,
) -> None:
    """Each attempt looks again; the reason is that of the EFS mount."""
    efs = session.client("efs")
    wanted, said = volume(file_system, accessPointId="fsap-0123456789abcdef0"), "access denied by server"
    if missing == "file system":
        wanted, said = volume("fs-0123456789abcdef0"), 'Failed to resolve "fs-0123456789abcdef0.efs.us-east-2'
    elif missing == "mount target":
        (target,) = efs.describe_mount_targets(FileSystemId=file_system)["MountTargets"]
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
        wanted, said = volume(file_system), "has an EFS mount target"
    elif missing == "another's access point":
        other = efs.create_file_system(CreationToken="other")["FileSystemId"]
        aws.advance(60)
        point = efs.create_access_point(ClientToken="lab", FileSystemId=other)["AccessPointId"]
        wanted = volume(file_system, accessPointId=point)
    job = run_job(retry={"attempts": 2}, **wanted)
    assert job["status"] == "FAILED"
    reasons = [attempt["container"]["reason"] for attempt in job["attempts"]]
    assert len(reasons) == 2
    assert all(reason.startswith("ResourceInitializationError: failed to invoke EFS utils") for reason in reasons)
    assert all(said in reason for reason in reasons)
    assert engine.environments == []
