"""Leads code that makes its own sessions and clients to the account of a test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3
import botocore.session

from batchwright._clock import SystemClock
from batchwright.testing.accounts import AccountHere, BatchAws

if TYPE_CHECKING:
    import pytest


def lead_to(account: BatchAws, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set the variables of the account in place of all others of AWS, which would lead elsewhere, and return them."""
    variables = {
        **account.environment(),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name in [name for name in os.environ if name.startswith("AWS_") and name not in variables]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    if isinstance(account, AccountHere):
        _stay_in_the_process(account, monkeypatch)
    return variables


def _stay_in_the_process(account: AccountHere, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let new boto3 sessions talk to the account, and sessions of batchwright wait by its time."""
    opened, clock = boto3.Session.__init__, account.clock()

    def open_here(  # noqa: PLR0917  # boto3's own order
        self: boto3.Session,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        region_name: str | None = None,
        botocore_session: botocore.session.Session | None = None,
        **_: object,
    ) -> None:
        connected = botocore_session or account.boto3_session(region_name)._session
        opened(self, region_name=region_name, botocore_session=connected)

    def now(_: object) -> float:
        return clock.now()

    def sleep(_: object, seconds: float) -> None:
        clock.sleep(seconds)

    monkeypatch.setattr(boto3.Session, "__init__", open_here)
    monkeypatch.setattr(SystemClock, "now", now)
    monkeypatch.setattr(SystemClock, "monotonic", now)
    monkeypatch.setattr(SystemClock, "sleep", sleep)
