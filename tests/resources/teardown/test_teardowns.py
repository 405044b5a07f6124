"""What a tear-down does, whatever becomes of the jobs, with nobody on line."""

from itertools import pairwise

import pytest

from batchwright import Action, BatchSession, Teardown
from batchwright.resources import teardown_runs
from batchwright.resources.teardown_definition import TURNS_MAX
from batchwright.testing import ResourceContract

from .conftest import DAY_S, Deployment


class TestTeardown(ResourceContract):
    """A tear-down keeps the contract of all resources."""

    def declare(self, session: BatchSession) -> Teardown:
        volume = session.efs_volume(name="scratch", retain=False, teardown="sub-01")
        definition = session.job_definition(name="convert", image="busybox:1.36", volumes={"/mnt/efs": volume})
        job = session.batch_job(name="sub-01", definition=definition, command=["true"])
        return session.teardown(name="sub-01", after=job, volume=volume)


@pytest.mark.parametrize("command", [["true"], ["false"]])
def test_everything_goes_after_the_last_job(deployment: Deployment, command: list[str]) -> None:
    """Once both jobs have ended, well or not, the volume and the secret are taken away."""
    jobs = deployment.job("transfer", command=command), deployment.job("convert", command=command)
    teardown = deployment.begin(after=jobs)
    deployment.session.ensure(*jobs)
    assert deployment.is_left == (True, True)
    assert deployment.until_ended(teardown, 1800).status == "SUCCEEDED"
    assert deployment.is_left == (False, False)


def test_nothing_goes_before_the_last_job_has_ended(deployment: Deployment) -> None:
    """A job that ended long ago does not make the one that still runs count less."""
    long = deployment.job("convert", environment={"BATCHWRIGHT_SCRIPT_SECONDS": "30000"})
    teardown = deployment.begin(after=(deployment.job("transfer"), long))
    deployment.session.ensure(*teardown.after)
    deployment.pass_time(29_000)
    assert (teardown.describe().status, deployment.is_left) == ("RUNNING", (True, True))
    assert deployment.until_ended(teardown, 3600).status == "SUCCEEDED"
    assert deployment.is_left == (False, False)


def test_jobs_that_are_taken_out_of_the_queue_have_ended(deployment: Deployment) -> None:
    """A job that is cancelled, and one that depends on it, are jobs that have ended."""
    first = deployment.job("transfer", environment={"BATCHWRIGHT_SCRIPT_SECONDS": "900000"})
    teardown = deployment.begin(after=(first, deployment.job("convert", depends_on=first)))
    deployment.session.ensure(*teardown.after)
    first.terminate(reason="changed my mind")
    assert deployment.until_ended(teardown, 1800).status == "SUCCEEDED"
    assert deployment.is_left == (False, False)


def test_a_caller_that_dies_at_once_leaves_nothing(deployment: Deployment) -> None:
    """Jobs that were never submitted, not even a table, are waited for during a day, and not a day each."""
    teardown = deployment.begin(longest_wait_s=3600)
    deployment.pass_time(DAY_S * 0.9, step_s=1800)
    assert deployment.is_left == (True, True)
    deployment.pass_time(DAY_S * 0.3, step_s=1800)
    assert (teardown.describe().status, deployment.is_left) == ("SUCCEEDED", (False, False))


def test_a_job_that_is_only_claimed_may_still_come(deployment: Deployment) -> None:
    """A row without a job is no job that has ended; the job that is recorded there later is waited for."""
    teardown = deployment.begin(after=deployment.job("convert"), longest_wait_s=3600)
    deployment.tracker.ensure()
    deployment.put_row(teardown.after[0], job_id="")
    deployment.pass_time(DAY_S / 2, step_s=1800)
    assert deployment.is_left == (True, True)
    deployment.session.dynamodb.delete_item(TableName="jobs", Key={"id": {"S": teardown.after[0].submission_id}})
    deployment.session.ensure(*teardown.after)
    assert deployment.until_ended(teardown, 9000).status == "SUCCEEDED"
    assert deployment.is_left == (False, False)


