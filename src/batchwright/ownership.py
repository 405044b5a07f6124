"""The tags by which batchwright knows its own again, and what an earlier declaration said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

PREFIX: Final = "batchwright:"
NAMESPACE_TAG: Final = PREFIX + "namespace"
OWNER_TAG: Final = PREFIX + "owner"
TEARDOWN_TAG: Final = PREFIX + "teardown"
DECLARED_TAG: Final = PREFIX + "declared"
VALUE_MAX: Final = 256
_DECLARED_KEY: Final = re.compile(re.escape(DECLARED_TAG) + r"(?::(\d+))?")
_CONTINUED: Final = "++"
"""Begins a word that goes on with the one before; no escaped path holds it."""


def namespace_in(tags: Mapping[str, str]) -> str | None:
    """The namespace that made what carries these tags, or None."""
    return tags.get(NAMESPACE_TAG)


def declared_tags(paths: Iterable[str]) -> dict[str, str]:
    """Tags that hold `paths`, in as many values of 256 characters as it takes."""
    chunks: list[str] = []
    for part in (part for path in sorted(map(_escaped, paths)) for part in _parts(path)):
        if chunks and len(chunks[-1]) + 1 + len(part) <= VALUE_MAX:
            chunks[-1] += " " + part
        else:
            chunks.append(part)
    return {DECLARED_TAG + (f":{index}" if index else ""): chunk for index, chunk in enumerate(chunks)}


def declared_in(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The paths that `declared_tags` wrote."""
    found = {int(match[1] or 0): tags[key] for key in tags if (match := _DECLARED_KEY.fullmatch(key))}
    text = " ".join(found[index] for index in sorted(found)).replace(f" {_CONTINUED}", "")
    return tuple(_unescaped(word) for word in text.split(" ") if word)


def without_own(tags: Mapping[str, str]) -> dict[str, str]:
    """Only the tags that are not batchwright's or AWS's own."""
    return {key: value for key, value in tags.items() if not key.startswith((PREFIX, "aws:"))}


def tag_value(text: str) -> str:
    """`text` with what AWS does not take in a tag replaced, 256 characters at most."""
    return re.sub(r"[^\w\s_.:/=+\-@]", "_", text)[:VALUE_MAX]


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as IAM, EC2, EFS and DynamoDB write them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tag_mapping(tags: Collection[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as Batch writes them, from the list that the others give."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def _escaped(path: str) -> str:
    # A tag's key may hold spaces, which part the words here; "+" is legal in a tag's value and "%" is not.
    return re.sub(r"[^\w.:/=@-]", lambda found: f"+{ord(found[0]):04x}.", path)


def _unescaped(word: str) -> str:
    return re.sub(r"\+([0-9a-f]{4,6})\.", lambda found: chr(int(found[1], 16)), word)


def _parts(word: str) -> list[str]:
    size = VALUE_MAX - len(_CONTINUED)
    pieces = [word[start : start + size] for start in range(0, len(word), size)]
    return [piece if index == 0 else _CONTINUED + piece for index, piece in enumerate(pieces)]
