"""A value that must show nowhere, and every way in which an object or an error can be looked at."""

import io
import json
import logging
import traceback
from collections.abc import Iterator

import pytest
from IPython.lib.pretty import pretty
from rich.console import Console
from rich.pretty import pprint

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock

HIDDEN_VALUE = "hunter2-do-not-show"


def every_look(thing: object) -> str:
    """All that Python, IPython, Jupyter and rich make of `thing`, as one text."""
    console = Console(file=io.StringIO(), width=400)
    console.print(thing, markup=False)
    pprint(thing, console=console, max_string=None)
    looks = [repr(thing), str(thing), f"{thing}", pretty(thing), console.file.getvalue()]  # type: ignore[attr-defined]
    for hook in ("_repr_html_", "to_dict"):
        if method := getattr(thing, hook, None):
            looks.append(json.dumps(method(), default=str))
    return "\n".join(looks)


def told_by(error: BaseException) -> str:
    """The error as looked at, and as an interpreter prints it with its whole chain and all members of groups."""
    found = [every_look(error), "".join(traceback.format_exception(error))]
    for name in ("drift", "description", "resource", "value"):
        found.append(every_look(getattr(error, name, None)))
    if isinstance(error, BaseExceptionGroup):
        found.extend(map(told_by, error.exceptions))
    for other in chained(error):
        found += [str(other), repr(other.args), repr(vars(other))]
    return "\n".join(found)


def chained(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it is chained to, what `from None` hides too: some reporters walk it all the same."""
    seen: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        other = left.pop()
        if other is not None and not any(other is each for each in seen):
            seen.append(other)
            left += [other.__cause__, other.__context__]
    yield from seen


@pytest.fixture(autouse=True)
def own_records(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever a test does: no logger of ours writes the value, at any level."""
    caplog.set_level(logging.DEBUG, logger="batchwright")
    yield
    ours = [record for record in caplog.records if record.name.startswith("batchwright")]
    assert HIDDEN_VALUE not in "\n".join(f"{record.getMessage()} {record.exc_text}" for record in ours)


@pytest.fixture(scope="module")
def house() -> Iterator[InProcessAws]:
    """One account for the tests of a module, since none of them minds the others' things."""
    house = InProcessAws()
    yield house
    house.close()


@pytest.fixture
def session(house: InProcessAws) -> BatchSession:
    """A namespace of that account."""
    return session_of(house, "test")


def session_of(house: InProcessAws, namespace: str) -> BatchSession:
    """A session of another namespace on the same account."""
    clock = FakeClock(on_sleep=house.advance, now=house.clock.now)
    return BatchSession(namespace, boto3_session=house.boto3_session(), clock=clock)
