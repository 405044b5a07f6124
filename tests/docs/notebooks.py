"""Runs a notebook in a kernel of its own, and tells what in its outputs is the same every time."""

import copy
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from ..as_installed import SOURCES

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.ipynb"
COLUMNS = 100
CELL_S = 120
"""Seconds that one cell may take on a busy machine."""

CHANGING = [
    (r"\d{4}-\d\d-\d\d ", ""),
    (r"\b\d\d:\d\d:\d\d( UTC)?\b", "<time>"),
    (r"\b\d[\d,.]* (s|ms|min|h|d)\b( \d+ (s|min|h)\b)?", "<duration>"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", "<id>"),
    (r"\b(fs|fsap|fsmt|sg|subnet|vpc|rtb|igw|eni)-[0-9a-f]{8,}\b", r"<\1>"),
    (r"\b\d+ rules\b", "<count> rules"),
    (r"\b[a-z]\w+\.\d*x?large\b,? has .*", "<largest type>"),
    (r"[░▒▓█▁]{8,}", "<bar>"),
    (r"-{8,}", ""),
]
"""What is another each time, or with other versions: moments, durations, ids, bars; which instance types there are."""


def executed(notebook: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of a run in its own directory, from the first cell to the last.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    result = emptied(nbformat.read(notebook, as_version=4))
    room = Path(tempfile.mkdtemp(prefix="nb-"))  # short, as the paths of sockets must be
    try:
        NotebookClient(
            result,
            config=Config(KernelManager={"transport": "ipc", "ip": str(room / "kernel")}),
            kernel_name="python3",
            timeout=CELL_S,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(notebook.parent)}},
        ).execute(env=environment(room))
    finally:
        shutil.rmtree(room)
    result.metadata.language_info = {"name": "python"}
    return result


def emptied(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy without outputs."""
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copied


def environment(room: Path) -> dict[str, str]:
    """What the kernel is given: nobody's account, nobody's start-up files, and the package that is tested."""
    others = ("AWS_", "BATCHWRIGHT_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    own = dict.fromkeys(("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "MPLCONFIGDIR"), str(room))
    return {**kept, **own, "PYTHONPATH": str(SOURCES), "COLUMNS": str(COLUMNS)}


def told(cell: Mapping[str, Any]) -> list[str]:
    """What the outputs of a cell say, without what changes; in any order, since things are made side by side."""
    return sorted([*printed(cell["outputs"]), *(line for output in cell["outputs"] for line in shown(output))])


def printed(outputs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of each stream, which reaches the notebook in pieces that are others each time."""
    streams = [output for output in outputs if output["output_type"] == "stream"]
    for name in {stream["name"] for stream in streams}:
        text = "".join(stream["text"] for stream in streams if stream["name"] == name)
        yield from (f"{name}: {line}" for line in constant(text))


def shown(output: Mapping[str, Any]) -> Iterator[str]:
    """In which forms a value is shown, then its lines."""
    if output["output_type"] == "stream":
        return
    data = output["data"]
    yield " ".join([output["output_type"], *sorted(data)])
    # Plain text is broken as wide as a screen is, and where is another thing each time.
    yield from constant(text_of(data["text/html"]) if "text/html" in data else data["text/plain"])


def constant(text: str) -> Iterator[str]:
    """The lines of a text, each without what changes."""
    for pattern, name in CHANGING:
        text = re.sub(pattern, name, text)
    for line in text.splitlines():
        if line.strip():
            yield " ".join(line.split())


def text_of(html: str) -> str:
    """What is read of a piece of HTML, a line for a row of a table."""
    reader = _Reader()
    reader.feed(html)
    return "".join(reader.pieces)


BREAKS = {**dict.fromkeys(("p", "tr", "li", "div", "br", "pre", "caption", "table"), "\n"), "td": " | ", "th": " | "}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.pieces.append(BREAKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.pieces.append(data)
