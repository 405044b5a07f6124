"""`python tests/pictures FOLDER` makes a page and pictures of every kind of object that is displayed, to look at."""

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from pictures.browser import photograph  # noqa: E402  # where it is found is said just above
from pictures.kinds import account, things  # noqa: E402
from pictures.page import write_pages  # noqa: E402
from pictures.terminal import write_terminals  # noqa: E402

WIDTHS = (400, 1200)


def main() -> None:
    """Read the command line, make the pages, take the pictures."""
    parser = argparse.ArgumentParser(prog="python tests/pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="where they go")
    parser.add_argument("--only", help="only what has this in its name")
    parser.add_argument("--height", type=int, default=6000, help="pixels of a picture of the notebook")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with account() as session:
        shown = {name: thing for name, thing in things(session).items() if not given.only or given.only in name}
        pages, terminals = write_pages(shown, given.folder), write_terminals(shown, given.folder)
    for theme, page in pages.items():
        for width in WIDTHS:
            photograph(page, given.folder / f"notebook-{theme}-{width}.png", width=width, height=given.height)
    for path in terminals.values():
        photograph(path, path.with_suffix(".png"), width=1200, height=given.height)


if __name__ == "__main__":
    main()
