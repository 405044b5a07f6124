"""The account that the tests run on: the local AWS inside this process, whose time the session's sleeps move."""

import os
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock

from . import left_out

pytest_plugins = ["pytester"]

# How busy the machine is says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

# The images that tests and documents name are in no engine: those that want a container ask for it.
os.environ.setdefault("BATCHWRIGHT_LOCAL_ENGINE", "process")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the options of the tests."""
    left_out.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    left_out.register(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot or shall not run here."""
    left_out.leave_out(config, items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail what cannot run here and must."""
    left_out.demand_engine(item)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let xdist carry over what a worker left out."""
    left_out.hand_over(session)


class Worker(Protocol):
    """A process that xdist started, as its hooks show it."""

    config: pytest.Config


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Worker) -> None:
    """Take what a worker of xdist left out; one that crashed says nothing."""
    left_out.take_over(node.config, getattr(node, "workeroutput", None) or {})


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """An empty account with AWS's own delays, in no time."""
    aws = InProcessAws()
    yield aws
    aws.close()


@pytest.fixture
def session(aws: InProcessAws) -> Iterator[BatchSession]:
    """A session on that account."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    with BatchSession("test", boto3_session=aws.boto3_session(), clock=clock) as session:
        yield session


FIGURE = "figure"
Report = Callable[[str, object], None]


@pytest.fixture
def report_figure(request: pytest.FixtureRequest) -> Report:
    """Notes a figure that the terminal's summary prints at the end, also where xdist ran the test elsewhere."""

    def report(name: str, value: object) -> None:
        request.node.user_properties.append((FIGURE, f"{name}: {value}"))

    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was left out, and what tests noted with `report_figure`."""
    left_out.say(terminalreporter)
    reports = [each for kind in terminalreporter.stats.values() for each in kind if isinstance(each, pytest.TestReport)]
    noted = {
        (report.nodeid, str(text)): None
        for report in reports
        if report.when == "teardown"
        for name, text in report.user_properties
        if name == FIGURE
    }
    if noted:
        terminalreporter.section("figures")
    for nodeid, text in sorted(noted):
        terminalreporter.line(f"{nodeid.partition('::')[0].removeprefix('tests/')}: {text}")
