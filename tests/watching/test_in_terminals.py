"""The live table in real terminals, and in a notebook."""

import os
import sys

import nbclient
import nbformat
import pytest

from .terminal import Terminal, in_terminal


def between(terminal: Terminal) -> list[str]:
    """What stands between what the program printed before and after."""
    first = terminal.shown.index("BEFORE")
    last = next(place for place, line in enumerate(terminal.shown) if line.startswith("AFTER"))
    return terminal.shown[first + 1 : last]


def test_one_table_stands_still() -> None:
    """Nothing of the tables before the last one is left, and it has every job and reason."""
    terminal = Terminal(100).feed(in_terminal("3", columns=100, lines=24))
    lines = between(terminal)
    assert lines[0] == "3 jobs  1 FAILED, 2 SUCCEEDED"
    assert [line.split()[:2] for line in lines[4:7]] == [
        ["job-0", "SUCCEEDED"],
        ["job-1", "FAILED"],
        ["job-2", "SUCCEEDED"],
    ]
    assert "exit code 3" in lines[5]
    assert lines[7].startswith("as of ")
    assert (len(lines), terminal.unknown) == (8, [])


def test_a_small_terminal_shows_what_runs_and_counts_the_rest() -> None:
    """Forty columns and a dozen lines for a dozen jobs: a line each, and never more than there is room for."""
    written = in_terminal("12", columns=40, lines=12, environment={"NO_COLOR": "1"})
    terminal = Terminal(40).feed(written)
    lines = between(terminal)
    assert lines[0] == "12 jobs  1 FAILED, 11 SUCCEEDED"
    assert lines[2].split()[:2] == ["job", "status"]
    rest = next(int(line.split()[1]) for line in lines if line.startswith("and "))
    assert rest + sum(line.startswith("job-") for line in lines) == 12
    assert len(lines) <= 12
    assert len(terminal.lines) <= 16
    assert "\x1b[3" not in written.replace("\x1b[2K", "")


def test_a_dumb_terminal_gets_lines() -> None:
    """It could not go back to draw over a table."""
    written = in_terminal("2", columns=80, lines=24, environment={"TERM": "dumb"})
    assert "\x1b" not in written
    assert [line.split("  ")[1:3] for line in written.splitlines()[-5:-2]][-1] == ["job-1", "FAILED"]


def test_ctrl_c_leaves_the_table_and_no_traceback() -> None:
    """The table says that the jobs go on, and the program does too."""
    terminal = Terminal(100).feed(in_terminal("2", "--ctrl-c", "20", columns=100, lines=24))
    assert between(terminal)[-2] == "Stopped watching: 2 jobs go on."


CELLS = (
    """
from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock
aws = InProcessAws()
clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
session = BatchSession("test", boto3_session=aws.boto3_session(), clock=clock)
jobs = [session.submit(f"job-{place}", image="busybox:1.36") for place in range(2)]
""",
    "seen = session.watch(jobs)\nseen",
    "seen",
    "session.timeline(jobs)",
    "session.submit('more', image='busybox:1.36').wait();",
)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> nbformat.NotebookNode:
    """A notebook that has run from its first cell to its last."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    place = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources=place).execute()
    return notebook


def kinds(cell: nbformat.NotebookNode) -> list[tuple[str, list[str]]]:
    """What a cell has put out: of which type, and for what kind of reader."""
    return [(output.output_type, sorted(output.get("data", {}))) for output in cell.outputs]


def test_a_notebook_keeps_one_table(notebook: nbformat.NotebookNode) -> None:
    """The last one, with no trail of those before; the result of the same cell does not repeat it."""
    table, result = notebook.cells[1].outputs
    assert kinds(notebook.cells[1]) == [
        ("display_data", ["text/html", "text/plain"]),
        ("execute_result", ["text/html", "text/plain"]),
    ]
    assert "2 SUCCEEDED" in table.data["text/html"]
    assert table.data["text/html"].count("SUCCEEDED") == 3
    assert "job-0" not in result.data["text/html"]
    assert "job-0" in notebook.cells[2].outputs[0].data["text/html"]


def test_a_notebook_shows_a_timeline_as_a_figure(notebook: nbformat.NotebookNode) -> None:
    """And no table besides, which Jupyter would prefer."""
    assert kinds(notebook.cells[3]) == [("execute_result", ["image/png", "text/plain"])]


def test_a_wait_in_a_notebook_needs_no_widgets(notebook: nbformat.NotebookNode) -> None:
    """Its line is put out as a table is, without a warning, and stays as it was last."""
    (line,) = notebook.cells[4].outputs
    assert "SUCCEEDED" in line.data["text/plain"]
