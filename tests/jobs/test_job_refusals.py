"""What AWS or the machine may refuse, as specific errors with the way out."""

from pathlib import Path

import pytest

from batchwright import (
    AccessDeniedError,
    Action,
    BatchSession,
    ClockSkewError,
    NoCredentialsError,
    NotFoundError,
    ResourceFailedError,
    ThrottledError,
)
from batchwright.errors import BatchwrightError
from batchwright.local.in_process import InProcessAws

from .conftest import Lab, Refuse

DENIED = "User: arn:aws:iam::123456789012:user/jo is not authorized to perform: {} because no policy allows it"


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("batch", "SubmitJob", "batch:SubmitJob"),
        ("batch", "RegisterJobDefinition", "batch:RegisterJobDefinition"),
        ("batch", "CreateJobQueue", "batch:CreateJobQueue"),
        ("dynamodb", "CreateTable", "dynamodb:CreateTable"),
        ("dynamodb", "PutItem", "dynamodb:PutItem"),
    ],
)
def test_access_denied_names_the_action_and_the_next_call_goes_on(
    session: BatchSession, lab: Lab, refuse: Refuse, service: str, operation: str, action: str
) -> None:
    """One error from a resource; nothing half-made is in the way once the policy is mended."""
    refuse(service, operation, "AccessDeniedException", DENIED.format(action), status=403, times=2)
    with pytest.raises(AccessDeniedError, match=f"IAM action {action}") as caught:
        lab.job().ensure()
    assert caught.value.action == action
    with pytest.raises(ExceptionGroup) as group:
        session.ensure(lab.job())
    assert group.group_contains(AccessDeniedError, match=action)
    assert lab.job().ensure().action is Action.CREATED


@pytest.mark.parametrize("verb", ["cancel", "terminate", "logs", "wait"])
def test_access_denied_in_a_verb_of_a_job(lab: Lab, refuse: Refuse, verb: str) -> None:
    """Every verb translates, and the error carries the job."""
    job = lab.submitted()
    for service, operation in (("batch", "CancelJob"), ("batch", "TerminateJob"), ("batch", "DescribeJobs")):
        refuse(service, operation, "AccessDeniedException", DENIED.format(f"batch:{operation}"), status=403)
    with pytest.raises(AccessDeniedError, match="IAM action batch:") as caught:
        getattr(job, verb)()
    assert caught.value.resource == job


def test_access_denied_on_the_table(lab: Lab, refuse: Refuse) -> None:
    """The row is read by nearly every verb: its refusal is translated in all of them."""
    job = lab.submitted(array_size=2)
    refuse("dynamodb", "GetItem", "AccessDeniedException", DENIED.format("dynamodb:GetItem"), status=400)
    for verb in (job.job_id, job.children, job.describe, job.drift, job.delete, job.wait):
        with pytest.raises(AccessDeniedError, match="IAM action dynamodb:GetItem"):
            verb()
    refuse("dynamodb", "BatchGetItem", "AccessDeniedException", DENIED.format("dynamodb:BatchGetItem"), status=400)
    with pytest.raises(AccessDeniedError, match="dynamodb:GetItem"):
        lab.session.wait([job])


def test_throttling_to_the_end_says_so(lab: Lab, refuse: Refuse) -> None:
    """After every retry it is a ThrottledError, and later the same call goes on and makes one job."""
    job = lab.job()
    lab.session.ensure(*job.dependencies())
    refuse("batch", "SubmitJob", "TooManyRequestsException", "Too Many Requests", status=429)
    with pytest.raises(ThrottledError, match="Run the same call again"):
        job.ensure()
    assert not job.exists()


def test_throttling_for_a_while_is_waited_out(lab: Lab, refuse: Refuse, aws: InProcessAws) -> None:
    """Three refusals for want of room end with one job."""
    refuse("batch", "SubmitJob", "TooManyRequestsException", "Too Many Requests", status=429, times=3)
    assert lab.job().ensure().action is Action.CREATED
    assert len(aws.state.region("us-east-2").jobs) == 1


def test_without_credentials_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error names the commands, and the local AWS for trying things."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, str(tmp_path / "none"))
    session = BatchSession("test", region="us-east-2")
    with pytest.raises(NoCredentialsError, match=r"aws configure.*local_session"):
        Lab(session).job().ensure()
    with pytest.raises(ExceptionGroup) as caught:
        session.submit("sub-01", image="busybox:1.36")
    assert caught.group_contains(NoCredentialsError)


def test_an_invalid_environment_ends_ensure_with_its_reason(session: BatchSession, aws: InProcessAws) -> None:
    """A job whose environment is INVALID is not submitted; the error is AWS's reason."""
    environment = session.compute_environment(name="lab", instance_profile="noSuchProfile")
    queue = session.job_queue(name="lab", compute_environments=environment)
    definition = session.job_definition(name="convert", image="busybox:1.36")
    job = session.batch_job(name="sub-01", definition=definition, queue=queue)
    with pytest.raises(ExceptionGroup) as caught:
        session.ensure(job)
    assert caught.group_contains((ResourceFailedError, BatchwrightError), match="noSuchProfile")
    assert ("batch", "SubmitJob") not in aws.calls


def test_a_plan_without_a_default_vpc_names_the_way_out(session: BatchSession, aws: InProcessAws) -> None:
    """Nothing is planned or written around a network that is not there."""
    vpc = session.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    for subnet in session.ec2.describe_subnets()["Subnets"]:
        session.ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    session.ec2.delete_vpc(VpcId=vpc)
    since = len(aws.calls)
    with pytest.raises(ExceptionGroup) as caught:
        session.plan(session.job_queue(name="lab"))
    assert caught.group_contains(NotFoundError, match=r"(?s)default VPC.*network=Network")
    assert all(operation.startswith(("Describe", "Get")) for _, operation in aws.calls[since:])


EXPIRED = "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)"


@pytest.mark.parametrize("point", [("dynamodb", "PutItem"), ("batch", "SubmitJob"), ("dynamodb", "UpdateItem")])
def test_a_request_that_aged_on_its_way_is_signed_anew(
    session: BatchSession, lab: Lab, refuse: Refuse, aws: InProcessAws, point: tuple[str, str]
) -> None:
    """A process that slept between signing and sending goes on; AWS did nothing about what it refused."""
    lab.submitted("warm")
    refuse(*point, "InvalidSignatureException", EXPIRED, status=403, times=2)
    job = lab.submitted()
    assert lab.row(job).job_id == job.job_id()
    assert len(aws.state.region("us-east-2").jobs) == 2


@pytest.mark.parametrize("point", [("dynamodb", "PutItem"), ("batch", "SubmitJob")])
def test_a_wrong_clock_is_named(lab: Lab, refuse: Refuse, point: tuple[str, str]) -> None:
    """A clock that stays wrong is not waited for; the error says so, and the claim is given back."""
    lab.submitted("warm")
    refuse(*point, "InvalidSignatureException", EXPIRED, status=403)
    with pytest.raises(ClockSkewError, match=r"Signature expired(?s:.*)Set this machine's clock"):
        lab.submitted()
    refuse(*point, "", times=0)
    assert lab.submitted().wait().status == "SUCCEEDED"
