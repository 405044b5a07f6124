"""A diagnosis as a whole: what it says of what is well, of what nobody may look at, and where it stands in errors."""

import pickle

import pytest

from batchwright import BatchSession, Diagnosis, Finding, JobFailedError, ResourceFailedError, Severity
from batchwright._display import Displayed
from batchwright.findings import Distance, ordered
from batchwright.jobs.description import JobDescription
from batchwright.local.faults import Fault
from batchwright.local.in_process import InProcessAws

from .breaking import World

JOBS = ("batch", "DescribeJobs")


@pytest.fixture
def world(session: BatchSession, aws: InProcessAws) -> World:
    return World(aws, session)


def test_where_all_is_well_there_is_no_finding(world: World) -> None:
    """Neither while a job waits, nor while it runs, nor after it, nor on what it needs."""
    job = world.job(environment={})
    waiting = job.diagnose()
    assert not waiting
    assert waiting.notes == ("job 'sub-01' is number 1 of 1 RUNNABLE in job queue 'lab'",)
    assert "compute environment 'lab'" in waiting.subjects
    world.aws.advance(30)
    assert not job.diagnose()
    job.wait()
    assert not job.diagnose()
    assert not world.queue.diagnose()
    assert not world.environment.diagnose()
    assert not world.definition().diagnose()
    assert not world.session.diagnose()


def test_a_missing_permission_is_named_and_the_rest_goes_on(world: World) -> None:
    """The action to ask for, and what was not checked for want of it; the other rules find what they find."""
    job = world.job(vcpus=8)
    denied = ("batch:GetJobQueueSnapshot", "batch:DescribeJobDefinitions")
    for action in denied:
        world.aws.faults.add(Fault.error("AccessDeniedException", status=403, operation=action))
    diagnosis = job.diagnose()
    assert diagnosis.top is not None
    assert diagnosis.top.rule == "job-over-max-vcpus"
    unchecked = {finding.subject: finding for finding in diagnosis if finding.severity is Severity.UNCHECKED}
    assert set(unchecked) == set(denied)
    finding = unchecked["batch:GetJobQueueSnapshot"]
    assert "the IAM action batch:GetJobQueueSnapshot is not allowed" in finding.summary
    assert "Allow batch:GetJobQueueSnapshot" in finding.fix
    assert any("another job at the head of the queue" in line for line in finding.evidence)


@pytest.mark.parametrize(
    "action",
    ["elasticfilesystem:DescribeMountTargets", "iam:GetRolePolicy", "dynamodb:Scan", "batch:DescribeJobQueues"],
)
def test_where_aws_names_no_action_the_call_tells_it(world: World, action: str) -> None:
    """With its service, also where one fact takes calls of several services; and in an error of ours."""
    session = world.session
    session.ensure(session.defaults.job_role, session.efs_volume(name="scratch"), world.queue)
    world.aws.faults.add(Fault.error("AccessDeniedException", status=403, message="Access denied", operation=action))
    denied = {finding.summary for finding in session.diagnose() if finding.severity is Severity.UNCHECKED}
    assert denied == {f"Not all was checked: the IAM action {action} is not allowed."}


def test_that_aws_does_not_answer_is_said_too(world: World) -> None:
    """Not as a permission, and once for an operation, however many rules wanted it."""
    world.queue.ensure()
    world.aws.faults.add(Fault.error(operation="batch:DescribeComputeEnvironments"))
    diagnosis = world.queue.diagnose()
    assert [finding.subject for finding in diagnosis] == ["batch:DescribeComputeEnvironments"]
    assert "told nothing" in diagnosis[0].summary
    assert "ServerException" in diagnosis[0].evidence[0]


def test_a_fact_is_read_once(world: World) -> None:
    """However many rules want it, and however many jobs stand in the same place."""
    jobs = [world.job(f"sub-{number}") for number in range(3)]
    world.aws.calls.clear()
    world.session.diagnose(*jobs)
    once = ("DescribeJobQueues", "DescribeComputeEnvironments", "DescribeJobDefinitions", "GetJobQueueSnapshot")
    counts = {operation: world.aws.calls.count(("batch", operation)) for operation in once}
    assert counts == dict.fromkeys(once, 1)


def test_a_session_diagnoses_what_it_has_ensured_and_its_jobs(world: World) -> None:
    """With no subject named: the unfinished jobs that it has submitted among them."""
    world.session.ensure(world.queue, world.definition())
    job = world.session.submit("large", image="busybox", vcpus=8, queue=world.queue)
    world.aws.advance(30)
    diagnosis = world.session.diagnose()
    assert diagnosis.top is not None
    assert (diagnosis.top.rule, diagnosis.top.subject) == ("job-over-max-vcpus", f"job {job.name!r} ({job.job_id()})")
    assert {"job queue 'lab'", "job definition 'convert:1'"} <= set(diagnosis.subjects)


def test_a_list_of_jobs_is_taken_too(world: World) -> None:
    """As the verbs on many jobs take it; what is no job and no resource is refused."""
    jobs = [world.job("sub-01"), world.job("sub-02", vcpus=8)]
    assert {finding.subject for finding in world.session.diagnose(jobs)} == {"job 'sub-02'"}
    with pytest.raises(TypeError, match="not int"):
        world.session.diagnose(7)


def test_listed_jobs_of_one_name_are_told_apart(world: World) -> None:
    """And asked for together, since AWS shows a hundred in one answer."""
    first = world.job(vcpus=8)
    second = world.job(vcpus=8, run=2)
    world.aws.advance(10)
    jobs = world.session.jobs(queue="lab")
    world.aws.calls.clear()
    diagnosis = world.session.diagnose(jobs)
    found = {each.subject for each in diagnosis if each.rule == "job-over-max-vcpus"}
    assert found == {f"job 'sub-01' ({job.job_id()})" for job in (first, second)}
    assert world.aws.calls.count(("batch", "DescribeJobs")) == 1


