"""The names that come nearest to one that is not there."""

import time

import pytest

from batchwright import BatchSession, NotFoundError
from batchwright.declaration import Declaration
from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws
from batchwright.nearest import did_you_mean, nearest

from .conftest import Calls, Submit


def test_the_nearest_come_first() -> None:
    """At most three, whatever the case, and never the name itself."""
    assert nearest("convrt", ["convert", "convert-2", "upload"]) == ("convert", "convert-2")
    assert nearest("CONVERT", ["convert", "upload"]) == ("convert",)
    assert nearest("convert", ["convert", "upload"]) == ()
    assert len(nearest("sub-0", [f"sub-0{number}" for number in range(10)])) == 3
    assert nearest("", ["a"]) == nearest("a", []) == ()


def test_the_question() -> None:
    """Names are quoted, so that a strange one is seen as it is."""
    assert did_you_mean("lub", ["lab", "hub"]) == "Did you mean 'lab' or 'hub'?"
    assert did_you_mean("lob", ["lab", "lib", "lub"]) == "Did you mean 'lub', 'lib' or 'lab'?"
    assert did_you_mean("x", ["lab"]) == ""
    assert did_you_mean("a\x1b[2J", ["a\x1b[2JJ"]) == "Did you mean 'a\\x1b[2JJ'?"


def test_among_many_names_it_takes_no_time() -> None:
    """A queue may hold a hundred thousand jobs."""
    names = [f"sub-{number:06}-with-a-longer-name" for number in range(100_000)]
    before = time.process_time()
    assert nearest("sub-000123-with-a-longer-nmae", names)
    assert time.process_time() - before < 5


@pytest.mark.parametrize("kind", ["job_queue", "compute_environment", "job_definition"])
def test_a_resource_that_does_not_exist_brings_up_the_nearest(
    session: BatchSession, submit: Submit, asked: Calls, kind: str
) -> None:
    """For one call more, and only where somebody asked to see it."""
    job = submit("sub-01")
    things: dict[str, Declaration] = {
        "job_queue": job.required_queue,
        "compute_environment": job.required_queue.compute_environments[0],
        "job_definition": job.definition,
    }
    there = things[kind]
    slip = there.name[:-2] + there.name[-1] + there.name[-2]
    fields = {"image": "busybox:1.36"} if kind == "job_definition" else {}
    missing = getattr(session, kind)(name=slip, **fields)
    asked()
    with pytest.raises(NotFoundError, match=f"Did you mean {there.name!r}\\? Call ensure"):
        missing.describe()
    assert asked().total() == 2
    assert not missing.exists()
    assert asked().total() == 1


def test_who_may_not_list_gets_the_error_without(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """The error is about what is missing, not about the look for something better."""
    submit("sub-01")
    aws.faults.clear()
    aws.faults.add(Fault.error("AccessDeniedException", operation="batch:DescribeJobQueues", calls=range(2, 9)))
    with pytest.raises(NotFoundError) as raised:
        session.job_queue(name="batchwright-tset").describe()
    assert "Did you mean" not in str(raised.value)
