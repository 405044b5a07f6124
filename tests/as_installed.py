"""Lets a pytest of its own find the plugin as an installed batchwright has it, also where it is not installed."""

import os
import tomllib
from pathlib import Path

import batchwright

ROOT = Path(__file__).parents[1]
STRICT = ["-W", "error", "-W", "ignore:datetime.datetime.utcnow:DeprecationWarning", "-p", "no:cacheprovider"]
"""Options by which warnings are errors, but for what old versions of botocore do, and nothing is written."""
SOURCES = Path(batchwright.__file__).parents[1]


def python_path(directory: Path) -> str:
    """A PYTHONPATH with the package, and with the entry points that pyproject.toml gives it, written to `directory`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [f"{name} = {module}" for name, module in project["entry-points"]["pytest11"].items()]
    info = directory / "batchwright-0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: batchwright\nVersion: 0\n", "utf-8")
    (info / "entry_points.txt").write_text("\n".join(["[pytest11]", *lines, ""]), "utf-8")
    return os.pathsep.join([str(SOURCES), str(directory)])
