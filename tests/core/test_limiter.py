"""The pace of SubmitJob, against an account whose quota others use too."""

import heapq
import pickle
import threading

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchwright import BatchSession
from batchwright.limiter import CREDIT_S, CUT, LEAST, PER_SECOND, RateLimiter, Turn
from batchwright.testing import FakeClock

QUOTA = 50.0


@attrs.define
class Account:
    """A token bucket of SubmitJob, from which a neighbour takes its part for a while."""

    burst: float
    neighbour: float = 0.0
    until: float = 0.0
    left: float = attrs.field(init=False)
    seen: float = 0.0

    def __attrs_post_init__(self) -> None:
        """Begin with a full bucket."""
        self.left = self.burst

    def takes(self, now: float) -> bool:
        """Whether a request at this time is one too many."""
        taken = self.neighbour * max(0.0, min(now, self.until) - self.seen)
        self.left = min(self.burst, self.left + (now - self.seen) * QUOTA - taken)
        self.seen = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


@attrs.frozen
class Run:
    """What became of some jobs."""

    share: float
    """Of what the neighbour left of the quota."""
    calls_a_job: float


def run(account: Account, *, jobs: int = 1000, latency_s: float = 0.05) -> Run:
    """Send jobs in turn, again where they were throttled, with so many on the way as the latency makes."""
    clock = FakeClock(start=0.0)
    limiter = RateLimiter(clock)
    on_the_way: list[tuple[float, int, bool, Turn]] = []
    waiting, accepted, sent, last_at = jobs, 0, 0, 0.0
    while accepted < jobs:
        while on_the_way and on_the_way[0][0] <= clock.time:
            sent_at, _, taken, turn = heapq.heappop(on_the_way)
            accepted += taken
            waiting += not taken
            last_at = sent_at - latency_s
            if not taken:
                limiter.throttled(turn)
        if waiting:
            waiting -= 1
            sent += 1
            turn = limiter.turn()
            heapq.heappush(on_the_way, (clock.time + latency_s, sent, account.takes(clock.time), turn))
        elif on_the_way:
            clock.sleep(on_the_way[0][0] - clock.time)
    left_over = QUOTA * last_at - account.neighbour * min(last_at, account.until)
    return Run(accepted / left_over, sent / jobs)


@pytest.mark.parametrize("latency_s", [0.01, 0.05, 1.0])
@pytest.mark.parametrize("burst", [5, 50, 200])
def test_alone_it_uses_the_whole_quota(burst: float, latency_s: float) -> None:
    """At least 99 % of it, with hardly a call too many."""
    alone = run(Account(burst), latency_s=latency_s)
    assert alone.share >= 0.99
    assert alone.calls_a_job <= 1.01


@pytest.mark.parametrize("latency_s", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("burst", [5, 50])
def test_beside_a_neighbour_it_uses_what_is_left(burst: float, latency_s: float) -> None:
    """One that takes 10 a second for 5 seconds: at least 98 % of the rest is used."""
    beside = run(Account(burst, neighbour=10.0, until=5.0), latency_s=latency_s)
    assert beside.share >= 0.98
    assert beside.calls_a_job <= 1.02


def test_a_neighbour_that_stays_is_lived_with() -> None:
    """The rate stays near what is left, at a price of few calls."""
    beside = run(Account(20, neighbour=25.0, until=1e9))
    assert beside.share >= 0.98
    assert beside.calls_a_job <= 1.1


def test_what_was_on_its_way_cuts_once() -> None:
    """Ten refusals of requests that were sent at one rate say one thing."""
    limiter = RateLimiter(FakeClock())
    turns = [limiter.turn() for _ in range(10)]
    for turn in turns:
        limiter.throttled(turn)
    assert limiter.per_second == pytest.approx(PER_SECOND * CUT)
    limiter.throttled(limiter.turn())
    assert limiter.per_second == pytest.approx(PER_SECOND * CUT * CUT, rel=0.01)


def test_it_comes_back_to_where_it_started_and_no_further() -> None:
    """In the time of a short coffee, whatever happened."""
    clock = FakeClock()
    limiter = RateLimiter(clock)
    for _ in range(200):
        limiter.throttled(limiter.turn())
    assert PER_SECOND * LEAST <= limiter.per_second < PER_SECOND / 5
    clock.sleep(60)
    assert limiter.per_second == PER_SECOND


@settings(max_examples=60)
@given(pauses=st.lists(st.floats(0, 2), min_size=2, max_size=60), refused=st.sets(st.integers(0, 59)))
def test_never_more_than_the_rate_and_a_moments_credit(pauses: list[float], refused: set[int]) -> None:
    """Whatever the pauses and the refusals, no second sees more turns than the rate and the credit allow."""
    clock = FakeClock(start=0.0)
    limiter = RateLimiter(clock)
    given_at: list[float] = []
    for number, pause in enumerate(pauses):
        clock.sleep(pause)
        turn = limiter.turn()
        given_at.append(clock.time)
        if number in refused:
            limiter.throttled(turn)
    for first in given_at:
        within = [at for at in given_at if first <= at < first + 1]
        assert len(within) <= PER_SECOND * (1 + CREDIT_S) + 1


def test_threads_share_one_rate() -> None:
    """However many ask at once, each gets a turn of its own, and nobody waits with the lock in the hand."""
    sleeping = threading.Barrier(4)

    def sleep(_: float) -> None:
        sleeping.wait(10)  # passes only if all are allowed to wait at the same time

    limiter = RateLimiter(FakeClock(on_sleep=sleep, now=lambda: 1000.0))
    credited = round(CREDIT_S * PER_SECOND) + 1
    for _ in range(credited):
        limiter.turn()
    threads = [threading.Thread(target=limiter.turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert not sleeping.broken


def test_a_session_has_one_and_a_copy_its_own() -> None:
    """It is made when first asked for, and stays behind when the session goes to another process."""
    session = BatchSession("lab", region="us-east-2")
    limiter = session.limiter
    assert session.limiter is limiter
    assert pickle.loads(pickle.dumps(session)).limiter is not limiter


def test_a_turn_for_several_is_that_of_the_last() -> None:
    """Sending them together is no faster than one after the other."""
    together, alone = FakeClock(), FakeClock()
    one, other = RateLimiter(together), RateLimiter(alone)
    for _ in range(10):
        one.turn(3)
    for _ in range(30):
        other.turn()
    assert together.time == pytest.approx(alone.time)
