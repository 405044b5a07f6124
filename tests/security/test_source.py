"""The package runs no text as code or shell command, and reads no credentials by itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import batchwright

SOURCE = Path(batchwright.__file__).parent
RUNS_TEXT = frozenset({"eval", "exec", "compile", "__import__", "system", "popen", "getoutput", "getstatusoutput"})
NO_CODE = ("re.compile", "platform.system")
"""Calls of those names that run nothing."""
CREDENTIALS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", ".aws/credentials")


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", ast.unparse(node.func), node


def test_no_text_is_run() -> None:
    """There is no eval and no shell anywhere: programs are started from lists of words."""
    calls = list(_calls())
    assert len(calls) > 1000
    assert [where for where, name, _ in calls if name.rpartition(".")[2] in RUNS_TEXT and name not in NO_CODE] == []
    started = [(where, call) for where, name, call in calls if name.startswith("subprocess.")]
    assert started
    for where, call in started:
        assert not [keyword for keyword in call.keywords if keyword.arg == "shell"], where
        assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), where


def test_nothing_is_unpickled_but_in_the_contract() -> None:
    """No data from elsewhere becomes objects by pickle; only the contract's own test of pickling does that."""
    loads = {where.partition(":")[0] for where, name, _ in _calls() if name in ("pickle.loads", "pickle.load")}
    assert loads == {"testing/contract.py"}


def test_no_credentials_are_read() -> None:
    """Outside `local` and `testing`, which give keys of their own, no source names what boto3's chain reads."""
    sources = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in ("local", "testing")]
    assert sources
    assert [path.name for path in sources for word in CREDENTIALS if word in path.read_text()] == []
