"""botocore's errors become ours, with the way out and without a secret."""

import traceback
from collections.abc import Iterator

import boto3
import pytest
from botocore import exceptions
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from batchwright import errors
from batchwright.translation import already_exists, is_denied, is_missing, is_throttled, says, translated


def refusal(code: str, message: str = "words", operation: str = "CreateJobQueue", status: int = 400) -> ClientError:
    """What botocore raises for an answer of this code."""
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)  # type: ignore[arg-type]  # a part of an answer


def _chain(error: BaseException) -> Iterator[BaseException]:
    """All that a printed traceback shows."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", errors.AccessDeniedError),
        ("AccessDenied", errors.AccessDeniedError),
        ("UnauthorizedOperation", errors.AccessDeniedError),
        ("TooManyRequestsException", errors.ThrottledError),
        ("ThrottlingException", errors.ThrottledError),
        ("RequestLimitExceeded", errors.ThrottledError),
        ("RequestThrottledException", errors.ThrottledError),
        ("ExpiredTokenException", errors.NoCredentialsError),
        ("UnrecognizedClientException", errors.NoCredentialsError),
        ("ClientException", errors.AwsError),
        ("", errors.AwsError),
    ],
)
def test_a_refusal_becomes_the_error_of_its_code(code: str, kind: type[errors.BatchwrightError]) -> None:
    """It says what, where and AWS's words, carries the resource and chains the refusal."""
    resource = object()
    with pytest.raises(errors.BatchwrightError) as caught, translated("job queue 'lab'", "us-east-2", resource):
        raise refusal(code, "no such thing.")
    assert type(caught.value) is kind
    assert "job queue 'lab' in us-east-2: AWS refused CreateJobQueue: no such thing" in str(caught.value)
    assert caught.value.resource is resource
    assert isinstance(caught.value.__cause__, ClientError)


@pytest.mark.parametrize(
    ("code", "message", "action"),
    [
        (
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/a is not authorized to perform: batch:TagResource on resource: *",
            "batch:TagResource",
        ),
        ("UnauthorizedOperation", "You are not authorized to perform this operation.", "ec2:CreateJobQueue"),
        (
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. User: x is not authorized to perform: ec2:CreateTags on",
            "ec2:CreateTags",
        ),
        ("AccessDenied", "Access Denied", "CreateJobQueue"),
    ],
)
def test_a_denial_names_the_action(code: str, message: str, action: str) -> None:
    """`action` is what to ask the administrator for; it is often not the call's own."""
    with pytest.raises(errors.AccessDeniedError) as caught, translated("x", "us-east-2"):
        raise refusal(code, message)
    assert caught.value.action == action
    assert action in caught.value.hint


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.NoRegionError(), errors.NoRegionError),
        (exceptions.NoCredentialsError(), errors.NoCredentialsError),
        (exceptions.ProfileNotFound(profile="lab"), errors.NoCredentialsError),
        (exceptions.UnauthorizedSSOTokenError(), errors.NoCredentialsError),
        (exceptions.SSOTokenLoadError(profile_name="lab", error_msg="x"), errors.NoCredentialsError),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), errors.NoCredentialsError),
        (exceptions.PartialCredentialsError(provider="env", cred_var="x"), errors.NoCredentialsError),
        (exceptions.InvalidRegionError(region_name="us east"), errors.ConfigurationError),
        (exceptions.ConfigNotFound(path="x"), errors.ConfigurationError),
        (exceptions.EndpointConnectionError(endpoint_url="http://x"), errors.UnreachableError),
        (exceptions.ConnectTimeoutError(endpoint_url="http://x"), errors.UnreachableError),
        (exceptions.ReadTimeoutError(endpoint_url="http://x"), errors.UnreachableError),
        (exceptions.ConnectionClosedError(endpoint_url="http://x"), errors.UnreachableError),
        (exceptions.SSLError(endpoint_url="http://x", error="x"), errors.UnreachableError),
        (exceptions.ProxyConnectionError(proxy_url="http://x"), errors.UnreachableError),
        (exceptions.DataNotFoundError(data_path="x"), errors.AwsError),
    ],
)
def test_no_error_of_botocore_gets_through(error: BotoCoreError, kind: type[errors.BatchwrightError]) -> None:
    """Each has a class of ours, and the original is the cause."""
    with pytest.raises(errors.BatchwrightError) as caught, translated("job queue 'lab'", "us-east-2"):
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error
    assert "job queue 'lab'" in str(caught.value)


def test_errors_of_ours_and_of_python_pass() -> None:
    """They are not wrapped a second time."""
    for error in (errors.NotFoundError("x"), KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, translated("x", None):
            raise error
        assert caught.value is error


@pytest.mark.parametrize(
    ("request_", "paths"),
    [
        ({"jobName": ["hunter2"], "jobQueue": "q", "jobDefinition": "d"}, "jobName"),
        ({"jobName": "a", "jobDefinition": "d"}, "jobQueue"),
        ({"jobName": "a", "jobQueue": "q", "jobDefinition": "d", "jobNam": "hunter2"}, "jobNam"),
        (
            {
                "jobName": "a",
                "jobQueue": "q",
                "jobDefinition": "d",
                "containerOverrides": {
                    "environment": [{"name": "PASSWORD", "value": ["parameter hunter2 for hunter2"]}]
                },
            },
            "containerOverrides.environment[0].value",
        ),
        (
            {
                "jobName": "a",
                "jobQueue": "q",
                "jobDefinition": "d",
                "containerOverrides": {"environment": [{"nam": "hunter2"}]},
            },
            "containerOverrides.environment[0].nam",
        ),
    ],
)
def test_what_botocore_refuses_is_named_and_its_value_is_not(request_: dict[str, object], paths: str) -> None:
    """The path shows; the value, which may be a secret, in nothing that a traceback prints."""
    client = boto3.client("batch", region_name="us-east-2", aws_access_key_id="a", aws_secret_access_key="b")
    with pytest.raises(errors.DeclarationError) as caught, translated("job 'sub-01'", "us-east-2"):
        client.submit_job(**request_)
    client.close()
    assert caught.value.field == paths
    printed = "".join(traceback.format_exception(caught.value)) + repr(caught.value.args) + repr(vars(caught.value))
    assert "hunter2" not in printed.replace(traceback.format_tb(caught.value.__traceback__)[0], "")
    assert not any(isinstance(error, ParamValidationError) for error in _chain(caught.value))


def test_the_words_of_aws_are_read_in_one_place() -> None:
    """What came second, what is missing, what is throttled, what is denied."""
    assert already_exists(refusal("ClientException", "Object already exists"))
    assert already_exists(refusal("EntityAlreadyExists"))
    assert not already_exists(refusal("ClientException", "does not exist"))
    assert is_missing(refusal("NoSuchEntity"))
    assert is_missing(refusal("InvalidGroup.NotFound"))
    assert is_missing(refusal("FileSystemNotFound"))
    assert is_missing(refusal("ClientException", "The queue does not exist"))
    assert not is_missing(refusal("ClientException", "Object already exists"))
    assert is_throttled(refusal("TooManyRequestsException", status=429))
    assert is_denied(refusal("AccessDenied"))
    assert says(refusal("ClientException", "Resource is being MODIFIED"), "is being modified")