def test_a_failed_job_says_why_in_its_error(world: World) -> None:
    """The first finding with its fix, from what is known already: no call more than without a diagnosis."""
    job = world.failed_job("OutOfMemoryError: Container killed due to memory usage", exit_code=137)
    world.aws.calls.clear()
    with pytest.raises(JobFailedError) as caught:
        job.wait()
    assert "used more memory than it was given. Raise memory_gib" in str(caught.value)
    assert "job.diagnose() says more" in str(caught.value)
    assert caught.value.diagnosis is not None
    assert caught.value.diagnosis.top is not None
    assert caught.value.diagnosis.top.rule == "failed-out-of-memory"
    assert {call for call in world.aws.calls if call[0] not in ("dynamodb", "cloudwatch-logs")} == {JOBS}
    copy = pickle.loads(pickle.dumps(caught.value))
    assert copy.diagnosis.top == caught.value.diagnosis.top


def test_a_failure_is_judged_without_a_call(world: World) -> None:
    """A thousand failed jobs of one wait make no thousand calls; the log's last line is evidence."""
    job = JobDescription(job_id="1", name="sub-01", status="FAILED", status_reason="Essential container", exit_code=1)
    world.aws.calls.clear()
    diagnosis = world.session.diagnose_failure(job, ["Traceback", "ModuleNotFoundError: No module named 'nibabel'"])
    assert [finding.rule for finding in diagnosis] == ["failed-exit-code"]
    assert any("No module named 'nibabel'" in line for line in diagnosis[0].evidence)
    assert world.aws.calls == []


def test_the_log_tells_of_a_program_for_another_processor(world: World) -> None:
    """The exit code alone is that of any failure."""
    job = JobDescription(job_id="1", name="sub-01", status="FAILED", exit_code=1)
    diagnosis = world.session.diagnose_failure(job, ["exec /bin/convert: exec format error"])
    assert [finding.rule for finding in diagnosis] == ["failed-architecture"]


def test_a_log_that_may_not_be_read_hides_nothing(world: World) -> None:
    """The class of the failure is found from the description alone."""
    job = world.failed_job(exit_code=139)
    world.of(job).log_stream = "convert/default/1"
    world.aws.faults.add(Fault.error("AccessDeniedException", operation="logs:GetLogEvents"))
    assert [finding.rule for finding in job.diagnose()] == ["failed-crashed", "unchecked"]


def test_a_finding_that_is_printed_does_not_act() -> None:
    """It may quote the last line of a log."""
    assert str(Finding(severity=Severity.ERROR, summary="\x1b[2J.", fix="Do.")) == "\\x1b[2J. Do."


def test_findings_are_in_order() -> None:
    """By severity, then by how near to the cause, then as they came; each once."""

    def finding(severity: Severity, summary: str) -> Finding:
        return Finding(severity=severity, summary=summary)

    came = [
        (Distance.SIGN, finding(Severity.ERROR, "sign")),
        (Distance.CAUSE, finding(Severity.INFO, "info")),
        (Distance.EFFECT, finding(Severity.ERROR, "effect")),
        (Distance.CAUSE, finding(Severity.ERROR, "cause")),
        (Distance.CAUSE, finding(Severity.ERROR, "cause")),
        (Distance.CAUSE, finding(Severity.UNCHECKED, "unchecked")),
        (Distance.CAUSE, finding(Severity.WARNING, "warning")),
    ]
    assert [each.summary for each in ordered(came)] == ["cause", "effect", "sign", "warning", "info", "unchecked"]


def test_a_diagnosis_shows_each_finding_with_its_fix(world: World) -> None:
    """In words that every renderer knows; and what was looked at where nothing was found."""
    diagnosis = world.job(vcpus=8).diagnose()
    assert isinstance(diagnosis, Displayed)
    text = str(diagnosis)
    for said in ("asks for 8 vCPUs", "Raise max_vcpus", "maxvCpus 4", "https://docs.aws.amazon.com/", "job 'sub-01'"):
        assert said in text
    assert "nothing found" in str(world.environment.diagnose())
    assert "asks for 8 vCPUs" in diagnosis._repr_html_()


def test_values_of_variables_are_not_told(world: World) -> None:
    """A diagnosis reads the container of a job, which holds them."""
    diagnosis = world.job(vcpus=8, environment={"GREETING": "s3cr3t-value"}).diagnose()
    assert "s3cr3t-value" not in str(diagnosis)
    assert "s3cr3t-value" not in repr(diagnosis)
    assert "s3cr3t-value" not in diagnosis._repr_html_()


def test_a_diagnosis_is_a_value() -> None:
    """It counts, compares as true where there is something to say, and has a first finding."""
    nothing = Diagnosis()
    assert (len(nothing), bool(nothing), nothing.top) == (0, False, None)
    one = Finding(severity=Severity.ERROR, summary="broken")
    some = Diagnosis(findings=(one,))
    assert (len(some), bool(some), some.top, some[0], some[:1]) == (1, True, one, one, (one,))


def test_a_wait_for_an_environment_says_what_is_found(world: World) -> None:
    """An environment that AWS calls INVALID ends the wait with AWS's reason, and can be diagnosed."""
    environment = world.session.compute_environment(name="lab", instance_profile="no-such-profile")
    with pytest.raises(ResourceFailedError):
        environment.ensure()
    assert environment.diagnose().top is not None
