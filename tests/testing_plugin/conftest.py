"""Users' projects, whose tests run in a pytest of their own, and accounts as the fixtures open them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchwright.testing import BatchAws, BatchSettings
from batchwright.testing.accounts import Accounts
from batchwright.testing.settings import changed

from ..as_installed import STRICT, python_path

Run = Callable[..., pytest.RunResult]
Open = Callable[..., BatchAws]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs the tests of a project with a file of that text; warnings are errors, and no configuration is ours."""
    monkeypatch.setenv("PYTHONPATH", python_path(tmp_path_factory.mktemp("installed")))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(text: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_pipeline=text)
        return pytester.runpytest_subprocess(*STRICT, *options, timeout=400)

    return run


@pytest.fixture
def account() -> Iterator[Open]:
    """Opens accounts within this process, with those settings; one at a time."""
    accounts, opened = Accounts(), list[BatchAws]()

    def open_one(**settings: object) -> BatchAws:
        opened.append(accounts.open(changed(BatchSettings(), settings, where="the test")))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()
    accounts.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home whose AWS configuration leads elsewhere."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[profile lab]\nregion = eu-central-1\n", "utf-8")
    for name, value in {"HOME": str(tmp_path), "AWS_PROFILE": "lab", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}.items():
        monkeypatch.setenv(name, value)
    return tmp_path
