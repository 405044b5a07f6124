"""The AWS inside this process that the SDK's own tests run on."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from batchwright.local.in_process import InProcessAws


def made_queue(aws: InProcessAws, session: boto3.Session) -> str:
    """Make all that a job needs; return the name of queue and definition."""
    ec2, iam, batch = session.client("ec2"), session.client("iam"), session.client("batch")
    iam.create_instance_profile(InstanceProfileName="instance")
    aws.advance(10)
    batch.create_compute_environment(
        computeEnvironmentName="lab",
        type="MANAGED",
        computeResources={
            "type": "EC2",
            "minvCpus": 0,
            "maxvCpus": 4,
            "instanceTypes": ["optimal"],
            "subnets": [ec2.describe_subnets()["Subnets"][0]["SubnetId"]],
            "securityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
            "instanceRole": "instance",
        },
    )
    aws.advance(35)
    order: Any = [{"order": 1, "computeEnvironment": "lab"}]
    batch.create_job_queue(jobQueueName="lab", priority=1, computeEnvironmentOrder=order)
    resources: Any = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "128"}]
    container: Any = {"image": "busybox", "command": ["sh", "-c", "exit 3"], "resourceRequirements": resources}
    batch.register_job_definition(jobDefinitionName="lab", type="container", containerProperties=container)
    aws.advance(10)
    return "lab"


def test_a_job_runs_by_the_clock(aws: InProcessAws, session: boto3.Session) -> None:
    """A job goes its way as the clock is moved, and its line is in CloudWatch Logs."""
    name = made_queue(aws, session)
    batch = session.client("batch")
    job_id = batch.submit_job(jobName="one", jobQueue=name, jobDefinition=name)["jobId"]
    aws.advance(1)
    assert batch.describe_jobs(jobs=[job_id])["jobs"][0]["status"] == "SUBMITTED"
    for _ in range(10):
        aws.advance(10)
    job = batch.describe_jobs(jobs=[job_id])["jobs"][0]
    assert (job["status"], job["container"]["exitCode"]) == ("FAILED", 3)
    stream = job["container"]["logStreamName"]
    logs = session.client("logs").get_log_events(logGroupName="/aws/batch/job", logStreamName=stream)
    assert [event["message"] for event in logs["events"]] == ["sh -c exit 3"]


def test_lines_of_a_moved_clock_are_kept(aws: InProcessAws, session: boto3.Session) -> None:
    """A line is logged at the server's time, however far that is from the machine's."""
    aws.clock.advance(400 * 86_400)
    test_a_job_runs_by_the_clock(aws, session)


def test_calls_are_remembered(aws: InProcessAws, session: boto3.Session) -> None:
    """A test can ask which calls were made, in order."""
    session.client("batch").describe_job_queues()
    session.client("sts").get_caller_identity()
    assert aws.calls == [("batch", "DescribeJobQueues"), ("sts", "GetCallerIdentity")]


def test_a_reset_forgets_everything(aws: InProcessAws, session: boto3.Session) -> None:
    """After a reset nothing is left, in Batch or elsewhere, and the session goes on working."""
    made_queue(aws, session)
    session.client("efs").create_file_system(CreationToken="lab")
    aws.reset()
    assert aws.calls == []
    assert session.client("batch").describe_job_queues()["jobQueues"] == []
    assert session.client("efs").describe_file_systems()["FileSystems"] == []
    assert session.client("iam").list_instance_profiles()["InstanceProfiles"] == []


@pytest.mark.parametrize(("late_s", "is_accepted"), [(890, True), (910, False)])
def test_a_submission_held_too_long_is_refused(
    aws: InProcessAws, session: boto3.Session, late_s: float, is_accepted: bool
) -> None:
    """A SubmitJob that was signed and then held up is refused by the server's clock after 15 minutes."""
    name = made_queue(aws, session)
    batch = session.client("batch")
    batch.meta.events.register("before-send.batch.SubmitJob", lambda **_: aws.clock.advance(late_s))
    wish = {"jobName": "late", "jobQueue": name, "jobDefinition": name}
    if is_accepted:
        assert batch.submit_job(**wish)["jobName"] == "late"
        return
    with pytest.raises(ClientError, match="Signature expired"):
        batch.submit_job(**wish)
    assert not aws.state.region("us-east-2").jobs


def test_the_users_configuration_does_not_interfere(monkeypatch: pytest.MonkeyPatch, aws: InProcessAws) -> None:
    """A profile that does not exist, or endpoints for real programs, do not reach a session on the local AWS."""
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    batch = aws.boto3_session("us-east-2").client("batch")
    assert batch.describe_job_queues()["jobQueues"] == []
