"""The time that EFS's DNS name takes after a mount target has become available, of which AWS reports nothing."""

from __future__ import annotations

from collections.abc import Iterable

from batchwright.connection import Connection
from batchwright.resources.efs_description import EfsVolumeDescription, MountTargetDescription


def dns_settles_at(
    session: Connection, volume: EfsVolumeDescription, targets: Iterable[MountTargetDescription]
) -> float:
    """When the DNS name can be relied on, in seconds since the epoch; a time in the past if it can be already.

    A mount target that the session saw on its way counts from when it was first seen available; one that was there at
    the first look is taken to have been there for long, unless the file system is younger than the margin.
    """
    now, margin_s = session.clock.now(), _margin_s(session)
    created = volume.creation_time.timestamp() if volume.creation_time else 0.0
    # A file system of the future says that this machine's clock is slow, and nothing about its age.
    settled = created + margin_s if created <= now else 0.0
    with session.lock:
        moments = session.first_available
        for target in targets:
            if target.status != "available":
                moments[target.id] = None
            elif target.id in moments:
                since = moments[target.id] = moments[target.id] or now
                settled = max(settled, since + margin_s)
                if now >= settled:
                    del moments[target.id]
    return settled


def _margin_s(session: Connection) -> float:
    """None where EFS is played by this machine, from whichever process: a directory needs no name."""
    return 0.0 if session.is_on_this_machine(session.efs) else session.file_system_dns_s
