"""A process that has everything imported and its clients made, and forks a child for each order it reads.

One line of JSON on standard input is one batch of orders; the answer says how each child ended, or that it is frozen.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import IO, Any

import botocore.endpoint
from scenarios import SCENARIOS
from wire import Wire

import batchwright.parallel
from batchwright import BatchSession, SubmissionPolicy
from batchwright._clock import SystemClock

LIMIT_S = 90.0
HURRY = 200.0


class HurriedClock(SystemClock):
    """The real time; only the pauses between looks are shorter, so that a case takes no longer than its calls."""

    def __init__(self, hurry: float) -> None:
        self._hurry = hurry

    def sleep(self, seconds: float, /) -> None:
        super().sleep(seconds / self._hurry)


class Zygote:
    """Forks children that act on one local AWS.

    Args:
        policy: The times of the submission protocol.
    """

    def __init__(self, policy: SubmissionPolicy) -> None:
        self._policy = policy
        self._files: dict[int, IO[str]] = {}
        self._clients = self._warmed()

    def _session(self, hurry: float = HURRY) -> BatchSession:
        session = BatchSession("lab", submission=self._policy, clock=HurriedClock(hurry))
        session.file_system_dns_s = 0.0
        return session

    def _warmed(self) -> dict[str, Any]:
        """Clients that have read their models and parsed answers of every kind, with no connection open."""
        session = self._session()
        for name in ("full", "small", "look", "delete", "delete_small"):
            SCENARIOS[name](session, lambda armed=True: None)
        clients = dict(session._clients)
        session.close()
        return clients

    def run(self, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Fork one child for each order, all at once, and say how they ended."""
        pids = [self._forked(order) for order in orders]
        return [self._ended(pid) for pid in pids]

    def resume(self, pid: int) -> dict[str, Any]:
        """Let a frozen child go on, and say how it ended."""
        os.kill(pid, signal.SIGCONT)
        return self._ended(pid)

    def _forked(self, order: dict[str, Any]) -> int:
        out = tempfile.TemporaryFile("w+")  # noqa: SIM115  # read when the child has ended
        pid = os.fork()
        if pid == 0:
            self._live(order, out)
        self._files[pid] = out
        return pid

    def _live(self, order: dict[str, Any], out: IO[str]) -> None:
        try:
            batchwright.parallel.WORKERS = order.get("workers", 1)  # type: ignore[misc]  # one: calls come in one order
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            session = self._session(order.get("hurry", HURRY))
            session._clients.update(self._clients)
            wire = Wire(order.get("fault", ""), order.get("at", 0), lambda call: _write(out, call=call))
            wire.watch(self._clients.values())
            value = SCENARIOS[order["scenario"]](session, wire.arm, **order.get("arguments", {}))
            _write(out, value=value)
        except BaseException as error:
            _write(out, error=repr(error), trace=traceback.format_exc()[-3000:])
        finally:
            os._exit(0)

    def _ended(self, pid: int) -> dict[str, Any]:
        deadline = time.monotonic() + LIMIT_S
        while True:
            found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
            if found and os.WIFSTOPPED(status):
                return {"pid": pid, "state": "frozen", **_said(self._files[pid])}
            if found:
                state = "killed" if os.WIFSIGNALED(status) else "ended"
                return {"pid": pid, "state": state, **_said(self._files.pop(pid))}
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                return {"pid": pid, "state": "hung", **_said(self._files.pop(pid))}
            time.sleep(0.002)


def _write(out: IO[str], **content: object) -> None:
    out.write(json.dumps(content) + "\n")
    out.flush()


def _said(out: IO[str]) -> dict[str, Any]:
    """What the child wrote: its calls in order, then what came of it."""
    out.seek(0)
    said: dict[str, Any] = {"calls": []}
    for line in out:
        content = json.loads(line)
        if "call" in content:
            said["calls"].append(content["call"])
        else:
            said.update(content)
    return said


def main() -> None:
    """Obey until standard input closes."""
    botocore.endpoint.time = _Hurried  # type: ignore[attr-defined]  # it waits up to a second before a retry
    zygote = Zygote(SubmissionPolicy(**json.loads(sys.stdin.readline())))
    verbs: dict[str, Callable[..., object]] = {"run": zygote.run, "resume": zygote.resume}
    _answer("ready")
    for line in sys.stdin:
        verb, argument = json.loads(line)
        _answer(verbs[verb](argument))


class _Hurried:
    @staticmethod
    def sleep(seconds: float) -> None:
        time.sleep(seconds / HURRY)

    time = time.time


def _answer(content: object) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
