"""What a person sees: a live line in a terminal, nothing in a pipe, tables in a notebook, and no variable's value."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from batchwright import BatchSession
from batchwright.local import LocalServer

from .conftest import Ground
from .image import SOURCES

WAITING = """
import os

from batchwright import BatchSession

with BatchSession("seen") as session:
    job = session.submit("seen", image=os.environ["IMAGE"], command=["sleep", "1"])
    ended = session.wait(job, on_change=lambda job: print(job.status))
    print(len(ended), "ended")
"""
Html = Callable[[object], str]


def read_all(descriptor: int) -> str:
    """All that was written to a terminal until its last user left."""
    parts: list[bytes] = []
    while True:
        try:
            data = os.read(descriptor, 65536)
        except OSError:  # how Linux says that a terminal has no user any more
            data = b""
        if not data:
            return b"".join(parts).decode()
        parts.append(data)


def environment(server: LocalServer, ground: Ground) -> dict[str, str]:
    """The variables of a program of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        **server.environment(),
        "PYTHONPATH": str(SOURCES),
        "IMAGE": ground.image,
        "TERM": "xterm",
        "COLUMNS": "100",
    }


def test_a_live_line_in_a_terminal(server: LocalServer, ground: Ground) -> None:
    """Somebody who looks sees how the job is doing, on standard error; standard output stays the program's own."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], env=environment(server, ground), stdout=subprocess.PIPE, stderr=theirs
    ) as program:
        os.close(theirs)
        seen = read_all(ours)
        assert program.stdout is not None
        printed = program.stdout.read()
    os.close(ours)
    assert program.returncode == 0
    assert printed.splitlines()[-2:] == [b"SUCCEEDED", b"1 ended"]  # also what is printed while the line is drawn
    assert "RUNNING" in seen
    assert seen.index("RUNNING") < seen.rindex("SUCCEEDED")
    assert "1/1" in seen


def test_nothing_in_a_pipe(server: LocalServer, ground: Ground) -> None:
    """Where nobody looks nothing is written but what the program itself prints."""
    done = subprocess.run(
        [sys.executable, "-c", WAITING], env=environment(server, ground), capture_output=True, check=True, timeout=60
    )
    assert (done.stdout.splitlines()[-1], done.stderr) == (b"1 ended", b"")


@pytest.fixture
def html(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Html:
    """What a notebook shows of an object."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell()

    def show(value: object) -> str:
        data, _ = shell.display_formatter.format(value)
        return str(data.get("text/html", data["text/plain"]))

    return show


def test_a_notebook_shows_tables_and_no_values(lab: BatchSession, ground: Ground, html: Html) -> None:
    """Reports, declarations, descriptions, logs and the inventory can be read, and hold no value of a variable."""
    python = lab.job_definition(name="shown", image=ground.image, environment={"COLOUR": "hunter2"})
    job = lab.batch_job(name="shown", definition=python, command=["echo", "a <b>"], environment={"KEY": "s3cret"})
    report, ended = lab.ensure(job), job.wait()
    shown = {
        "report": html(report),
        "declaration": html(python),
        "job": html(job),
        "description": html(ended),
        "definition": html(python.describe()),
        "logs": html(job.logs()),
        "inventory": html(lab.inventory()),
        "rows": html(lab.defaults.tracker.rows()),
        "ensured": html(report[job]),
    }
    for what, text in shown.items():
        assert "hunter2" not in text, what
        assert "s3cret" not in text, what
    assert "created" in shown["report"]
    assert "COLOUR" in shown["declaration"]
    assert "SUCCEEDED" in shown["description"]
    assert "datetime.datetime(" not in shown["description"]
    assert "echo" in shown["job"]
    assert "a &lt;b&gt;" in shown["logs"] or shown["logs"] == "a <b>"
    assert python.name in shown["inventory"]
    assert "lab/shown" in shown["rows"]
