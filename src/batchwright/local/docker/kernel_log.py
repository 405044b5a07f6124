"""Asks the kernel's own log whether it killed a container for its memory, which a busy engine may fail to notice."""

import os
from collections.abc import Iterator
from contextlib import suppress

_KERNEL_LOG = "/dev/kmsg"
_LONGEST_RECORD_BYTES = 8192


def was_killed_for_memory(container_id: str) -> bool:
    """Tell whether the log holds such a record for the container's control group; False also where it may not be read.

    Args:
        container_id: All 64 digits, which the name of its control group holds.
    """
    needle = container_id.encode()
    return any(b"oom-kill:" in record and needle in record for record in _records())


def _records() -> Iterator[bytes]:
    with suppress(OSError):  # not Linux, not this user's to read, or the end
        log = os.open(_KERNEL_LOG, os.O_RDONLY | os.O_NONBLOCK)
        try:
            while True:
                with suppress(BrokenPipeError):  # a record that was overwritten meanwhile
                    yield os.read(log, _LONGEST_RECORD_BYTES)
        finally:
            os.close(log)
