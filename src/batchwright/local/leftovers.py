"""Ends whatever jobs started and left running, processes that moved into a session of their own included.

Run as a program (`leftovers.py PREFIX DIRECTORY`, with no site-packages) it waits for the end of its input, which comes
when the server closes or dies in whatever way, then ends all runs of the prefix and removes the directory.
"""

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

MARKER = "BATCHWRIGHT_RUN"
"""The environment variable that all processes of one run inherit; runs of one engine share a prefix of its value."""

_PROC = Path("/proc")
_ENTRY = f"{MARKER}=".encode()
_ROUNDS = 20  # a process may fork while the others are looked for


def end_runs(prefix: str) -> None:
    """Kill every process whose marker begins with `prefix`."""
    if _PROC.is_dir():
        kill_all(lambda pid: stat_of(pid)[0] not in "ZX" and marker_of(pid).startswith(prefix))


def main(prefix: str, directory: str) -> None:
    """Wait for the end of the input, then clean up."""
    sys.stdin.read()
    end_runs(prefix)
    shutil.rmtree(directory, ignore_errors=True)


def kill_all(belongs: Callable[[int], bool]) -> None:
    """Kill every process that belongs, and look again until there is none; `belongs` may fail for one that ended."""
    for _ in range(_ROUNDS):
        found = [pid for pid in _processes() if _is_so(belongs, pid)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _is_so(belongs: Callable[[int], bool], pid: int) -> bool:
    try:
        return belongs(pid)
    except (ProcessLookupError, FileNotFoundError, PermissionError):  # ended meanwhile, or another user's
        return False


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in os.scandir(_PROC) if entry.name.isdigit())


def marker_of(pid: int) -> str:
    """Return a process's value of `BATCHWRIGHT_RUN`, empty where it has none."""
    entries = _read(pid, "environ").split(b"\0")
    return next((entry[len(_ENTRY) :].decode("utf-8", "replace") for entry in entries if entry.startswith(_ENTRY)), "")


def stat_of(pid: int) -> tuple[str, int]:
    """Return a process's state and its time of birth (in ticks since the machine started)."""
    # The name in parentheses may hold anything, so the fields are counted from its end.
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[19])


def _read(pid: int, name: str) -> bytes:
    with open(f"{_PROC}/{pid}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - every run's end does it many times
        return file.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
