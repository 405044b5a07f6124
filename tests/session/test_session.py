"""A session's verbs over the whole set of resources, on AWS's rules with AWS's delays."""

import inspect
import pickle

import attrs
import pytest

from batchwright import (
    Action,
    BatchSession,
    ComputeEnvironment,
    ConflictError,
    DeclarationError,
    IamRole,
    InUseError,
    JobQueue,
    NoRegionError,
    NotOwnedError,
    RetainedError,
    UnfinishedJobError,
    bound,
    resource,
)
from batchwright.declaration import Declaration
from batchwright.local.in_process import InProcessAws

WRITES = ("Create", "Update", "Delete", "Put", "Attach", "Detach", "Register", "Deregister", "Tag", "Untag", "Submit")


def whole_set(session: BatchSession) -> tuple[Declaration, ...]:
    """A job with everything that it can need."""
    volume = session.efs_volume(name="scratch", retain=False)
    environment = session.compute_environment(name="lab", max_vcpus=64)
    policy = session.scheduling_policy(name="fair")
    queue = session.job_queue(name="lab", compute_environments=environment)
    shared = session.job_queue(name="shared", compute_environments=environment, scheduling_policy=policy)
    definition = session.job_definition(
        name="convert", image="ghcr.io/lab/convert:2.1", vcpus=4, memory_gib=8, volumes={"/mnt/efs": volume}
    )
    job = session.batch_job(name="sub-01", definition=definition, queue=queue, command=["true"])
    return volume, environment, policy, queue, shared, definition, job


def writes(aws: InProcessAws, since: int) -> list[tuple[str, str]]:
    """The calls since then that changed something."""
    return [call for call in aws.calls[since:] if call[1].startswith(WRITES)]


def test_the_whole_set_is_made_and_the_second_time_nothing_is_written(session: BatchSession, aws: InProcessAws) -> None:
    """First everything is CREATED, then everything is UNCHANGED without a single call that writes."""
    first = session.ensure(*whole_set(session))
    created = {resource.kind for resource, ensured in first.items() if ensured.action is Action.CREATED}
    assert created >= {"compute environment", "job queue", "job definition", "EFS volume", "job", "IAM role"}
    since = len(aws.calls)
    second = session.ensure(*whole_set(session))
    assert {ensured.action for ensured in second.values()} == {Action.UNCHANGED}
    assert writes(aws, since) == []
    assert "convert" in str(first)


def test_everything_goes_in_one_call(session: BatchSession, aws: InProcessAws) -> None:
    """Afterwards the namespace owns nothing, and no refusal reached the caller."""
    session.ensure(*whole_set(session))
    session.defaults.tracker.describe()
    session.wait([job for job in whole_set(session) if job.kind == "job"])
    everything = [*session.ensure(*whole_set(session))]
    going = [attrs.evolve(item, retain=False) if hasattr(item, "retain") else item for item in everything]
    report = session.delete(*going)
    assert {resource.kind for resource, step in report.items() if step.action is Action.DELETED} >= {"IAM role"}
    assert list(session.inventory()) == []
    assert session.iam.list_roles(PathPrefix="/batchwright/")["Roles"] == []


def test_without_names_everything_but_data_goes(session: BatchSession) -> None:
    """`delete()` keeps the tracker, which is retained, and says so."""
    session.ensure(*whole_set(session)[:-1])
    session.ensure(session.defaults.tracker)
    report = session.delete()
    assert report[session.defaults.tracker].action is Action.RETAINED
    assert [item.kind for item in session.inventory()] == ["status tracker"]


def test_a_plan_writes_nothing_and_says_what_would_happen(session: BatchSession, aws: InProcessAws) -> None:
    """CREATED for what is missing, UPDATED for what differs, UNCHANGED for the rest."""
    *_, queue, _, definition, _ = whole_set(session)
    plan = session.plan(queue, definition)
    assert {step.action for resource, step in plan.items() if resource.kind != "default network"} == {Action.CREATED}
    assert writes(aws, 0) == []
    session.ensure(queue)
    since = len(aws.calls)
    assert session.plan(attrs.evolve(queue, priority=7))[queue].action is Action.UPDATED
    assert session.plan(queue)[queue].action is Action.UNCHANGED
    assert writes(aws, since) == []


