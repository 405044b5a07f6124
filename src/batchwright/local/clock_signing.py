"""Makes the clients of a boto3 session sign by the local server's clock instead of this machine's.

A clock that a test has moved by an hour would else find every signature expired.
"""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import boto3
import botocore
from botocore.awsrequest import AWSRequest

from batchwright.local.messages import Call
from batchwright.local.signature import KeyPair, sign
from batchwright.local.transport import body_bytes, call_of, on_event

_SCOPE = "batchwright_local_scope"


@attrs.frozen(kw_only=True)
class ClockSigning:
    """Signs in botocore's place, with the session's keys and at the server's time.

    Args:
        keys: The key pair to sign with.
        now: Tells the server's time in epoch seconds.
    """

    keys: KeyPair
    now: Callable[[], float]

    def register(self, session: boto3.Session) -> None:
        """Take over the signing of all clients that the session will make."""
        # Before botocore's own choice, which the endpoint rules of some services make.
        on_event(session, "choose-signer", self._take_over, is_first=True)
        on_event(session, "request-created", self._sign)

    def _take_over(self, signing_name: str, region_name: str, context: dict[str, Any], **_: object) -> object:
        """Keep what the signature is to be good for, and let botocore's own signer pass."""
        context[_SCOPE] = (signing_name, region_name)
        return botocore.UNSIGNED

    def _sign(self, request: AWSRequest, **_: object) -> None:
        scope = request.context.get(_SCOPE)
        if scope is None:
            return
        for name in ("Authorization", "X-Amz-Date", "X-Amz-Content-SHA256"):
            del request.headers[name]
        prepared: Call = call_of(request.prepare())
        service, region = scope
        call = attrs.evolve(prepared, service=service, region=region or "us-east-1", body=body_bytes(prepared.body))
        added: Mapping[str, str] = sign(call, self.keys, at=self.now())
        for name, value in added.items():
            request.headers[name.title()] = value
