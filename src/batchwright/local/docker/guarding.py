"""Starts and ends the guard: the process that removes an engine's containers also where the server was killed."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from batchwright.local.docker.guard import ALL_GONE

_CLOSE_S = 15.0
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from batchwright.local.docker.guard import main; main()"


def started(base_url: str, tls: Mapping[str, Any] | None, label: str) -> "subprocess.Popen[bytes]":
    """Start the process that removes all containers and volumes with `label` once this one has closed its pipe."""
    program = [sys.executable, "-P", "-c", _PROGRAM, str(Path(__file__).parents[3])]
    guard = subprocess.Popen(  # noqa: S603 - the words are ours
        program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )
    if guard.stdin is not None:
        guard.stdin.write(json.dumps({"base_url": base_url, "tls": tls, "label": label}).encode() + b"\n")
        guard.stdin.flush()
    return guard


def ended(guard: "subprocess.Popen[bytes]", *, is_all_gone: bool) -> None:
    """Let the guard remove what is left, if anything is, and wait for it for a while; again does nothing."""
    if guard.stdin is not None and not guard.stdin.closed:
        with contextlib.suppress(BrokenPipeError):
            guard.stdin.write(ALL_GONE.encode() if is_all_gone else b"")
            guard.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        guard.wait(_CLOSE_S)
