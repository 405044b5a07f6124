"""Lets a boto3 client talk to something in this process, where it would send over a socket."""

import io
from collections.abc import Callable, Iterator
from typing import Protocol, cast, runtime_checkable
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from batchwright.local.messages import Answer, Call

Send = Callable[[Call], Answer]


@runtime_checkable
class Readable(Protocol):
    """A body that is read from a file or stream."""

    def read(self) -> bytes:
        """Return all that is left of it."""
        ...


class _Raw(io.BytesIO):
    """The body of an answer, as botocore's streaming reader expects it."""

    def stream(self, amt: int | None = None, decode_content: bool | None = None) -> Iterator[bytes]:
        yield self.read()

    def release_conn(self) -> None:
        """There is no connection."""


def on_event(session: boto3.Session, event: str, handler: Callable[..., object], *, is_first: bool = False) -> None:
    """Call `handler` on botocore's `event` for all clients that `session` will make, and use what it returns.

    Args:
        session: The session to change.
        event: The event's name, a prefix of those meant.
        handler: What to call; its answer counts where no handler before it has given one.
        is_first: Whether to call it before, not after, the handlers that there are.
    """
    register = session.events.register_first if is_first else session.events.register_last
    # The published stubs say that handlers return nothing; botocore takes the first answer that one returns.
    register(event, cast("Callable[..., None]", handler))


def call_of(request: AWSPreparedRequest) -> Call:
    """Return a request that botocore is about to send as a call."""
    parts = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    headers.setdefault("host", parts.netloc)
    return Call(
        method=request.method or "GET",
        path=parts.path or "/",
        query=parts.query,
        headers=headers,
        body=body_bytes(request.body),
    )


def response_of(request: AWSPreparedRequest, answer: Answer) -> AWSResponse:
    """Return an answer as what botocore would have received."""
    headers = HTTPHeaders()
    for name, value in answer.headers.items():
        headers[name] = value
    return AWSResponse(request.url, answer.status, headers, _Raw(answer.body))


def body_bytes(body: object) -> bytes:
    """Return what a request's body holds, whatever botocore keeps it in."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if isinstance(body, Readable):
        return body.read()
    raise TypeError(f"a request body of type {type(body).__name__} cannot be sent within the process")


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
