"""`python tests/benchmarks` measures everything and prints one table; it takes some minutes and no AWS account."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from benchmarks.engine_rows import engine_rows  # noqa: E402  # where it is found is said just above
from benchmarks.engines import TINY_ENGINES, EngineSizes, measure_engines  # noqa: E402
from benchmarks.figures import TINY, Sizes, measure  # noqa: E402
from benchmarks.page import show, show_engines, write, write_engines  # noqa: E402
from benchmarks.rows import ROWS, rows_of  # noqa: E402

ENGINES = "engines"


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--only", choices=[*ROWS, ENGINES], help="one benchmark")
    parser.add_argument("--tiny", action="store_true", help="so few of everything that only the counts mean anything")
    parser.add_argument("--write", action="store_true", help="put the results into docs/explanation/performance.md")
    parser.add_argument("--json", action="store_true", help="print the figures instead of the table")
    given = parser.parse_args()
    if given.write and (given.only not in {None, ENGINES} or given.tiny):
        parser.error("--write goes with everything or with the engines, in full size")
    if given.only != ENGINES:
        _sessions(given)
    if given.only in {None, ENGINES}:
        _engines(given)


def _sessions(given: argparse.Namespace) -> None:
    """What a session costs, beside a bare loop and the older function."""
    began = time.monotonic()
    figures = measure(TINY if given.tiny else Sizes(), _say, given.only)
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    rows = rows_of(figures)
    show(rows)
    if given.write:
        write(rows, time.monotonic() - began)


def _engines(given: argparse.Namespace) -> None:
    """How many jobs a second the engines run, beside others that run jobs on one machine."""
    began, load = time.monotonic(), os.getloadavg()[0]
    figures = measure_engines(TINY_ENGINES if given.tiny else EngineSizes(), _say)
    if given.json:
        print(json.dumps({ENGINES: figures}, indent=2))
        return
    rows = engine_rows(figures)
    show_engines(rows)
    if given.write:
        write_engines(rows, time.monotonic() - began, load)


def _say(name: str) -> None:
    print(f"… {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
