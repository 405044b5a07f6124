"""Ctrl-C, a loop that is left, and a fault of our own: nothing new is sent, everything that was sent has its row."""

import _thread
import itertools
import signal
import threading
from collections.abc import Iterator

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from .conftest import Lab, chosen


@pytest.fixture(autouse=True)
def attentive() -> Iterator[None]:
    """Ctrl-C means KeyboardInterrupt, also where the tests were started in the background, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def settled(lab: Lab) -> None:
    """Assert: every job at AWS has its row, and there is no row without a job."""
    at_aws = lab.at_aws()
    assert {key: row.job_id for key, row in lab.rows().items()} == {key: ids[0] for key, ids in at_aws.items()}
    assert all(len(ids) == 1 for ids in at_aws.values())
    mine = [thread.name for thread in threading.enumerate() if thread.name.startswith("batchwright")]
    assert mine == []


def test_ctrl_c_leaves_every_job_recorded_and_no_claim(lab: Lab) -> None:
    """The same call again submits the rest at once."""

    def interrupt(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        _thread.interrupt_main()
        return None

    lab.made().on("SubmitJob", chosen(lambda number, _: number == 30, interrupt))
    jobs = lab.jobs(250)
    with pytest.raises(KeyboardInterrupt):
        list(lab.session.submit_many(jobs))
    settled(lab)
    assert 30 <= len(lab.at_aws()) < 250
    assert all(result.ok for result in lab.session.submit_many(jobs))
    lab.agree(jobs)


def test_ctrl_c_while_an_answer_is_on_its_way_waits_for_it(lab: Lab) -> None:
    """What AWS may have accepted is never left without a record."""
    sent, answered = threading.Event(), threading.Event()

    def hold(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        sent.set()
        _thread.interrupt_main()
        assert not answered.wait(0.3)
        return None

    lab.made().on("SubmitJob", chosen(lambda number, _: number == 0, hold))
    with pytest.raises(KeyboardInterrupt):
        list(lab.session.submit_many(lab.jobs(3)))
    assert sent.is_set()
    settled(lab)
    assert len(lab.at_aws()) >= 1


@pytest.mark.parametrize("taken", [0, 1, 25])
def test_a_loop_that_is_left_leaves_nothing_half_done(lab: Lab, taken: int) -> None:
    """`break`, or the generator going away."""
    lab.made()
    jobs = lab.jobs(150)
    results = lab.session.submit_many(jobs)
    assert len(list(itertools.islice(results, taken))) == taken
    results.close()
    settled(lab)
    assert len(lab.at_aws()) >= taken
    assert all(result.ok for result in lab.session.submit_many(jobs))
    lab.agree(jobs)


def test_an_error_in_the_loop_ends_it_as_well(lab: Lab) -> None:
    """The caller's own exception passes through unchanged."""
    lab.made()

    def use() -> None:
        for result in lab.session.submit_many(lab.jobs(50)):
            raise LookupError(result.job.name)

    with pytest.raises(LookupError, match="sub-0000") as raised:
        use()
    raised.value.__traceback__ = None  # it holds the generator
    settled(lab)


def test_a_fault_of_our_own_is_raised_and_hangs_nobody(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no job can be blamed for ends the call; what was sent is recorded."""
    lab.made()
    original, calls = lab.session.limiter.turn, itertools.count()

    def turn(count: int = 1) -> object:
        if next(calls) == 10:
            raise ZeroDivisionError("a bug")
        return original(count)

    monkeypatch.setattr(lab.session.limiter, "turn", turn)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(lab.session.submit_many(lab.jobs(60)))
    at_aws = lab.at_aws()
    rows = {key: row.job_id for key, row in lab.rows().items() if row.job_id}
    assert rows == {key: ids[0] for key, ids in at_aws.items()}
