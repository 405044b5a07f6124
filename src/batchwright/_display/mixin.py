"""The one mixin by which objects are seen in a terminal, in IPython and in a notebook: without a call to AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, cast

import attrs

from batchwright._display.as_html import to_html
from batchwright._display.as_text import to_text
from batchwright._display.bounded import LINES_MAX
from batchwright._display.fields import Reference, shown_fields, spoken
from batchwright._display.safe import TEXT_MAX, shortened
from batchwright._display.times import read_note
from batchwright._display.view import Fact, View, status_text

if TYPE_CHECKING:
    from rich.console import RenderableType

VALUE_MAX = 300
"""Characters of the value of a field that are shown, where the class says nothing else."""


class _Printer(Protocol):
    """What IPython hands to `_repr_pretty_`."""

    def text(self, text: str) -> None: ...
    def pretty(self, value: object) -> None: ...
    def breakable(self) -> None: ...
    def group(self, indent: int, opening: str, closing: str) -> AbstractContextManager[None]: ...


class Displayed:
    """What is seen of an object: code in `repr()`, and its view in IPython, in rich and in a notebook.

    A class says what is shown of it in `_view()`; by default that is its attrs fields, without the redacted values.
    What is a list of things has `__str__ = Displayed._told`, so that `print()` shows it as text too.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # attrs writes a repr of its own, which knows nothing of what must stay hidden, unless the class has one; and
        # IPython prefers a class's repr to a hook that it inherits.
        for name in ("__repr__", "_repr_pretty_"):
            if name not in vars(cls):
                type.__setattr__(cls, name, getattr(cls, name))

    def _view(self) -> View:
        """What is shown, in the words that all renderers know."""
        fields = dict(self._told_fields())
        label = getattr(self, "label", None) or _label(type(self), fields.pop("name", None))
        status = status_text(spoken(fields.pop("status", "")))
        facts = [Fact(name, shortened(spoken(value), VALUE_MAX)) for name, value in fields.items()]
        return View(title=str(label), status=status, facts=facts, note=read_note(getattr(self, "read_at", 0.0)))

    def _shown_fields(self) -> Iterator[tuple[str, object, object]]:
        """Name, printable value and default of every field that is shown."""
        yield from shown_fields(self)

    def _told_fields(self) -> Iterator[tuple[str, object]]:
        """What is worth a reader's time: what is not as it is by default, and the status in any case."""
        for name, value, default in self._shown_fields():
            if value != default or name == "status":
                yield name, value

    def _told(self) -> str:
        """The view as plain text, as wide as the terminal, with more lines than IPython shows."""
        return to_text(self._view())

    def __repr__(self) -> str:
        if not attrs.has(type(self)):
            return super().__repr__()
        parts = (f"{name}={shortened(repr(value))}" for name, value in self._told_fields())
        return f"{type(self).__name__}({', '.join(parts)})"

    def __rich__(self) -> RenderableType:
        """The view, for rich."""
        from batchwright._display.as_rich import to_rich

        return to_rich(self._view())

    def __rich_repr__(self) -> Iterator[object]:
        """The fields, for rich's own pretty printer, which prints what lies in lists and mappings."""
        if attrs.has(type(self)):
            yield from cast("Iterator[object]", self._shown_fields())
        else:
            yield from self.args if isinstance(self, BaseException) else [Reference(repr(self))]

    def _repr_html_(self) -> str:
        """Jupyter's hook: the view."""
        return to_html(self._view())

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        """IPython's hook: the view; inside other things the repr, one field a line where that is long."""
        if not cycle and len(getattr(printer, "stack", ())) <= 1:
            printer.text(to_text(self._view(), lines_max=LINES_MAX))
            return
        name = type(self).__name__
        if cycle or not attrs.has(type(self)):
            printer.text(f"{name}(...)" if cycle else repr(self))
            return
        with printer.group(4, f"{name}(", ")"):
            for index, (key, value) in enumerate(self._told_fields()):
                if index:
                    printer.text(",")
                    printer.breakable()
                printer.text(f"{key}=")
                if isinstance(value, str) and len(value) > TEXT_MAX:
                    printer.text(shortened(repr(value)))
                else:
                    printer.pretty(value)


def _label(cls: type, name: object) -> str:
    return f"{cls.__name__} {name!r}" if isinstance(name, str) else cls.__name__
