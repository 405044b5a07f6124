"""The same call again: after a crash at any moment, while it runs, and after its end."""

from collections.abc import Callable
from typing import Any

import pytest

from batchwright import BatchSession, UnfinishedJobError

from .conftest import COMMAND, Account, ids

MOMENTS = [
    "sfn.StartExecution",
    "efs.CreateFileSystem",
    "efs.CreateMountTarget",
    "ssm.PutParameter",
    "batch.RegisterJobDefinition",
    "batch.CreateJobQueue",
    "dynamodb.PutItem",
    "batch.SubmitJob",
    "dynamodb.UpdateItem",
]


class Dead(BaseException):
    """The process is no more: nothing that it would still send is sent."""


class Dying:
    """A process that dies as it sends, or has just sent, one request; no other request of it leaves after that.

    Args:
        session: Its session.
        moment: The operation, as botocore's events name it.
        call: Which of these calls.
        is_sent: Whether AWS carries that one out.
    """

    def __init__(self, session: BatchSession, moment: str, call: int, *, is_sent: bool) -> None:
        self._moment, self._left, self._is_sent, self.is_dead = moment, call, is_sent, False
        events: Any = session.boto3_session._session.get_component("event_emitter")
        events.register_first("before-send", self._look)
        events.register_last("after-call", self._look_after)

    def _look(self, event_name: str, **_: object) -> None:
        if self.is_dead:
            raise Dead
        if event_name == f"before-send.{self._moment}" and not self._is_sent:
            self._count()

    def _look_after(self, event_name: str, **_: object) -> None:
        if event_name == f"after-call.{self._moment}" and self._is_sent:
            self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.is_dead = True
            raise Dead


def died(account: Account, moment: str, call: int, *, is_sent: bool) -> bool:
    """Deploy in a process that dies at that moment; whether it came to it."""
    alive = account.session
    dying: list[Dying] = []

    def session() -> BatchSession:
        made = alive()
        dying.append(Dying(made, moment, call, is_sent=is_sent))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batchwright.neuroconv.deploy.session_in", lambda _: session())
        try:
            account.deploy()
        except (Dead, BaseExceptionGroup):
            assert dying[0].is_dead
    return dying[0].is_dead


@pytest.mark.parametrize("is_sent", [False, True])
@pytest.mark.parametrize(("moment", "call"), [*((moment, 1) for moment in MOMENTS), ("batch.SubmitJob", 2)])
def test_it_goes_on_after_a_crash(account: Account, moment: str, call: int, is_sent: bool) -> None:
    """There is one volume, one secret, one tear-down and one job of each name, and all of it goes in the end."""
    assert died(account, moment, call, is_sent=is_sent)
    info = account.deploy()
    assert (len(account.volumes), len(account.parameters), len(account.executions)) == (1, 1, 1)
    info.wait()
    assert sorted(row["job_id"] for row in account.rows.values()) == sorted(ids(info))
    listed = account.client("batch").list_jobs(jobQueue="neuroconv_batch_queue", jobStatus="SUCCEEDED")
    assert sorted(job["jobId"] for job in listed["jobSummaryList"]) == sorted(ids(info))
    info.wait_for_teardown()
    assert (account.volumes, account.parameters) == ([], [])


def test_a_caller_who_never_comes_back_leaves_nothing(account: Account) -> None:
    """A volume that no job was submitted for goes after a day."""
    assert died(account, "batch.SubmitJob", 1, is_sent=False)
    assert len(account.volumes) == 1
    account.until(lambda: account.executions[0]["status"] != "RUNNING")
    assert (account.volumes, account.parameters) == ([], [])


def test_a_caller_who_comes_back_too_late_begins_anew(account: Account) -> None:
    """What was taken away meanwhile is not made again without a tear-down of its own."""
    assert died(account, "batch.RegisterJobDefinition", 1, is_sent=False)
    account.until(lambda: account.executions[0]["status"] != "RUNNING")
    info = account.deploy().wait()
    assert len(account.executions) == 2
    info.wait_for_teardown()
    assert (account.volumes, account.parameters) == ([], [])


def test_while_it_runs_the_same_call_finds_it(account: Account) -> None:
    """Nothing more is made, written or submitted."""
    first = account.deploy()
    account.aws.advance(600)
    account.aws.calls.clear()
    assert account.deploy() == first
    reading = ("Get", "Describe", "List")
    assert [call for call in account.aws.calls if not call[1].startswith(reading)] == []


@pytest.mark.parametrize("other", [{"rclone_command": COMMAND + " -v"}, {"minimum_worker_cpus": 8}])
def test_while_it_runs_another_of_its_name_is_refused(account: Account, other: dict[str, Any]) -> None:
    """Before anything is changed: the secret of the one that runs too."""
    account.deploy()
    (account.folder / "rclone.conf").write_text("[other]\n")
    account.aws.calls.clear()
    with pytest.raises(UnfinishedJobError, match="other arguments"):
        account.deploy(**other)
    assert not {call for call in account.aws.calls if call[1].startswith(("Put", "Create", "Start", "Submit"))}


def test_a_job_of_the_name_that_others_submitted_is_in_the_way(account: Account) -> None:
    """As for NeuroConv's own guard, with no row that tells of it; nothing is made for the second."""
    account.deploy(job_name="before").wait().wait_for_teardown()
    batch = account.client("batch")
    (definition, *_) = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    there = batch.submit_job(
        jobName="sub-01_neuroconv_deployment",
        jobQueue="neuroconv_batch_queue",
        jobDefinition=definition["jobDefinitionArn"],
    )["jobId"]
    account.aws.advance(60)
    executions = account.executions
    with pytest.raises(UnfinishedJobError, match=there):
        account.deploy()
    assert (account.volumes, account.parameters, account.executions) == ([], [], executions)


def test_after_its_end_it_is_deployed_anew(account: Account) -> None:
    """Twice: each has its own jobs and volume, and waits until the volume before is gone."""
    seen: list[Any] = []
    for _ in range(3):
        info = account.deploy(minimum_worker_cpus=4 + len(seen)).wait()
        seen.append((account.volumes[0]["FileSystemId"], *ids(info)))
        assert len(account.volumes) == 1
    assert len({each for run in seen for each in run}) == 9
    info.wait_for_teardown()
    assert (account.volumes, account.parameters) == ([], [])
    assert {execution["status"] for execution in account.executions} == {"SUCCEEDED"}


def test_two_callers_at_once_deploy_once(account: Account) -> None:
    """Whoever is in the middle of it, another one of the same arguments comes to the same jobs."""
    between: list[Callable[[], None]] = []
    alive, infos = account.session, []

    def another() -> None:
        if between:
            between.pop()()

    def session() -> BatchSession:
        made = alive()
        made.efs.meta.events.register(
            "before-send.efs.CreateFileSystem", lambda **_: between.pop()() if between else None
        )
        return made

    between.append(lambda: infos.append(account.deploy()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batchwright.neuroconv.deploy.session_in", lambda _: session())
        infos.append(account.deploy())
    assert ids(infos[0]) == ids(infos[1])
    assert (len(account.volumes), len(account.executions), len(account.rows)) == (1, 1, 2)
