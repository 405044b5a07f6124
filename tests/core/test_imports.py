"""What `import batchwright` loads, and what it offers."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import batchwright

HEAVY = ("boto3", "botocore", "rich", "moto", "cattrs", "attrs", "attr", "IPython", "requests")


def _loaded(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Neither AWS's libraries nor the terminal's."""
    assert _loaded("import batchwright").isdisjoint(HEAVY)


def test_declaring_loads_neither_boto3_nor_rich() -> None:
    """They come with the first call and the first table."""
    code = "from batchwright import BatchSession\nrepr(BatchSession('lab', region='x').status_tracker(name='jobs'))"
    assert _loaded(code).isdisjoint({"boto3", "botocore", "rich", "moto"})


@pytest.mark.parametrize("name", batchwright.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """It can be imported, and has something to say in `help()`."""
    value = getattr(batchwright, name)
    assert name in dir(batchwright)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)


def test_type_checkers_see_what_run_time_offers() -> None:
    """The block for the type checkers and the table for run time name the same."""
    tree = ast.parse(Path(batchwright.__file__).read_text())
    seen: dict[str, str] = {}
    for block in ast.walk(tree):
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for statement in block.body:
                assert isinstance(statement, ast.ImportFrom)
                seen |= {alias.asname or alias.name: str(statement.module) for alias in statement.names}
    assert set(seen) == set(batchwright.__all__) - {"__version__"}
    for name, module in seen.items():
        assert getattr(importlib.import_module(module), name) is getattr(batchwright, name)


def test_a_name_that_is_not_there() -> None:
    """As any module says it."""
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        batchwright.no_such_name  # noqa: B018  # the point
