"""What becomes of the others where an engine, or this machine, fails with one."""

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from batchwright.local.docker.api import DockerApi, EngineRefusedError
from batchwright.local.docker.guard import _removed
from batchwright.local.docker.images import Images, PullFailedError


class StubbornEngine:
    """Has three containers and a volume, and refuses to remove the first container."""

    def __init__(self) -> None:
        self.left = ["stuck", "second", "third", "volume"]

    def labelled(self, label: str) -> tuple[list[str], list[str]]:
        return [each for each in self.left if each != "volume"], [each for each in self.left if each == "volume"]

    def remove(self, container_id: str) -> None:
        if container_id == "stuck":
            raise EngineRefusedError(500, "device or resource busy")
        self.left.remove(container_id)

    def remove_volume(self, name: str) -> None:
        self.left.remove(name)


def test_the_guard_goes_on_after_a_container_that_cannot_be_removed() -> None:
    """One that the engine does not let go keeps no other one, and is found again in the next round."""
    engine = StubbornEngine()
    assert _removed(cast("DockerApi", engine), "label") == 4
    assert engine.left == ["stuck"]
    assert _removed(cast("DockerApi", engine), "label") == 1


class EmptyEngine:
    """Has no image, and fails with every pull."""

    def image(self, name: str) -> dict[str, Any] | None:
        return None

    def pull(self, name: str, platform: str | None) -> Iterator[dict[str, Any]]:
        yield {"error": "no such host"}


def test_nobody_waits_for_a_pull_that_never_began(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine had no thread for a pull, the next job that wants the image has it pulled anew."""
    images = Images(cast("DockerApi", EmptyEngine()))
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _no_thread)
        with pytest.raises(RuntimeError, match="no thread"):
            images.ready("tool", None, lambda: False)
    with pytest.raises(PullFailedError, match="no such host"):
        images.ready("tool", None, lambda: pytest.fail("it waits for a pull that never began"))


def _no_thread(thread: threading.Thread) -> None:
    raise RuntimeError("no thread")
