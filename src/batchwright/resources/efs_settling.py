"""The time that EFS's DNS name takes after a mount target has become available, of which AWS reports nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final
from weakref import WeakKeyDictionary

from batchwright.connection import Connection
from batchwright.resources.efs_description import EfsVolumeDescription, MountTargetDescription

DNS_MARGIN_S: Final = 90.0
"""What AWS's guide asks for between `available` and the first mount."""

_Moments = dict[str, float | None]
_lock = threading.Lock()
_seen: WeakKeyDictionary[Connection, _Moments] = WeakKeyDictionary()
"""By session and mount target: when it was first seen available, None before.

Only those are kept that a session has seen on their way: one that was there at the first look is taken to have been
there for long, unless the file system itself is younger than the margin.
"""


def dns_settles_at(
    session: Connection, volume: EfsVolumeDescription, targets: Iterable[MountTargetDescription]
) -> float:
    """When the DNS name can be relied on, in seconds since the epoch; a time in the past if it can be already."""
    now = session.clock.now()
    created = volume.creation_time.timestamp() if volume.creation_time else 0.0
    # A file system of the future says that this machine's clock is slow, and nothing about its age.
    settled = created + DNS_MARGIN_S if created <= now else 0.0
    with _lock:
        moments = _seen.setdefault(session, {})
        for target in targets:
            if target.status != "available":
                moments[target.id] = None
            elif target.id in moments:
                since = moments[target.id] = moments[target.id] or now
                settled = max(settled, since + DNS_MARGIN_S)
                if now >= settled:
                    del moments[target.id]
    return settled
