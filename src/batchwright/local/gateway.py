"""The door of the local server: who may enter, and which room a request goes to.

A loopback port is open to every user of the machine and to every web page in its browsers, and this one runs
commands.  So a request is served only when it is signed with the session's own key pair, comes without an `Origin`,
and names this server in its `Host`.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from email.utils import formatdate
from functools import partial
from typing import Protocol

import attrs

from batchwright.local.fault_effects import ConnectionLost
from batchwright.local.messages import Answer, Call
from batchwright.local.refused import refusal, service_in
from batchwright.local.server_clock import ServerClock
from batchwright.local.signature import KeyPair, SignaturePolicy, SignatureRefused, require_timely, verify

logger = logging.getLogger(__name__)

BODY_LIMIT_BYTES = 20 * 1024 * 1024
CONTROL_SERVICE = "batchwright-local"
CONTROL_PATH = "/batchwright-local/"
_PRIVATE_PATHS = ("/moto-api", "/latest/", "/favicon.ico", "/static")


Faults = Callable[[Call, Callable[[Call], Answer]], Answer]
"""Answers a verified call, or hands it on to the function given."""


class Room(Protocol):
    """Serves the calls of some services."""

    def __call__(self, call: Call) -> Answer:
        """Answer one verified call."""
        ...


class WireResponse(Protocol):
    """What the Batch app answers."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        ...

    @property
    def body(self) -> bytes:
        """The whole body."""
        ...


class BatchOperations(Protocol):
    """The Batch app: answers one operation, named by its path, in one region."""

    def __call__(self, region: str, operation_path: str, method: str, body: bytes) -> WireResponse:
        """Answer one operation."""
        ...


@attrs.frozen(kw_only=True)
class BatchRoom:
    """Hands the calls of AWS Batch to our own app.

    Args:
        app: The app.
        lagging: Lets the app show nothing, inside it, that is younger than so many seconds.
    """

    app: BatchOperations
    lagging: Callable[[float], AbstractContextManager[None]]

    def __call__(self, call: Call) -> Answer:
        """Answer one operation of AWS Batch."""
        target = f"{call.path}?{call.query}" if call.query else call.path
        with self.lagging(call.lag_s) if call.lag_s else nullcontext():
            response = self.app(call.region, target, call.method, call.body)
        return Answer(status=response.status, headers=dict(response.headers), body=response.body)


def routed(batch: Room, at_once: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    """Return what answers the calls of the server itself, by the service that each is signed for.

    Args:
        batch: Answers the calls of AWS Batch.
        at_once: Answers the calls of all other services.
    """

    def send(call: Call) -> Answer:
        _, _, region, service, _ = call.header("authorization").partition("Credential=")[2].split("/", 4)
        known = attrs.evolve(call, region=region, service=service)
        return batch(known) if service == "batch" else at_once(known)

    return send


def any_host(host: str) -> bool:
    """Admit every host: for calls in the same process, which come through no socket."""
    return True


def loopback_host(port: int) -> Callable[[str], bool]:
    """Return the test that admits only this machine's own names with `port`."""
    admitted = {f"127.0.0.1:{port}", f"localhost:{port}"}
    return lambda host: host.lower() in admitted


def _answered(serve: Callable[[Call], Answer], call: Call) -> Answer:
    """Turn whatever `serve` raises into an answer, but for the wish that there be none."""
    try:
        return serve(call)
    except ConnectionLost:
        raise
    except SignatureRefused as refused:
        service = service_in(call.header("authorization"))
        return refusal(refused.code, refused.message, status=403, service=service)
    except Exception as error:
        logger.exception("The local server failed on %s %s", call.method, call.path)
        message = f"The local server failed on this request: {type(error).__name__}: {error}"
        return refusal("InternalFailure", message, status=500, service=service_in(call.header("authorization")))


def _no_faults(call: Call, forward: Callable[[Call], Answer]) -> Answer:
    return forward(call)


@attrs.define(kw_only=True, eq=False)
class Gateway:
    """Checks each call, then hands it to Batch, to the neighbours or to the server's own controls.

    Args:
        keys: The one key pair that is accepted.
        clock: The time by which signatures are old, and which `Date` tells.
        batch: Answers the calls of AWS Batch.
        neighbours: Answers the calls of all other services.
        control: Answers the server's own operations.
        faults: Answers the calls of all services in their stead, or hands them on; never the server's own operations.
        is_own_host: Whether a `Host` header names this server.
        policy: How old a signature may be.
    """

    keys: KeyPair
    clock: ServerClock
    batch: Room
    neighbours: Room
    control: Room
    faults: Faults = attrs.field(default=_no_faults)
    is_own_host: Callable[[str], bool] = any_host
    policy: SignaturePolicy = attrs.field(factory=SignaturePolicy)

    def __call__(self, call: Call) -> Answer:
        """Answer one call.

        Raises:
            ConnectionLost: A fault rule says that there is to be no answer.
        """
        answer = self._turned_away(call) or _answered(self._admitted, call)
        return attrs.evolve(answer, headers=self._headers(answer))

    def _admitted(self, call: Call) -> Answer:
        known = verify(call, self.keys, now=self.clock.now(), policy=self.policy)
        if known.service == CONTROL_SERVICE:
            return self._room(known)
        # What goes wrong behind the faults is an answer to them too, which they can lose.
        return self.faults(known, partial(_answered, self._arrived))

    def _arrived(self, call: Call) -> Answer:
        """Serve what may have been delayed on its way: its signature is as old as it is now."""
        require_timely(call, now=self.clock.now(), policy=self.policy)
        return self._room(call)

    def _turned_away(self, call: Call) -> Answer | None:
        if "origin" in call.headers:
            return refusal("AccessDeniedException", "Requests from web pages are not served.", status=403)
        if not self.is_own_host(call.header("host")):
            return refusal("AccessDeniedException", "The Host header does not name this server.", status=403)
        if len(call.body) > BODY_LIMIT_BYTES:
            return refusal("RequestEntityTooLargeException", f"The body exceeds {BODY_LIMIT_BYTES} bytes.", status=413)
        return None

    def _room(self, call: Call) -> Answer:
        if call.service == CONTROL_SERVICE and call.path.startswith(CONTROL_PATH):
            return self.control(call)
        if call.service == "batch" and call.path.startswith("/v1/"):
            return self.batch(call)
        if call.service in {"batch", CONTROL_SERVICE} or call.path.lower().startswith(_PRIVATE_PATHS):
            message = f"No operation is served at {call.path}."
            return refusal("UnknownOperationException", message, status=404, service=call.service)
        return self.neighbours(call)

    def _headers(self, answer: Answer) -> dict[str, str]:
        kept = {
            name.lower(): value
            for name, value in answer.headers.items()
            if not name.lower().startswith("access-control-") and name.lower() not in {"date", "server", "connection"}
        }
        kept["date"] = formatdate(self.clock.now(), usegmt=True)
        kept["content-length"] = str(len(answer.body))
        return kept
