"""`python tests/semantics` asks every system that is here what it does; `--write` puts the answers into the docs."""

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from semantics.page import write  # noqa: E402  # where it is found is said just above
from semantics.rows import ROWS  # noqa: E402
from semantics.running import verdicts  # noqa: E402
from semantics.systems import SYSTEMS, available  # noqa: E402


def main() -> None:
    """Read the command line, ask, tell."""
    parser = argparse.ArgumentParser(prog="python tests/semantics", description=__doc__)
    parser.add_argument("--system", choices=list(SYSTEMS), action="append", help="one of them; may be said again")
    parser.add_argument("--row", choices=list(ROWS), action="append", default=[], help="one row; likewise")
    parser.add_argument("--write", action="store_true", help="put the answers into docs/explanation/semantics.md")
    given = parser.parse_args()
    found = {}
    for name in given.system or SYSTEMS:
        if reason := available(name):
            parser.error(f"{name} cannot be asked: {reason}")
        found[name] = verdicts(name, print, given.row)
    if given.write:
        write(found)


if __name__ == "__main__":
    main()
