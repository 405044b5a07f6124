"""An AWS whose time stands still, for the tests of its rules."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from batchwright.local.in_process import InProcessAws


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    made = InProcessAws()
    yield made
    made.close()


@pytest.fixture
def session(aws: InProcessAws) -> boto3.Session:
    return aws.boto3_session("us-east-2")


@pytest.fixture
def code_of() -> Callable[..., tuple[int, str]]:
    """Tells the HTTP status and code of the error that a call ends with."""

    def of(call: Callable[..., object], **arguments: object) -> tuple[int, str]:
        with pytest.raises(ClientError) as caught:
            call(**arguments)
        response = caught.value.response
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]

    return of
