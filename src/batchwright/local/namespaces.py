"""Mount namespaces in which jobs see their volumes at the paths they were promised, made once per set of mounts."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from batchwright.local import namespace_holder
from batchwright.local.mounts import Mount
from batchwright.local.volumes import VolumeError

_IDLE_KEPT = 4
_USER = ("--user", "--map-current-user", "--keep-caps")
# Tried in this order.  Root needs no user namespace, in which files of other users would lose their owners; where
# util-linux is too old to keep the user's own id, a job at least works as root of the namespace.
_WAYS: tuple[tuple[str, ...], ...] = ((), _USER, ("--user", "--map-root-user"))


class NamespaceRefusedError(Exception):
    """This machine makes no mount namespace; the text says what refused."""


class Namespace:
    """One root directory with mounts in it, alive as long as its holder process.

    Args:
        mounts: What to show.
        way: The options of `unshare` that this machine allows.
        scratch: A directory to make the mount point in.

    Raises:
        VolumeError: It could not be set up.
    """

    def __init__(self, mounts: Sequence[Mount], way: Sequence[str], scratch: Path) -> None:
        self.users = 0
        self._has_user_namespace = "--user" in way
        self._root = Path(tempfile.mkdtemp(prefix="root-", dir=scratch))
        holder = [sys.executable, "-I", "-S", namespace_holder.__file__]
        self._process = subprocess.Popen(  # noqa: S603 - the words are ours
            [_tool("unshare"), *way, "--mount", "--propagation", "private", *holder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        answer = self._build(mounts)
        if answer != "ready":
            self.close()
            raise VolumeError(f"ResourceInitializationError: mounts could not be set up: {answer or 'no answer'}")

    @property
    def is_alive(self) -> bool:
        """Whether jobs can still enter."""
        return self._process.poll() is None

    def entering(self, command: Sequence[str], directory: Path) -> list[str]:
        """Return the words that run `command` inside, in `directory`."""
        user = ["--user", "--preserve-credentials"] if self._has_user_namespace else []
        target = [_tool("nsenter"), "--target", str(self._process.pid), *user, "--mount", "--root"]
        return [*target, "env", "-C", str(directory), *command]

    def close(self) -> None:
        """End the holder, and with it the namespace once no job is inside."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._root.rmdir()

    def _build(self, mounts: Sequence[Mount]) -> str:
        binds = [namespace_holder.BindPlan(source=str(m.source), path=m.path, read_only=m.read_only) for m in mounts]
        plan = namespace_holder.Plan(root=str(self._root), binds=binds)
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            return "no pipes"
        try:
            stdin.write(json.dumps(plan) + "\n")
            stdin.flush()
        except BrokenPipeError:  # `unshare` was refused at once; it said why
            pass
        return stdout.readline().strip()


class Namespaces:
    """Lends namespaces to runs and keeps the few last used, since one takes tenths of a second to make.

    Args:
        scratch: A directory for mount points; empty again after `close`.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._lock = threading.Lock()
        self._open: dict[tuple[Mount, ...], Namespace] = {}
        self._way: tuple[str, ...] | None = None
        self._refusal: str | None = None

    def borrow(self, mounts: tuple[Mount, ...]) -> Namespace:
        """Return a namespace with these mounts; give it back with `give_back`.

        Raises:
            NamespaceRefusedError: This machine makes none (found out once).
            VolumeError: These mounts could not be set up.
        """
        with self._lock:
            way = self._allowed_way()
            space = self._open.get(mounts)
            if space is not None and not space.is_alive:
                self._open.pop(mounts).close()
                space = None
            if space is None:
                space = self._open[mounts] = Namespace(mounts, way, self._scratch)
            space.users += 1
            return space

    def give_back(self, space: Namespace) -> None:
        """Say that a run has left the namespace."""
        with self._lock:
            space.users -= 1
            idle = [mounts for mounts, kept in self._open.items() if kept.users == 0]
            for mounts in idle[: max(0, len(idle) - _IDLE_KEPT)]:
                self._open.pop(mounts).close()

    def close(self) -> None:
        """End all namespaces."""
        with self._lock:
            for space in self._open.values():
                space.close()
            self._open.clear()

    def refusal(self) -> str | None:
        """Return why this machine makes no mount namespaces, or None where it does; it is tried once."""
        with self._lock:
            if self._way is None and self._refusal is None:
                self._probe()
            return self._refusal

    def _allowed_way(self) -> tuple[str, ...]:
        if self._way is None and self._refusal is None:
            self._probe()
        if self._way is None:
            raise NamespaceRefusedError(self._refusal)
        return self._way

    def _probe(self) -> None:
        """Find the first way that both builds a root and lets a program in."""
        refusals: list[str] = []
        for way in _WAYS:
            try:
                _try_way(way, self._scratch)
            except (VolumeError, OSError, subprocess.SubprocessError) as error:
                refusals.append(str(error))
            else:
                self._way = way
                return
        self._refusal = refusals[0]


def _try_way(way: Sequence[str], scratch: Path) -> None:
    space = Namespace((), way, scratch)
    try:
        words = space.entering(["true"], Path("/"))
        subprocess.run(words, check=True, capture_output=True, timeout=20)  # noqa: S603 - the words are ours
    finally:
        space.close()


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"the program {name!r} of util-linux is not on this machine")
    return found
