"""Starts a local AWS in a process of its own, and ends it."""

import http.client
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import boto3

from batchwright._display import Displayed, Fact, Text, Tone, View
from batchwright.errors import BatchwrightError
from batchwright.local.clock_signing import ClockSigning
from batchwright.local.delays import Delays
from batchwright.local.faults import Fault, FaultCount
from batchwright.local.isolated import isolated_session
from batchwright.local.messages import Call
from batchwright.local.server_options import HOST, ServerOptions, access_variables
from batchwright.local.signature import KeyPair, SignaturePolicy, sign

logger = logging.getLogger(__name__)

_START_S = 120.0
_STOP_S = 45.0
# Started so that it finds this very package, also where the program that starts it has set its own `sys.path`.
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from batchwright.local.server import run; run()"
_HINT = "Install what it needs with: pip install 'batchwright[local]'"


class LocalServerError(BatchwrightError):
    """The local AWS could not be started, or has ended."""


class LocalServer(Displayed):
    """An AWS on this machine, in its own process, that accepts nobody but who holds this object's keys.

    Use it as a context manager, or call `start` and `close`.

    Args:
        engine: What runs the jobs: `docker`, containers of their images; `process`, processes of this machine, without
            images; `auto`, `docker` where such an engine can be used and else `process`, unless the environment
            variable `BATCHWRIGHT_LOCAL_ENGINE` names one; or `scripted`, which runs nothing.
        delays: How long things take; by default tenths of seconds.
        region: The region of `boto3_session`, and of code inside jobs.
        data_dir: The directory to keep the contents of file systems in; by default a temporary one, removed at the end.
        policy: How old a signature may be.
        mounts: How the process engine brings volumes to their paths: `auto`, `namespace` or `rewrite`.
        faults: What goes wrong on the way to it, in this order.
    """

    def __init__(
        self,
        *,
        engine: str = "auto",
        delays: Delays | None = None,
        region: str = "us-east-2",
        data_dir: str | Path | None = None,
        policy: SignaturePolicy | None = None,
        mounts: str = "auto",
        faults: Iterable[Fault] = (),
    ) -> None:
        self._wanted = {"engine": engine, "region": region, "mounts": mounts}
        self._delays = delays or Delays.brief()
        self._policy = policy or SignaturePolicy()
        self._faults = tuple(faults)
        self._data_dir = None if data_dir is None else Path(data_dir)
        self._keys = KeyPair.random()
        self._lock = threading.Lock()
        self._end: Callable[[], object] | None = None
        self._offset_s = 0.0
        self._port = 0
        self.region = region
        self.engine = engine
        """The engine that runs the jobs; once the server has started never `auto`."""
        self.engine_reason = ""
        """Why it is that engine, in one sentence; empty before the server has started."""

    def __repr__(self) -> str:
        running = f"at {self.endpoint_url}, engine {self.engine}: {self.engine_reason.rstrip('.')}"
        where = running if self._end else "not running"
        return f"<LocalServer {where}>"

    def _view(self) -> View:
        facts = [Fact("region", self.region), Fact("engine", self.engine)]
        if not self._end:
            return View(title="local AWS", status="not running", facts=facts)
        facts = [Fact("endpoint_url", self.endpoint_url), *facts, Fact("why", self.engine_reason)]
        return View(title="local AWS", status=Text("running", Tone.GOOD), facts=facts)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def endpoint_url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self._port}"

    @property
    def access_key_id(self) -> str:
        """The public half of the one key pair that it accepts."""
        return self._keys.access_key_id

    @property
    def secret_access_key(self) -> str:
        """The secret half of the one key pair that it accepts."""
        return self._keys.secret_access_key

    def start(self) -> Self:
        """Start the process and wait until it serves; a second call does nothing.

        Raises:
            LocalServerError: It ended before it served.
        """
        with self._lock:
            if self._end is None:
                process, report = self._started()
                # Also when this object is forgotten without `close`, and when the interpreter ends.
                self._end = weakref.finalize(self, _end, process)
                self._port, self.engine = int(report["port"]), str(report["engine"])
                self.engine_reason = str(report["engine_reason"])
                logger.info("The local AWS runs jobs with the %s engine. %s", self.engine, self.engine_reason)
        return self

    def close(self) -> None:
        """End the process and all its jobs; the data go too, unless a `data_dir` was given."""
        with self._lock:
            end, self._end = self._end, None
        if end is not None:
            end()

    def boto3_session(self, region: str | None = None, *, clock_offset_s: float = 0.0) -> boto3.Session:
        """Return a session whose every client talks to this server, and signs by its clock.

        Args:
            region: The region of its clients; by default the server's.
            clock_offset_s: How many seconds the clock that it signs by is ahead of the server's.
        """
        session = isolated_session(self._keys, region or self.region, endpoint_url=self.endpoint_url)
        ClockSigning(keys=self._keys, now=lambda: self.now() + clock_offset_s).register(session)
        return session

    def environment(self) -> dict[str, str]:
        """Return the variables by which another program on this machine, with boto3 or the AWS CLI, gets in."""
        return access_variables(self._keys, self.endpoint_url, self.region)

    def now(self) -> float:
        """Return the server's time in epoch seconds, as far as this object has moved it."""
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> None:
        """Move the server's time, and so all that waits for it; code inside jobs then signs by another clock."""
        self._offset_s = float(self._control("advance", {"seconds": seconds})["now"]) - time.time()

    def set_time(self, epoch_s: float) -> None:
        """Make it `epoch_s` at the server now, also earlier than it was; the time goes on from there."""
        self._offset_s = float(self._control("set-time", {"epoch_s": epoch_s})["now"]) - time.time()

    def inject(self, *faults: Fault) -> None:
        """Let these happen from now on, after those that there are."""
        self._control("add-faults", {"faults": [fault.to_wire() for fault in faults]})

    def clear_faults(self) -> None:
        """Let nothing go wrong any more, and forget the counts."""
        self._control("clear-faults", {})

    def fault_counts(self) -> tuple[FaultCount, ...]:
        """Return how often each fault has acted, in the order in which they were added."""
        return tuple(FaultCount.from_wire(each) for each in self.status()["faults"])

    def reset(self) -> None:
        """End all jobs and forget everything but the time, the faults and the contents of file systems."""
        self._control("reset", {})

    def status(self) -> dict[str, Any]:
        """Return the `engine`'s name, the time `now`, the number of `jobs` by status, and the `problems` of the server.

        The problems are the last warnings and errors inside it, as text with tracebacks; a healthy server has none.
        """
        return self._control("status", {})

    def _control(self, operation: str, content: dict[str, Any]) -> dict[str, Any]:
        call = Call(
            method="POST",
            path=f"/batchwright-local/{operation}",
            headers={"host": f"{HOST}:{self._port}", "content-type": "application/json"},
            body=json.dumps(content).encode(),
            service="batchwright-local",
            region=self.region,
        )
        headers = {**call.headers, **sign(call, self._keys, at=self.now())}
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        try:
            connection.request("POST", call.path, body=call.body, headers=headers)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except OSError as error:
            raise LocalServerError(f"the local AWS at {self.endpoint_url} does not answer: {error}") from error
        finally:
            connection.close()
        if response.status != http.HTTPStatus.OK:
            raise LocalServerError(f"the local AWS refused '{operation}': {answer.get('message')}")
        return answer

    def _started(self) -> tuple["subprocess.Popen[str]", dict[str, Any]]:
        made = tempfile.mkdtemp(prefix="batchwright-local-") if self._data_dir is None else None
        options = ServerOptions(
            keys=self._keys,
            data_dir=made or str(self._data_dir),
            delays=self._delays,
            policy=self._policy,
            faults=self._faults,
            is_data_kept=made is None,
            **self._wanted,
        )
        with tempfile.TemporaryFile("w+") as errors:
            process = _launched(errors)
            report = _introduced(process, options)
            if "port" not in report:
                _end(process)
                shutil.rmtree(made or "", ignore_errors=True)
                errors.seek(0)
                reason = report.get("error") or errors.read()[-2000:] or f"exit code {process.returncode}"
                raise LocalServerError(f"the local AWS did not start: {reason}", hint=report.get("hint") or _HINT)
        return process, report


def _launched(errors: IO[str]) -> "subprocess.Popen[str]":
    """Its own session, so that Ctrl-C in a terminal reaches the user's program only, which then ends the server."""
    # The user's own profiles and endpoints are none of its business, and would break moto where they are wrong.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    return subprocess.Popen(  # noqa: S603  # our own interpreter with our own program
        [sys.executable, "-P", "-c", _PROGRAM, str(Path(__file__).parents[2])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env=environment,
        start_new_session=True,
    )


def _introduced(process: "subprocess.Popen[str]", options: ServerOptions) -> dict[str, Any]:
    """Hand over the options and return what the server says of itself, nothing where it ended or hung."""
    if process.stdin is None or process.stdout is None:
        return {}
    timer = threading.Timer(_START_S, process.kill)
    timer.start()
    try:
        process.stdin.write(options.to_json() + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
    except OSError:
        return {}
    finally:
        timer.cancel()
    report: dict[str, Any] = json.loads(line) if line.strip() else {}
    return report


def _end(process: "subprocess.Popen[str]") -> None:
    """Tell it to end, and kill it where it does not; a fork of this program may still hold its standard input."""
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
