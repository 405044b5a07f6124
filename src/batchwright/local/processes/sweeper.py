"""Ends what runs started and left running; runs that end together share one look at the machine's processes."""

import contextlib
import os
import signal
import threading

import attrs

from batchwright.local.leftovers import kill_all, marker_of, stat_of


@attrs.define(eq=False)
class _Ended:
    """A run whose own process is over but not yet reaped."""

    leader: int
    marker: str
    born: int
    is_swept: bool = False


class Sweeper:
    """Kills whatever of a run outlives the process that it was started as.

    To look at all processes takes milliseconds, so that at hundreds of ends a second each look must serve all runs
    that ended before it began.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the two below
        self._ended: list[_Ended] = []
        self._leaders: set[int] = set()
        self._turn = threading.Lock()

    def began(self, leader: int) -> None:
        """Know the process that a run was started as, the leader of a session of its own."""
        with self._lock:
            self._leaders.add(leader)

    def sweep(self, leader: int, marker: str) -> None:
        """Kill every process of the leader's session, and every one that carries the marker, but not the leader.

        Call it while the leader is a zombie: only then is its number surely not another session's.

        Args:
            leader: The process id that `began` was told.
            marker: This run's value of `BATCHWRIGHT_RUN`.
        """
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
        try:
            with contextlib.suppress(FileNotFoundError):  # macOS has no /proc: the group is all that can be found
                self._sweep_with_others(_Ended(leader, marker, stat_of(leader)[1]))
        finally:
            with self._lock:
                self._leaders.discard(leader)

    def _sweep_with_others(self, run: _Ended) -> None:
        with self._lock:
            self._ended.append(run)
        try:
            with self._turn:
                if not run.is_swept:
                    self._sweep_all()
        finally:
            with self._lock:
                self._ended.remove(run)

    def _sweep_all(self) -> None:
        with self._lock:
            runs, leaders = {each.leader: each for each in self._ended}, set(self._leaders)
        markers = {each.marker for each in runs.values()}
        oldest = min(each.born for each in runs.values())

        def belongs(pid: int) -> bool:
            if pid in leaders:
                return False
            session = os.getsid(pid)
            if session == 0 or (session in leaders and session not in runs):
                # The kernel's own; or another run's: a process can make a session but never enter one that is there.
                return False
            state, started = stat_of(pid)
            if state in "ZX":
                return False
            return session in runs or (started >= oldest and marker_of(pid) in markers)

        kill_all(belongs)
        for each in runs.values():
            each.is_swept = True
