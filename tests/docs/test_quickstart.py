"""The quickstart runs as README says, also where this machine allows less."""

import csv
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def quickstart(**variables: str) -> str:
    """Run it from another directory, as a user without an account or configuration would; what it prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DOCKER_"))}
    told = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "examples" / "quickstart.py")],
        cwd=ROOT.parent,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    return told.stdout


def check(text: str) -> None:
    assert "converted 100 readings" in text
    assert "299,852.4 +- 7.9 km/s" in text
    lines = [line.split() for line in text.splitlines()]
    assert lines.index(["convert", "SUCCEEDED"]) < lines.index(["summarise", "SUCCEEDED"])
    assert "deleted" in text


def test_the_quickstart_prints_its_result(tmp_path: Path) -> None:
    """Two dependent jobs read a real file, share one through the volume, and everything is taken away."""
    check(quickstart(HOME=str(tmp_path)))


def test_the_quickstart_runs_where_mount_namespaces_are_refused(tmp_path: Path) -> None:
    """Without mounts the paths in the commands are rewritten, and the result is the same."""
    refusing = tmp_path / "unshare"
    refusing.write_text("#!/bin/sh\necho unshare: Operation not permitted >&2\nexit 1\n", "utf-8")
    refusing.chmod(0o755)
    check(quickstart(HOME=str(tmp_path), PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}"))


def test_the_data_are_whole() -> None:
    """The file of measurements has Michelson's five experiments of twenty runs, with their known means."""
    with (ROOT / "docs" / "examples" / "data" / "michelson-1879.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    means = {
        number: statistics.mean(int(row["speed"]) for row in rows if row["experiment"] == number) for number in "12345"
    }
    assert len(rows) == 100
    assert means == {"1": 909, "2": 856, "3": 845, "4": 820.5, "5": 831.5}
