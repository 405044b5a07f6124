"""AWS goes on describing an environment or queue as DELETED for a while, and keeps its name so long."""

import pytest

from batchwright import Action, BatchSession, JobQueue, NotFoundError


@pytest.fixture
def queue(session: BatchSession) -> JobQueue:
    """A queue and its environment, deleted a moment ago."""
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"))
    session.ensure(queue)
    session.delete(queue, *queue.compute_environments)
    return queue


def test_deleted_entries_are_still_described(session: BatchSession, queue: JobQueue) -> None:
    """The local AWS shows both as DELETED, refuses the queue's name, and forgets them in the end."""
    (environment,) = session.batch.describe_compute_environments(computeEnvironments=["lab"])["computeEnvironments"]
    assert environment.get("status") == "DELETED"
    with pytest.raises(session.batch.exceptions.ClientException, match="already exists"):
        session.batch.create_compute_environment(computeEnvironmentName="lab", type="UNMANAGED", serviceRole="r")
    session.clock.sleep(120)
    assert session.batch.describe_job_queues(jobQueues=["lab"])["jobQueues"] == []


def test_a_deleted_entry_counts_as_absent(session: BatchSession, queue: JobQueue) -> None:
    """Nothing finds it, the inventory does not list it, and to delete it again is fine."""
    (environment,) = queue.compute_environments
    for resource in (queue, environment):
        assert not resource.exists()
        with pytest.raises(NotFoundError):
            resource.describe()
    assert not {item.kind for item in session.inventory()} & {queue.kind, environment.kind}
    assert {step.action for step in session.delete(queue, environment).values()} == {Action.ABSENT}


def test_what_was_deleted_is_made_anew_once_its_name_is_free(session: BatchSession, queue: JobQueue) -> None:
    """ensure() waits until AWS has forgotten the old ones, and then makes both."""
    report = session.ensure(queue)
    assert [report[resource].action for resource in (*queue.compute_environments, queue)] == [Action.CREATED] * 2
