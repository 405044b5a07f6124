"""Every block of Python in README and docs runs."""

import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from batchwright import BatchSession
from batchwright.local.in_process import InProcessAws
from batchwright.resources.consumable_resource import client_knows

from ..as_installed import STRICT, python_path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
PIPELINE_TESTS = ROOT / "docs" / "how-to" / "test-your-pipeline.md"
LANGUAGES = {"python", "json", "text", "sh"}


def blocks(path: Path) -> Iterator[tuple[str, str]]:
    """Language and text of every block of a document."""
    for found in FENCE.finditer(path.read_text("utf-8")):
        yield found[1], found[2]


def has_python(path: Path) -> bool:
    return any(language == "python" for language, _ in blocks(path))


def is_local(path: Path) -> bool:
    return any("local_session(" in text for _, text in blocks(path))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module that a document is: classes declared in it can be pickled, and its sessions are closed."""
    module = ModuleType("documented")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yield module
    for value in vars(module).values():
        if isinstance(value, BatchSession):
            value.close()


def run(path: Path, module: ModuleType) -> int:
    """Run the blocks of a document one after the other in one namespace; how many there were."""
    document = Sybil(parsers=[PythonCodeBlockParser()], path=str(ROOT)).parse(path)
    document.namespace = vars(module)
    return sum(example.evaluate() is None for example in document.examples())


# What an older boto3 does not know, its documents cannot run with.
TOO_NEW = set() if client_knows() else {ROOT / "docs" / "how-to" / "at-most-once.md"}
RUN_HERE = [path for path in DOCUMENTS if has_python(path) and path != PIPELINE_TESTS and path not in TOO_NEW]


@pytest.mark.parametrize("path", [path for path in RUN_HERE if not is_local(path)], ids=name_of)
def test_every_block_about_aws_runs(path: Path, module: ModuleType, account: InProcessAws) -> None:
    """What a document does on AWS works under AWS's rules and with AWS's delays."""
    assert run(path, module) == sum(language == "python" for language, _ in blocks(path))
    assert account.calls


@pytest.mark.parametrize("path", [path for path in RUN_HERE if is_local(path)], ids=name_of)
def test_every_block_about_this_machine_runs(path: Path, module: ModuleType) -> None:
    """What a document does on this machine works in real processes."""
    assert run(path, module) == sum(language == "python" for language, _ in blocks(path))


def test_the_pipeline_tests_of_the_how_to_pass(tmp_path: Path) -> None:
    """The tests that users are told to write pass as they stand, in a project of their own."""
    written = [text for language, text in blocks(PIPELINE_TESTS) if language == "python"]
    (tmp_path / "test_pipeline.py").write_text("\n\n".join(written), "utf-8")
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *STRICT, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": python_path(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{sum(text.count('def test_') for text in written)} passed" in told.stdout


def test_the_contract_of_the_subclassing_how_to_is_kept(
    account: InProcessAws, session: BatchSession, module: ModuleType
) -> None:
    """The contract that users are told to run on their subclass passes on the documented one."""
    assert run(ROOT / "docs" / "how-to" / "subclass.md", module)
    contract = vars(module)["TestUrgentQueue"]()
    given = {"session": session, "mutable_field": "priority"}
    ran = 0
    for name, test in inspect.getmembers(contract, inspect.ismethod):
        if name.startswith("test_"):
            account.reset()
            test(**{key: given[key] for key in inspect.signature(test).parameters})
            ran += 1
    assert ran >= 8


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_no_block_escapes(path: Path) -> None:
    """A block says its language, shell commands stand in README only, where the checks run them, and JSON is JSON."""
    for language, text in blocks(path):
        assert language in LANGUAGES, text
        assert language != "sh" or path.name == "README.md", text
        if language == "json":
            json.loads(text)
