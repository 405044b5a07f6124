"""The directories of one run."""

import shutil
import tempfile
from pathlib import Path

import attrs


@attrs.frozen
class Place:
    """The directories of one run, gone when it ends; HOME is one, since the user's own holds credentials."""

    top: Path
    work: Path
    tmp: Path

    @classmethod
    def make(cls, scratch: Path) -> "Place":
        """Make the directories of a new run under `scratch`."""
        top = Path(tempfile.mkdtemp(prefix="run-", dir=scratch))
        place = cls(top, top / "work", top / "tmp")
        place.work.mkdir()
        place.tmp.mkdir()
        return place

    def remove(self) -> None:
        """Remove the directories and whatever is in them."""
        try:
            for empty in (self.work, self.tmp, self.top):  # most runs leave nothing, and looking for it costs more
                empty.rmdir()
        except OSError:
            shutil.rmtree(self.top, ignore_errors=True)
