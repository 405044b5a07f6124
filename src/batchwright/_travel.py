"""What of an error goes to another process: enough to read it, and none of the values that declarations hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import attrs

from batchwright._display import QUIET, Displayed, hidden, is_secret

E = TypeVar("E", bound=Exception)


@attrs.frozen(kw_only=True)
class Named(Displayed):
    """Stands for the resource of an error that came from another process.

    Attributes:
        kind: What it is.
        name: Its name.
        text: How it prints.
    """

    kind: str
    name: str
    text: str

    def reference(self) -> str:
        """For example `<JobQueue 'lab'>`."""
        return self.text

    def __repr__(self) -> str:
        return self.text


def travelling(value: object) -> object:
    """`value` for a pickle: a resource as its name, a description without what it does not show."""
    reference = getattr(value, "reference", None)
    if callable(reference) and not isinstance(value, Named):
        kind, name = getattr(value, "kind", ""), getattr(value, "name", "")
        return Named(kind=str(kind), name=str(name), text=str(reference()))
    if isinstance(value, type) or not attrs.has(type(value)):
        return value
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
    emptied: dict[str, Any] = {
        str(field.alias): _emptied(field, getattr(value, field.name))
        for field in fields
        if field.init and (field.metadata.get(QUIET) or is_secret(field))
    }
    return cast("Any", attrs.evolve)(value, **emptied) if emptied else value


def rebuilt(cls: type[E], args: tuple[object, ...], state: Mapping[str, object]) -> E:
    """The error that was pickled, without a call of its constructor."""
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


def _emptied(field: attrs.Attribute[Any], value: object) -> object:
    if is_secret(field):
        return hidden(value)
    if isinstance(value, Mapping):
        return {}
    return () if isinstance(value, tuple) else value
