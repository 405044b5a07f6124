"""The fence of a submission: a request that was signed too late is not sent."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Generator
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest
    from mypy_boto3_batch import BatchClient

EVENT: Final = "before-send.batch.SubmitJob"
_GATE: ContextVar[Gate | None] = ContextVar("batchwright_signature_gate", default=None)


class SignedTooLateError(Exception):
    """The claim had run out when the request was signed; nothing was sent."""


@attrs.define
class Gate:
    """For one call: until when, in seconds since the epoch, it may have been signed, and whether it went out."""

    sign_before: float
    sent: bool = False


@contextlib.contextmanager
def gated(client: BatchClient, gate: Gate) -> Generator[None]:
    """Within the block, SubmitJob requests of `client` are sent only if `gate` lets them.

    botocore signs every attempt anew and then asks its handlers, so what is compared is what AWS will see.
    """
    client.meta.events.register_last(EVENT, _check, unique_id="batchwright-signature-gate")
    token = _GATE.set(gate)
    try:
        yield
    finally:
        _GATE.reset(token)


def _check(request: AWSPreparedRequest, **_: object) -> None:
    gate = _GATE.get()
    if gate is None:
        return
    if signed_at(request) > gate.sign_before:
        raise SignedTooLateError
    gate.sent = True


def signed_at(request: AWSPreparedRequest) -> float:
    """When the request was signed, in seconds since the epoch, by its own header."""
    stamp = request.headers["X-Amz-Date"]
    text = stamp.decode("ascii") if isinstance(stamp, bytes) else str(stamp)
    return dt.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC).timestamp()
