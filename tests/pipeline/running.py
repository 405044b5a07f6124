"""Runs the example as a user would, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_EXAMPLE = _ROOT / "docs" / "examples" / "neuroconv_pipeline.py"
SPECIFICATION = Path(__file__).with_name("conversion.yml")
NWB_FILE = "sub-01_ses-01_eeg.nwb"


@dataclass(frozen=True)
class Images:
    """The names of images with the real programs."""

    rclone: str
    neuroconv: str


def run_example(images: Images, config: Path, *options: str, access: Mapping[str, str] | None = None) -> str:
    """Run it with the small recording's needs; what it prints, once it has ended well and said nothing of trouble.

    Args:
        images: What its containers are made of.
        config: The rclone configuration.
        options: More of the command line.
        access: The variables by which it gets into an AWS.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [sys.executable, str(_EXAMPLE), str(SPECIFICATION), "--source", "lab:", "--rclone-config", str(config)]
    sizes = ["--memory-gib", "2", "--vcpus", "1"]
    made_of = ["--rclone-image", images.rclone, "--neuroconv-image", images.neuroconv]
    told = subprocess.run(
        [*command, *sizes, *made_of, *options],
        env={**kept, **(access or {})},
        cwd=config.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stderr == ""
    return told.stdout
