"""Pages of a list, resumed by key, so that what comes or goes between two pages moves nothing else."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import TypeVar

from batchwright.local.refusals import Refusal
from batchwright.local.state import Wire

Item = TypeVar("Item")
Key = tuple[int | str, ...]


def page(
    items: Iterable[Item], *, key: Callable[[Item], Key], request: Wire, most: int = 100
) -> tuple[list[Item], str | None]:
    """Return the page that the request asks for, ordered by key, and the token of the next one.

    Args:
        items: All that match, in any order; keys must differ.
        key: What to order by and to resume after.
        request: Its `maxResults` and `nextToken` are read.
        most: The largest page, also the size where none is asked for.
    """
    size = int(request.get("maxResults", most))
    if size < 1:
        raise Refusal("maxResults must be at least 1.")
    size = min(size, most)
    after = _read_token(request["nextToken"]) if "nextToken" in request else None
    rest = sorted((item for item in items if after is None or key(item) > after), key=key)
    token = _token(key(rest[size - 1])) if len(rest) > size else None
    return rest[:size], token


def paged_answer(member: str, entries: list[Wire], token: str | None) -> Wire:
    """Return the answer that holds one page under `member`."""
    return {member: entries} if token is None else {member: entries, "nextToken": token}


def _token(key: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read_token(token: str) -> Key:
    try:
        return tuple(json.loads(base64.urlsafe_b64decode(token)))
    except (ValueError, binascii.Error, TypeError):
        raise Refusal("The nextToken is not valid.") from None
