"""What importing costs: fresh processes in turn, timed by the operating system's own accounting."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from typing import Final

from benchmarks.server import environment

IMPORTS: Final = {
    "attrs and cattrs": "import attrs, cattrs",
    "batchwright": "import batchwright",
    "BatchSession": "from batchwright import BatchSession",
    "boto3": "import boto3",
}


def imports(runs: int) -> dict[str, float]:
    """Median of the processor seconds of a fresh process with each of these imports, Python's own start left out."""
    spent: dict[str, list[float]] = {name: [] for name in ("nothing", *IMPORTS)}
    for _ in range(runs + 1):  # the first writes the byte code
        for name, code in {"nothing": "pass", **IMPORTS}.items():
            spent[name].append(_cpu_s(code))
    nothing, *others = (statistics.median(seconds[1:]) for seconds in spent.values())
    return {name: seconds - nothing for name, seconds in zip(IMPORTS, others, strict=True)}


def _cpu_s(code: str) -> float:
    process = subprocess.Popen([sys.executable, "-c", code], env=environment())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, code
    return used.ru_utime + used.ru_stime
