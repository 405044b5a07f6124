"""The clock and the delays of the local AWS Batch."""

import time

import attrs

from batchwright.local.delays import Delays
from batchwright.local.server_clock import ServerClock


def test_frozen_clock_moves_only_when_told() -> None:
    """A frozen clock stands at its time, moves by `advance`, and takes a time by `set`."""
    clock = ServerClock(frozen_at=1000.0)
    clock.advance(2.5)
    assert (clock.now(), clock.now_ms()) == (1002.5, 1_002_500)
    clock.set(50.0)
    assert clock.now() == 50.0


def test_running_clock_keeps_running_from_where_it_was_set() -> None:
    """A clock that is set to the past goes on with this machine's time."""
    clock = ServerClock()
    assert abs(clock.now() - time.time()) < 5
    clock.set(1000.0)
    first = clock.now()
    assert 1000.0 <= first <= clock.now() < 1005.0


def test_brief_delays_are_fractions_of_a_second() -> None:
    """The default delays pass through every state without making anyone wait."""
    assert all(0 <= seconds < 1 for seconds in attrs.astuple(Delays.brief()))
    assert set(attrs.astuple(Delays.none())) == {0.0}
