"""The one pace at which batchwright asks again, and what a status means."""

from __future__ import annotations

import enum
import itertools
import random
from collections.abc import Callable, Collection, Iterator
from typing import Final

import attrs

from batchwright._clock import Clock
from batchwright.values import Validator, refuse


class Phase(enum.Enum):
    """What a status means for the life cycle."""

    ABSENT = "absent"
    PENDING = "pending"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"


@attrs.frozen(kw_only=True)
class States:
    """The statuses of one kind, as data; a word that stands nowhere is pending, since AWS adds words.

    Args:
        ready: Statuses in which the resource can be used.
        failed: Statuses that it does not leave on its own.
        deleting: Statuses on the way out.
        gone: Statuses that mean the same as not being there.
    """

    ready: Collection[str]
    failed: Collection[str] = ()
    deleting: Collection[str] = ()
    gone: Collection[str] = ()

    def phase(self, status: str | None) -> Phase:
        """The phase of a resource with this status; None when it is not there."""
        if status is None or status in self.gone:
            return Phase.ABSENT
        for phase, words in (
            (Phase.READY, self.ready),
            (Phase.FAILED, self.failed),
            (Phase.DELETING, self.deleting),
        ):
            if status in words:
                return phase
        return Phase.PENDING


def _number(legal: Callable[[float], bool], words: str) -> Validator:
    def check(instance: object, field: attrs.Attribute[float], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not legal(value):
            raise refuse(instance, field.name, value, words)

    return check


_above_zero: Final = _number(lambda value: value > 0, "a number above 0")


@attrs.frozen(kw_only=True)
class Patience:
    """How long to wait, and how often to look.

    Args:
        timeout_s: Seconds until the wait gives up.
        interval_s: Seconds before the second look.
        max_interval_s: Seconds between looks at the most.
        growth: Factor from one interval to the next, 1 or more.
        jitter: Share of an interval that is left to chance, 0 to 1, so that many waiters do not look in step.
    """

    timeout_s: float = attrs.field(default=900.0, validator=_above_zero)
    interval_s: float = attrs.field(default=0.5, validator=_above_zero)
    max_interval_s: float = attrs.field(default=15.0, validator=_above_zero)
    growth: float = attrs.field(default=1.1, validator=_number(lambda value: value >= 1, "a number of 1 or more"))
    jitter: float = attrs.field(default=0.1, validator=_number(lambda value: 0 <= value <= 1, "a number from 0 to 1"))

    def pace(self, clock: Clock) -> Iterator[int]:
        """Yield 0, 1, 2, …, sleeping in between; end when the time is over.

        There is always one look at the very end, so that a long interval does not miss what came in time.
        """
        deadline, intervals = clock.monotonic() + self.timeout_s, self.intervals()
        for look in itertools.count():
            yield look
            left = deadline - clock.monotonic()
            if left <= 0:
                return
            clock.sleep(min(left, self.varied(next(intervals), random.random())))  # noqa: S311  # no secret

    def intervals(self) -> Iterator[float]:
        """Seconds between one look and the next, without end: growing up to the cap, without any chance."""
        interval = min(self.interval_s, self.max_interval_s)
        while True:
            yield interval
            interval = min(interval * self.growth, self.max_interval_s)

    def varied(self, interval: float, chance: float) -> float:
        """An interval with the share that is left to chance, which is a number from 0 to 1."""
        return interval * (1 + self.jitter * (2 * chance - 1))
