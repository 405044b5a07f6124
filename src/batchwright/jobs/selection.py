"""Which jobs are asked for, checked before anybody is asked."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final, cast

import attrs

from batchwright._display.times import moment
from batchwright.errors import DeclarationError
from batchwright.jobs.description import FAILED, FINISHED, SUCCEEDED, UNFINISHED, VANISHED
from batchwright.jobs.ledger import CLAIMED
from batchwright.nearest import did_you_mean

OWNER: Final = "jobs"
LISTED: Final = (*UNFINISHED, SUCCEEDED, FAILED)
"""The statuses that AWS has, in the order in which a job goes through them."""
STATUSES: Final = (CLAIMED, *LISTED, VANISHED)
GROUPS: Final = {"UNFINISHED": frozenset((CLAIMED, *UNFINISHED)), "FINISHED": frozenset(FINISHED)}
_LAST_S: Final = dt.datetime(9999, 12, 31, tzinfo=dt.UTC).timestamp()
_GLOB: Final = re.compile(r"[*?\[]")
_NAME_PART: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")

Since = dt.datetime | dt.timedelta | float
Words = str | Iterable[str]


@attrs.frozen(kw_only=True)
class Selection:
    """Which jobs are asked for.

    Attributes:
        statuses: In upper case.
        names: Names or patterns; none for every name.
        since_s: From when on they were made, in seconds since the epoch; None for ever.
    """

    statuses: frozenset[str] = frozenset(STATUSES)
    names: tuple[str, ...] = ()
    since_s: float | None = None

    @classmethod
    def of(cls, *, status: Words | None, name: Words | None, since: Since | None, now: float) -> Selection:
        """What the arguments of a verb ask for.

        Raises:
            DeclarationError: One of them is not legal; it names the nearest that is.
        """
        return cls(statuses=_statuses(status), names=_names(name), since_s=_since(since, now))

    @property
    def is_of_all_statuses(self) -> bool:
        """Whether AWS's every status has to be listed: what AWS forgot shows only when all the others are known."""
        return VANISHED in self.statuses or self.statuses.issuperset(LISTED)

    @property
    def listed(self) -> tuple[str, ...]:
        """The statuses to be listed."""
        return tuple(each for each in LISTED if self.is_of_all_statuses or each in self.statuses)

    @property
    def prefixes(self) -> tuple[tuple[str, bool], ...]:
        """How each name begins, and whether that is all of it; of those that AWS could have at all."""
        begun = ((_GLOB.split(each, maxsplit=1)[0], _GLOB.search(each) is None) for each in self.names)
        return tuple((part, whole) for part, whole in begun if not part or _NAME_PART.fullmatch(part))

    def names_it(self, name: str) -> bool:
        """Whether a job of this name is asked for."""
        return not self.names or any(fnmatchcase(name, pattern) for pattern in self.names)

    def reaches(self, at: dt.datetime | None) -> bool:
        """Whether a job that was made then is asked for."""
        return self.since_s is None or (at is not None and at.timestamp() >= self.since_s)

    def __str__(self) -> str:
        parts = [f"named {' or '.join(map(repr, self.names))}"] if self.names else []
        if self.statuses != frozenset(STATUSES):
            parts.append(" or ".join(each for each in STATUSES if each in self.statuses))
        if self.since_s is not None:
            parts.append(f"since {moment(self.since_s)}")
        return ", ".join(parts)


def words_of(field: str, value: object) -> tuple[str, ...]:
    """One word or several, as a tuple.

    Raises:
        DeclarationError: It is no text and no collection of texts, or there is none.
    """
    legal, given = "a text of at least one character, or several", value
    if isinstance(value, str):
        words: tuple[object, ...] = (value,) if value else ()
    else:
        words = tuple(cast("Iterable[object]", value)) if isinstance(value, Iterable) else ()
    texts = tuple(word for word in words if isinstance(word, str) and word)
    if not texts or len(texts) < len(words):
        raise DeclarationError(OWNER, field, words or given, legal)
    return texts


def _statuses(value: object) -> frozenset[str]:
    if value is None:
        return frozenset(STATUSES)
    wanted: set[str] = set()
    for word in words_of("status", value):
        upper = word.upper()
        if upper not in STATUSES and upper not in GROUPS:
            hint = did_you_mean(word, (*STATUSES, *map(str.lower, GROUPS)))
            groups = " or ".join(repr(group.lower()) for group in GROUPS)
            raise DeclarationError(OWNER, "status", word, f"{', '.join(STATUSES)}, {groups}", hint=hint)
        wanted |= GROUPS.get(upper, {upper})
    return frozenset(wanted)


def _names(value: object) -> tuple[str, ...]:
    return () if value is None else words_of("name", value)


def _since(value: object, now: float) -> float | None:
    legal = "a datetime with a time zone, a timedelta, or seconds back from now"
    match value:
        case None:
            return None
        case dt.datetime():
            if value.utcoffset() is None:
                fix = "for this machine's own zone say .astimezone(), for UTC .replace(tzinfo=datetime.UTC)"
                raise DeclarationError(OWNER, "since", value, f"{legal}; this one has no zone: {fix}")
            return _bounded(value.timestamp())
        case dt.timedelta():
            back = value.total_seconds()
        case int() | float() if not isinstance(value, bool):
            back = float(value)
        case _:
            raise DeclarationError(OWNER, "since", value, legal)
    if not math.isfinite(back) or back < 0:
        raise DeclarationError(OWNER, "since", value, f"{legal}, not below 0")
    return _bounded(now - back)


def _bounded(at_s: float) -> float:
    """A moment that can be said and asked for: there are no jobs before or after."""
    return min(max(at_s, 0.0), _LAST_S)
