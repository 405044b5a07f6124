"""Requests that get lost, come late, are refused or are cut short: no second job, no claim left lying."""

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from batchwright.errors import SubmissionUnknownError, ThrottledError
from batchwright.submission import Submitted, submit_once
from batchwright.testing import FakeClock

from .conftest import (
    SUBMIT,
    World,
    failing,
    losing_answers,
    lost_request,
    no_connection,
    on_submit,
    refusal,
    session_clock,
)


@pytest.mark.parametrize(
    "error",
    [
        lost_request(),
        refusal("InternalError", 500),
        refusal("ServiceUnavailable", 503),
        ValueError("an unreadable answer"),
    ],
    ids=["no answer", "500", "503", "unreadable"],
)
def test_a_lost_request_is_sent_again_only_when_aws_could_no_longer_accept_it(world: World, error: Exception) -> None:
    """Nobody knows, so it waits for the signature to expire, looks, and only then takes over."""
    on_submit(world.session, failing(error))
    before = world.aws.clock.now()
    done = submit_once(world.session, world.submission())
    assert done.created
    assert world.jobs() == [done.job_id]
    assert world.submits() == 1  # of the two, one reached AWS
    policy = world.session.submission
    assert world.aws.clock.now() - before > policy.claim_s + policy.signature_window_s


@pytest.mark.parametrize(("service", "operation"), [("batch", "ListJobs"), ("dynamodb", "GetItem")])
@pytest.mark.parametrize("error", [refusal("InternalError", 500), lost_request()], ids=["500", "no answer"])
def test_what_cannot_be_looked_for_stays_unknown(world: World, service: str, operation: str, error: Exception) -> None:
    """An error of AWS's would say that there is no job; the row stays, so that the same call finds it."""
    on_submit(world.session, losing_answers(world))
    failures = [error]

    def fail(**_: object) -> None:
        if failures:
            raise failures.pop()

    client = getattr(world.session, service)
    client.meta.events.register(f"before-parameter-build.{service}.{operation}", fail)
    with pytest.raises(SubmissionUnknownError):
        submit_once(world.session, world.submission())
    assert [submit_once(world.session, world.submission()).job_id] == world.jobs()
    assert world.submits() == 1


def test_a_second_answer_lost_after_the_take_over_is_found(world: World) -> None:
    """The new claim is followed like the first one."""
    handlers = [failing(lost_request()), losing_answers(world)]
    on_submit(world.session, lambda *call: handlers.pop(0)(*call))  # noqa: PLW0108  # one of them for each call
    done = submit_once(world.session, world.submission())
    assert world.jobs() == [done.job_id]
    assert world.submits() == 1


@pytest.mark.parametrize("error", [no_connection(), refusal("ClientException", 400), refusal("Large", 413)])
def test_a_certain_refusal_gives_the_claim_back(world: World, error: Exception) -> None:
    """AWS has made no job: the error is raised, the row is gone, and the next call need not wait."""
    on_submit(world.session, failing(error))
    with pytest.raises(type(error)):
        submit_once(world.session, world.submission())
    assert world.row() is None
    before = world.aws.clock.now()
    assert submit_once(world.session, world.submission()).created
    assert world.aws.clock.now() == before


def test_an_unknown_queue_leaves_nothing_behind(world: World) -> None:
    """AWS's own refusal reaches the caller."""
    with pytest.raises(ClientError, match="SubmitJob"):
        submit_once(world.session, world.submission(queue=world.queue + "-other"))
    assert world.row() is None
    assert world.jobs() == []


def test_a_request_that_botocore_refuses_leaves_nothing_behind(world: World) -> None:
    """Nothing was sent, so there is nothing to be in doubt of."""
    bad = world.submission()
    bad = world.submission(request={**bad.request, "timeout": "soon"})
    with pytest.raises(ParamValidationError):
        submit_once(world.session, bad)
    assert world.row() is None


def test_throttling_is_waited_for(world: World) -> None:
    """A throttled request made no job, and is sent again at a growing pace."""
    on_submit(world.session, failing(refusal("TooManyRequestsException", 429), times=5))
    done = submit_once(world.session, world.submission())
    assert world.jobs() == [done.job_id]
    assert world.session.clock.slept  # type: ignore[attr-defined]  # a FakeClock


def test_throttling_that_does_not_end_is_no_mystery(world: World) -> None:
    """No job was made, for certain: the error says so, and the claim is given back."""
    on_submit(world.session, failing(refusal("TooManyRequestsException", 429), times=10_000))
    with pytest.raises(ClientError, match="TooManyRequests"):
        submit_once(world.session, world.submission())
    assert world.row() is None
    assert world.jobs() == []


def test_without_a_tracker_throttling_is_waited_for_too(world: World) -> None:
    """A refusal for the pace is certain, so there is nothing to be careful about."""
    on_submit(world.session, failing(refusal("TooManyRequestsException", 429), times=5))
    done = submit_once(world.session, world.submission(tracked=None))
    assert done.created
    assert world.jobs() == [done.job_id]


def test_without_a_tracker_throttling_that_does_not_end_is_told(world: World) -> None:
    """As what it is, after a minute."""
    on_submit(world.session, failing(refusal("TooManyRequestsException", 429), times=10_000))
    with pytest.raises(ThrottledError):
        submit_once(world.session, world.submission(tracked=None))
    assert world.jobs() == []


