"""A secret's text while a verb works with it: shown nowhere, pickled nowhere, and fetched only if it is needed."""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable, Generator
from typing import Any, Final, Self, cast

from batchwright._display import HIDDEN


class Unreadable:
    """Stands for a text that may not be read, so that nobody can say whether it differs."""


UNREADABLE: Final = Unreadable()
SHORTEST: Final = 4
"""Characters of a text that is looked for in what AWS says; a shorter one is part of its words."""


class HeldText:
    """A text, none, or one that may not be read; it prints, is logged and is pickled without it.

    Args:
        fetch: Gives the text when it is first needed; asked once.
    """

    def __init__(self, fetch: Callable[[], str | Unreadable | None]) -> None:
        self._fetch: Callable[[], str | Unreadable | None] | None = fetch
        self._text: str | Unreadable | None = None

    @property
    def text(self) -> str | Unreadable | None:
        """The text itself."""
        if self._fetch is not None:
            self._text, self._fetch = self._fetch(), None
        return self._text

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same; what may not be read is no difference."""
        if not isinstance(other, HeldText):
            return NotImplemented
        one, two = self.text, other.text
        if isinstance(one, Unreadable) or isinstance(two, Unreadable):
            return True
        if one is None or two is None:
            return one is two
        return hmac.compare_digest(one.encode(), two.encode())

    def __hash__(self) -> int:
        raise TypeError("HeldText is no key: to compare it may mean to fetch it")

    def __repr__(self) -> str:
        return HIDDEN

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (unreadable_text, ())


def unreadable_text() -> HeldText:
    """What is left of a held text after a pickle."""
    return HeldText(lambda: UNREADABLE)


@contextlib.contextmanager
def unsaid(text: str) -> Generator[None]:
    """Take `text` out of what AWS or boto3 say where they refuse something in the block: both repeat what was sent."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if len(text) >= SHORTEST:
            _scrub(error, text)  # in place: an error that took this one's place would still carry it as its context
        raise


def _scrub(error: Exception, text: str) -> None:
    error.args = cast("tuple[Any, ...]", _without(text, error.args))
    for name, value in list(vars(error).items()):
        setattr(error, name, _without(text, value))


def _without(text: str, value: object) -> object:
    """`value` with `text` replaced at any depth."""
    if isinstance(value, str):
        return value.replace(text, HIDDEN).replace(repr(text)[1:-1], HIDDEN)
    if isinstance(value, dict):
        members = cast("dict[object, object]", value)
        # The code is AWS's own, and what errors are told apart by.
        return {key: item if key == "Code" else _without(text, item) for key, item in members.items()}
    if isinstance(value, list | tuple):
        items = [_without(text, item) for item in cast("tuple[object, ...]", value)]
        return tuple(items) if isinstance(value, tuple) else items
    return value
