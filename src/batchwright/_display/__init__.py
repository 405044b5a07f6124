"""How objects look in a terminal, in IPython and in a notebook: without a call to AWS.

A class says *what* is shown of it, in the words of `view`; `as_rich`, `as_text` and `as_html` say how.
"""

from batchwright._display.as_html import to_html
from batchwright._display.as_text import to_text
from batchwright._display.fields import (
    HIDDEN,
    QUIET,
    Referable,
    hidden,
    is_secret,
    quiet,
    redacted,
    shown,
    spoken,
    told,
)
from batchwright._display.mixin import Displayed
from batchwright._display.safe import disarmed, visible
from batchwright._display.view import Branch, Fact, Grid, Lines, Part, Said, Text, Tone, View, status_text

__all__ = [
    "HIDDEN",
    "QUIET",
    "Branch",
    "Displayed",
    "Fact",
    "Grid",
    "Lines",
    "Part",
    "Referable",
    "Said",
    "Text",
    "Tone",
    "View",
    "disarmed",
    "hidden",
    "is_secret",
    "quiet",
    "redacted",
    "shown",
    "spoken",
    "status_text",
    "to_html",
    "to_text",
    "told",
    "visible",
]
