"""Starting a tear-down once, again, and not at all; and what is refused."""

from typing import Any

import attrs
import pytest

from batchwright import Action, BatchSession, StateMachine, Teardown
from batchwright.errors import (
    ConflictError,
    DeclarationError,
    InUseError,
    NotFoundError,
    NotOwnedError,
    ResourceFailedError,
)
from batchwright.local.in_process import InProcessAws
from batchwright.resources.teardown_definition import teardown_definition

from .conftest import Deployment


def executions(deployment: Deployment, teardown: Teardown) -> list[str]:
    """The names of all executions that there ever were."""
    arn = teardown.machine.describe().arn
    listed = deployment.session.states.list_executions(stateMachineArn=arn)["executions"]
    return sorted(item["name"] for item in listed)


def test_it_comes_before_all_else_and_makes_none_of_it(deployment: Deployment) -> None:
    """`ensure()` makes the machine and its role, and neither jobs, volume nor secrets."""
    teardown = deployment.teardown()
    report = deployment.session.ensure(teardown)
    assert [resource.kind for resource in report] == ["IAM role", "state machine", "tear-down"]
    assert {outcome.action for outcome in report.values()} == {Action.CREATED}
    assert deployment.is_left == (False, False)
    assert deployment.session.plan(teardown)[teardown].action is Action.UNCHANGED


def test_named_together_it_is_started_first(deployment: Deployment) -> None:
    """`session.ensure()` makes a temporary volume and a secret only after the tear-down that takes them away."""
    definition = attrs.evolve(deployment.definition, volumes={"/mnt/efs": deployment.volume})
    job = attrs.evolve(deployment.job("convert"), definition=definition)
    teardown = deployment.teardown(after=job)
    made = [resource.kind for resource in deployment.session.ensure(job, deployment.secret, teardown)]
    assert made.index("tear-down") < min(made.index("EFS volume"), made.index("stored secret"), made.index("job"))
    assert teardown.wait().status == "SUCCEEDED"


def test_the_inventory_tells_who_takes_a_volume_away(deployment: Deployment) -> None:
    """A temporary volume, the tear-down that watches, its machine and its role are all there, from any process."""
    deployment.begin()
    other = BatchSession("test", boto3_session=deployment.session.boto3_session, clock=deployment.session.clock)
    found = {item.kind: (item.name, item.status, item.costs) for item in other.inventory()}
    assert found["EFS volume"][2] == "storage, by the GiB, until tear-down 'sub-01' takes it away"
    assert found["tear-down"] == ("sub-01", "RUNNING", "0.06 USD a day while it waits")
    assert found["state machine"] == ("batchwright-test-teardown", "ACTIVE", "")
    assert found["IAM role"][0].endswith("-teardown")


def test_two_processes_start_one(deployment: Deployment, aws: InProcessAws) -> None:
    """The execution is known by the tear-down's name, so the second process finds the first one's."""
    other = BatchSession("test", boto3_session=deployment.session.boto3_session, clock=deployment.session.clock)
    first, second = deployment.teardown(), attrs.evolve(deployment, session=other).teardown()
    assert (first.ensure().action, second.ensure().action) == (Action.CREATED, Action.UNCHANGED)
    assert executions(deployment, first) == ["sub-01"]


def test_one_that_is_done_is_not_started_again(deployment: Deployment) -> None:
    """After its end the same declaration finds everything done, and a volume that nothing would delete is not made."""
    teardown = deployment.begin()
    deployment.session.ensure(*teardown.after)
    teardown.wait()
    assert teardown.ensure().action is Action.UNCHANGED
    with pytest.raises(ConflictError, match="tear-down 'sub-01' is SUCCEEDED, so nothing would take the volume away"):
        deployment.volume.ensure()
    assert executions(deployment, teardown) == ["sub-01"]


def test_a_temporary_volume_is_not_made_before_its_teardown(deployment: Deployment) -> None:
    """The order is kept by the volume itself, whatever brings it about."""
    with pytest.raises(ConflictError, match="tear-down 'sub-01' was not started"):
        deployment.volume.ensure()
    assert not deployment.volume.exists()


