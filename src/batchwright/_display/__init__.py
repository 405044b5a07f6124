"""How objects look in a terminal, in IPython and in a notebook: from their fields, without a call to AWS."""

from batchwright._display.mixin import (
    HIDDEN,
    QUIET,
    REDACT,
    Displayed,
    Referable,
    Tabled,
    hidden,
    quiet,
    redacted,
    rendered,
    shown,
)

__all__ = [
    "HIDDEN",
    "QUIET",
    "REDACT",
    "Displayed",
    "Referable",
    "Tabled",
    "hidden",
    "quiet",
    "redacted",
    "rendered",
    "shown",
]
