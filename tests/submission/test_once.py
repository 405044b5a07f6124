"""One submission, one job: calls that come twice, at once, or again after something was lost."""

import threading

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright.errors import ConflictError, SubmissionUnknownError
from batchwright.jobs.ledger import CLAIMED, Ledger, Row
from batchwright.submission import Submitted, submit_once

from .conftest import TABLE, World, losing_answers, on_submit, refusal


def test_two_calls_make_one_job(world: World) -> None:
    """The second finds what the first made."""
    first = submit_once(world.session, world.submission())
    again = submit_once(world.session, world.submission())
    assert (first.created, again.created) == (True, False)
    assert world.jobs() == [first.job_id] == [again.job_id]


def test_a_submission_takes_no_time_and_three_calls(world: World) -> None:
    """Claim, submit, record; without a pause in between."""
    before, world.aws.calls[:] = world.aws.clock.now(), []
    submit_once(world.session, world.submission())
    assert world.aws.calls == [("dynamodb", "PutItem"), ("batch", "SubmitJob"), ("dynamodb", "UpdateItem")]
    assert world.aws.clock.now() == before


def test_the_row_says_what_the_seed_says(world: World) -> None:
    """The five columns that older programs read, and ours."""
    done = submit_once(world.session, world.submission())
    row = world.row()
    assert row is not None
    assert (row.job_id, row.job_name, row.status, row.wish) == (done.job_id, "sub-01", "SUBMITTED", "1:a")
    assert row.age_s(world.aws.clock.now()) < 1


