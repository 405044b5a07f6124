"""A notebook whose cells show the objects, as the page that readers of an exported notebook see."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import nbformat
from IPython.core.formatters import DisplayFormatter
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

THEMES: Final = ("light", "dark")


def notebook(things: Mapping[str, object]) -> Any:  # noqa: ANN401  # nbformat's node, which is typed so
    """One cell for each thing, with what IPython makes of it as its output."""
    formatter = DisplayFormatter()
    formatter.active_types = ["text/plain", "text/html", "image/png", "image/svg+xml"]
    cells = []
    for count, (name, thing) in enumerate(things.items(), 1):
        data, metadata = formatter.format(thing)
        data = {kind: b64encode(value).decode() if isinstance(value, bytes) else value for kind, value in data.items()}
        output = new_output("execute_result", data=data, metadata=metadata, execution_count=count)
        cells.append(new_code_cell(f"# {name}", outputs=[output], execution_count=count))
    made = new_notebook(cells=cells)
    nbformat.validate(made)
    return made


def page(things: Mapping[str, object], theme: str) -> str:
    """The notebook as HTML, in one of the themes."""
    exporter = HTMLExporter(theme=theme, mathjax_url="", require_js_url="", jquery_url="")
    exporter.embed_images = True
    return cast("str", exporter.from_notebook_node(notebook(things))[0])


def write_pages(things: Mapping[str, object], folder: Path, name: str) -> list[Path]:
    """The pages, one in each theme."""
    written = []
    for theme in THEMES:
        written.append(folder / f"notebook-{name}-{theme}.html")
        written[-1].write_text(page(things, theme), "utf-8")
    return written