def test_submit_makes_what_is_missing_and_the_second_is_quick(session: BatchSession, aws: InProcessAws) -> None:
    """A warm submission claims, submits and records: three requests."""
    first = session.submit("sub-01", image="busybox:1.36", command=["true"], volumes={"/mnt/efs": "scratch"})
    assert first.wait().status == "SUCCEEDED"
    since = len(aws.calls)
    second = session.submit("sub-02", image="busybox:1.36", command=["true"], volumes={"/mnt/efs": "scratch"})
    assert [operation for _, operation in aws.calls[since:]] == ["PutItem", "SubmitJob", "UpdateItem"]
    assert second.wait().status == "SUCCEEDED"


def test_a_second_unfinished_job_of_a_name_is_refused(session: BatchSession) -> None:
    """The seed's guard: the refusal names the job that is there."""
    first = session.submit("sub-01", image="busybox:1.36", command=["true"])
    with pytest.raises(UnfinishedJobError, match=first.job_id()):
        session.submit("sub-01", image="busybox:1.36", command=["true"])
    first.wait()
    second = session.submit("sub-01", image="busybox:1.36", command=["true"])
    assert (second.run, second.job_id() != first.job_id()) == (2, True)
    second.wait()
    assert session.submit("sub-01", image="busybox:1.36", command=["true"]).run == 3


def test_submit_recovers_when_its_queue_was_deleted_elsewhere(session: BatchSession) -> None:
    """What the session trusts is made again once AWS says that it is gone."""
    session.submit("sub-01", image="busybox:1.36", command=["true"]).wait()
    BatchSession("test", boto3_session=session.boto3_session, clock=session.clock).defaults.job_queue.delete()
    assert session.submit("sub-02", image="busybox:1.36", command=["true"]).wait().status == "SUCCEEDED"


def test_a_job_is_submitted_once_whoever_asks(session: BatchSession, aws: InProcessAws) -> None:
    """The same declaration from another session is the same job; another one under its name is refused."""
    job = whole_set(session)[-1]
    job.ensure()
    other = BatchSession("test", boto3_session=session.boto3_session, clock=session.clock)
    again = whole_set(other)[-1]
    assert again.ensure().action is Action.UNCHANGED
    assert again.job_id() == job.job_id()
    assert len([call for call in aws.calls if call == ("batch", "SubmitJob")]) == 1
    with pytest.raises(ConflictError, match="run=2"):
        attrs.evolve(job, command=("false",)).ensure()
    assert attrs.evolve(job, run=2, submission_id=job.default_submission_id(2)).ensure().action is Action.CREATED


def test_a_queue_with_unfinished_jobs_needs_force_or_the_jobs(session: BatchSession) -> None:
    """It is refused before anything is deleted, unless its jobs are named too."""
    job = attrs.evolve(whole_set(session)[-1], environment={"BATCHWRIGHT_SCRIPT_SECONDS": "600"})
    job.ensure()
    session.clock.sleep(10)
    with pytest.raises(ExceptionGroup) as caught:
        session.delete(job.queue, job.definition)
    assert caught.group_contains(InUseError)
    assert job.definition.exists()
    session.delete(job, job.queue, job.definition)
    assert not job.queue.exists()
    assert job.describe().status == "FAILED"


