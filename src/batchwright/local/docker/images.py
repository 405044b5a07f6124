"""Sees to it that an image is there: what is missing is pulled once, however many jobs wait for it."""

import threading
from collections.abc import Callable

import attrs

from batchwright.local.docker.api import Body, DockerApi, EngineGoneError, EngineRefusedError
from batchwright.local.docker.reasons import daemon_says

_LOOK_S = 0.1


class PullFailedError(Exception):
    """An image could not be pulled; the text is AWS's reason for it."""


class StoppedError(Exception):
    """Who waited for an image was asked to end."""


@attrs.define(eq=False)
class _Pull:
    """A pull under way; `waiting` falls to 0 when nobody wants it any more."""

    waiting: int = 0
    failure: str | None = None
    over: threading.Event = attrs.field(factory=threading.Event)


class Images:
    """The images of one engine.

    Args:
        api: The engine.
    """

    def __init__(self, api: DockerApi) -> None:
        self._api = api
        self._lock = threading.Lock()
        self._pulls: dict[tuple[str, str | None], _Pull] = {}

    def ready(self, name: str, platform: str | None, is_stopped: Callable[[], bool]) -> str:
        """Return what processors the image is for, once it is there: it is pulled where the engine does not have it.

        Args:
            name: As in the job definition.
            platform: Such as `linux/arm64`; None takes the engine's own.
            is_stopped: Tells whether to give up waiting.

        Raises:
            PullFailedError: It is not there and could not be pulled.
            StoppedError: `is_stopped` said so.
            EngineGoneError: The engine does not answer.
        """
        found = self._found(name, platform)
        while found is None:
            self._wait(name, platform, is_stopped)
            found = self._found(name, platform)
        return found

    def _found(self, name: str, platform: str | None) -> str | None:
        """Return the architecture of the image that is there, unless another one was asked for."""
        try:
            seen = self._api.image(name)
        except EngineRefusedError as refused:  # a name that cannot be one
            raise PullFailedError(f"CannotPullContainerError: {daemon_says(refused)}") from refused
        if seen is None:
            return None
        its_architecture = str(seen.get("Architecture") or "")
        return its_architecture if platform is None or platform.rpartition("/")[2] == its_architecture else None

    def _wait(self, name: str, platform: str | None, is_stopped: Callable[[], bool]) -> None:
        pull = self._joined(name, platform)
        try:
            while not pull.over.wait(_LOOK_S):
                if is_stopped():
                    raise StoppedError
        finally:
            with self._lock:
                pull.waiting -= 1
        if pull.failure is not None:
            raise PullFailedError(f"{pull.failure}{self._instead(name, platform)}")

    def _instead(self, name: str, platform: str | None) -> str:
        """Tell of the image of that name which is here, and is for another platform."""
        seen = self._found(name, None)
        if seen is None or platform is None:
            return ""
        return f" (the image that is here is for {seen}, not for {platform})"

    def _joined(self, name: str, platform: str | None) -> _Pull:
        key = (name, platform)
        with self._lock:
            pull = self._pulls.get(key)
            if pull is None:
                pull = _Pull()
                threading.Thread(target=self._pull, args=(key, pull), name=f"pull-{name}", daemon=True).start()
                self._pulls[key] = pull  # not before: where there is no further thread nobody is to wait for it
            pull.waiting += 1
            return pull

    def _pull(self, key: tuple[str, str | None], pull: _Pull) -> None:
        name, platform = key
        try:
            pull.failure = self._pulled(name, platform, pull)
        except EngineRefusedError as refused:
            pull.failure = f"CannotPullContainerError: {daemon_says(refused)}"
        except EngineGoneError as gone:
            pull.failure = f"CannotPullContainerError: the engine at {self._api.base_url} went away: {gone}"
        except Exception as error:  # a thread has nobody to raise to: the jobs say it
            pull.failure = f"CannotPullContainerError: {type(error).__name__}: {error}"
        finally:
            with self._lock:
                del self._pulls[key]
            pull.over.set()

    def _pulled(self, name: str, platform: str | None, pull: _Pull) -> str | None:
        """Pull, and return why it failed, if so; give up once nobody waits for it."""
        for message in self._api.pull(name, platform):
            if "error" in message:
                return f"CannotPullContainerError: {_said(message)}"
            if pull.waiting <= 0:
                return None
        if self._found(name, platform) is None:
            wanted = f" for {platform}" if platform else ""
            return f"CannotPullContainerError: {name} was pulled, and is not there{wanted}"
        return None


def _said(message: Body) -> str:
    return str(message.get("error") or "").strip()
