"""What is shown of things that AWS has and of declarations of them, as far as it is the same for all kinds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast

import attrs

from batchwright._display import Fact, Grid, Part, Text, Tone, View, spoken, status_text
from batchwright._display.fields import shown
from batchwright._display.safe import shortened
from batchwright._display.times import read_note
from batchwright.console import page_of
from batchwright.ownership import without_own

if TYPE_CHECKING:
    from batchwright._display import Displayed
    from batchwright._wire import Description

VALUE_MAX: Final = 300
"""Characters of the value of a field that are shown."""
NOT_READ: Final = "not read yet in this session; describe() asks AWS"
_APART: Final = ("name", "status", "status_reason", "arn", "tags")
"""Fields with a place of their own."""
_WORD: Final = re.compile(r"[A-Z][a-z0-9]*")
_ACRONYMS: Final = {"Efs": "EFS", "Iam": "IAM"}


def described(thing: Description) -> View:
    """What AWS reports of one thing: its status and why, what else it says, and when it was read."""
    fields = dict(thing._told_fields())
    return View(
        title=_label(thing),
        status=status_text(thing.status),
        facts=[*because(thing), *facts_of({**_live(thing), **fields}), *page(thing)],
        parts=[part for name in fields for part in _inner(name, getattr(thing, name))],
        note=read_note(thing.read_at),
    )


def declared(label: str, fields: Mapping[str, object], seen: Description | None) -> View:
    """A declaration and, beside it, what was last read of the thing.

    Args:
        label: What it is called.
        fields: The fields that are shown, by name.
        seen: What was last read; None where nothing was.
    """
    facts = [*facts_of(fields)]
    if seen is None:
        return View(title=label, facts=facts, note=NOT_READ)
    live = {name: value for name, value in _live(seen).items() if name not in fields}
    return View(
        title=label,
        status=status_text(seen.status),
        facts=[*because(seen), *facts, *facts_of(live), *page(seen)],
        note=read_note(seen.read_at),
    )


def facts_of(fields: Mapping[str, object]) -> Iterator[Fact]:
    """Names and values, the tags last; without what has its place elsewhere, such as a name or a table."""
    for name, value in fields.items():
        if name not in _APART and not _is_table(value):
            yield Fact(name, shortened(_said(name, value), VALUE_MAX))
    tags = fields.get("tags")
    own = without_own(cast("Mapping[str, str]", tags)) if isinstance(tags, Mapping) else {}
    if own:
        yield Fact("tags", "\n".join(f"{key}={value}" for key, value in own.items()))


def _said(name: str, value: object) -> str:
    if name == "command" and isinstance(value, tuple):
        return shlex.join(map(str, cast("tuple[object, ...]", value)))
    return spoken(value)


def because(thing: Description) -> Iterator[Fact]:
    """AWS's reason for the status, if it gives one."""
    if thing.status_reason:
        tone = status_text(thing.status).tone
        yield Fact("status_reason", Text(thing.status_reason, tone if tone is Tone.BAD else Tone.PLAIN))


def page(thing: Description) -> Iterator[Fact]:
    """Its ARN, which leads to the console."""
    if arn := _arn(thing):
        yield Fact("arn", Text(arn, Tone.FAINT, url=page_of(arn)))


def _arn(thing: object) -> str:
    return str(getattr(thing, "arn", ""))


def _live(thing: Description) -> dict[str, object]:
    """What only AWS knows, as far as it says anything."""
    values = {name: shown(getattr(thing, name)) for name in thing._live}
    return {name: value for name, value in values.items() if value not in (None, "", ())}


def _inner(name: str, value: object) -> Iterator[Part]:
    """A table of the things inside a thing, such as the mount targets of a volume."""
    if not _is_table(value):
        return
    things = cast("Sequence[Displayed]", value)
    lines = [dict(each._told_fields()) for each in things]
    names = list(dict.fromkeys(heading for line in lines for heading in line if heading not in _APART))
    headings = (*names[:1], "status", *names[1:])
    cells = [[_cell(heading, line.get(heading, "")) for heading in headings] for line in lines]
    for thing, line in zip(things, cells, strict=True):
        line[0] = attrs.evolve(line[0], url=page_of(_arn(thing)))
    yield Grid(headings, cells, title=name)


def _cell(heading: str, value: object) -> Text:
    return status_text(spoken(value)) if heading == "status" else Text(spoken(value))


def _is_table(value: object) -> bool:
    items = cast("Collection[object]", value) if isinstance(value, tuple) else ()
    return bool(items) and all(attrs.has(type(each)) and hasattr(each, "read_at") for each in items)


def _label(thing: Description) -> str:
    words: list[str] = _WORD.findall(type(thing).__name__.removesuffix("Description"))
    kind = " ".join(_ACRONYMS.get(word, word.lower()) for word in words)
    name = str(getattr(thing, "name", ""))
    return f"{kind} {name!r}" if name else kind
