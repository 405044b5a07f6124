"""What the verbs of a session share: what it has ensured, and what its factories fill in."""

from __future__ import annotations

from functools import cached_property

from batchwright._display import View
from batchwright.connection import Connection
from batchwright.defaults import Defaults
from batchwright.memory import Memory
from batchwright.wiring import session_view


class Remembers(Connection):
    """A connection that knows what was made over it."""

    @property
    def _memory(self) -> Memory:
        with self.lock:  # two threads that come first must not have one each
            memory: Memory = self.__dict__.setdefault("memory", Memory())
        return memory

    @cached_property
    def defaults(self) -> Defaults:
        """The declarations that the factories fill in; nothing of them exists before something needs it."""
        return Defaults(self)

    def known_job_id(self, submission_id: str) -> str:
        """AWS's id of what was submitted here under this id; empty where that would have to be asked."""
        return self._memory.known_job_id(submission_id)

    def _view(self) -> View:
        return session_view(self, self._memory)
