"""The process of a local AWS: `python -m batchwright.local.server`, started by a session and ending with it.

It reads its options from the first line of standard input, so that keys show in no process list, writes one line of
JSON that names its port, and serves until standard input closes, its parent is gone, or it is told to end.
"""

import json
import logging
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO, cast

from batchwright.local.assembly import LocalAws, open_local_aws
from batchwright.local.docker.choice import Choice, EngineChoiceError, chosen_engine
from batchwright.local.dropping import drop
from batchwright.local.engines import Engine, ScriptedEngine
from batchwright.local.fault_effects import ConnectionLost
from batchwright.local.gateway import BODY_LIMIT_BYTES, loopback_host
from batchwright.local.problems import Problems
from batchwright.local.server_options import HOST, ServerOptions, access_variables
from batchwright.local.state import State
from batchwright.local.volumes import VolumeStore
from batchwright.local.wsgi import wsgi_app

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from werkzeug.serving import BaseWSGIServer

    from batchwright.local.process_engine import MountMode

# By its full name: the module may run as `__main__`.
logger = logging.getLogger("batchwright.local.server")

TICK_S = 0.05
BREATH_S = 0.005
"""Between two ticks, however much there is to do, so that requests get their turn too."""


class Server:
    """A local AWS behind a socket of the loopback interface.

    Args:
        options: How it is to be.
    """

    def __init__(self, options: ServerOptions) -> None:
        self._options = options
        self._stopping = threading.Event()
        self._http = _bound_server()
        self.port = self._http.port
        roots: dict[str, str] = {}
        problems = Problems()
        logging.getLogger("batchwright.local").addHandler(problems)
        state = State(delays=options.delays)
        choice = chosen_engine(options.engine)
        volumes = VolumeStore(Path(options.data_dir) / "volumes", access_point_root=lambda point: roots.get(point, "/"))
        engine = _engine(choice, options, state, volumes)
        host = choice.reached.network.server_host if choice.reached else HOST
        self._aws: LocalAws = open_local_aws(
            state,
            engine,
            options.keys,
            is_own_host=_own_host(host, self.port),
            policy=options.policy,
            # Code inside a job can reach this AWS, with the session's own rights.
            job_environment=access_variables(options.keys, f"http://{host}:{self.port}", options.region),
            access_point_roots=roots,
            remove_contents=volumes.remove,
            shut_down=self.stop,
            problems=problems.texts,
            faults=options.faults,
            let_pass=self._stopping.wait,
        )
        self.engine = engine.name
        self.engine_reason = choice.reason
        self._http.app = wsgi_app(self._aws.gateway, body_limit_bytes=BODY_LIMIT_BYTES)

    def serve(self) -> None:
        """Serve until `stop` is called, then end all jobs and remove what nobody asked to keep."""
        listen = partial(self._http.serve_forever, poll_interval=0.1)
        ticker = threading.Thread(target=self._tick, daemon=True)
        for thread in (ticker, threading.Thread(target=listen, daemon=True)):
            thread.start()
        self._stopping.wait()
        self._http.shutdown()
        self._http.server_close()
        ticker.join()  # or its last turn would start jobs on an engine that is closed
        self._aws.stop()
        if not self._options.is_data_kept:
            shutil.rmtree(self._options.data_dir, ignore_errors=True)

    def stop(self) -> None:
        """Let `serve` come to its end."""
        self._stopping.set()

    def _tick(self) -> None:
        parent = os.getppid()
        wake = self._aws.scheduler.wake
        while not self._stopping.wait(BREATH_S):
            wake.wait(TICK_S)
            wake.clear()
            try:
                self._aws.tick()
            except Exception:
                logger.exception("The scheduler failed; it goes on with its next turn")
            if os.getppid() != parent:
                self.stop()


def _bound_server() -> "BaseWSGIServer":
    from werkzeug.serving import WSGIRequestHandler, make_server

    class QuietHandler(WSGIRequestHandler):
        """Writes no line for each request, and ends connections as faults ask for."""

        def log(self, type: str, message: str, *args: object) -> None:
            """Write nothing."""

        def send_response(self, code: int, message: str | None = None) -> None:
            """Begin an answer without the handler's own Date, which knows nothing of the server's time."""
            self.send_response_only(code, message)

        def connection_dropped(self, error: BaseException, environ: "WSGIEnvironment | None" = None) -> None:
            """End the connection the way that a fault asks for."""
            if isinstance(error, ConnectionLost):
                drop(self, is_reset=error.is_reset)

    return make_server(HOST, 0, _not_yet, threaded=True, request_handler=QuietHandler)


def _not_yet(environ: object, start_response: object) -> list[bytes]:
    """Stand in for the app until it is put together; nobody knows the port so early."""
    return []


def _own_host(name_in_containers: str, port: int) -> Callable[[str], bool]:
    """Return the test that admits this machine's names with `port`, and the one by which containers call it."""
    is_loopback = loopback_host(port)
    return lambda host: is_loopback(host) or host.lower() == f"{name_in_containers}:{port}"


def _engine(choice: Choice, options: ServerOptions, state: State, volumes: VolumeStore) -> Engine:
    if choice.engine == "scripted":
        return ScriptedEngine(state.clock)
    if choice.reached is not None:
        from batchwright.local.docker.engine import DockerEngine

        temporary = None if options.is_data_kept else Path(options.data_dir)
        return DockerEngine(choice.reached, volumes, clock=state.clock, temporary=temporary)
    from batchwright.local.process_engine import ProcessEngine

    mounts = cast("MountMode", options.mounts)
    return ProcessEngine(volumes, clock=state.clock, mounts=mounts, no_docker=choice.no_docker)


def _stop_at_end_of(stream: TextIO, server: Server) -> None:
    stream.read()
    server.stop()


def main() -> int:
    """Serve as the first line of standard input says; returns the exit code of the process."""
    try:
        server = Server(ServerOptions.from_json(sys.stdin.readline()))
    except EngineChoiceError as problem:
        _report({"error": problem.summary, "hint": problem.hint})
        return 1
    except (ImportError, ValueError, OSError) as problem:
        _report({"error": f"{type(problem).__name__}: {problem}"})
        return 1

    def stop(number: int, frame: object) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=_stop_at_end_of, args=(sys.stdin, server), daemon=True).start()
    _report({"port": server.port, "engine": server.engine, "engine_reason": server.engine_reason})
    server.serve()
    return 0


def _report(content: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def run() -> NoReturn:
    """Serve, then end the process at once: a thread may still be reading standard input, on which an end would wait."""
    code = main()
    logging.shutdown()
    os._exit(code)


if __name__ == "__main__":
    run()
