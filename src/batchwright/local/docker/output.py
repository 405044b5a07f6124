"""What a container writes, as it comes through the connection attached to it."""

import select
from collections.abc import Callable, Iterator
from typing import Protocol, cast

from batchwright.local.log_lines import LineBuffer

_FLUSH_S = 0.2
_MORE_SOON_S = 0.01


class Connection(Protocol):
    """A socket or a named pipe, as the `docker` package gives it."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...


class _Framing(Protocol):
    def frames_iter(self, socket: Connection, *, tty: bool) -> Iterator[tuple[int, bytes]]: ...


class Attached:
    """The output of one container, framed as ContainerAttach has it.

    Args:
        socket: The connection.
    """

    def __init__(self, socket: Connection) -> None:
        self._socket = socket

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """Yield pieces, each with its stream (1 is stdout, 2 is stderr), until the container has ended."""
        from docker.utils import socket as framing

        yield from cast("_Framing", framing).frames_iter(self._socket, tty=False)

    def has_more(self) -> bool:
        """Tell whether the next piece is there, or as good as there."""
        if not hasattr(select, "poll"):  # Windows
            return False
        poll = select.poll()
        poll.register(self._socket.fileno(), select.POLLIN)
        return bool(poll.poll(_MORE_SOON_S * 1000))


class LineWriter:
    """Hands on the lines of stdout and stderr in the order in which they end.

    Args:
        write: Takes timed lines.
        now_ms: Tells the time of a line, in epoch milliseconds.
        monotonic: Tells seconds.
    """

    def __init__(
        self,
        write: Callable[[list[tuple[int, str]]], None],
        *,
        now_ms: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        self._write = write
        self._monotonic = monotonic
        self._buffers = {stream: LineBuffer(now_ms) for stream in (1, 2)}
        self._ready: list[tuple[int, str]] = []
        self._flushed_at = monotonic()
        self.last_lines: list[str] = []
        """The last few lines, which may tell why the container ended."""
        self.lost: str | None = None
        """Why lines could not be written, if so."""

    def follow(self, output: Attached) -> None:
        """Write lines as they come, until there will be no more."""
        try:
            for stream, data in output.frames():
                self._feed(stream, data)
                if self._monotonic() - self._flushed_at >= _FLUSH_S or not output.has_more():
                    self._flush()
        finally:
            for buffer in self._buffers.values():
                buffer.finish()
                self._ready += buffer.take()
            self._flush()

    def _feed(self, stream: int, data: bytes) -> None:
        buffer = self._buffers[2 if stream == 2 else 1]
        buffer.feed(data)
        self._ready += buffer.take()

    def _flush(self) -> None:
        lines, self._ready = self._ready, []
        self._flushed_at = self._monotonic()
        if not lines:
            return
        self.last_lines = [*self.last_lines, *(text for _, text in lines[-3:])][-3:]
        try:
            self._write(lines)
        except Exception as error:  # a log that is away must not end the job, nor go unsaid
            self.lost = f"{type(error).__name__}: {error}"