def test_many_callers_at_once_make_one_job(world: World) -> None:
    """Whoever comes second follows the first; each gets the same job."""
    done: list[Submitted] = []
    sessions = [world.another_session() for _ in range(6)]
    start = threading.Barrier(len(sessions))

    def run(session: object) -> None:
        start.wait(10)
        done.append(submit_once(session, world.submission(session)))

    threads = [threading.Thread(target=run, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for session in sessions:
        session.close()
    assert len(done) == len(sessions)
    assert {one.job_id for one in done} == set(world.jobs())
    assert len(world.jobs()) == 1
    assert sum(one.created for one in done) == 1


def test_a_lost_answer_is_found_by_looking(world: World) -> None:
    """AWS took the job and nobody heard of it: the same call finds it and sends nothing more."""
    on_submit(world.session, losing_answers(world))
    done = submit_once(world.session, world.submission())
    assert done == Submitted(job_id=world.jobs()[0], created=True, recorded=True)
    assert len(world.jobs()) == 1
    assert world.row().job_id == done.job_id  # type: ignore[union-attr]  # there is one


def test_another_process_finds_what_a_killed_one_submitted(world: World) -> None:
    """Killed after sending: the next one looks, and records the job."""
    row = _dead_claim(world)
    job_id = world.session.batch.submit_job(**world.submission().request)["jobId"]
    done = submit_once(world.session, world.submission())
    assert done == Submitted(job_id=job_id, created=False, recorded=True)
    assert world.jobs() == [job_id]
    assert world.row() == attrs.evolve(row, job_id=job_id, status="SUBMITTED")


def _two_jobs(world: World) -> tuple[str, str]:
    _dead_claim(world)
    first = world.session.batch.submit_job(**world.submission().request)["jobId"]
    world.aws.advance(5)
    return first, world.session.batch.submit_job(**world.submission().request)["jobId"]


def test_the_earliest_of_two_is_taken(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Where something else doubled the job, the later one is ended, and that is said."""
    first, second = _two_jobs(world)
    assert submit_once(world.session, world.submission()).job_id == first
    assert world.jobs() == [first]
    assert f"Terminating job {second}, a duplicate of {first}" in caplog.text


def test_a_duplicate_that_cannot_be_ended_is_named(world: World) -> None:
    """It may go on running: the error names it and the way out, and the row has the job that counts."""
    first, second = _two_jobs(world)

    def refuse(**_: object) -> None:
        raise refusal("AccessDeniedException", 403, operation="TerminateJob")

    world.session.batch.meta.events.register("before-send.batch.TerminateJob", refuse)
    with pytest.raises(SubmissionUnknownError, match=rf"job {second} is a duplicate of {first}(?s:.*)terminate-job"):
        submit_once(world.session, world.submission())
    row = world.row()
    assert row is not None
    assert row.job_id == first


def test_a_job_of_the_name_that_is_not_ours_is_not_taken(world: World) -> None:
    """Only the id that the container carries counts."""
    _dead_claim(world)
    foreign = {**world.submission().request, "containerOverrides": {}}
    other = world.session.batch.submit_job(**foreign)["jobId"]
    done = submit_once(world.session, world.submission())
    assert done.created
    assert done.job_id != other


def test_a_job_made_by_a_clock_far_ahead_is_found(world: World) -> None:
    """A claimant ten minutes ahead signs in AWS's future, which AWS lets pass: its job is older than its claim."""
    job_id = world.session.batch.submit_job(**world.submission().request)["jobId"]
    _dead_claim(world, ahead_s=600)
    done = submit_once(world.session, world.submission())
    assert done == Submitted(job_id=job_id, created=False, recorded=True)
    assert world.jobs() == [job_id]


def test_another_declaration_is_a_conflict(world: World) -> None:
    """Under one id there is one wish, submitted or only claimed; nothing is sent."""
    submit_once(world.session, world.submission())
    with pytest.raises(ConflictError, match=r"another declaration.*test/sub-01"):
        submit_once(world.session, world.submission(wish="1:b"))
    _dead_claim(world, name="sub-02")
    with pytest.raises(ConflictError, match="another declaration"):
        submit_once(world.session, world.submission(name="sub-02", wish="1:b"))
    assert len(world.jobs()) == 1


def test_a_row_of_an_older_program_counts(world: World) -> None:
    """It has no wish and no claim, but a job."""
    world.session.dynamodb.put_item(
        TableName=TABLE, Item={"id": {"S": "test/sub-01"}, "job_id": {"S": "old"}, "status": {"S": "Job submitted..."}}
    )
    assert submit_once(world.session, world.submission()) == Submitted(job_id="old", created=False)
    assert world.jobs() == []


def test_what_the_container_wrote_first_is_kept(world: World) -> None:
    """A container that is quicker than the record keeps its status; the row gets its job."""

    def container_is_quick(*_: object) -> None:
        world.session.dynamodb.update_item(
            TableName=TABLE,
            Key={"id": {"S": "test/sub-01"}},
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":s": {"S": "Uploading"}},
        )

    on_submit(world.session, container_is_quick)
    done = submit_once(world.session, world.submission())
    row = world.row()
    assert row is not None
    assert (row.job_id, row.status) == (done.job_id, "Uploading")


def test_a_job_whose_claim_was_lost_is_ended(world: World) -> None:
    """Another's job is recorded meanwhile: it counts, and ours is terminated, saying why."""

    def another_records(*_: object) -> None:
        ledger = Ledger(world.session, TABLE)
        there = ledger.read("test/sub-01")
        assert there is not None
        ledger.renew(there, claim="theirs", sign_before=there.sign_before)
        ledger.record(attrs.evolve(there, claim="theirs"), "their-job")

    on_submit(world.session, another_records)
    assert submit_once(world.session, world.submission()) == Submitted(job_id="their-job", created=False)
    (ours,) = world.aws.state.region("us-east-2").jobs.values()
    assert ours.is_terminated
    assert "duplicate of their-job" in str(ours.stop_reason or ours.status_reason)


def test_a_job_whose_claim_was_taken_and_not_used_is_recorded(world: World) -> None:
    """Another took the claim and has no job yet: ours is found, recorded, and lives."""

    def another_claims(*_: object) -> None:
        ledger = Ledger(world.session, TABLE)
        there = ledger.read("test/sub-01")
        assert there is not None
        ledger.renew(there, claim="theirs", sign_before=there.sign_before)

    on_submit(world.session, another_claims)
    done = submit_once(world.session, world.submission())
    assert world.jobs() == [done.job_id]
    assert world.row().job_id == done.job_id  # type: ignore[union-attr]  # there is one


def test_without_a_tracker_nothing_of_unknown_outcome_is_repeated(world: World) -> None:
    """A lost answer is an error, and the next call finds the job."""
    on_submit(world.session, losing_answers(world))
    untracked = world.submission(tracked=None)
    with pytest.raises(SubmissionUnknownError, match="no tracker"):
        submit_once(world.session, untracked)
    assert world.submits() == 1
    assert submit_once(world.session, untracked) == Submitted(job_id=world.jobs()[0], created=False)
    assert world.submits() == 1


def test_a_put_that_was_sent_twice_is_our_own(world: World) -> None:
    """The first put's answer was lost, the second fails its condition: the token tells whose claim it is."""
    sent = []

    def twice(params: object, **_: object) -> None:
        if not sent:
            sent.append(1)
            item = params["Item"]  # type: ignore[index]  # the arguments of PutItem
            world.session.dynamodb.put_item(TableName=TABLE, Item=item)

    world.session.dynamodb.meta.events.register("provide-client-params.dynamodb.PutItem", twice)
    done = submit_once(world.session, world.submission())
    assert done.created
    assert world.jobs() == [done.job_id]
    assert sent


def _dead_claim(world: World, *, ahead_s: float = 0.0, name: str = "sub-01") -> Row:
    """What a process leaves that was killed between its claim and its record."""
    now = world.aws.clock.now() + ahead_s
    row = Row(
        submission_id=f"test/{name}",
        job_name=name,
        submitted_on="2026-01-01T00:00:00+00:00",
        status=CLAIMED,
        claim="dead",
        sign_before=now + 60,
        wish="1:a",
        queue_arn=world.queue,
    )
    assert Ledger(world.session, TABLE).put_new(row) is None
    return row


def test_a_claim_is_one_conditional_write(world: World) -> None:
    """The table refuses a second row, and gives the first one back."""
    row = _dead_claim(world)
    assert Ledger(world.session, TABLE).put_new(attrs.evolve(row, claim="mine")) == row
    with pytest.raises(ClientError):
        Ledger(world.session, "no-such-table").put_new(row)
