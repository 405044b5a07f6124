"""What goes wrong inside the server can be read from outside."""

import logging
from collections.abc import Iterator
from typing import cast

import pytest

from batchwright.local.local_server import LocalServer, LocalServerError
from batchwright.local.problems import Problems


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    made = logging.getLogger("batchwright.local.test_problems")
    made.propagate = False
    yield made
    made.handlers.clear()


def test_problems_are_counted_and_few(logger: logging.Logger) -> None:
    """A failure that comes again is one line with its number; of many different ones the last 20 are kept."""
    problems = Problems()
    logger.addHandler(problems)
    logger.info("all is well")
    assert problems.texts() == []
    for number in range(25):
        logger.error("failure %s", number)
        logger.warning("the same again")
    texts = problems.texts()
    assert (len(texts), texts[0], texts[-2:]) == (20, "failure 6", ["failure 24", "(25 times) the same again"])


def test_a_traceback_is_kept(logger: logging.Logger) -> None:
    """An exception's text says where it came from."""
    problems = Problems()
    logger.addHandler(problems)
    try:
        raise ValueError("odd")
    except ValueError:
        logger.exception("The scheduler failed")
    (text,) = problems.texts()
    assert text.startswith("The scheduler failed\nTraceback")
    assert text.endswith("ValueError: odd")


def test_a_servers_failure_is_in_its_status() -> None:
    """What fails inside is told to the caller, and remembered; no text shows the key."""
    with LocalServer(engine="scripted") as server:
        with pytest.raises(LocalServerError, match=r"refused 'advance'.*ValueError"):
            server.advance(cast("float", "soon"))
        (problem,) = server.status()["problems"]
        assert problem.startswith("The local server failed on POST /batchwright-local/advance\nTraceback")
        assert server.secret_access_key not in problem
        assert server.secret_access_key not in repr(server)
