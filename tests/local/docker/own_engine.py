"""A Docker engine of a test's own, which may be killed and may have little room."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import docker
import pytest

from ...containers.images import busybox_image

_PATIENCE_S = 60.0
_LIMITS = ["--default-ulimit", "nofile=1024:4096"]
_NO_NETWORK = ["--iptables=false", "--ip6tables=false", "--bridge=none"]


class OwnEngine:
    """A `dockerd` whose every file is under one directory.

    Args:
        top: That directory.
    """

    def __init__(self, top: Path) -> None:
        self._top = top
        self.url = f"unix://{top / 'docker.sock'}"
        command = ["dockerd", "--data-root", str(top / "data"), "--exec-root", str(top / "exec"), "-H", self.url]
        command += ["--pidfile", str(top / "docker.pid"), *_NO_NETWORK, *_LIMITS]
        with (top / "log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def client(self) -> docker.DockerClient:
        """Return a client of it, once it answers."""
        ends_at, pause = time.monotonic() + _PATIENCE_S, threading.Event()
        while not self._listens():
            assert self._process.poll() is None, (self._top / "log").read_text()[-2000:]
            assert time.monotonic() < ends_at, "it did not answer in time"
            pause.wait(0.1)
        return docker.DockerClient(self.url)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            return connection.connect_ex(str(self._top / "docker.sock")) == 0

    def fill(self) -> Path:
        """Write until there is no room left, and return the file to remove."""
        filler = self._top / "data" / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**20))
        return filler

    def kill(self) -> None:
        """Kill it as a crash does: its containers go on without it."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """End it and whatever it has left running."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def processes(self) -> list[int]:
        """The processes that name this engine's directory: itself, its containerd and the shims of its containers."""
        found: list[int] = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str(self._top).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found


def _require_right() -> None:
    if os.geteuid() == 0 and shutil.which("dockerd"):
        return
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail("CI starts Docker engines of its own, which takes root and the program dockerd")
    pytest.skip("an engine of one's own takes root and the program dockerd")


@contextmanager
def own_engine(*, room_mib: int | None = None) -> Iterator[OwnEngine]:
    """Start an engine with the test image in it, and take it away again with all that it made.

    Args:
        room_mib: How much room it has for images and containers; None leaves that to the disk.
    """
    _require_right()
    with ExitStack() as stack:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="own-engine-", ignore_cleanup_errors=True)))
        if room_mib is not None:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room_mib}m", "tmpfs", str(top)], check=True)
            stack.callback(subprocess.run, ["umount", "--lazy", str(top)], check=True)
        engine = OwnEngine(top)
        stack.callback(_unmount_below, top)
        stack.callback(engine.end)
        client = engine.client()
        stack.callback(client.close)
        busybox_image(client)
        yield engine


def _unmount_below(top: Path) -> None:
    """Unmount what a killed engine has left mounted, innermost first."""
    lines = Path("/proc/mounts").read_text().splitlines()
    for path in reversed([line.split()[1] for line in lines if line.split()[1].startswith(f"{top}/")]):
        subprocess.run(["umount", "--lazy", path], check=False)
