"""Pictures of pages, by a browser without a window."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")


def photograph(page: Path, picture: Path, *, width: int, height: int) -> None:
    """Take a picture of a page.

    Raises:
        FileNotFoundError: There is no browser.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise FileNotFoundError(f"none of {', '.join(BROWSERS)} is installed: the pages are there to be opened by hand")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]
    subprocess.run(
        [browser, *options, f"--screenshot={picture}", page.resolve().as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
