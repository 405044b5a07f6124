"""What is shown of an error that is looked at, not raised: a raised one keeps Python's own traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from batchwright._display import Displayed, Fact, Lines, Part, Text, Tone, View, visible

_TOLD: Final = ("operation", "code", "action", "exit_code", "submission_id", "users")
"""Attributes of one kind of error or another that say more than its message."""
_INNER: Final = ("drift", "description")
LINE_MAX: Final = 1_000
"""Characters of a line of a log that a message tells."""


def error_view(error: Exception, *, summary: str, hint: str) -> View:
    """What happened, what to do, and what is known besides; not what a library below said, which may repeat values.

    Args:
        error: The error.
        summary: What happened, where, and why.
        hint: What can be done.
    """
    values = {name: getattr(error, name, None) for name in ("resource", *_TOLD)}
    said = {name: _text(value) for name, value in values.items() if value not in (None, "", ())}
    inner = [getattr(error, name, None) for name in _INNER]
    parts: list[Part] = [each._view() for each in inner if isinstance(each, Displayed)]
    if lines := cast("tuple[str, ...]", getattr(error, "last_lines", ())):
        parts.append(Lines(lines, title="last lines"))
        summary = summary.replace(printed(lines), "").strip()
    facts = [Fact("what", summary), Fact("do", hint), *(Fact(name, text) for name, text in said.items())]
    return View(
        title=type(error).__name__,
        status=Text("error", Tone.BAD),
        facts=[fact for fact in facts if fact.value],
        parts=parts,
    )


def printed(lines: Iterable[str]) -> str:
    """The end of a log as a message tells it: one that is printed is as safe and as bounded as one that is shown."""
    return "\n  ".join(("Last lines:", *(visible(line, LINE_MAX) for line in lines)))


def _text(value: object) -> str:
    reference = getattr(value, "reference", None)
    if callable(reference):
        return str(reference())
    if isinstance(value, tuple):
        return ", ".join(map(str, cast("tuple[object, ...]", value)))
    return str(value)
