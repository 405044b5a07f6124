"""Definitions and queues of two platforms: told apart before anything is sent."""

import pytest

from batchwright import BatchSession, ConflictError
from batchwright.local.in_process import InProcessAws

from .conftest import Lab


def test_a_job_that_its_queue_cannot_run_is_not_sent(session: BatchSession, lab: Lab, aws: InProcessAws) -> None:
    """The error names the definition, the queue and both platforms, whichever way they are mixed up."""
    instances = session.job_queue(name="instances")
    for definition, queue, said in (
        (lab.definition(), instances, "'convert' is for FARGATE, and job queue 'instances' .* of EC2 only"),
        (session.job_definition(name="c", image="c"), lab.queue, "'c' is for EC2, and job queue 'lab' .* of FARGATE"),
    ):
        with pytest.raises(ConflictError, match=said) as caught:
            lab.job(definition=definition, queue=queue).ensure()
        assert caught.value.resource == definition
    with pytest.raises(ConflictError, match="is for FARGATE"):
        session.submit("sub-02", image="c", platform="FARGATE", queue=instances)
    assert ("batch", "SubmitJob") not in aws.calls


def test_a_queue_that_has_other_environments_than_declared_is_left_to_aws(session: BatchSession, lab: Lab) -> None:
    """Of environments that nobody here has declared, nobody here knows the platform."""
    lab.for_another("other").session.ensure(lab.for_another("other").queue)
    found = session.job_queue(name="lab", compute_environments=session.compute_environment(name="mine"))
    assert lab.job(queue=found).ensure().description.job_id
