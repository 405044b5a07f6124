"""A whole local AWS inside this process, with no socket, for tests that move its time themselves."""

import threading
import time

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright.local.assembly import open_local_aws
from batchwright.local.clock_signing import ClockSigning
from batchwright.local.delays import Delays
from batchwright.local.engines import Engine, ScriptedEngine
from batchwright.local.isolated import isolated_session
from batchwright.local.server_clock import ServerClock
from batchwright.local.signature import KeyPair, SignaturePolicy
from batchwright.local.state import State
from batchwright.local.transport import call_of, on_event, response_of


class InProcessAws:
    """An AWS whose time stands still until `clock.advance` moves it, and whose calls are remembered.

    The data of the services around Batch is one per process: use one of these at a time, and `reset()` or make
    another one between tests.

    Args:
        engine: What runs the jobs; by default a `ScriptedEngine`, which runs nothing.
        delays: How long things take.
        clock: The server's time; by default frozen at the time of making.
        policy: How old a signature may be.
    """

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        delays: Delays | None = None,
        clock: ServerClock | None = None,
        policy: SignaturePolicy | None = None,
    ) -> None:
        self.clock = clock or ServerClock(frozen_at=float(int(time.time())))
        self.state = State(clock=self.clock, delays=delays or Delays.realistic())
        self.calls: list[tuple[str, str]] = []
        """(service, operation) of every request sent, as botocore's events name them: ("batch", "SubmitJob")."""
        self._keys = KeyPair.random()
        self._lock = threading.Lock()
        self._aws = open_local_aws(self.state, engine or ScriptedEngine(self.clock), self._keys, policy=policy)
        self._aws.neighbours.reset()

    def boto3_session(self, region: str | None = "us-east-2") -> boto3.Session:
        """Return a session whose every client, of whatever service, talks to this AWS."""
        session = isolated_session(self._keys, region)
        ClockSigning(keys=self._keys, now=self.clock.now).register(session)
        on_event(session, "before-send", self._answer)
        return session

    def session_clock(self) -> "SessionClock":
        """Return a clock for a `BatchSession` on this AWS: to wait is to move the time."""
        return SessionClock(self)

    def advance(self, seconds: float) -> None:
        """Move the time, then every job as far as that allows."""
        self.clock.advance(seconds)
        self._aws.tick()

    def reset(self) -> None:
        """Forget everything but the time, the remembered calls included."""
        self._aws.reset()
        with self._lock:
            self.calls.clear()

    def close(self) -> None:
        """End all jobs."""
        self._aws.stop()

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        service, operation = event_name.split(".")[1:]
        with self._lock:
            self.calls.append((service, operation))
        return response_of(request, self._aws.gateway(call_of(request)))


class SessionClock:
    """A session's view of the time of an `InProcessAws`; no sleep takes any.

    Args:
        aws: Whose time it is.
    """

    def __init__(self, aws: InProcessAws) -> None:
        self._aws = aws

    def now(self) -> float:
        """Return the server's time in epoch seconds."""
        return self._aws.clock.now()

    def monotonic(self) -> float:
        """Return the server's time too: it goes back for nobody but a test that asks for it."""
        return self._aws.clock.now()

    def sleep(self, seconds: float, /) -> None:
        """Move the server's time, and every job with it."""
        self._aws.advance(max(seconds, 0.0))
