"""A local AWS in its own process, and children on it that die, freeze or lose their connection at a chosen call."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import batchwright
from batchwright.local import Delays, LocalServer
from batchwright.local.signature import SignaturePolicy

HERE = Path(__file__).parent / "children"
SOURCES = str(Path(batchwright.__file__).parents[1])
CLAIM_S, WINDOW_S = 1.0, 3.0
"""Short, and of the server's own opinion: signatures count whole seconds, so a window needs some of them."""


class Stage:
    """One AWS and the process that forks children on it.

    Args:
        server: The AWS.
    """

    def __init__(self, server: LocalServer) -> None:
        self.server = server
        self._jobs_before = 0
        self._forgotten_jobs: int | None = None  # of an account that was seen to be empty
        mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._zygote = subprocess.Popen(
            [sys.executable, str(HERE / "zygote.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Sets come in the same order in every child, so that calls do.
            env={
                **mine,
                **server.environment(),
                "AWS_CONFIG_FILE": os.devnull,
                "PYTHONPATH": SOURCES,
                "PYTHONHASHSEED": "0",
            },
        )
        self._send({"claim_s": CLAIM_S, "signature_window_s": WINDOW_S})

    def run(self, scenario: str, **order: object) -> dict[str, Any]:
        """One child that does this."""
        return self.run_all([{"scenario": scenario, **order}])[0]

    def run_all(self, orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A child for each of these, at the same time."""
        answer: list[dict[str, Any]] = self._send(["run", orders])
        return answer

    def resume(self, pid: int) -> dict[str, Any]:
        """Let a frozen child go on to its end."""
        answer: dict[str, Any] = self._send(["resume", pid])
        return answer

    def world(self) -> dict[str, Any]:
        """All that there is, and how many jobs there ever were."""
        looked = self.run("look")
        assert looked["state"] == "ended", looked
        assert "value" in looked, looked["trace"]
        status = self.server.status()
        assert not status["problems"], status["problems"]
        jobs = sum(status["jobs"].values())
        self._forgotten_jobs = jobs if not any(looked["value"].values()) else None
        return {**looked["value"], "jobs ever": jobs - self._jobs_before}

    def clear(self) -> None:
        """Begin with an empty account; one that was seen to be empty need not be made anew, which takes long."""
        if self._forgotten_jobs is None:
            self.server.reset()
        self._jobs_before, self._forgotten_jobs = self._forgotten_jobs or 0, None

    def _send(self, content: object) -> Any:  # noqa: ANN401  # what the verb answers
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps(content) + "\n")
        self._zygote.stdin.flush()
        return json.loads(self._zygote.stdout.readline())

    def close(self) -> None:
        """End the process that forks."""
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.close()
        self._zygote.wait(30)
        self._zygote.stdout.close()


@pytest.fixture(scope="session")
def new_stage() -> Iterator[Callable[[Delays], Stage]]:
    """Makes stages, one for each kind of delays in a worker."""
    made: dict[Delays, Stage] = {}

    def make(delays: Delays) -> Stage:
        if delays not in made:
            policy = SignaturePolicy(submission_window_s=WINDOW_S)
            made[delays] = Stage(LocalServer(engine="scripted", delays=delays, policy=policy).start())
        return made[delays]

    yield make
    for stage in made.values():
        stage.close()
        stage.server.close()


@pytest.fixture
def stage(new_stage: Callable[[Delays], Stage]) -> Stage:
    """An empty account in which everything settles at once."""
    stage = new_stage(Delays.none())
    stage.clear()
    return stage
