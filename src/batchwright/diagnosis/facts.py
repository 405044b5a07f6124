"""What AWS tells, each fact read at most once for a diagnosis, and only read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from batchwright.connection import Connection
from batchwright.errors import AccessDeniedError, BatchwrightError, ConfigurationError, NotFoundError
from batchwright.translation import is_missing, translated

T = TypeVar("T")
OFFLINE: Final = "nothing is to be asked"
TIME_OVER: Final = "the time for looking was over"


class UnreadableError(Exception):
    """A fact that cannot be had; a rule lets it pass, and who runs the rules makes a finding of it.

    Attributes:
        action: The IAM action.
        reason: Why not, in words.
        is_denied: Whether the permission is missing.
    """

    def __init__(self, action: str, reason: str, *, is_denied: bool = False) -> None:
        self.action, self.reason, self.is_denied = action, reason, is_denied
        super().__init__(f"{action}: {reason}")


class Facts:
    """The memory of one diagnosis.

    Args:
        session: Whose clients and clock to use.
        timeout_s: Seconds after which nothing more is asked; None for no limit, 0 to ask nothing at all.
    """

    def __init__(self, session: Connection, *, timeout_s: float | None = None) -> None:
        self.session = session
        self.read_at = session.clock.now()
        self._is_offline = timeout_s == 0
        self._until = float("inf") if timeout_s is None else session.clock.monotonic() + timeout_s
        self._known: dict[tuple[str, Hashable], object] = {}
        self._notes: dict[str, None] = {}
        self.last_lines: dict[str, tuple[str, ...]] = {}
        """By job id the last lines of its log, where somebody has read them already."""

    @property
    def now(self) -> float:
        """The time of the diagnosis, in seconds since the epoch."""
        return self.read_at

    @property
    def notes(self) -> tuple[str, ...]:
        """What was seen and is no fault."""
        return tuple(self._notes)

    def note(self, text: str) -> None:
        """Say something that is no fault, such as the place in the queue."""
        self._notes[text] = None

    def put(self, action: str, key: Hashable, value: object) -> None:
        """Know a fact without asking for it."""
        self._known[action, key] = value

    def fact(self, action: str, key: Hashable, read: Callable[[], T]) -> T | None:
        """What `read` returns, asked for once; None where AWS says that it is not there.

        Args:
            action: The IAM action that `read` needs, such as `"ec2:DescribeSubnets"`.
            key: What is read, such as the subnet's id; with the action it names the fact.
            read: One read-only call of AWS, and what is to be kept of its answer.

        Raises:
            UnreadableError: AWS does not tell.
        """
        if (action, key) not in self._known:
            self._known[action, key] = self._read(action, read)
        known = self._known[action, key]
        if isinstance(known, UnreadableError):
            raise known.with_traceback(None)  # it is raised for every rule that wants it, and would keep their frames
        return cast("T | None", known)

    def facts(self, action: str, keys: Sequence[str], read: Callable[[Sequence[str]], Mapping[str, T]]) -> dict[str, T]:
        """What `read` returns by key, asked for together and each but once; what is not there is left out.

        Args:
            action: The IAM action that `read` needs.
            keys: What is wanted.
            read: One read-only call of AWS for some of `keys`.

        Raises:
            UnreadableError: AWS does not tell.
        """
        unknown = [key for key in dict.fromkeys(keys) if (action, key) not in self._known]
        if unknown:
            answer = self._read(action, lambda: read(unknown))
            for key in unknown:
                told = answer if answer is None or isinstance(answer, UnreadableError) else answer.get(key)
                self._known[action, key] = told
        found: dict[str, object] = {key: self.fact(action, key, _unasked) for key in keys}
        return {key: cast("T", value) for key, value in found.items() if value is not None}

    def _read(self, action: str, read: Callable[[], T]) -> T | UnreadableError | None:
        """What it returns, None where it is not there, or why it cannot be had."""
        from botocore.exceptions import ClientError

        if self._is_offline or self.session.clock.monotonic() > self._until:
            return UnreadableError(action, OFFLINE if self._is_offline else TIME_OVER)
        try:
            with translated(action, self.session.region):
                return read()
        except NotFoundError:
            return None
        except AccessDeniedError as error:
            # One fact may take several calls, of which AWS mostly names the one that it refused.
            named = error.action if ":" in error.action else action
            return UnreadableError(named, error.summary, is_denied=True)
        except NotImplementedError:
            return UnreadableError(action, f"{action} is not served here")  # by an imitation of AWS, in a user's tests
        except ConfigurationError:
            raise  # without credentials or a region nothing can be said at all
        except BatchwrightError as error:
            cause = error.__cause__
            is_gone = isinstance(cause, ClientError) and is_missing(cause)
            return None if is_gone else UnreadableError(action, error.summary)


def below(tree: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    """A member of an answer that is a mapping itself; empty where it is not there."""
    return cast("Mapping[str, Any]", tree.get(member) or {})


def _unasked() -> object:
    """Every fact of these is known already."""
