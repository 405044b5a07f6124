"""`python tests/benchmarks` measures everything and prints one table; it takes some minutes and no AWS account."""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from benchmarks.figures import TINY, Sizes, measure  # noqa: E402  # where it is found is said just above
from benchmarks.page import show, write  # noqa: E402
from benchmarks.rows import ROWS, rows_of  # noqa: E402


def main() -> None:
    """Read the command line, measure, tell."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument("--only", choices=list(ROWS), help="one benchmark")
    parser.add_argument("--tiny", action="store_true", help="so few of everything that only the counts mean anything")
    parser.add_argument("--write", action="store_true", help="put the results into docs/explanation/performance.md")
    parser.add_argument("--json", action="store_true", help="print the figures instead of the table")
    given = parser.parse_args()
    if given.write and (given.only or given.tiny):
        parser.error("--write goes with everything, in full size")
    began = time.monotonic()
    figures = measure(TINY if given.tiny else Sizes(), lambda name: print(f"… {name}", file=sys.stderr), given.only)
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    rows = rows_of(figures)
    show(rows)
    if given.write:
        write(rows, time.monotonic() - began)


if __name__ == "__main__":
    main()
