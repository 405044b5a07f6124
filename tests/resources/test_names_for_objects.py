"""A name where an object is wanted: the error says which object, and how to come by it."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from batchwright import BatchSession, DeclarationError

CASES: list[tuple[Callable[[Any, Any], object], str]] = [
    (lambda session, made: session.batch_job(name="a", definition="convert"), "session.job_definition(name="),
    (lambda session, made: session.batch_job(name="a", definition=made, queue="lab"), "session.job_queue(name="),
    (lambda session, made: session.job_queue(name="q", compute_environments="lab"), "session.compute_environment("),
    (lambda session, made: session.job_queue(name="q", compute_environments=["lab"]), "session.compute_environment("),
    (lambda session, made: session.compute_environment(name="e", network="vpc-1"), "Network(vpc_id="),
    (lambda session, made: session.efs_volume(name="v", network="vpc-1"), "Network(vpc_id="),
    (lambda session, made: session.security_group(name="g", network="vpc-1"), "Network(vpc_id="),
]


@pytest.mark.parametrize(("make", "way"), CASES)
def test_a_name_is_no_object(session: BatchSession, make: Callable[[Any, Any], object], way: str) -> None:
    """It is refused where it is written, and not by an AttributeError of what is inside."""
    definition = session.job_definition(name="convert", image="busybox")
    with pytest.raises(DeclarationError, match="is not legal") as caught:
        make(session, definition)
    assert way in str(caught.value)


def test_a_diagnosis_of_a_name(session: BatchSession) -> None:
    """It says how to come by what has that name."""
    with pytest.raises(TypeError, match=r"session.jobs\(name='sub-01'\) finds"):
        session.diagnose("sub-01")


def test_an_error_names_the_region_that_boto3_is_configured_for(session: BatchSession) -> None:
    """Also where the session was not told one."""
    definition = session.job_definition(name="convert", image="busybox")
    job = session.batch_job(name="a", definition=definition, depends_on=cast("Any", "00000000-no-such-job"))
    with pytest.raises(Exception, match="job 'a' in us-east-2: AWS refused"):
        job.ensure()
