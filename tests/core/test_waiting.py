"""The pace of asking again, and what a status means."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright import Patience, States
from batchwright.errors import DeclarationError
from batchwright.testing import FakeClock
from batchwright.waiting import Phase

STATES = States(ready=("VALID",), failed=("INVALID",), deleting=("DELETING",), gone=("DELETED",))


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("VALID", Phase.READY),
        ("INVALID", Phase.FAILED),
        ("DELETING", Phase.DELETING),
        ("DELETED", Phase.ABSENT),
        (None, Phase.ABSENT),
        ("CREATING", Phase.PENDING),
        ("A_WORD_THAT_AWS_ADDS", Phase.PENDING),
    ],
)
def test_a_status_has_a_phase(status: str | None, phase: Phase) -> None:
    """A word that stands nowhere is pending."""
    assert STATES.phase(status) is phase


@given(
    st.floats(0.01, 1000), st.floats(0.01, 10), st.floats(0.01, 60), st.floats(1, 3), st.floats(0, 1, exclude_max=True)
)
def test_a_pace_keeps_its_time(timeout: float, interval: float, cap: float, growth: float, jitter: float) -> None:
    """It never sleeps past the deadline, always looks at its very end, and counts its looks."""
    clock = FakeClock(0.0)
    patience = Patience(
        timeout_s=timeout, interval_s=interval, max_interval_s=max(cap, timeout / 500), growth=growth, jitter=jitter
    )
    looks = []
    for number in patience.pace(clock):
        looks.append(clock.time)
        assert number == len(looks) - 1
        if len(looks) > 3000:  # a tiny interval that does not grow
            return
    assert looks[0] == 0.0
    assert looks[-1] == pytest.approx(timeout)
    assert max(clock.slept, default=0.0) <= max(patience.max_interval_s, interval) * (1 + jitter)


def test_intervals_grow_up_to_the_cap() -> None:
    """Without chance the pauses are the interval, times the growth, and never above the cap."""
    clock = FakeClock(0.0)
    patience = Patience(timeout_s=100, interval_s=1, growth=2, max_interval_s=5, jitter=0)
    assert len(list(patience.pace(clock))) > 4
    assert clock.slept[:5] == [1, 2, 4, 5, 5]
    assert all(later >= earlier for earlier, later in pairwise(clock.slept[:-1]))


def test_the_first_interval_keeps_to_the_cap_too() -> None:
    """An interval above the cap is the cap."""
    clock = FakeClock(0.0)
    list(Patience(timeout_s=20, interval_s=15, max_interval_s=5, jitter=0).pace(clock))
    assert clock.slept == [5, 5, 5, 5]


def test_waiters_do_not_look_in_step() -> None:
    """Two waits of the same patience pause differently."""
    first, second = FakeClock(0.0), FakeClock(0.0)
    for clock in (first, second):
        list(Patience(timeout_s=60).pace(clock))
    assert first.slept != second.slept


@pytest.mark.parametrize("field", ["timeout_s", "interval_s", "max_interval_s", "growth", "jitter"])
@pytest.mark.parametrize("value", [-1, math.nan, "5", None])
def test_an_illegal_patience_is_refused(field: str, value: object) -> None:
    """The error names the field and the value."""
    with pytest.raises(DeclarationError, match=f"{field}={value!r}"):
        Patience(**{field: value})


@pytest.mark.parametrize(("field", "value"), [("growth", 0.5), ("jitter", 1.5), ("timeout_s", 0), ("interval_s", 0)])
def test_a_patience_out_of_range_is_refused(field: str, value: float) -> None:
    """A pace that shrinks, or that sleeps a negative time, is no pace."""
    with pytest.raises(DeclarationError, match=field):
        Patience(**{field: value})


def test_a_patience_without_end_is_legal() -> None:
    """Infinity means to wait for good."""
    clock = FakeClock(0.0)
    for look in Patience(timeout_s=math.inf).pace(clock):
        if look == 100:
            break
    assert clock.time > 1000
