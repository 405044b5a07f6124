"""What befalls one call of a process on its way to AWS and back."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from botocore.model import OperationModel

READING = ("Describe", "Get", "List", "Query", "Scan")
"""How the operations begin that write nothing."""


class Wire:
    """Numbers the calls from the moment it is armed, and has one of them meet its fault.

    Args:
        fault: One of the methods below, or nothing.
        at: The number of the call that meets it, from 1; 0 for every call, and -1 for every one that writes nothing.
        tell: Is told of each call before it is sent, so that it is known also of a process that dies.
    """

    def __init__(self, fault: str, at: int, tell: Callable[[str], None]) -> None:
        self._fault = getattr(self, fault) if fault else None
        self._at = at
        self._tell = tell
        self._armed = False
        self._count = 0
        self._lock = threading.Lock()
        self._current = threading.local()
        self._http = URLLib3Session()
        self._odd = itertools.cycle((0, 1))

    def arm(self, armed: bool = True) -> None:
        """Begin to count, or leave the rest of the calls alone."""
        self._armed = armed

    def watch(self, clients: Iterable[Any]) -> None:
        """Stand between these clients and AWS, behind all other handlers."""
        for client in clients:
            client.meta.events.register("before-call", self._called)
            client.meta.events.register_last("before-send", self._sent)

    def _called(self, model: OperationModel, **_: object) -> None:
        if self._armed:
            with self._lock:
                self._count += 1
                self._current.number, self._current.attempt = self._count, 0
            self._tell(f"{model.service_model.service_name}:{model.name}")

    def _sent(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse | None:
        if not self._armed or self._fault is None or not self._is_met(event_name.rpartition(".")[2]):
            return None
        self._current.attempt += 1
        answer: AWSResponse | None = self._fault(request, event_name.split(".")[1], self._current.attempt)
        return answer

    def _is_met(self, operation: str) -> bool:
        return self._at in (self._current.number, 0) or (self._at == -1 and operation.startswith(READING))

    # --- faults ---------------------------------------------------------------------------------------------------

    def reset(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """Every attempt at the call ends in a closed connection, before AWS has seen it."""
        raise ConnectionClosedError(endpoint_url=request.url)

    def throttled(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """The first attempt is refused for now: Batch throttles, the others are unavailable."""
        if attempt > 1 or (service == "batch" and next(self._odd)):  # SubmitJob has one attempt a call
            return None
        if service == "batch":
            return _Refusal(request.url, 429, b'{"message": "Too Many Requests"}', "TooManyRequestsException")
        return _Refusal(request.url, 503, b"", "")

    def lost(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """The first attempt is carried out and its answer lost."""
        if attempt > 1:
            return None
        self._http.send(request)
        raise ConnectionClosedError(endpoint_url=request.url)

    def all_lost(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """Every attempt is carried out and every answer lost."""
        self._http.send(request)
        raise ConnectionClosedError(endpoint_url=request.url)

    def killed_before(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """The process dies, and the request is never sent."""
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    def killed_after(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """The request is carried out, and the process dies before it sees the answer."""
        self._http.send(request)
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    def frozen_before(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """The process stands still with the request signed, and sends it when it goes on."""
        if attempt == 1:
            os.kill(os.getpid(), signal.SIGSTOP)
        return None

    def frozen_after(self, request: AWSPreparedRequest, service: str, attempt: int) -> AWSResponse | None:
        """The request is carried out, and the process stands still before it sees the answer."""
        if attempt > 1:
            return None
        answer: AWSResponse = self._http.send(request)
        os.kill(os.getpid(), signal.SIGSTOP)
        return answer


class _Refusal(AWSResponse):
    """An answer that AWS's front door might give."""

    def __init__(self, url: str, status: int, body: bytes, code: str) -> None:
        super().__init__(url, status, {"x-amzn-errortype": code} if code else {}, None)
        self._content = body
