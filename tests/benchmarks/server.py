"""The yardstick as the measuring side holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

TESTS: Final = Path(__file__).parents[1]
SOURCES: Final = TESTS.parent / "src"


def environment() -> dict[str, str]:
    """The variables of a child: no AWS configuration of the machine's, made-up keys, and this package to import."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    keys = {"AWS_ACCESS_KEY_ID": "AKIDYARDSTICK", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_DEFAULT_REGION": "us-east-2"}
    files = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return {**kept, **keys, **files, "PYTHONPATH": os.pathsep.join(map(str, (TESTS, SOURCES)))}


class Server:
    """One yardstick, at an address.

    Args:
        url: Where it listens.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self, **options: object) -> None:
        """Make it forget everything and behave so; see `Options` of the yardstick."""
        self._ask("/reset", json.dumps(options).encode())

    def seen(self) -> dict[str, Any]:
        """What it has seen since."""
        return cast("dict[str, Any]", self._ask("/seen"))

    def _ask(self, path: str, body: bytes | None = None) -> object:
        with urllib.request.urlopen(self.url + path, data=body, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def running() -> Iterator[Server]:
    """A yardstick in its own process, for as long as the block lasts."""
    command = [sys.executable, "-m", "benchmarks.yardstick"]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield Server(process.stdout.readline().strip())
        finally:
            process.stdin.close()
            process.wait(timeout=10)


def measured(task: str, *arguments: object) -> dict[str, Any]:
    """What `python -m benchmarks.tasks <task> <arguments>` prints, in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.tasks", task, *map(str, arguments)]
    told = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if told.returncode:
        raise RuntimeError(f"{task}: {told.stderr[-3000:]}")
    return cast("dict[str, Any]", json.loads(told.stdout.splitlines()[-1]))
