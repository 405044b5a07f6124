"""What of an object's fields is shown, and how one value reads."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol, cast

import attrs

from batchwright._display.times import moment

HIDDEN: Final = "•••"
REDACT: Final = "batchwright_redact"
QUIET: Final = "batchwright_quiet"


def redacted() -> dict[str, object]:
    """Metadata for `attrs.field`: the values of this mapping are never shown."""
    return {REDACT: True}


def quiet() -> dict[str, object]:
    """Metadata for `attrs.field`: not shown at all, such as a session or a raw response."""
    return {QUIET: True}


def is_secret(field: attrs.Attribute[Any]) -> bool:
    """Whether the values of this field are never shown: it says so in our words, or with `repr=False` in attrs'."""
    return bool(field.metadata.get(REDACT)) or not field.repr


def hidden(value: object) -> object:
    """`value` with what may be secret replaced, the names kept."""
    if isinstance(value, Mapping):
        return dict.fromkeys(cast("Mapping[object, object]", value), HIDDEN)
    return HIDDEN if value else value


def told(field: attrs.Attribute[Any], value: object) -> object:
    """`value` of this field as it may be told: hidden, or what a repr of the field's own makes of it, or as it is."""
    if is_secret(field):
        return hidden(value)
    return Reference(field.repr(value)) if callable(field.repr) else value


class Referable(Protocol):
    """Something that other objects print as one short reference."""

    def reference(self) -> str:
        """For example `<JobQueue 'lab'>`."""
        ...


class Reference:
    """Prints as its text, without quotes, inside another object's repr."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def shown(value: object) -> object:
    """`value` as it is printed inside another object: resources as references, at any depth."""
    if callable(getattr(value, "reference", None)):
        return Reference(cast("Referable", value).reference())
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, tuple | list):
        items = [shown(item) for item in cast("tuple[object, ...]", value)]
        return tuple(items) if isinstance(value, tuple) else items
    return value


def shown_fields(thing: object) -> Iterator[tuple[str, object, object]]:
    """Name, printable value and default of every field that is shown; none of what is no attrs class."""
    if not attrs.has(type(thing)):
        return
    for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(thing))):
        if field.metadata.get(QUIET) or field.name.startswith("_") or not field.repr:
            continue
        value, default = getattr(thing, field.name), _plain_default(field)
        is_plain = value is default and not is_secret(field)
        yield field.name, default if is_plain else shown(told(field, value)), default


def _plain_default(field: attrs.Attribute[Any]) -> object:
    default: object = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # attrs types Factory as a function
        return cast("Any", default).factory() if not cast("Any", default).takes_self else attrs.NOTHING
    return default


def spoken(value: object) -> str:
    """`value` as a person reads it: text as it is, lists with commas, `name=value` for mappings."""
    match value:
        case str():
            return value
        case dt.datetime():
            return moment(value)
        case Mapping():
            pairs = cast("Mapping[object, object]", value).items()
            return ", ".join(f"{spoken(key)}={spoken(item)}" for key, item in pairs) or "none"
        case tuple() | list() | set() | frozenset():
            return ", ".join(map(spoken, cast("tuple[object, ...]", value))) or "none"
        case None | bool():
            return {None: "none", True: "yes", False: "no"}[value]
        case _:
            return str(value.value) if isinstance(value, enum.Enum) else repr(value)
