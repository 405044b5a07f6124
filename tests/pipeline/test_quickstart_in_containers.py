"""The quickstart runs in containers as it does in processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

QUICKSTART = Path(__file__).parents[2] / "docs" / "examples" / "quickstart.py"


@pytest.mark.docker
def test_the_quickstart_prints_its_result_from_containers(python: str) -> None:
    """Two dependent jobs, each in a container of its own, share a file through the volume."""
    told = subprocess.run(
        [sys.executable, str(QUICKSTART)],
        env={**os.environ, "BATCHWRIGHT_LOCAL_ENGINE": "docker", "QUICKSTART_IMAGE": python},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    assert "converted 100 readings" in told.stdout
    assert "299,852.4 +- 7.9 km/s" in told.stdout
