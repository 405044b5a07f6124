"""NeuroConv's call on a local AWS in its own process, which it reaches by environment variables, as on AWS itself."""

import os
from collections.abc import Iterator

import attrs
import boto3
import pytest

from batchwright.local import Delays, LocalServer

LISTING_LAG_S = 3.0


@pytest.fixture(scope="package")
def server() -> Iterator[LocalServer]:
    """One AWS for the folder; as on AWS itself, a new job is not listed at once."""
    with LocalServer(engine="process", delays=attrs.evolve(Delays.brief(), listing_lag_s=LISTING_LAG_S)) as server:
        yield server


@pytest.fixture(autouse=True)
def account(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> LocalServer:
    """An empty account, the caller's variables for it, and no region configured anywhere."""
    server.reset()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    return server


@pytest.fixture
def ohio(server: LocalServer) -> boto3.Session:
    """The account as boto3 sees it in us-east-2."""
    return server.boto3_session("us-east-2")
