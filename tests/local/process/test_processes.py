"""The threads that runs use again, and what becomes of processes that runs leave behind when many end at once."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest

from batchwright.local.engines import Outcome
from batchwright.local.leftovers import MARKER
from batchwright.local.processes.sweeper import Sweeper
from batchwright.local.processes.workers import Workers

Machine = Any  # the class of conftest.py


def test_a_thread_that_has_nothing_to_do_takes_the_next_piece() -> None:
    """Pieces one after the other need one thread, pieces at one time one each."""
    workers, used = Workers(), list[int]()
    gate, all_in = threading.Event(), threading.Barrier(4, timeout=60)
    for _ in range(20):
        done = threading.Event()

        def alone(done: threading.Event = done) -> None:
            used.append(threading.get_ident())
            done.set()

        before = threading.active_count()
        workers.do(alone)
        assert done.wait(60)
        assert threading.active_count() <= before + 1
    assert len(set(used)) < 20

    def together() -> None:
        all_in.wait()
        gate.wait(60)

    for _ in range(3):
        workers.do(together)
    all_in.wait()
    gate.set()


def test_many_runs_that_end_together_leave_nothing(machine: Machine, is_running: Callable[[int], bool]) -> None:
    """What has made itself a session of its own is found by its marker, each run's own and nobody else's."""
    script = "setsid sleep 300 & echo $!; sleep 0.3"
    runs = [machine.start(["sh", "-c", script]) for _ in range(30)]
    other = machine.start(["sh", "-c", "setsid sleep 300 & echo other $!; sleep 300"])
    machine.until(lambda: all(run.poll() is not None for run in runs))
    texts = machine.log.texts
    left = [int(text) for text in texts if text.isdigit()]
    (kept,) = [int(text.split()[1]) for text in texts if text.startswith("other ")]
    assert len(left) == 30
    assert not any(is_running(pid) for pid in left)
    assert is_running(kept)
    other.kill()
    machine.until(lambda: other.poll() is not None)
    assert not is_running(kept)


def test_only_the_run_that_has_ended_is_swept(is_running: Callable[[int], bool]) -> None:
    """A live run's processes carry another marker, and are in another session, and stay."""
    sweeper = Sweeper()
    ended = subprocess.Popen(["true"], start_new_session=True, env={MARKER: "a"})
    live = subprocess.Popen(["sleep", "300"], start_new_session=True, env={MARKER: "b", "PATH": os.environ["PATH"]})
    try:
        for process in (ended, live):
            sweeper.began(process.pid)
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        sweeper.sweep(ended.pid, "a")
        assert is_running(live.pid)
        assert ended.wait(60) == 0
    finally:
        live.kill()
        assert live.wait(60) == -signal.SIGKILL


def test_a_hundred_short_runs_use_few_threads_and_files(machine: Machine) -> None:
    """Nothing grows with the runs that have been: neither threads, nor open files, nor directories."""
    machine.run(["true"])
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - numbers, not paths
    for _ in range(100):
        assert machine.run(["true"]).exit_code == 0
    assert threading.active_count() <= threads + 1
    assert len(os.listdir("/proc/self/fd")) <= files + 4  # noqa: PTH208 - numbers, not paths


def test_there_are_never_more_runs_than_files_for_them(machine: Machine) -> None:
    """The engine says how many it has room for, from the limit of open files."""
    assert 8 <= machine.engine.most_runs <= 1024


def _no_descriptor(pid: int) -> int:
    raise OSError(f"nothing tells of the end of {pid}")


def test_the_end_is_seen_also_where_the_system_does_not_tell_of_it(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is on macOS, and where too many files are open; also of a process that closed its output before."""
    monkeypatch.setattr(os, "pidfd_open", _no_descriptor)
    outcome = machine.run(["sh", "-c", "echo said; exec >&- 2>&-; sleep 0.2; exit 3"])
    assert (outcome.exit_code, machine.log.texts) == (3, ["said"])


def test_a_job_says_that_the_machine_has_no_thread_for_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine raises to nobody, and goes on once there is room again."""

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        outcome = machine.start(["true"]).poll()
    assert outcome == Outcome(exit_code=None, reason="the process engine failed: can't start new thread")
    assert machine.run(["true"]).exit_code == 0
