"""Jobs that wait for one another: who is to blame, and who is not."""

import pytest

from batchwright import BatchSession, JobFailedError, Severity
from batchwright.diagnosis.batch_facts import JOBS, SNAPSHOT
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.subjects import JobSubject
from batchwright.diagnosis.waiting_jobs import REASONS
from batchwright.jobs.description import JobDescription
from batchwright.local.in_process import InProcessAws

from .breaking import LONG, World
from .test_known_facts import facts, found_by

__all__ = ["facts"]


@pytest.fixture
def world(session: BatchSession, aws: InProcessAws) -> World:
    return World(aws, session)


def test_an_array_of_more_children_than_there_is_room_for(world: World) -> None:
    """AWS lists no children in a queue, and the array itself is PENDING while they run: it still has the room."""
    array = world.job("array", array_size=5, wait_s=1200)
    (finding,) = array.diagnose()
    assert (finding.rule, finding.severity) == ("job-environments-full", Severity.INFO)
    assert any("array (4 of its children)" in line for line in finding.evidence)


def test_jobs_of_another_queue_of_the_same_environment(world: World) -> None:
    """A queue of higher priority may have all the room: nothing is to be repaired."""
    first = world.session.job_queue(name="first", compute_environments=world.environment, priority=10)
    world.job("urgent", queue=first, vcpus=4, wait_s=600)
    (finding,) = world.job("later", wait_s=1200).diagnose()
    assert (finding.rule, finding.severity) == ("job-environments-full", Severity.INFO)
    assert any("job queue 'first'" in line and "urgent" in line for line in finding.evidence)


def test_nobody_is_told_to_cancel_a_job_that_is_well(world: World) -> None:
    """Where the environment is at fault, it comes first, and the job at the head is only in the same place."""
    world.job("filler", vcpus=4, wait_s=600)
    world.job("head", wait_s=10)
    job = world.job("behind", wait_s=60)
    world.session.batch.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    world.aws.advance(1200)
    diagnosis = job.diagnose()
    assert [each.rule for each in diagnosis][:2] == ["environment-disabled", "job-behind-blocker"]
    assert "cancel" not in " ".join(each.fix for each in diagnosis).lower()


@pytest.mark.parametrize("prefix", REASONS)
def test_only_what_one_job_is_to_blame_for_is_cured_without_it(prefix: str, facts: Facts) -> None:
    """AWS may get more capacity at any moment: a job that waits for it is not to be cancelled."""
    queue = "arn:aws:batch:us-east-2:123456789012:job-queue/lab"
    for name, said in (("head", f"{prefix} - something"), ("behind", "")):
        job = JobDescription(job_id=name, name=name, status="RUNNABLE", status_reason=said, queue_arn=queue)
        facts.put(JOBS, name, job)
    facts.put(SNAPSHOT, "lab", tuple({"jobArn": f"arn:aws:batch:::job/{name}"} for name in ("head", "behind")))
    (found,) = found_by("job-behind-blocker", facts, JobSubject("behind", "job 'behind'"))
    reason = REASONS[prefix]
    assert reason.means in found.summary
    assert found.severity is reason.severity
    assert ("cancel_job" in found.fix) is reason.is_of_job
    assert reason.is_of_job is prefix.endswith(("MAX_RESOURCE", "RESOURCE_REQUIREMENT"))
    assert found_by("job-behind-blocker", facts, JobSubject("head", "job 'head'")) == []


def test_the_same_of_many_jobs_is_told_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred findings of which each says the same are one to read, and all are there for a program."""
    monkeypatch.setenv("COLUMNS", "100")
    large = world.definition(vcpus=8)
    jobs = [world.session.batch_job(name=f"sub-{i:02}", definition=large, queue=world.queue) for i in range(12)]
    world.session.ensure(*jobs)
    world.aws.advance(100)
    world.aws.advance(1200)
    diagnosis = world.session.diagnose()
    assert sum(each.rule == "job-over-max-vcpus" for each in diagnosis) == 12
    assert diagnosis.top is not None
    assert diagnosis.top.rule == "job-over-max-vcpus"
    shown = str(diagnosis)
    assert shown.startswith("diagnosis of session 'test'")
    assert shown.count("asks for 8 vCPUs") == 1
    assert "and 3 more" in shown
    assert "7 more are in `notes`" in shown
    assert len(shown.splitlines()) < 70
    assert str(world.session.diagnose(jobs)).startswith("diagnosis of job 'sub-00' and 11 more  ")


def test_a_job_whose_definition_was_deregistered_still_runs(world: World) -> None:
    """Batchwright itself deregisters old revisions, so that this is said of well jobs, and nothing is to be done."""
    job = world.waiting_job(environment=LONG)
    world.session.batch.deregister_job_definition(jobDefinition="convert:1")
    (finding,) = job.diagnose()
    assert (finding.rule, finding.severity) == ("definition-inactive", Severity.INFO)
    assert "still run" in finding.summary


def test_the_job_that_it_depended_on_is_named_without_asking(world: World) -> None:
    """The error of a job that never ran says which job to look at, and of no log, since there is none."""
    first = world.job("first", command=["false"], environment={}, wait_s=0)
    second = world.job("second", depends_on=[first], wait_s=300)
    with pytest.raises(JobFailedError) as caught:
        second.wait()
    told = str(caught.value)
    assert f"because a job that it depends on failed: job {first.job_id()}" in told
    assert "job.diagnose() says more;" in told
    assert "logs()" not in told
    assert "printed" not in told


def test_an_environment_that_is_switched_off_beside_another(world: World) -> None:
    """Switched off on purpose, as one does with Spot: jobs are placed in the other one, and nothing keeps them."""
    spot = world.session.compute_environment(name="spot", type="SPOT", max_vcpus=4)
    queue = world.session.job_queue(name="lab", compute_environments=[spot, world.environment])
    job = world.job(queue=queue, wait_s=5)
    assert tuple(job.diagnose()) == ()
    world.session.batch.update_compute_environment(computeEnvironment="spot", state="DISABLED")
    world.aws.advance(100)
    assert [each.severity for each in world.session.diagnose(queue)] == [Severity.INFO]
    world.session.batch.update_compute_environment(computeEnvironment="lab", state="DISABLED")
    world.aws.advance(100)
    assert {each.severity for each in world.session.diagnose(queue)} == {Severity.ERROR}
