"""What others delete between a look and an update: AWS says "does not exist", also of what is DELETING still."""

from collections.abc import Callable

import pytest

from batchwright import Action, BatchSession
from batchwright.local.in_process import InProcessAws


@pytest.fixture
def before_update(session: BatchSession, aws: InProcessAws) -> Callable[[str, Callable[[], object]], None]:
    """Have something done once, just before the session's next update call."""

    def install(operation: str, act: Callable[[], object]) -> None:
        pending = [act]
        event = f"before-call.batch.{operation}"
        session.batch.meta.events.register(event, lambda **_: pending.pop()() if pending else None)

    return install


def test_a_queue_that_is_deleted_meanwhile_is_made_anew(
    session: BatchSession, aws: InProcessAws, before_update: Callable[[str, Callable[[], object]], None]
) -> None:
    """ensure() looks again instead of failing, and ends with the queue that was declared."""
    environment = session.compute_environment(name="lab")
    session.ensure(session.job_queue(name="lab", compute_environments=environment))
    other = aws.boto3_session().client("batch")

    def delete() -> None:
        other.update_job_queue(jobQueue="lab", state="DISABLED")
        aws.advance(60)
        other.delete_job_queue(jobQueue="lab")

    before_update("UpdateJobQueue", delete)
    ensured = session.job_queue(name="lab", compute_environments=environment, priority=7).ensure()
    assert (ensured.action, ensured.description.priority) == (Action.CREATED, 7)


def test_an_environment_that_is_deleted_meanwhile_is_made_anew(
    session: BatchSession, aws: InProcessAws, before_update: Callable[[str, Callable[[], object]], None]
) -> None:
    """The same of an environment."""
    session.compute_environment(name="lab", max_vcpus=8).ensure()
    other = aws.boto3_session().client("batch")

    def delete() -> None:
        other.update_compute_environment(computeEnvironment="lab", state="DISABLED")
        aws.advance(60)
        other.delete_compute_environment(computeEnvironment="lab")

    before_update("UpdateComputeEnvironment", delete)
    ensured = session.compute_environment(name="lab", max_vcpus=16).ensure()
    assert (ensured.action, ensured.description.max_vcpus) == (Action.CREATED, 16)
