"""How moments, durations and counts are written, wherever they are shown."""

from __future__ import annotations

import datetime as dt
from typing import Final

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def moment(value: dt.datetime | float | None) -> str:
    """A moment in UTC, such as `2026-11-23 12:01:05 UTC`; an empty string for none.

    Args:
        value: A datetime, one without a zone taken for UTC, or seconds since the epoch.
    """
    at = _datetime(value)
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def duration(seconds: float | None) -> str:
    """A duration in its two largest units, such as `3 min 20 s`, `2 h` or `0.4 s`; an empty string for none."""
    if seconds is None:
        return ""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    index = next(index for index, (size, _) in enumerate(_UNITS) if whole >= size)
    size, unit = _UNITS[index]
    if index == len(_UNITS) - 1:
        return f"{whole} {unit}"
    smaller, smaller_unit = _UNITS[index + 1]
    rest = whole % size // smaller
    return f"{whole // size} {unit}" + (f" {rest} {smaller_unit}" if rest else "")


def read_note(read_at: float) -> str:
    """When something was read, such as `read 2026-11-23 12:01:05 UTC`; an empty string where that is not known.

    Args:
        read_at: Seconds since the epoch; 0 where it is not known.
    """
    return f"read {moment(read_at)}" if read_at else ""


def span_s(began: dt.datetime | float | None, ended: dt.datetime | float | None) -> float | None:
    """Seconds from one moment to another, never less than none; None where one of them is not known."""
    if not began or not ended:
        return None
    first, last = _datetime(began), _datetime(ended)
    return None if first is None or last is None else max(0.0, (last - first).total_seconds())


def counted(number: int, noun: str) -> str:
    """Such as `1 line` and `1,200 lines`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _datetime(value: dt.datetime | float | None) -> dt.datetime | None:
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None
