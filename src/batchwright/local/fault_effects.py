"""What can befall a call on its way to AWS and back; each is a value, and acts on a `Visit`."""

import math
from collections.abc import Callable
from typing import ClassVar, NoReturn, Protocol

import attrs

from batchwright.errors import DeclarationError
from batchwright.local.fault_answers import failed, throttled
from batchwright.local.messages import Answer, Call
from batchwright.local.refused import refusal
from batchwright.local.signature import expired
from batchwright.local.token_bucket import Buckets


class ConnectionLost(ConnectionError):
    """The caller gets no answer: its connection ends, by a reset where `is_reset`."""

    def __init__(self, *, is_reset: bool) -> None:
        super().__init__("a fault rule ends the connection without an answer")
        self.is_reset = is_reset


class Site(Protocol):
    """What a fault needs of the AWS that it happens in."""

    def now(self) -> float:
        """Return the server's time in epoch seconds."""
        ...

    def wait(self, seconds: float) -> None:
        """Let that time go by on the server's clock."""
        ...


@attrs.frozen(kw_only=True)
class Visit:
    """One call at one rule.

    Args:
        call: The call, its signature verified.
        operation: What it calls, such as `batch:SubmitJob`.
        carry_out: Hands a call on, to the next rule and at last to the service.
        site: The AWS that it is in.
        buckets: What the rule remembers of its earlier visits.
    """

    call: Call
    operation: str
    carry_out: Callable[[Call], Answer]
    site: Site
    buckets: Buckets


class Effect(Protocol):
    """Acts on a call, and says what the caller gets."""

    def __call__(self, visit: Visit) -> Answer | None:
        """Return the answer, or None to let the call pass as if nothing were there."""
        ...


def amount(least: float = 0.0, *, is_open: bool = False) -> Callable[[object, "attrs.Attribute[float]", float], None]:
    """Admit a finite number, at least `least`, or more than that where `is_open`."""

    def check(_: object, field: "attrs.Attribute[float]", value: float) -> None:
        if not math.isfinite(value) or value < least or (is_open and value == least):
            legal = f"a finite number, {'more than' if is_open else 'at least'} {least:g}"
            raise DeclarationError("fault", field.name, value, legal)

    return check


def index(_: object, field: "attrs.Attribute[int]", value: int) -> None:
    """Admit the place of an item of a call, counted from 0."""
    if value < 0:
        raise DeclarationError("fault", field.name, value, "the place of an item, counted from 0")


def _error_status(_: object, field: "attrs.Attribute[int | None]", value: int | None) -> None:
    if value is not None and not 400 <= value <= 599:
        raise DeclarationError("fault", field.name, value, "an HTTP status of an error, from 400 to 599")


@attrs.frozen
class Delay:
    """The call arrives late, or with `is_answer` its answer does."""

    seconds: float = attrs.field(validator=amount())
    is_answer: bool = False

    def __call__(self, visit: Visit) -> Answer:
        """Wait before or after."""
        if self.is_answer:
            answer = visit.carry_out(visit.call)
            visit.site.wait(self.seconds)
            return answer
        visit.site.wait(self.seconds)
        return visit.carry_out(visit.call)


@attrs.frozen
class Throttle:
    """A token bucket of the operation's own, or one for all with `is_shared`."""

    per_second: float = attrs.field(validator=amount(is_open=True))
    burst: float = attrs.field(validator=amount(1))
    is_shared: bool = False

    def __call__(self, visit: Visit) -> Answer | None:
        """Refuse what finds the bucket empty."""
        key = "" if self.is_shared else visit.operation
        if visit.buckets.take(key, 1, now=visit.site.now(), per_second=self.per_second, burst=self.burst):
            return None
        return throttled(visit.call)


@attrs.frozen
class Error:
    """The call is answered by an error and not carried out."""

    code: str | None = None
    status: int | None = attrs.field(default=None, validator=_error_status)
    message: str | None = None

    def __call__(self, visit: Visit) -> Answer:
        """Answer in the service's stead."""
        return failed(visit.call, self.code, self.status, self.message)


@attrs.frozen
class LostAnswer:
    """The call is carried out and its connection closed without an answer."""

    def __call__(self, visit: Visit) -> NoReturn:
        """Carry it out, and tell nobody."""
        visit.carry_out(visit.call)
        raise ConnectionLost(is_reset=False)


@attrs.frozen
class Reset:
    """The connection is reset before the call is carried out."""

    def __call__(self, visit: Visit) -> NoReturn:
        """Tell nobody."""
        raise ConnectionLost(is_reset=True)


@attrs.frozen
class StaleSignature:
    """The signature is called too old, whatever its time."""

    # SubmitJob's own window is wider; what AWS says is the same.
    window_s: ClassVar[float] = 300.0

    def __call__(self, visit: Visit) -> Answer:
        """Refuse as AWS does what was signed too long ago."""
        signed_at = visit.call.header("x-amz-date")
        message = expired(signed_at, now=visit.site.now() + 2 * self.window_s, window_s=self.window_s)
        return refusal("InvalidSignatureException", message, status=403, service=visit.call.service)
