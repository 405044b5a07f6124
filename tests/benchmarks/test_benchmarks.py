"""The benchmarks run, and what they count does not depend on the machine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def run(name: str) -> dict[str, Any]:
    """The figures of one benchmark, on few of everything."""
    command = [sys.executable, str(HERE), "--tiny", "--json", "--only", name]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert told.returncode == 0, told.stderr
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures[name]


def test_a_warm_submission_makes_three_calls() -> None:
    """The older function makes eight, and nine with a volume."""
    told = run("calls")
    assert (told["ours"], told["ours with a volume"]) == (3, 3)
    assert (told["older"], told["older with a volume"]) == (8, 9)


@pytest.mark.parametrize("name", ["ensure", "imports"])
def test_the_other_benchmarks_run(name: str) -> None:
    """Each comes to an end with figures."""
    assert run(name)