def test_other_jobs_under_the_same_name_are_told(deployment: Deployment) -> None:
    """One that is on watch is not changed; after its end the name is free for other jobs."""
    teardown = deployment.begin(after=deployment.job("transfer"))
    other = deployment.teardown(after=deployment.job("convert"))
    with pytest.raises(ConflictError, match="on watch for other jobs"):
        other.ensure()
    deployment.session.ensure(*teardown.after)
    teardown.wait()
    assert (other.ensure().action, other.describe().run) == (Action.CREATED, 2)


def test_one_that_failed_says_why_and_is_started_anew(deployment: Deployment) -> None:
    """A failure is raised where somebody waits, stands in the description, and does not count as done."""
    teardown = deployment.begin()
    arn = deployment.volume.describe().arn
    deployment.session.efs.untag_resource(ResourceId=arn.rpartition("/")[2], TagKeys=["batchwright:teardown"])
    deployment.session.ensure(*teardown.after)
    with pytest.raises(ResourceFailedError, match=r"FAILED: Batchwright\.VolumeNotMarked: The volume was left"):
        teardown.wait()
    assert deployment.is_left == (True, False)
    assert teardown.wait(check=False).status == "FAILED"
    (item,) = [item for item in deployment.session.inventory() if item.kind == "tear-down"]
    assert item.name == "sub-01"
    assert item.status.startswith("FAILED: Batchwright.VolumeNotMarked: The volume was left")

    deployment.volume.ensure()  # marks it again
    assert deployment.session.plan(teardown)[teardown].action is Action.CREATED
    assert (teardown.ensure().action, teardown.describe().run) == (Action.CREATED, 2)
    assert teardown.wait().status == "SUCCEEDED"
    assert deployment.is_left == (False, False)
    assert list(Teardown.list_owned(deployment.session)) == []


def test_a_volume_of_another_deployment_is_left(deployment: Deployment) -> None:
    """A volume of the same name that belongs to another tear-down meanwhile is not this one's to take."""
    teardown = deployment.begin()
    later = attrs.evolve(deployment, name="later")
    later.teardown().ensure()
    attrs.evolve(deployment.volume, teardown="later").ensure()
    deployment.session.ensure(*teardown.after)
    assert teardown.wait(check=False).status == "FAILED"
    assert deployment.is_left == (True, False)


def test_a_volume_that_others_made_is_left(deployment: Deployment) -> None:
    """A file system that is found by its tag Name is used, and is nobody's to delete."""
    efs = deployment.session.efs
    made = efs.create_file_system(CreationToken="theirs", Tags=[{"Key": "Name", "Value": "sub-01"}])
    deployment.pass_time(60)
    teardown = deployment.begin()
    deployment.session.ensure(*teardown.after)
    assert teardown.wait().status == "SUCCEEDED"
    assert efs.describe_file_systems(FileSystemId=made["FileSystemId"])["FileSystems"][0]["LifeCycleState"]


def test_a_secret_that_others_made_is_refused(deployment: Deployment) -> None:
    """The role's rights go by the path alone, so what lies there and is not ours is looked for before the start."""
    deployment.session.ssm.put_parameter(Name="/batchwright/test/sub-01", Value="theirs", Type="SecureString")
    with pytest.raises(NotOwnedError, match="is there already, and was not made by namespace 'test'"):
        deployment.teardown().ensure()
    with pytest.raises(NotFoundError):
        deployment.teardown().describe()


def test_delete_stops_it_and_leaves_what_it_was_to_take(deployment: Deployment) -> None:
    """Who deletes the tear-down keeps the volume; the next `ensure()` watches again."""
    teardown = deployment.begin()
    teardown.delete()
    with pytest.raises(NotFoundError):
        teardown.describe()
    assert deployment.is_left == (True, True)
    assert teardown.machine.exists()
    assert (teardown.ensure().action, teardown.describe().run) == (Action.CREATED, 2)


def test_the_machine_stays_while_it_watches(deployment: Deployment) -> None:
    """To delete the machine or its role would end every tear-down; together with them both go."""
    teardown = deployment.begin()
    role: Any = teardown.machine.role
    with pytest.raises(InUseError, match="running tear-downs: sub-01"):
        role.delete()
    with pytest.raises(InUseError, match="carries out 1 executions: sub-01"):
        teardown.machine.delete()
    report = deployment.session.delete(teardown, teardown.machine, role, deployment.volume, deployment.secret)
    assert {step.action for step in report.values()} == {Action.DELETED}
    assert list(StateMachine.list_owned(deployment.session)) == []


