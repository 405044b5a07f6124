"""How objects look in a terminal, in IPython and in a notebook: from their fields, without a call to AWS."""

from __future__ import annotations

import datetime as dt
import html
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import attrs

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

HIDDEN: Final = "•••"
REDACT: Final = "batchwright_redact"
QUIET: Final = "batchwright_quiet"


def redacted() -> dict[str, object]:
    """Metadata for `attrs.field`: the values of this mapping are never shown."""
    return {REDACT: True}


def quiet() -> dict[str, object]:
    """Metadata for `attrs.field`: not shown at all, such as a session or a raw response."""
    return {QUIET: True}


def hidden(value: object) -> object:
    """`value` with what may be secret replaced, the names kept."""
    if isinstance(value, Mapping):
        return dict.fromkeys(cast("Mapping[object, object]", value), HIDDEN)
    return HIDDEN if value else value


class Referable(Protocol):
    """Something that other objects print as one short reference."""

    def reference(self) -> str:
        """For example `<JobQueue 'lab'>`."""
        ...


class _Printer(Protocol):
    """What IPython hands to `_repr_pretty_`."""

    def text(self, text: str) -> None: ...
    def pretty(self, value: object) -> None: ...
    def breakable(self) -> None: ...
    def group(self, indent: int, opening: str, closing: str) -> AbstractContextManager[None]: ...


class _Reference:
    """Prints as its text, without quotes, inside another object's repr."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def shown(value: object) -> object:
    """`value` as it is printed inside another object: resources as references, at any depth."""
    if callable(getattr(value, "reference", None)):
        return _Reference(cast("Referable", value).reference())
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, tuple | list):
        items = [shown(item) for item in cast("tuple[object, ...]", value)]
        return tuple(items) if isinstance(value, tuple) else items
    return value


class Displayed:
    """The one mixin for showing an attrs object: repr, IPython, Jupyter and rich."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        # attrs writes a repr of its own, which knows nothing of what must stay hidden, unless the class has one; and
        # IPython prefers a class's repr to a hook that it inherits.
        for name in ("__repr__", "_repr_pretty_"):
            if name not in vars(cls):
                type.__setattr__(cls, name, getattr(cls, name))

    def _shown_fields(self) -> Iterator[tuple[str, object, object]]:
        """Name, printable value and default of every field that is shown."""
        for field in attrs.fields(cast("type[attrs.AttrsInstance]", type(self))):
            if field.metadata.get(QUIET) or field.name.startswith("_"):
                continue
            value: object = getattr(self, field.name)
            yield field.name, hidden(value) if field.metadata.get(REDACT) else shown(value), _plain_default(field)

    def _told_fields(self) -> Iterator[tuple[str, object]]:
        """What is worth a reader's time: what is not as it is by default, and the status in any case."""
        for name, value, default in self._shown_fields():
            if value != default or name == "status":
                yield name, value

    def __rich_repr__(self) -> Iterator[tuple[str, object, object]]:
        """The fields, for rich's own pretty printer."""
        yield from self._shown_fields()

    def __repr__(self) -> str:
        parts = (f"{name}={value!r}" for name, value in self._told_fields())
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        """IPython's hook: one field a line where the repr is long."""
        name = type(self).__name__
        if cycle:
            printer.text(f"{name}(...)")
            return
        with printer.group(4, f"{name}(", ")"):
            for index, (key, value) in enumerate(self._told_fields()):
                if index:
                    printer.text(",")
                    printer.breakable()
                printer.text(f"{key}=")
                printer.pretty(value)

    def _repr_html_(self) -> str:
        """Jupyter's hook: one small table, the name first, without what is as it is by default."""
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'><code>{html.escape(_short(value))}</code></td></tr>"
            for name, value in sorted(self._told_fields(), key=lambda field: field[0] != "name")
        )
        return f"<table><caption>{html.escape(type(self).__name__)}</caption>{rows}</table>"


def _plain_default(field: attrs.Attribute[Any]) -> object:
    default: object = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # attrs types Factory as a function
        return cast("Any", default).factory() if not cast("Any", default).takes_self else attrs.NOTHING
    return default


def _short(value: object, limit: int = 300) -> str:
    if isinstance(value, dt.datetime):
        value = value.isoformat(sep=" ", timespec="seconds")
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def rendered(renderable: RenderableType, *, width: int | None = None) -> str:
    """`renderable` as plain text, for the `str()` of tables.

    Args:
        renderable: What to render.
        width: Characters in a line; by default the terminal's own, and 120 where there is none.
    """
    from rich.console import Console

    console = Console(
        width=width or shutil.get_terminal_size((120, 24)).columns, no_color=True, highlight=False, force_terminal=False
    )
    with console.capture() as capture:
        console.print(renderable)
    return capture.get().rstrip("\n")


class Tabled:
    """The one mixin for showing many things as a table: rich, plain text, IPython and Jupyter."""

    def _table(self) -> tuple[str, tuple[str, ...], list[tuple[str, ...]]]:
        """The title, the headings and the cells of every line."""
        raise NotImplementedError

    def __rich__(self) -> Table:
        """The table, for rich."""
        from rich.table import Table
        from rich.text import Text

        title, headings, lines = self._table()
        table = Table(title=title or None, title_justify="left")
        for heading in headings:
            table.add_column(heading, overflow="fold")  # a name that is cut short names nothing
        for cells in lines:
            table.add_row(*map(Text, cells))  # Text: names may hold what rich takes for markup
        return table

    def __str__(self) -> str:
        return rendered(self.__rich__())

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        """IPython's hook: the table."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """Jupyter's hook: the table."""
        title, headings, lines = self._table()
        head = "".join(f"<th style='text-align:left'>{html.escape(heading)}</th>" for heading in headings)
        body = "".join(f"<tr>{''.join(map(_html_cell, cells))}</tr>" for cells in lines)
        caption = f"<caption>{html.escape(title)}</caption>" if title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html_cell(text: str) -> str:
    return f"<td style='text-align:left'>{'<br>'.join(map(html.escape, text.splitlines()))}</td>"