def test_the_day_begins_anew_when_a_job_ends(deployment: Deployment) -> None:
    """Whoever waits for the first job before submitting the second has a day for it, however long the first took."""
    first = deployment.job("transfer", environment={"BATCHWRIGHT_SCRIPT_SECONDS": str(DAY_S * 1.5)})
    teardown = deployment.begin(after=(first, deployment.job("convert")), longest_wait_s=3600)
    first.ensure()
    deployment.pass_time(DAY_S * 2.3, step_s=1800)
    assert deployment.is_left == (True, True)
    deployment.pass_time(DAY_S * 0.8, step_s=1800)
    assert (teardown.describe().status, deployment.is_left) == ("SUCCEEDED", (False, False))


def test_a_job_that_aws_has_forgotten_has_ended(deployment: Deployment) -> None:
    """AWS lists a job for a week: one that it does not list ended before, if it is not just very new."""
    teardown = deployment.begin(after=deployment.job("convert"))
    deployment.tracker.ensure()
    deployment.put_row(teardown.after[0], job_id="00000000-0000-4000-8000-000000000000")
    deployment.pass_time(500)
    assert deployment.is_left == (True, True)
    assert deployment.until_ended(teardown, 3600).status == "SUCCEEDED"


def test_what_was_never_made_or_is_gone_is_no_trouble(deployment: Deployment) -> None:
    """A volume that somebody deleted by hand, and a secret that was never made, are as good as taken away."""
    teardown = deployment.teardown()
    teardown.ensure()
    deployment.volume.ensure()
    deployment.session.ensure(*teardown.after)
    deployment.volume.delete()
    assert deployment.until_ended(teardown, 1800).status == "SUCCEEDED"


@pytest.mark.parametrize("store", ["ssm", "secretsmanager"])
def test_secrets_of_both_stores_go(deployment: Deployment, store: str) -> None:
    """A tear-down needs no volume: secrets alone will do, and of several each one goes."""
    secrets = [deployment.session.stored_secret(name=f"{n}", value="x", store=store) for n in range(3)]
    teardown = deployment.teardown(volume=None, secrets=secrets)
    teardown.ensure()
    deployment.session.ensure(*secrets, *teardown.after)
    assert deployment.until_ended(teardown, 1800).status == "SUCCEEDED"
    assert [secret.exists() for secret in secrets] == [False] * 3


def test_a_job_of_many_days_is_watched_by_one_execution_after_another(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An execution has an end, at 25,000 events, and a job need not: the tear-down goes on in the next one."""
    monkeypatch.setattr(teardown_runs, "TURNS_MAX", 20)
    long = deployment.job("convert", environment={"BATCHWRIGHT_SCRIPT_SECONDS": str(DAY_S * 2)})
    teardown = deployment.begin(after=long, longest_wait_s=3600)
    long.ensure()
    deployment.pass_time(DAY_S * 1.9, step_s=1800)
    seen = teardown.describe()
    assert (seen.run, seen.status, deployment.is_left) == (3, "RUNNING", (True, True))
    assert teardown.ensure().action is Action.UNCHANGED
    assert deployment.until_ended(teardown).status == "SUCCEEDED"
    assert deployment.is_left == (False, False)


def test_many_jobs_that_have_ended_are_many_turns_too(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that ended while another one was waited for takes a turn, so no execution looks at more than its share."""
    monkeypatch.setattr(teardown_runs, "TURNS_MAX", 20)
    jobs = [deployment.job(f"convert-{n}") for n in range(50)]
    teardown = deployment.begin(after=jobs)
    jobs[0].ensure()
    for job in jobs[1:]:
        deployment.put_row(job, job_id=jobs[0].describe().job_id)
    done = deployment.until_ended(teardown, 3600)
    assert (done.run, done.status, deployment.is_left) == (3, "SUCCEEDED", (False, False))


def test_a_history_has_room_for_all_turns(deployment: Deployment) -> None:
    """The longest turn times the most turns stays below the events that AWS allows an execution."""
    teardown = deployment.begin(after=deployment.job("convert"))
    deployment.session.ensure(*teardown.after)
    done = deployment.until_ended(teardown)
    pages = deployment.session.states.get_paginator("get_execution_history").paginate(executionArn=done.execution_arn)
    kinds = [event["type"] for page in pages for event in page["events"]]
    # From one wait to the next; what follows the last one is no turn.
    waits = [at for at, kind in enumerate(kinds) if kind == "WaitStateEntered"]
    assert kinds.count("WaitStateEntered") > 3
    turns = [after - before for before, after in pairwise(waits[:4])]
    assert max(turns) <= 22
    assert TURNS_MAX * 22 < 25_000 * 0.8