def test_what_another_namespace_made_is_used_and_not_deleted(session: BatchSession) -> None:
    """Its drift is reported, not overwritten; deleting it needs force."""
    other = BatchSession("other", boto3_session=session.boto3_session, clock=session.clock)
    other.ensure(other.job_queue(name="lab", compute_environments=other.compute_environment(name="lab")))
    queue = session.job_queue(name="lab", compute_environments=session.compute_environment(name="lab"), priority=9)
    ensured = session.ensure(queue)[queue]
    assert (ensured.action, ensured.owned) == (Action.UNCHANGED, False)
    assert "priority" in ensured.drift.paths
    with pytest.raises(NotOwnedError):
        queue.delete()


def test_a_volume_is_kept_until_the_declaration_says_otherwise(session: BatchSession) -> None:
    """Data is never deleted by the way."""
    volume = session.efs_volume(name="scratch")
    volume.ensure()
    with pytest.raises(RetainedError, match="retain=False"):
        volume.delete()
    assert [item.kind for item in session.inventory() if item.costs.startswith("storage")] == ["EFS volume"]


def test_a_dependency_of_another_session_is_refused() -> None:
    """The error names both sessions."""
    one, other = BatchSession("one", region="us-east-2"), BatchSession("other", region="us-east-2")
    with pytest.raises(DeclarationError, match="'other'"):
        one.job_queue(name="lab", compute_environments=other.compute_environment(name="lab"))


def test_factories_show_the_fields_of_their_class(session: BatchSession) -> None:
    """Signature, name and documentation are the class's own."""
    signature = inspect.signature(session.job_queue)
    assert next(iter(signature.parameters)) == "name"
    assert {"compute_environments", "priority", "enabled"} <= set(signature.parameters)
    assert signature.return_annotation is JobQueue
    assert session.job_queue.__doc__ == JobQueue.__doc__


def test_a_subclass_can_swap_a_class(session: BatchSession) -> None:
    """`bound(UrgentQueue)` makes the factory return the user's own kind."""

    @resource(kw_only=True)
    class UrgentQueue(JobQueue):
        priority: int = 100

    class UrgentSession(BatchSession):
        job_queue = bound(UrgentQueue)

    urgent = UrgentSession("test", boto3_session=session.boto3_session, clock=session.clock)
    queue = urgent.job_queue(name="urgent")
    assert isinstance(queue, UrgentQueue)
    assert queue.ensure().description.priority == 100


def test_fargate_defaults_need_no_instances(session: BatchSession) -> None:
    """A Fargate environment gets no instance profile, and a Fargate job its own queue and execution role."""
    environment = session.compute_environment(name="serverless", type="FARGATE")
    assert environment.instance_profile is None
    job = session.submit("sub-01", image="busybox:1.36", command=["true"], platform="FARGATE", vcpus=1, memory_gib=2)
    assert job.queue == session.defaults.fargate_queue
    assert isinstance(job.definition.execution_role, IamRole)
    assert job.wait().status == "SUCCEEDED"


def test_without_a_region_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """No region: a specific error, before any call."""
    for variable in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    with pytest.raises(NoRegionError, match="region='us-east-2'"):
        BatchSession("test").efs_volume(name="scratch").ensure()


def test_a_session_pickles_with_what_it_declares() -> None:
    """A job and all that it holds can be sent to another process."""
    session = BatchSession("test", region="us-east-2")
    job = whole_set(session)[-1]
    again = pickle.loads(pickle.dumps(job))
    assert again == job
    assert again.wish() == job.wish()
    assert isinstance(again.queue.compute_environments[0], ComputeEnvironment)


@pytest.mark.parametrize("verb", ["ensure", "plan", "delete"])
def test_what_is_no_resource_is_refused_by_its_type(session: BatchSession, verb: str) -> None:
    """A list is easily given whole: the message says how to give it, and nothing is asked of AWS."""
    volume = session.efs_volume(name="scratch")
    call = getattr(session, verb)
    with pytest.raises(TypeError, match=rf"{verb}\(\) takes .*, not list: .* {verb}\(\*resources\)"):
        call([volume])
    with pytest.raises(TypeError, match=rf"{verb}\(\) takes resources and jobs of a session, not str$"):
        call(volume, "scratch")