def test_jobs_of_two_tables_at_once(deployment: Deployment) -> None:
    """The one role gets the right to each table, whichever tear-down was first."""
    other = attrs.evolve(deployment, name="sub-02")
    table = deployment.session.status_tracker(name="other-table")
    first = deployment.teardown()
    second = other.teardown(after=attrs.evolve(other.job("convert"), tracker=table))
    deployment.session.ensure(first, second)
    role: Any = first.machine.role
    tables = [name for name in role.describe().inline_policies if name.startswith("batchwright-teardown-")]
    assert len(tables) == 2
    assert {first.ensure().action, second.ensure().action} == {Action.UNCHANGED}


def test_a_long_name_is_shortened_for_the_execution(deployment: Deployment) -> None:
    """Names of jobs are longer than names of executions may be."""
    long = attrs.evolve(deployment, name="n" * 110)
    teardown = long.teardown(volume=None)
    teardown.ensure()
    assert teardown.describe().name == "n" * 110


def test_no_value_of_a_secret_is_in_what_an_execution_is_told(deployment: Deployment) -> None:
    """Whoever may list executions sees names only."""
    teardown = deployment.begin()
    told = deployment.wish(teardown)
    assert told["wish"]["secrets"] == [{"store": "ssm", "id": "/batchwright/test/sub-01"}]
    assert "[remote]" not in str(told)


@pytest.mark.parametrize(
    ("fields", "legal"),
    [
        ({"volume": "keep"}, r"volume=.*retain=False, teardown='sub-01'"),
        ({"volume": "other"}, r"volume=.*teardown='sub-01'"),
        ({"secrets": "referred"}, r"secrets=.*only referred to"),
        ({"secrets": "elsewhere"}, r"secrets=.*below the namespace's own path /batchwright/test/"),
        ({"after": ()}, r"after=.*1 to 500 jobs"),
        ({"after": "untracked"}, r"after=.*jobs with a tracker"),
        ({"volume": None, "secrets": ()}, r"volume=None.*nothing to take away"),
        ({"tags": {"a": "b"}}, r"tags=.*empty"),
        ({"longest_wait_s": 0}, r"longest_wait_s=0"),
        ({"name": "a.b"}, r"name='a\.b'"),
    ],
)
def test_what_it_could_not_take_away_is_refused_before_any_call(fields: dict[str, Any], legal: str) -> None:
    """The error names the field and says what to declare."""
    bare: Any = BatchSession("test", region="us-east-2")
    known: dict[object, object] = {
        "keep": bare.efs_volume(name="kept"),
        "other": bare.efs_volume(name="other", retain=False, teardown="other"),
        "referred": bare.stored_secret(name="theirs"),
        "elsewhere": bare.stored_secret(name="theirs", value="x", path="/lab/"),
    }
    definition = bare.job_definition(name="convert", image="busybox:1.36")
    job = bare.batch_job(name="one", definition=definition)
    known["untracked"] = attrs.evolve(job, tracker=None)
    volume = bare.efs_volume(name="sub-01", retain=False, teardown="sub-01")
    said = {"name": "sub-01", "after": job, "volume": volume, **fields}
    with pytest.raises(DeclarationError, match=legal):
        bare.teardown(
            **{key: known.get(value, value) if isinstance(value, str) else value for key, value in said.items()}
        )


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-2", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_its_steps_are_those_of_the_partition(region: str, partition: str) -> None:
    """China and GovCloud have ARNs of their own, and states that nothing leads to would be refused by AWS."""
    states: Any = teardown_definition(region)["States"]
    steps = [state["Resource"] for state in states.values() if state["Type"] == "Task"]
    assert len(steps) == 9
    assert all(step.startswith(f"arn:{partition}:states:::") for step in steps)


def test_a_volume_that_is_kept_has_no_teardown() -> None:
    """To keep and to take away is a contradiction, told where it is declared."""
    with pytest.raises(DeclarationError, match=r"teardown='sub-01'.*retain=False only"):
        BatchSession("test", region="us-east-2").efs_volume(name="scratch", teardown="sub-01")
