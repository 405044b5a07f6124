"""Moments and durations read the same wherever they are shown."""

import datetime as dt

import pytest

from batchwright._display.times import counted, duration, moment, read_note, span_s

NOON = dt.datetime(2026, 11, 23, 12, 1, 5, 900_000, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (86_400 * 3 + 7_200, "3 d 2 h"),
        (-90, "-1 min 30 s"),
        (None, ""),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds: float | None, text: str) -> None:
    """Nobody reads 7500 s."""
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (NOON, "2026-11-23 12:01:05 UTC"),
        (NOON.replace(tzinfo=None), "2026-11-23 12:01:05 UTC"),
        (NOON.astimezone(dt.timezone(dt.timedelta(hours=9))), "2026-11-23 12:01:05 UTC"),
        (NOON.timestamp(), "2026-11-23 12:01:05 UTC"),
        (1e300, ""),
        (float("nan"), ""),
        (None, ""),
    ],
)
def test_a_moment_is_in_utc(value: dt.datetime | float | None, text: str) -> None:
    """From whichever zone it comes; what is no moment is not shown."""
    assert moment(value) == text


def test_a_note_says_when_something_was_read() -> None:
    """What nobody has read has none."""
    assert read_note(NOON.timestamp()) == "read 2026-11-23 12:01:05 UTC"
    assert read_note(0.0) == ""


def test_a_span_lasts_from_one_moment_to_the_other() -> None:
    """A clock that went back makes none shorter than nothing."""
    later = NOON + dt.timedelta(seconds=90)
    assert span_s(NOON, later) == 90
    assert span_s(NOON, later.timestamp()) == 90
    assert span_s(later, NOON) == 0
    assert span_s(None, NOON) is span_s(NOON, None) is None


def test_a_count_has_its_noun() -> None:
    """One line, two lines."""
    assert [counted(number, "line") for number in (0, 1, 1_200)] == ["0 lines", "1 line", "1,200 lines"]
