"""The table or the row goes away in the middle: no second job, no claim left lying, and the job is named."""

from collections.abc import Callable

import pytest

from batchwright import BatchSession
from batchwright.errors import SubmissionUnknownError, UnreachableError
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws
from batchwright.submission import submit_once
from batchwright.translation import translated

from .conftest import TABLE, World, failing, losing_answers, lost_request, on_submit

IMAGE = "busybox:1.36"


def delete_table(world: World) -> None:
    """Take the whole table away."""
    world.session.dynamodb.delete_table(TableName=TABLE)


def delete_row(world: World) -> None:
    """Take the row away."""
    world.session.dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": "test/sub-01"}})


@pytest.mark.parametrize("meddle", [delete_table, delete_row])
def test_what_goes_while_aws_accepts_is_no_reason_for_a_second_job(
    world: World, meddle: Callable[[World], None]
) -> None:
    """The error names the job that was accepted."""
    world.session.batch_once.meta.events.register("after-call.batch.SubmitJob", lambda **_: meddle(world))
    with pytest.raises(SubmissionUnknownError, match=r"was accepted|accepted submission") as caught:
        submit_once(world.session, world.submission())
    assert world.jobs()[0] in str(caught.value)
    assert len(world.jobs()) == 1


@pytest.mark.parametrize("meddle", [delete_table, delete_row])
def test_what_goes_while_a_request_is_in_doubt_is_no_reason_for_a_second_one(
    world: World, meddle: Callable[[World], None]
) -> None:
    """Without its row nobody can know when it is safe to send again."""
    lose = failing(lost_request())

    def lose_both(request: object, name: str) -> None:
        meddle(world)
        lose(request, name)

    on_submit(world.session, lose_both)
    with pytest.raises(SubmissionUnknownError, match="the answer was lost, and so was its row"):
        submit_once(world.session, world.submission())
    assert (world.submits(), world.jobs()) == (0, [])  # the one that got lost was never seen


def test_a_table_that_goes_meanwhile_does_not_make_the_session_submit_again() -> None:
    """The one call makes again what is gone, but not a job that AWS has accepted."""
    aws = InProcessAws(delays=Delays.none())
    session = BatchSession("test", boto3_session=aws.boto3_session(), clock=aws.session_clock())
    tracker = session.submit("warm", image=IMAGE).tracker
    assert tracker is not None

    def gone(**_: object) -> None:
        session.dynamodb.delete_table(TableName=tracker.name)
        aws.advance(60)

    session.dynamodb.meta.events.register("before-send.dynamodb.UpdateItem", gone)
    with pytest.raises(SubmissionUnknownError, match="could not be written down"):
        session.submit("sub-01", image=IMAGE)
    aws.close()
    assert [job.name for job in aws.state.region("us-east-2").jobs.values()] == ["warm", "sub-01"]


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem"])
def test_a_claim_whose_every_answer_is_lost_is_taken_back(world: World, operation: str) -> None:
    """Nothing was sent under it, so the next call need not wait; also where it was taken over from a dead process."""
    if operation == "UpdateItem":
        session = world.another_session()
        on_submit(session, failing(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            submit_once(session, world.submission(session))
        world.aws.advance(2000)
    lose, lost = losing_answers(world, times=5), []

    def answer(request: object, event_name: str, **_: object) -> None:
        if event_name.endswith(operation):
            lost.append(event_name)
            lose(request, event_name)

    world.session.dynamodb.meta.events.register("before-send.dynamodb", answer)
    with pytest.raises(UnreachableError), translated("job", None):
        submit_once(world.session, world.submission())
    assert len(lost) == 5
    assert world.row() is None
    before = world.aws.clock.now()
    submit_once(world.session, world.submission())
    assert world.aws.clock.now() == before
    assert len(world.jobs()) == 1
