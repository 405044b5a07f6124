"""What other people's queues and launch templates mean for a compute environment."""

import pytest

from batchwright import Action, BatchSession, InUseError, JobQueue
from batchwright.local.in_process import InProcessAws
from batchwright.resources.efs_mount import lets_in


@pytest.fixture
def queue(session: BatchSession) -> JobQueue:
    """A queue of the environment `lab`."""
    queue = session.job_queue(name="theirs", compute_environments=session.compute_environment(name="lab"))
    session.ensure(queue)
    return queue


def test_an_environment_of_a_queue_that_stays_is_not_touched(
    session: BatchSession, aws: InProcessAws, queue: JobQueue
) -> None:
    """AWS never deletes it, and disabling it would stop the queue: delete() refuses before its first call."""
    (environment,) = queue.compute_environments
    since = len(aws.calls)
    with pytest.raises(InUseError, match="'theirs'") as caught:
        environment.delete()
    assert caught.value.users == ("theirs",)
    assert not {operation for _, operation in aws.calls[since:]} & {
        "UpdateComputeEnvironment",
        "DeleteComputeEnvironment",
    }
    assert environment.describe().state == "ENABLED"


def test_an_environment_goes_with_its_queue(session: BatchSession, queue: JobQueue) -> None:
    """Deleted together the queue goes first, and nothing is refused."""
    (environment,) = queue.compute_environments
    report = session.delete(environment, queue)
    assert [report[resource].action for resource in (environment, queue)] == [Action.DELETED, Action.DELETED]


def test_a_job_of_the_queues_name_does_not_count_as_the_queue(session: BatchSession, queue: JobQueue) -> None:
    """Only a queue that goes too frees the environment, whatever else has its name."""
    (environment,) = queue.compute_environments
    definition = session.job_definition(name="convert", image="busybox")
    job = session.batch_job(name="theirs", definition=definition, queue=queue)
    with pytest.raises(ExceptionGroup) as caught:
        session.delete(environment, job)
    assert [type(error) for error in caught.value.exceptions] == [InUseError]


def test_groups_in_a_launch_template_are_not_called_missing_rules(session: BatchSession) -> None:
    """An environment may have its groups in its launch template, where nobody here knows them: nothing is refused."""
    volume = session.efs_volume(name="scratch")
    seen = volume.ensure().description
    assert lets_in(seen, (), session) == []
    assert lets_in(seen, ("sg-0123",), session) != []
