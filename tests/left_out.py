"""Which tests are left out on this machine, and that it is said; in CI what is missing is a failure."""

import gc
import os
import warnings
from functools import cache
from typing import Final

import pytest

E2E = "--e2e"
MARKERS: Final = {
    "docker": "needs a Docker engine: fails without one where CI=true, and is left out elsewhere",
    "e2e": f"a whole pipeline in real containers: runs with {E2E} only",
}
_LEFT_OUT = pytest.StashKey[dict[str, int]]()
_WORKER_OUTPUT = "left_out"


def add_options(parser: pytest.Parser) -> None:
    """Take `--e2e`."""
    parser.addoption(E2E, action="store_true", help="run the tests marked e2e: whole pipelines in real containers")


def register(config: pytest.Config) -> None:
    """Make the markers known."""
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    config.stash[_LEFT_OUT] = {}


@cache
def engine_problem() -> str:
    """Why no Docker engine answers; empty where one does."""
    with warnings.catch_warnings():
        # docker leaves the socket of a connection that failed to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        problem = _problem_of_ping()
        gc.collect()
    return problem


def _problem_of_ping() -> str:
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env(timeout=10)
        try:
            client.ping()
        finally:
            client.close()
    except (DockerException, OSError) as error:
        return f"no Docker engine answers ({error})"
    return ""


def is_ci() -> bool:
    """Whether whatever is missing must be told as a failure."""
    return os.environ.get("CI", "").lower() == "true"


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out what cannot or shall not run here."""
    left: list[pytest.Item] = []
    for item in list(items):
        if reason := _reason(config, item):
            counts = config.stash[_LEFT_OUT]
            counts[reason] = counts.get(reason, 0) + 1
            left.append(item)
            items.remove(item)
    if left:
        config.hook.pytest_deselected(items=left)


def _reason(config: pytest.Config, item: pytest.Item) -> str:
    if item.get_closest_marker("e2e") and not config.getoption(E2E):
        return f"marked e2e, and {E2E} was not given"
    if item.get_closest_marker("docker") and not is_ci() and (problem := engine_problem()):
        return f"marked docker, and {problem}"
    return ""


def demand_engine(item: pytest.Item) -> None:
    """Fail a test that needs an engine where none answers; only in CI has it not been left out before."""
    if item.get_closest_marker("docker") and (problem := engine_problem()):
        pytest.fail(f"this test needs a Docker engine, CI=true asks for all tests, and {problem}", pytrace=False)


def hand_over(session: pytest.Session) -> None:
    """Tell the process that xdist started this one from what was left out."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[_WORKER_OUTPUT] = session.config.stash[_LEFT_OUT]


def take_over(config: pytest.Config, worker_output: dict[str, dict[str, int]]) -> None:
    """Remember what a worker left out; all workers collect the same."""
    config.stash[_LEFT_OUT].update(worker_output.get(_WORKER_OUTPUT, {}))


def say(reporter: pytest.TerminalReporter) -> None:
    """Print how many tests were left out and why."""
    counts = reporter.config.stash[_LEFT_OUT]
    if counts:
        reporter.section("left out")
    for reason, count in sorted(counts.items()):
        reporter.line(f"{count} x {reason}")
