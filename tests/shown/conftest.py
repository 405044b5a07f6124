"""An account whose jobs end as a test wants it."""

from collections.abc import Iterator

import pytest

from batchwright import BatchSession
from batchwright.testing import BatchAws, BatchSettings, JobScript
from batchwright.testing.accounts import Accounts


@pytest.fixture(scope="module")
def account() -> Iterator[BatchAws]:
    """An account where the job `failing` prints two lines and returns 3."""
    accounts = Accounts()
    account = accounts.open(BatchSettings())
    account.script("failing", JobScript(exit_code=3, log=["reading", "no such subject"]))
    yield account
    account.close()
    accounts.close()


@pytest.fixture(scope="module")
def lab(account: BatchAws) -> Iterator[BatchSession]:
    """A session on it."""
    with account.session("lab") as session:
        yield session