def test_credentials_that_cannot_be_fetched_leave_nothing_in_doubt(world: World) -> None:
    """Whoever signs may have to ask AWS first; what that answers says nothing about a job."""
    failures = [refusal("InternalFailure", 500, operation="AssumeRole")]

    def sign(**_: object) -> None:
        if failures:
            raise failures.pop()

    world.session.batch_once.meta.events.register("before-sign.batch.SubmitJob", sign)
    before = world.aws.clock.now()
    with pytest.raises(ClientError, match="AssumeRole"):
        submit_once(world.session, world.submission())
    assert world.row() is None
    assert submit_once(world.session, world.submission()).created
    assert world.aws.clock.now() == before


def test_a_request_signed_too_late_is_not_sent(world: World) -> None:
    """A process that slept after its claim renews the claim and signs anew: one job, never two."""
    clock, naps = session_clock(world.aws), [120.0]
    session = world.another_session(clock=clock)

    def nap(**_: object) -> None:
        if naps:
            world.aws.advance(naps.pop())

    session.batch_once.meta.events.register("before-parameter-build.batch.SubmitJob", nap)
    claims = []
    on_submit(session, lambda *_: claims.append(world.row()))  # type: ignore[func-returns-value]  # gives None
    done = submit_once(session, world.submission(session))
    session.close()
    assert world.jobs() == [done.job_id]
    assert world.submits() == 1
    (row,) = claims
    assert row.sign_before > world.aws.clock.now()


def test_a_frozen_process_finds_its_claim_taken(world: World) -> None:
    """It wakes up long after its claim ended and somebody else submitted: its request is not sent."""
    session = world.another_session()
    done = []

    def freeze(**_: object) -> None:
        if not done:
            done.append(None)
            world.aws.advance(2000)
            done[0] = submit_once(world.session, world.submission())

    session.batch_once.meta.events.register("before-parameter-build.batch.SubmitJob", freeze)
    mine = submit_once(session, world.submission(session))
    session.close()
    assert done == [Submitted(job_id=mine.job_id, created=True, recorded=True)]
    assert not mine.created
    assert world.jobs() == [mine.job_id]
    assert world.submits() == 1


def test_ctrl_c_before_sending_gives_the_claim_back(world: World) -> None:
    """Nothing was sent, and the next call need not wait."""

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    world.session.batch_once.meta.events.register("before-parameter-build.batch.SubmitJob", interrupt)
    with pytest.raises(KeyboardInterrupt):
        submit_once(world.session, world.submission())
    assert world.row() is None


def test_ctrl_c_between_throttled_requests_gives_the_claim_back(world: World) -> None:
    """Each of them was refused, so there is no doubt."""

    def interrupted_sleep(_: float) -> None:
        raise KeyboardInterrupt

    session = world.another_session(clock=FakeClock(on_sleep=interrupted_sleep, now=world.aws.clock.now))
    on_submit(session, failing(refusal("TooManyRequestsException", 429), times=3))
    with pytest.raises(KeyboardInterrupt):
        submit_once(session, world.submission(session))
    session.close()
    assert world.row() is None


def test_ctrl_c_while_sending_keeps_the_claim(world: World) -> None:
    """AWS may have the request; the next call looks, and finds it."""

    def interrupt(request: object, event_name: str) -> None:
        world.aws._answer(request, event_name)  # type: ignore[arg-type]  # botocore's own
        raise KeyboardInterrupt

    session = world.another_session()
    on_submit(session, interrupt)
    with pytest.raises(KeyboardInterrupt):
        submit_once(session, world.submission(session))
    session.close()
    assert world.row() is not None
    done = submit_once(world.session, world.submission())
    assert done == Submitted(job_id=world.jobs()[0], created=False, recorded=True)
    assert len(world.jobs()) == 1


def test_a_claim_that_cannot_be_given_back_is_mentioned(world: World) -> None:
    """The error of the submission stays the error; a note says that the next call waits."""
    on_submit(world.session, failing(no_connection()))

    def broken(**_: object) -> None:
        raise lost_request()

    world.session.dynamodb.meta.events.register("before-send.dynamodb.DeleteItem", broken)
    with pytest.raises(type(no_connection())) as caught:
        submit_once(world.session, world.submission())
    assert "could not be released" in caught.value.__notes__[0]


def test_a_record_that_fails_is_made_up_for(world: World) -> None:
    """The job is accepted and its record is not: the error is raised, and the next call finds the one job."""
    broken = [1]

    def fail(**_: object) -> None:
        if broken:
            raise refusal("ValidationException", 400, operation="UpdateItem")

    world.session.dynamodb.meta.events.register("before-send.dynamodb.UpdateItem", fail)
    with pytest.raises(SubmissionUnknownError, match=r"accepted submission .* as job [0-9a-f-]{36}"):
        submit_once(world.session, world.submission())
    broken.clear()
    done = submit_once(world.session, world.submission())
    assert world.jobs() == [done.job_id]
    assert not done.created
    assert world.submits() == 1


def test_the_gate_stands_in_front_of_every_handler(world: World) -> None:
    """What is late is stopped before anything else sees it, and asking twice registers once."""
    session = world.another_session()
    seen: list[str] = []
    session.batch_once.meta.events.register(SUBMIT, lambda event_name, **_: seen.append(event_name))
    submit_once(session, world.submission(session))
    submit_once(session, world.submission(session, name="sub-02"))
    session.close()
    assert seen == ["before-send.batch.SubmitJob"] * 2
