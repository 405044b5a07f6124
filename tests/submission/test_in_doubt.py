"""A claim whose process is gone and about which nobody can know: an error with the way out, and no job."""

import pytest

from batchwright import SubmissionPolicy
from batchwright.errors import SubmissionUnknownError
from batchwright.jobs.ledger import Ledger
from batchwright.submission import submit_once
from batchwright.testing import FakeClock

from .conftest import World, failing, on_submit, refusal


def _leave_in_doubt(world: World) -> None:
    session = world.another_session()
    on_submit(session, failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        submit_once(session, world.submission(session))
    session.close()


def test_what_is_too_old_is_not_guessed(world: World) -> None:
    """After a day AWS may have forgotten the job: it says so, names the way out, and sends nothing."""
    _leave_in_doubt(world)
    world.aws.advance(86_400 + 61)
    with pytest.raises(SubmissionUnknownError, match="may have forgotten") as caught:
        submit_once(world.session, world.submission())
    assert caught.value.submission_id == "test/sub-01"
    assert "run=" in caught.value.hint
    assert world.submits() == 0


def test_a_day_is_what_the_policy_says(world: World) -> None:
    """The three times are the session's."""
    _leave_in_doubt(world)
    world.session.submission = SubmissionPolicy(claim_s=60, signature_window_s=0, forget_after_s=100)
    world.aws.advance(170)
    with pytest.raises(SubmissionUnknownError):
        submit_once(world.session, world.submission())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "User: x is not authorized to perform: batch:ListJobs"),
        ("ClientException", "Job queue does not exist"),
    ],
)
def test_what_cannot_be_looked_for_is_not_guessed(world: World, code: str, message: str) -> None:
    """Looking denied, or the queue gone: nothing is sent, and AWS's words are in the error."""
    _leave_in_doubt(world)

    def refuse(**_: object) -> None:
        raise refusal(code, 400, message, "ListJobs")

    world.session.batch.meta.events.register("before-send.batch.ListJobs", refuse)
    world.aws.advance(3000)
    with pytest.raises(SubmissionUnknownError, match=message):
        submit_once(world.session, world.submission())
    assert world.submits() == 0


def test_a_claimant_that_never_ends_is_waited_for_and_no_longer(world: World) -> None:
    """Somebody renews a claim and neither submits nor releases it: the wait ends with an error, and no job."""
    _leave_in_doubt(world)
    ledger = Ledger(world.session, "jobs")

    def renew(seconds: float) -> None:
        world.aws.advance(seconds)
        row = ledger.read("test/sub-01")
        assert row is not None
        ledger.renew(row, claim="busy", sign_before=world.aws.clock.now() + 60)

    session = world.another_session(clock=FakeClock(on_sleep=renew, now=world.aws.clock.now))
    with pytest.raises(SubmissionUnknownError, match="another process holds its claim"):
        submit_once(session, world.submission(session))
    session.close()
    assert world.submits() == 0
