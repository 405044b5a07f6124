"""The page of the documentation that holds the tables: reading its cells, and writing them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from semantics.rows import ROWS
from semantics.semantic import Semantic, Verdict

PAGE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "semantics.md"
BEGIN: Final = "<!-- results -->"
END: Final = "<!-- end of results -->"
GUIDE: Final = "https://docs.aws.amazon.com/batch/latest"
HEADINGS: Final = {
    "process": "batchwright.local, processes",
    "docker": "batchwright.local, containers",
    "moto": f"moto {version('moto')}",
    "localbatch": "localbatch 0.4.0",
}
NOT_ASKED: Final = "not asked"
Cells = dict[str, dict[str, str]]
"""By the text of the row, then by the system's name."""


def published(text: str | None = None) -> Cells:
    """The cells of the page."""
    lines = (text or PAGE.read_text("utf-8")).split(BEGIN)[1].split(END)[0].splitlines()
    found: Cells = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == len(HEADINGS) + 1 and "](" in cells[0]:
            found[_text(cells[0])] = dict(zip(HEADINGS, cells[1:], strict=True))
    return found


def is_of_this_version(system: str) -> bool:
    """Whether the page tells of the version that is installed; of another it need not be true."""
    return f"| {HEADINGS[system]} |" in PAGE.read_text("utf-8")


def write(verdicts: Mapping[str, Mapping[str, Verdict]]) -> None:
    """Put these columns into the page; the others stay.

    Args:
        verdicts: By the system's name, then by the probe's.
    """
    text = PAGE.read_text("utf-8")
    kept, (before, rest) = published(text), text.split(BEGIN)
    cells = {row.text: dict.fromkeys(HEADINGS, NOT_ASKED) | kept.get(row.text, {}) for row in ROWS.values()}
    for system, found in verdicts.items():
        for name, verdict in found.items():
            cells[ROWS[name].text][system] = str(verdict)
    results = "\n".join(_lines(cells))
    PAGE.write_text(f"{before}{BEGIN}\n{results}\n{END}{rest.split(END)[1]}", "utf-8")


def _lines(cells: Cells) -> Iterator[str]:
    counts = {name: sum(row[name].partition(":")[0] == "yes" for row in cells.values()) for name in HEADINGS}
    told = ", ".join(f"{HEADINGS[name]}: {count}" for name, count in counts.items())
    yield f"Of {len(cells)} rows as on AWS: {told}."
    for topic, rows in itertools.groupby(ROWS.values(), lambda row: row.topic):
        yield from ("", f"## {topic}", "")
        yield _line(("AWS Batch", *HEADINGS.values()))
        yield _line(["---"] * (len(HEADINGS) + 1))
        for row in rows:
            yield _line((f"{row.text} ([{row.page.removeprefix('API ')}]({address(row)}))", *cells[row.text].values()))


def address(row: Semantic) -> str:
    """Where AWS says so."""
    if row.page.startswith("API "):
        return f"{GUIDE}/APIReference/API_{row.page.removeprefix('API ')}.html"
    return f"{GUIDE}/APIReference/{row.page}.html" if row.page[0].isupper() else f"{GUIDE}/userguide/{row.page}.html"


def _text(cell: str) -> str:
    return cell.rpartition(" ([")[0]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
