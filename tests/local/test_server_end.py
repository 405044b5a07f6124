"""In what order a server ends."""

import threading
from pathlib import Path

import pytest

from batchwright.local.assembly import LocalAws
from batchwright.local.delays import Delays
from batchwright.local.server import Server
from batchwright.local.server_options import ServerOptions
from batchwright.local.signature import KeyPair


def test_no_job_starts_on_an_engine_that_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler's turn that is under way comes to its end before the engine is closed, and is the last one."""
    order: list[str] = []
    is_under_way, pause, really_stop = threading.Event(), threading.Event(), LocalAws.stop

    def tick(aws: LocalAws) -> None:
        is_under_way.set()
        pause.wait(0.5)
        order.append("turn")

    def stop(aws: LocalAws) -> None:
        order.append("closed")
        really_stop(aws)

    monkeypatch.setattr(LocalAws, "tick", tick)
    monkeypatch.setattr(LocalAws, "stop", stop)
    keys, directory = KeyPair.random(), str(tmp_path)
    server = Server(
        ServerOptions(keys=keys, engine="scripted", data_dir=directory, region="us-east-2", delays=Delays.none())
    )
    serving = threading.Thread(target=server.serve)
    serving.start()
    assert is_under_way.wait(30)
    server.stop()
    serving.join(30)
    assert order == ["turn", "closed"]
