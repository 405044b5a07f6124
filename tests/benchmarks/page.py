"""The table in the terminal, and the page of the documentation that holds its last results."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import boto3
import botocore
from rich.console import Console
from rich.table import Table

from benchmarks.engine_rows import ENGINE_HEADINGS, EngineRow
from benchmarks.rows import HEADINGS, Row

PAGE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "performance.md"
BEGIN: Final = "<!-- results -->"
END: Final = "<!-- end of results -->"
BEGIN_ENGINES: Final = "<!-- engines -->"
END_ENGINES: Final = "<!-- end of engines -->"


def machine() -> str:
    """What it ran on."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, boto3 {boto3.__version__}, botocore {botocore.__version__}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def show(rows: Iterable[Row]) -> None:
    """Print the table."""
    table = Table(*HEADINGS, title=machine())
    for row in rows:
        table.add_row(*row.cells(), style="red" if row.holds is False else None)
    Console().print(table)


def show_engines(rows: Iterable[EngineRow]) -> None:
    """Print the table of the engines."""
    table = Table(*ENGINE_HEADINGS, title=machine())
    for row in rows:
        table.add_row(*row.cells(), style="red" if row.holds is False else None)
    Console().print(table)


def write(rows: Iterable[Row], took_s: float) -> None:
    """Put the results into the page, in place of the last ones."""
    _replace(BEGIN, _results(list(rows), took_s), END)


def write_engines(rows: Iterable[EngineRow], took_s: float, load: float) -> None:
    """Put the results of the engines into the page, in place of the last ones.

    Args:
        rows: The results.
        took_s: How long all of it took.
        load: The machine's load average before it began: what others do there takes from everybody's figures.
    """
    lines = [_line(ENGINE_HEADINGS), _line("---" for _ in ENGINE_HEADINGS), *(_line(row.cells()) for row in rows)]
    _replace(
        BEGIN_ENGINES,
        "\n".join([f"{_run(took_s)} Before it began the load average was {load:.1f}.", "", *lines]),
        END_ENGINES,
    )


def _replace(begin: str, results: str, end: str) -> None:
    text = PAGE.read_text("utf-8")
    before, rest = text.split(begin)
    PAGE.write_text(f"{before}{begin}\n{results}\n{end}{rest.split(end)[1]}", "utf-8")


def _run(took_s: float) -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, on {machine()}; all of it took {took_s:.0f} s."


def _results(rows: list[Row], took_s: float) -> str:
    missed = [f"- {row.what}: {row.ours}, aimed at {row.target}." for row in rows if row.holds is False]
    held = sum(row.holds is True for row in rows)
    lines = [
        _run(took_s),
        "",
        f"{held} targets hold, {len(missed)} {'is' if len(missed) == 1 else 'are'} missed" + (":" if missed else "."),
        *(["", *missed] if missed else []),
        "",
        _line(HEADINGS),
        _line("---" for _ in HEADINGS),
        *(_line(row.cells()) for row in rows),
    ]
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
