"""Makes a page of every notebook, with the outputs that are stored in it: a hook of mkdocs, which runs nothing.

A notebook becomes Markdown before mkdocs reads any, so that its links are checked, its headings are in the table of
contents and its code looks as it does on every other page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

SUFFIX = ".ipynb"
STYLE = "img{max-width:100%}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.9em}"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put a page beside every notebook; the notebook itself stays, to be downloaded."""
    from mkdocs.structure.files import File

    for file in [file for file in files if file.src_uri.endswith(SUFFIX)]:
        name = file.src_uri.removesuffix(SUFFIX) + ".md"
        files.append(File.generated(config, name, content=markdown(Path(str(file.abs_src_path)))))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to a notebook, which is what lies in the repository, lead to its page."""
    return re.sub(rf"(\]\([^)\s]*){re.escape(SUFFIX)}(?=[)#])", r"\1.md", markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the outputs where their places were left: nothing in them is taken for Markdown."""
    notebook = Path(config.docs_dir, page.file.src_uri).with_suffix(SUFFIX)
    if not notebook.exists():
        return html
    for cell in cells(notebook):
        html = html.replace(place(cell), outputs(cell))
    return html


def cells(notebook: Path) -> list[dict]:
    """What the notebook consists of."""
    return json.loads(notebook.read_text("utf-8"))["cells"]


def place(cell: Mapping) -> str:
    """What stands for the outputs of a cell until its page is made."""
    return f'<div id="output-{cell["id"]}"></div>'


def markdown(notebook: Path) -> str:
    """The text of the notebook and its code, and after every cell that has outputs the place for them."""
    return "\n\n".join(part for cell in cells(notebook) for part in parts(cell))


def parts(cell: Mapping) -> Iterator[str]:
    """What a cell is in Markdown."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    if cell["outputs"]:
        yield place(cell)


def outputs(cell: Mapping) -> str:
    """The outputs of a cell, in a shadow tree: they look as in a notebook, whatever the site's theme does to tables."""
    body = "".join(map(shown, cell.get("outputs", ())))
    return f'<div class="outputs"><template shadowrootmode="open"><style>{STYLE}</style>{body}</template></div>'


def shown(output: Mapping) -> str:
    """One output as HTML, in the richest form that it has."""
    if output["output_type"] == "stream":
        return written(output["text"])
    data = output["data"]
    if "text/html" in data:
        return "".join(data["text/html"])
    if "image/png" in data:
        about = escape("".join(data["text/plain"]).partition("\n")[0])
        return f'<img alt="{about}" src="data:image/png;base64,{"".join(data["image/png"]).strip()}">'
    return written(data["text/plain"])


def written(text: list[str]) -> str:
    """What was printed."""
    return f"<pre>{escape(''.join(text))}</pre>"
