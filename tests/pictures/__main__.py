"""`python tests/pictures FOLDER` makes a page and pictures of every kind of object that is displayed, to look at."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from pictures.browser import photograph  # noqa: E402  # where it is found is said just above
from pictures.kinds import account, things  # noqa: E402
from pictures.page import write_pages  # noqa: E402
from pictures.terminal import write_terminals  # noqa: E402

WIDTHS = (400, 1200)
A_PAGE = 8
"""Things on a page: a browser's picture ends at some 16,000 pixels."""


def main() -> None:
    """Read the command line, make the pages, take the pictures."""
    parser = argparse.ArgumentParser(prog="python tests/pictures", description=__doc__)
    parser.add_argument("folder", type=Path, help="where they go")
    parser.add_argument("--only", default="", help="only what has this in its name")
    parser.add_argument("--height", type=int, default=3500, help="pixels of a picture")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with account() as session:
        shown = [(name, thing) for name, thing in things(session).items() if given.only in name]
        for start in range(0, len(shown), A_PAGE):
            draw(dict(shown[start : start + A_PAGE]), given.folder, f"{start // A_PAGE + 1}", given.height)


def draw(shown: Mapping[str, object], folder: Path, name: str, height: int) -> None:
    """One page and one terminal, in every way."""
    print(f"{name}: {', '.join(shown)}")
    for page in write_pages(shown, folder, name):
        for width in WIDTHS:
            photograph(page, page.with_name(f"{page.stem}-{width}.png"), width=width, height=height)
    for terminal in write_terminals(shown, folder, name):
        photograph(terminal, terminal.with_suffix(".png"), width=1200, height=height)


if __name__ == "__main__":
    main()
