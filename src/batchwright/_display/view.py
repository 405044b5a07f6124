"""What is shown of an object, apart from how: every object says it in these words, and the renderers know no others."""

from __future__ import annotations

import enum
from collections.abc import Sequence

import attrs


class Tone(enum.Enum):
    """How a piece of text is meant; a renderer gives it a colour, and never a colour alone says anything."""

    PLAIN = "plain"
    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"
    FAINT = "faint"


@attrs.frozen
class Text:
    """One piece of text, as it came: a renderer makes control characters visible and escapes what it must.

    Attributes:
        text: The text; several lines are shown as several.
        tone: How it is meant.
        url: Where it leads to, `https://` only; empty for nowhere.
    """

    text: str
    tone: Tone = Tone.PLAIN
    url: str = ""


Said = str | Text


@attrs.frozen
class Fact:
    """One name with its value."""

    name: str
    value: Said


@attrs.frozen
class Grid:
    """A table.

    Attributes:
        headings: One a column.
        lines: The cells of every line.
        title: What stands above it; empty for nothing.
        left_out: How many lines there are that are not among `lines`.
        spare: Headings of columns that a narrow terminal leaves out, saying so, rather than to fold what is in them.
    """

    headings: Sequence[str]
    lines: Sequence[Sequence[Said]]
    title: str = ""
    left_out: int = 0
    spare: Sequence[str] = ()


@attrs.frozen
class Branch:
    """A tree, or a part of one."""

    label: Said
    branches: Sequence[Branch] = ()


@attrs.frozen
class Lines:
    """Text in fixed width, such as the end of a log.

    Attributes:
        lines: The lines; those that are too long are shortened by the renderer, saying so.
        title: What stands above it; empty for nothing.
        left_out: How many lines before these are not shown.
    """

    lines: Sequence[str]
    title: str = ""
    left_out: int = 0


@attrs.frozen(kw_only=True)
class View:
    """All that is shown of one object.

    Attributes:
        title: What it is, such as `job queue 'lab'`.
        status: Its status, beside the title; empty for none.
        facts: Names and values.
        parts: What stands below these, in order.
        note: A last line, such as when it was read.
    """

    title: str
    status: Said = ""
    facts: Sequence[Fact] = ()
    parts: Sequence[Part] = ()
    note: str = ""


Part = Grid | Branch | Lines | View

_TONES = {
    Tone.GOOD: ("VALID", "SUCCEEDED", "available", "ACTIVE", "ENABLED"),
    Tone.BUSY: ("CREATING", "UPDATING", "DELETING", "SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"),
    Tone.BAD: ("INVALID", "FAILED", "VANISHED", "error"),
}
_TONE_OF = {status: tone for tone, statuses in _TONES.items() for status in statuses}


def status_text(status: str) -> Text:
    """A status in AWS's own word, in its tone."""
    return Text(status, _TONE_OF.get(status, Tone.PLAIN))
