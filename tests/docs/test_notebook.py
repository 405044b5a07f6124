"""The tutorial is a notebook that runs, and shows what a reader gets."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .notebooks import TUTORIAL, constant, executed, text_of, told

ROOT = Path(__file__).parents[2]
REFRESH = "run `python -m tests.docs.refresh_notebook`, and look at what has changed"


def code_cells(notebook: nbformat.NotebookNode) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def stored() -> nbformat.NotebookNode:
    return nbformat.read(TUTORIAL, as_version=4)


def test_a_reader_gets_the_outputs_that_are_stored() -> None:
    """From the first cell to the last, in a new kernel, each cell says what it is shown to say."""
    for cell, again in zip(code_cells(stored()), code_cells(executed(TUTORIAL)), strict=True):
        assert told(again) == told(cell), f"cell {cell.id!r} gives something else than is stored: {REFRESH}"


def test_what_is_stored_is_one_run_without_errors() -> None:
    """The cells were run in order, none twice, none with an error or a word on stderr."""
    cells = code_cells(stored())
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {"stream", "display_data", "execute_result"}
    assert {output.name for output in outputs if output.output_type == "stream"} == {"stdout"}


def test_what_is_stored_names_no_place_of_the_machine_that_ran_it() -> None:
    """A reader sees no path of somebody else's machine."""
    shown = json.dumps([cell.outputs for cell in code_cells(stored())])
    assert not re.search(r"/(home|root|Users|work|tmp|var)/", shown)


def test_what_is_shown_richly_can_be_read_without() -> None:
    """Every output has text too, for readers to whom HTML or pictures say nothing."""
    rich = [output.data for cell in code_cells(stored()) for output in cell.outputs if "data" in output]
    assert len(rich) > 10
    assert all(data["text/plain"].strip() for data in rich)


def test_links_lead_to_pages_that_are_there() -> None:
    """What the text links to lies beside the notebook, also for who opens it in Jupyter."""
    text = "\n".join(cell.source for cell in stored().cells if cell.cell_type == "markdown")
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    assert targets
    for target in targets:
        assert (TUTORIAL.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("read 2026-11-23 12:20:47 UTC", "read 2027-01-02 03:04:05 UTC"),
        ("ran 0.1 s", "ran 3 min 20 s"),
        ("<td>0.2 s<td>1.1 s", "<td>1 min 2 s<td>3 s"),
        ("job 963edac6-a0ce-429f-aaa9-f10596724f3b", "job 20e3f987-b866-41f9-b287-b3e6389beb91"),
        ("log a/default/eb5d18d8a07c99b51190d3e0068fe0a8", "log a/default/24e8f46beb946a48ef2d9e1c065fbc81"),
        ("EFS file system fs-dadebba1", "EFS file system fs-0123456789abcdef0"),
        ("60 rules", "61 rules"),
    ],
)
def test_what_changes_is_not_compared(one: str, another: str) -> None:
    """Moments, durations and ids are others in each run."""
    assert list(constant(text_of(one))) == list(constant(text_of(another)))


@pytest.mark.parametrize(
    ("one", "another"),
    [("100 readings", "99 readings"), ("2 SUCCEEDED", "1 SUCCEEDED"), ("maxvCpus 256", "maxvCpus 16")],
)
def test_what_is_said_is_compared(one: str, another: str) -> None:
    """What a cell is there to show is not taken for something that changes."""
    assert list(constant(one)) != list(constant(another))


def test_html_is_compared_by_what_is_read_of_it() -> None:
    """Tags and styles say nothing, and the rows of a table are its lines."""
    html = "<style>b{c:d}</style><table><tr><th>name</th><td>a &lt; b</td></tr><tr><td>2</td></tr></table>"
    assert list(constant(text_of(html))) == ["| name | a < b", "| 2"]
