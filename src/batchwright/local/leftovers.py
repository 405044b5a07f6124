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
_ROUNDS = 20  # a process may fork while the others are looked for


def end_leftovers(session_id: int, marker: str) -> None:
    """Kill every process of the session, and every one that carries the marker, but not the session's leader.

    Call it while the leader is a zombie: only then is its number surely not another session's.

    Args:
        session_id: The leader's process id.
        marker: This run's value of `BATCHWRIGHT_RUN`.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session_id, signal.SIGKILL)
    try:
        born = _stat(session_id)[2]
    except FileNotFoundError:  # macOS has no /proc: the process group is all that can be found
        return

    def belongs(pid: int) -> bool:
        state, session, started = _stat(pid)
        if state in "ZX" or pid == session_id or started < born:
            return False
        return session == session_id or _has_marker(pid, marker)

    _kill_all(belongs)


def end_runs(prefix: str) -> None:
    """Kill every process whose marker begins with `prefix`."""
    if _PROC.is_dir():
        _kill_all(lambda pid: _stat(pid)[0] not in "ZX" and _has_marker(pid, prefix))


def main(prefix: str, directory: str) -> None:
    """Wait for the end of the input, then clean up."""
    sys.stdin.read()
    end_runs(prefix)
    shutil.rmtree(directory, ignore_errors=True)


def _kill_all(belongs: Callable[[int], bool]) -> None:
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


def _has_marker(pid: int, prefix: str) -> bool:
    wanted = f"{MARKER}={prefix}".encode()
    return any(entry.startswith(wanted) for entry in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"))


def _stat(pid: int) -> tuple[str, int, int]:
    """Return a process's state, session and time of birth (in ticks since the machine started)."""
    # The name in parentheses may hold anything, so the fields are counted from its end.
    fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[3]), int(fields[19])


if __name__ == "__main__":
    main(*sys.argv[1:])
