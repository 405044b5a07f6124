"""The one place where text of unknown origin becomes text that nothing acts on: no terminal, no browser."""

from __future__ import annotations

import re
from typing import Final

TEXT_MAX: Final = 2_000
"""Characters of one text that are shown."""
TAB: Final = 8

_ACTING: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1: escape sequences, bells, carriage returns, overwriting
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d"
    "\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # what is not seen, or turns the order round
    "\ud800-\udfff]"  # halves of characters, which no encoding holds
)
_LINK: Final = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][!#-;=?-~]*)?")


def visible(text: str, limit: int = TEXT_MAX, *, lines: bool = True) -> str:
    """`text` with nothing in it that acts on what shows it, and not endless.

    Args:
        text: As it came.
        limit: Characters that are kept, of the beginning and the end; what is left out is counted.
        lines: Whether it may have several lines; else their ends are shown as `\\n`.
    """
    kept = disarmed(shortened(text, limit))
    if not lines:
        kept = kept.replace("\n", "\\n")
    return kept.expandtabs(TAB)


def disarmed(text: str) -> str:
    """All of `text`, with names such as `\\x1b` for the characters that would act; line ends and tabs stay."""
    return _ACTING.sub(_named, text.replace("\r\n", "\n"))


def shortened(text: str, limit: int = TEXT_MAX) -> str:
    """`text`, or its beginning and its end and how many characters lie between."""
    if len(text) <= limit:
        return text
    head, tail = limit - limit // 4, limit // 4
    return f"{text[:head]} … {len(text) - head - tail:,} characters left out … {text[len(text) - tail :]}"


def safe_url(url: str) -> str:
    """`url` where it is one that may be followed, `https://` and plain ASCII; else nothing."""
    return url if len(url) <= TEXT_MAX and _LINK.fullmatch(url) else ""


def fitted(text: str, encoding: str) -> str:
    """`text` in characters that `encoding` has: our own signs as ASCII's, all others by their numbers."""
    if encoding.lower().startswith("utf"):
        return text
    plain = text.translate(_ASCII)
    return plain.encode(encoding, "backslashreplace").decode(encoding)


_ASCII: Final = str.maketrans("•·–✓✗▁░▒▓█", "*--vx_.x+#") | {ord("…"): "...", ord("→"): "->"}


def _named(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
