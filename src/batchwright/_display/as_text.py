"""A view as plain text, for `print()`, `str()` and plain IPython."""

from __future__ import annotations

import shutil
import sys
from typing import Final

from batchwright._display.view import View

WIDTH: Final = 120
"""Characters in a line where there is no terminal."""


PRINTED_MAX: Final = 200
"""Lines of a table that are printed: of ten thousand none is read."""


def to_text(view: View, width: int | None = None, lines_max: int | None = PRINTED_MAX) -> str:
    """`view` as text without colours, in characters that the standard output can write.

    Args:
        view: What an object says of itself.
        width: Characters in a line; by default the terminal's own.
        lines_max: Lines of each table and text that are shown, the first and the last; None for all.
    """
    from rich.console import Console

    from batchwright._display.as_rich import to_rich

    columns = width or shutil.get_terminal_size((WIDTH, 24)).columns
    console = Console(
        file=sys.stdout, width=columns, color_system=None, highlight=False, force_terminal=False, force_jupyter=False
    )
    with console.capture() as capture:
        console.print(to_rich(view, lines_max))
    return "\n".join(map(str.rstrip, capture.get().split("\n"))).strip("\n")
