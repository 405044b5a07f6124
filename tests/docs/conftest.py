"""What the code of a document runs on: the session that it makes is one on the AWS inside this process."""

import boto3
import pytest

from batchwright import SystemClock
from batchwright.connection import Connection
from batchwright.local.in_process import InProcessAws


@pytest.fixture
def account(aws: InProcessAws, monkeypatch: pytest.MonkeyPatch) -> InProcessAws:
    """`BatchSession("lab", region=...)` without more speaks to this account, and to wait is to move its time."""

    def boto3_session(session: Connection) -> boto3.Session:
        if session._boto3_session is None:
            session._boto3_session = aws.boto3_session(session._region or "us-east-2")
        return session._boto3_session

    monkeypatch.setattr(Connection, "boto3_session", property(boto3_session))
    monkeypatch.setattr(SystemClock, "now", lambda _: aws.clock.now())
    monkeypatch.setattr(SystemClock, "monotonic", lambda _: aws.clock.now())
    monkeypatch.setattr(SystemClock, "sleep", lambda _, seconds: aws.advance(max(seconds, 0.0)))
    return aws
