"""Warnings that point at the line of the caller, however deep in batchwright they are found."""

from __future__ import annotations

import sys
import warnings
from types import FrameType
from typing import Final

_PACKAGE: Final = __name__.partition(".")[0]


def warn_caller(message: str, category: type[Warning]) -> None:
    """Issue a warning at the first line on the stack that is not batchwright's own.

    Args:
        message: What is wrong, and what to do.
        category: What users can filter by.
    """
    frame: FrameType | None = sys._getframe(1)
    level = 2
    while frame is not None and _is_own(frame):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _is_own(frame: FrameType) -> bool:
    name = frame.f_globals.get("__name__", "")
    # Constructors that attrs writes lie in no file and in no module.
    return f"{name}.".startswith(f"{_PACKAGE}.") or frame.f_code.co_filename.startswith("<attrs")
