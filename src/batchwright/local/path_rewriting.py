"""Where a kernel allows no mounts: container paths in a job's words become the real directories behind them."""

import re
from collections.abc import Callable, Sequence

from batchwright.local.mounts import Mount

# A path ends where no character follows that would make it another name: /mnt/efs is not part of /mnt/efs2.
_ENDS_HERE = r"(?![\w~+@%-]|\.[\w.])"
# Nor does it begin inside a longer path or word, save after "://" and right after a one-letter option (-I/mnt/efs).
_BEGINS_HERE = re.compile(r"(?:^|[^\w.~/-]|://|(?:^|[\s\"'=])-[A-Za-z])\Z")


def path_rewriter(mounts: Sequence[Mount]) -> Callable[[str], str]:
    """Return a function that replaces the mounts' paths by their real directories in any text, shell text included."""
    real = {mount.path: str(mount.source) for mount in mounts}
    if not real:
        return lambda text: text
    # The longest first, so that a volume mounted inside another one wins.
    paths = "|".join(re.escape(path) for path in sorted(real, key=len, reverse=True))
    pattern = re.compile(f"(?:{paths}){_ENDS_HERE}")

    def replaced(match: re.Match[str]) -> str:
        before = match.string[max(0, match.start() - 4) : match.start()]
        return real[match.group()] if _BEGINS_HERE.search(before) else match.group()

    return lambda text: pattern.sub(replaced, text)
