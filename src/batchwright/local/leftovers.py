"""Ends whatever a job started and left running, processes that moved into a session of their own included."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

MARKER = "BATCHWRIGHT_RUN"
"""The environment variable that all processes of one run inherit."""

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
    if not _PROC.is_dir():  # macOS: the process group is all that can be found
        return
    for _ in range(_ROUNDS):
        found = [pid for pid in _processes() if pid != session_id and _belongs(pid, session_id, marker)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in os.scandir(_PROC) if entry.name.isdigit())


def _belongs(pid: int, session_id: int, marker: str) -> bool:
    try:
        state, session = _state_and_session(pid)
        if state in "ZX":
            return False
        return session == session_id or f"{MARKER}={marker}".encode() in _environment(pid)
    except (ProcessLookupError, FileNotFoundError):  # ended meanwhile
        return False


def _environment(pid: int) -> list[bytes]:
    try:
        return (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except PermissionError:  # another user's process
        return []


def _state_and_session(pid: int) -> tuple[str, int]:
    # The name in parentheses may hold anything, so the fields are counted from its end.
    fields = (_PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[3])
