"""What a person sees in a notebook whose kernel is a real one."""

import shutil
from pathlib import Path

import nbformat
import pytest

from ..docs.notebooks import executed
from . import looked_at

BEGIN = """
from looked_at import account, objects, session_on
aws = account()
session = session_on(aws)
globals().update(objects(session))
before = len(aws.calls)
"""


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[nbformat.NotebookNode]]:
    """The outputs of a notebook that looks at each object once, by the code of the cell."""
    room = tmp_path_factory.mktemp("notebook")
    shutil.copy(looked_at.__file__, room)
    codes = [BEGIN, *looked_at.NAMES, "print(len(aws.calls) - before)", "job.wait()"]
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    cells[-1].metadata.tags = ["raises-exception"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), room / "looking.ipynb")
    return {cell.source: cell.outputs for cell in executed(Path(room / "looking.ipynb")).cells}


@pytest.mark.parametrize("name", looked_at.NAMES)
def test_a_cell_shows_text_and_html_or_a_picture(name: str, cells: dict[str, list[nbformat.NotebookNode]]) -> None:
    """What reaches the page is one output, in a form for people who see and one for who does not."""
    (output,) = cells[name]
    assert output.output_type == "execute_result"
    assert output.data["text/plain"].strip()
    assert "text/html" in output.data or "image/png" in output.data
    assert looked_at.SECRET not in str(output.data)


def test_looking_asks_nobody(cells: dict[str, list[nbformat.NotebookNode]]) -> None:
    """Between the first look and the last, no request was sent."""
    (output,) = cells["print(len(aws.calls) - before)"]
    assert output.text == "0\n"


def test_an_error_is_shown_with_its_reason(cells: dict[str, list[nbformat.NotebookNode]]) -> None:
    """A job that failed ends the cell with the error that a program would get, and no variable's value."""
    error = next(output for output in cells["job.wait()"] if output.output_type == "error")
    assert error.ename == "JobFailedError"
    assert "no such subject" in error.evalue
    assert looked_at.SECRET not in "".join(error.traceback)
