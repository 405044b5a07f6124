"""What a session remembers of what it reads: whatever was read, and nothing that was not."""

import pytest

from batchwright import BatchSession, NotFoundError, ResourceFailedError
from batchwright._display import Text, Tone
from batchwright.jobs.acting import JobChild
from batchwright.jobs.description import JobDescription

from .looking import facts, text


def test_what_is_read_is_seen(session: BatchSession) -> None:
    """By `ensure`, `describe` and `exists`, under the declaration's identity; what is gone is not."""
    policy = session.scheduling_policy(name="lab")
    assert session.sightings.last(policy) is None
    ensured = policy.ensure()
    assert session.sightings.last(session.scheduling_policy(name="lab")) is ensured.description
    seen = policy.describe()
    assert session.sightings.last(policy) is seen
    policy.delete()
    assert session.sightings.last(policy) is None
    with pytest.raises(NotFoundError):
        policy.describe()


def test_what_failed_is_seen_as_it_failed(session: BatchSession) -> None:
    """An error of `ensure` leaves the reason for everybody to see."""
    environment = session.compute_environment(name="lab", service_role="arn:aws:iam::123456789012:role/nobody")
    with pytest.raises(ResourceFailedError):
        environment.ensure()
    seen = session.sightings.last(environment)
    assert seen is not None
    assert (seen.status, environment._view().status) == ("INVALID", Text("INVALID", Tone.BAD))
    assert seen.status_reason in str(environment._view().facts[0])


def test_what_is_gone_when_it_is_looked_for_is_forgotten(session: BatchSession) -> None:
    """Somebody else may have taken it away."""
    policy = session.scheduling_policy(name="lab")
    policy.ensure()
    session.batch.delete_scheduling_policy(arn=policy.describe().arn)
    assert not policy.exists()
    assert session.sightings.last(policy) is None


def test_jobs_are_seen_as_they_are_read_and_waited_for(session: BatchSession) -> None:
    """Each by itself, the children of an array too; with the end of what was printed."""
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"))
    definition = session.job_definition(name="convert", image="busybox")
    job = session.batch_job(name="sub-01", definition=definition, queue=queue, array_size=2, command=["echo", "hi"])
    ensured = job.ensure()
    assert session.sightings.last(job) is ensured.description
    ended = job.wait()
    assert session.sightings.last(job) is ended
    child = job.children()[1]
    assert session.sightings.last(child) is None
    assert session.sightings.last(child) is not child.describe()
    assert isinstance(seen := session.sightings.last(JobChild(job, parent_id=job.job_id(), index=1)), JobDescription)
    assert seen.index == 1
    lines = [event.message for event in child.logs()]
    last = session.sightings.last_lines(child)
    assert last is not None
    assert list(last.lines) == lines
    session.sightings.see_lines(child, [], left_out=0, read_at=0.0)
    assert [event.message for event in child.follow_logs()] == lines
    assert (again := session.sightings.last_lines(child)) is not None
    assert list(again.lines) == lines


def test_submitting_many_reads_nothing_and_sees_nothing(session: BatchSession) -> None:
    """Ten thousand submissions leave no trace here."""
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"))
    definition = session.job_definition(name="convert", image="busybox")
    session.ensure(queue, definition)
    jobs = [session.batch_job(name=f"sub-{n}", definition=definition, queue=queue) for n in range(5)]
    assert all(result.ok for result in session.submit_many(jobs))
    assert session.sightings.jobs() == ()


def test_a_job_shows_what_anybody_read_of_it(session: BatchSession) -> None:
    """Its id from the submission on; then whatever a list, a diagnosis, a timeline or a watch has read."""
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"))
    definition = session.job_definition(name="convert", image="busybox")
    session.ensure(queue, definition)
    jobs = [session.batch_job(name=f"sub-{n}", definition=definition, queue=queue) for n in range(4)]
    ids = [result.job_id for result in session.submit_many(jobs)]
    assert [facts(job._view())["job_id"] for job in jobs] == ids
    listed, diagnosed, timed, left = jobs
    session.clock.sleep(10)
    session.jobs(name=listed.name)
    session.diagnose(diagnosed)
    session.timeline(timed)
    assert session.watch(left, timeout_s=1).unfinished == (left,)
    assert {text(job._view().status) for job in jobs} == {"RUNNABLE"}
    assert all(facts(job._view())["queue"] == queue.name for job in jobs)
    assert facts(session._view())["jobs known"] == "4; last seen 4 RUNNABLE"
    session.wait(jobs, check=False)
    whole = listed._view()
    session.jobs()
    assert listed._view() == whole, "a list tells less of an end"
