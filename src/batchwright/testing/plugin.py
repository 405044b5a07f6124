"""The pytest plugin: fixtures for tests of code that uses batchwright.

pytest loads this module in every run of whoever has batchwright installed, so it imports nothing before a test asks.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from batchwright.session import BatchSession
    from batchwright.testing.accounts import Accounts, BatchAws
    from batchwright.testing.settings import BatchSettings, EngineName

_ENGINES = ("scripted", "process", "docker", "auto")
_INI = "batchwright_engine"
_MARKER = "batchwright"
_HELP = "what runs the jobs of batch_session where a test does not say: " + ", ".join(_ENGINES)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the engine from the command line or the configuration."""
    parser.getgroup("batchwright").addoption("--batchwright-engine", choices=_ENGINES, help=_HELP)
    parser.addini(_INI, _HELP, default="scripted")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse a configuration that could not be meant."""
    settings = "engine, delays, faults, jobs, namespace, region"
    config.addinivalue_line("markers", f"{_MARKER}({settings}): settings of batch_session, see BatchSettings")
    if (engine := str(config.getini(_INI))) not in _ENGINES:
        raise pytest.UsageError(f"{_INI} = {engine} is not one of {', '.join(_ENGINES)}")


@pytest.fixture
def batch_settings(request: pytest.FixtureRequest) -> BatchSettings:
    """What the account is like where the test's marker does not say; override it to set it for a module or folder."""
    with _said_plainly():
        from batchwright.testing.settings import BatchSettings

        engine = request.config.getoption("--batchwright-engine") or request.config.getini(_INI)
        return BatchSettings(engine=cast("EngineName", engine))


@pytest.fixture(scope="session")
def _batchwright_accounts() -> Iterator[Accounts]:
    """Keeps the servers that tests share."""
    with _said_plainly():
        from batchwright.testing.accounts import Accounts

    accounts = Accounts()
    yield accounts
    accounts.close()


@pytest.fixture
def batch_aws(
    request: pytest.FixtureRequest, batch_settings: BatchSettings, _batchwright_accounts: Accounts
) -> Iterator[BatchAws]:
    """The account of the test, empty at first: its time, its faults, and how its jobs go."""
    with _said_plainly():
        account = _batchwright_accounts.open(_marked(request.node, batch_settings))
    yield account
    try:
        account.close()
    except BaseException:
        _batchwright_accounts.drop(account)
        raise


@pytest.fixture
def batch_session(batch_aws: BatchAws) -> BatchSession:
    """A session on the account of the test; it is closed when the test ends."""
    return batch_aws.session()


@pytest.fixture
def batch_environment(batch_aws: BatchAws, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Leads code that makes its own sessions and clients to the account of the test; returns the variables set."""
    from batchwright.testing.environment import lead_to

    return lead_to(batch_aws, monkeypatch)


def _marked(item: pytest.Item, settings: BatchSettings) -> BatchSettings:
    """The settings as the markers of a test change them; the one that stands closest to it counts."""
    from batchwright.testing.settings import changed

    for marker in reversed(list(item.iter_markers(_MARKER))):
        if marker.args:
            pytest.fail(f"@pytest.mark.{_MARKER} takes keywords only, such as engine='process'", pytrace=False)
        settings = changed(settings, marker.kwargs, where=f"@pytest.mark.{_MARKER} of {item.nodeid}")
    return settings


@contextmanager
def _said_plainly() -> Generator[None]:
    """Fail with the message alone where the settings or the installation are at fault: no traceback tells more."""
    from batchwright.errors import BatchwrightError

    try:
        yield
    except BatchwrightError as error:
        told = str(error)
    except ImportError as error:
        told = f"batchwright's fixtures lack what they need: {error}\nInstall it with: pip install 'batchwright[local]'"
    else:
        return
    raise pytest.fail.Exception(told, pytrace=False) from None
