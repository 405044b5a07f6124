"""Waits for what a process writes and for its end at once, so that no thread has to look again and again."""

import os
import select
import subprocess
import threading

_LOOK_S = 0.05  # how often to look for the end where the system cannot tell of it


class Watch:
    """Watches one child process and the pipe that it writes to.

    Args:
        process: It is not reaped by this where the system can do without, so that its number stays its own.
        output: The pipe's descriptor.
    """

    def __init__(self, process: subprocess.Popen[bytes], output: int) -> None:
        self._process = process
        self._output: int | None = output
        self._poll = select.poll()  # not `select`, which refuses descriptors over 1023
        self._poll.register(output, select.POLLIN)
        self._end = _end_descriptor(process.pid)
        if self._end is not None:
            self._poll.register(self._end, select.POLLIN)
        self._pause = threading.Event()  # never set: its wait is the pause

    def wait(self, timeout_s: float | None) -> tuple[bool, bool]:
        """Return whether there is something to read and whether the process has ended, once either is so.

        Args:
            timeout_s: How long to wait at most; None means for ever.
        """
        if self._end is None:
            return self._look(_LOOK_S if timeout_s is None else min(_LOOK_S, timeout_s))
        ready = {descriptor for descriptor, _ in self._poll.poll(None if timeout_s is None else timeout_s * 1000)}
        return self._output in ready, self._end in ready

    def forget_output(self) -> None:
        """Watch for the end only: the other end of the pipe was closed."""
        if self._output is not None:
            self._poll.unregister(self._output)
            self._output = None

    def close(self) -> None:
        """Free what the system lent for watching."""
        if self._end is not None:
            os.close(self._end)

    def _look(self, timeout_s: float) -> tuple[bool, bool]:
        if self._output is None:
            self._pause.wait(timeout_s)
            return False, _has_ended(self._process)
        has_output = bool(self._poll.poll(timeout_s * 1000))
        return has_output, _has_ended(self._process)


def _end_descriptor(pid: int) -> int | None:
    """Return a descriptor that is readable once the process has ended; None where there is none to be had."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, an older one, or too many open files
        return None


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
