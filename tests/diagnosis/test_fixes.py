"""What a finding says to do is enough: where one thing alone would not heal, it says the other too."""

import re

import attrs
import pytest

from batchwright import BatchSession, JobFailedError
from batchwright.jobs.description import JobDescription
from batchwright.local.in_process import InProcessAws

from .breaking import World


@pytest.fixture
def world(session: BatchSession, aws: InProcessAws) -> World:
    return World(aws, session)


def test_max_vcpus_that_no_instance_could_use(world: World) -> None:
    """To raise them alone would let the job wait for ever all the same."""
    top = world.waiting_job(vcpus=512, memory_gib=1).diagnose().top
    assert top is not None
    assert top.fix == (
        "Ask for 4 vCPUs or fewer: no instance type of its environments has more than 192; or add larger types, and "
        "raise max_vcpus of compute environment 'lab' to 512 or more."
    )


def test_a_job_that_one_more_environment_size_cures(world: World) -> None:
    """Done as it says, nothing is left."""
    job = world.waiting_job(vcpus=8)
    top = job.diagnose().top
    assert top is not None
    assert "Raise max_vcpus of compute environment 'lab' to 8 or more" in top.fix
    world.session.compute_environment(name="lab", max_vcpus=8).ensure()
    world.aws.advance(5)
    assert not job.diagnose()


@pytest.mark.parametrize(("lines", "fix"), [((), "by hand in its image"), (("oops",), "The end of its log says more")])
def test_a_job_that_failed_and_printed_nothing(world: World, lines: tuple[str, ...], fix: str) -> None:
    """Nobody is sent to the end of an empty log."""
    failed = JobDescription(job_id="own", name="a", status="FAILED", exit_code=1)
    top = world.session.diagnose_failure(failed, lines).top
    assert top is not None
    assert (top.rule, fix in top.fix) == ("failed-exit-code", True)


def test_what_a_fix_says_to_call_can_be_called(world: World) -> None:
    """Copied as it is said, it lets the next job come up."""
    large = world.job("too-large", vcpus=8)
    job = world.job(wait_s=60)
    top = job.diagnose().top
    assert top is not None
    said = re.search(r"session\.batch\.cancel_job\(jobId='(.+?)', reason='(.+?)'\)", top.fix)
    assert said is not None
    assert said[1] == large.job_id()
    world.session.batch.cancel_job(jobId=said[1], reason=said[2])
    world.aws.advance(5)
    assert not job.diagnose()


def test_a_job_whose_row_is_gone_is_not_to_be_submitted_again(world: World) -> None:
    """Its queue lists it still: it would run twice."""
    job = world.job("sub-01")
    world.session.dynamodb.delete_table(TableName=world.session.defaults.tracker.name)
    world.aws.advance(60)
    diagnosis = job.diagnose()
    assert "job-not-submitted" not in [each.rule for each in diagnosis]
    assert any("has no row, and its queue lists it" in note for note in diagnosis.notes)


def test_the_cause_of_a_job_that_could_not_start_comes_first(world: World) -> None:
    """What a failure only points to is named before it, and done as it says another run succeeds."""
    session = world.session
    volume = session.efs_volume(name="scratch")
    definition = session.job_definition(name="mounting", image="busybox", volumes={"/mnt/efs": volume})
    job = session.batch_job(name="sub-01", definition=definition, command=["true"])
    job.ensure()
    for target in session.efs.describe_mount_targets(FileSystemId=volume.describe().file_system_id)["MountTargets"]:
        session.efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    with pytest.raises(JobFailedError, match="could not be mounted"):
        job.wait()
    world.aws.advance(60)
    assert [each.rule for each in job.diagnose()] == ["mount-target-none", "failed-mount"]
    volume.ensure()
    again = attrs.evolve(job, run=2)
    again.ensure()
    assert again.wait().status == "SUCCEEDED"
