"""A whole local AWS inside this process, with no socket, for tests that move its time themselves."""

import threading
import time
from collections.abc import Iterable

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError

from batchwright.local.assembly import open_local_aws
from batchwright.local.clock_signing import ClockSigning
from batchwright.local.delays import Delays
from batchwright.local.engines import Engine, ScriptedEngine
from batchwright.local.fault_effects import ConnectionLost
from batchwright.local.fault_rules import FaultRules
from batchwright.local.faults import Fault
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
        faults: What goes wrong on the way to it, in this order.
    """

    def __init__(
        self,
        *,
        engine: Engine | None = None,
        delays: Delays | None = None,
        clock: ServerClock | None = None,
        policy: SignaturePolicy | None = None,
        faults: Iterable[Fault] = (),
    ) -> None:
        self.clock = clock or ServerClock(frozen_at=float(int(time.time())))
        self.state = State(clock=self.clock, delays=delays or Delays.realistic())
        self.calls: list[tuple[str, str]] = []
        """(service, operation) of every request sent, as botocore's events name them: ("batch", "SubmitJob")."""
        self._keys = KeyPair.random()
        self._lock = threading.Lock()
        runs = engine or ScriptedEngine(self.clock)
        self._aws = open_local_aws(self.state, runs, self._keys, policy=policy, faults=faults, let_pass=self.advance)
        self._aws.neighbours.reset()

    @property
    def faults(self) -> FaultRules:
        """What goes wrong on the way to it: `add`, `clear` and `counts`."""
        return self._aws.faults

    def boto3_session(self, region: str | None = "us-east-2", *, clock_offset_s: float = 0.0) -> boto3.Session:
        """Return a session whose every client, of whatever service, talks to this AWS.

        Args:
            region: The region of its clients.
            clock_offset_s: How many seconds the clock that it signs by is ahead of the server's.
        """
        session = isolated_session(self._keys, region)
        ClockSigning(keys=self._keys, now=lambda: self.clock.now() + clock_offset_s).register(session)
        on_event(session, "before-send", self._answer)
        return session

    def session_clock(self) -> "SessionClock":
        """Return a clock for a `BatchSession` on this AWS: to wait is to move the time."""
        return SessionClock(self)

    def advance(self, seconds: float) -> None:
        """Move the time, then every job as far as that allows."""
        self.clock.advance(seconds)
        self._aws.tick()

    def set_time(self, epoch_s: float) -> None:
        """Make it `epoch_s` now, also earlier than it was, then move every job as far as that allows."""
        self.clock.set(epoch_s)
        self._aws.tick()

    def reset(self) -> None:
        """Forget everything but the time and the faults, the remembered calls and counts included."""
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
        try:
            return response_of(request, self._aws.gateway(call_of(request)))
        except ConnectionLost as lost:
            raise ConnectionClosedError(error=lost, endpoint_url=request.url) from lost


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
