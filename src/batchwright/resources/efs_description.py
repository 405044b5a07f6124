"""What EFS reports of a volume: the file system, its mount targets and its access point as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import ClassVar

import attrs

from batchwright._display import quiet
from batchwright._wire import Description, pascal, wire
from batchwright.ownership import TEARDOWN_TAG


@attrs.frozen(kw_only=True)
class MountTargetDescription(Description):
    """What `efs:DescribeMountTargets` reports of one mount target.

    Attributes:
        zone: The availability zone that it serves.
        security_group_ids: Its groups, in order; empty while it is not available.
    """

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)

    id: str = attrs.field(metadata=wire("MountTargetId"))
    status: str = attrs.field(metadata=wire("LifeCycleState"))
    subnet_id: str
    zone: str = attrs.field(default="", metadata=wire("AvailabilityZoneName"))
    vpc_id: str = ""
    ip_address: str = ""
    security_group_ids: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """AWS's word for the status: creating, available, updating, deleting, deleted or error."""
        return self.status


@attrs.frozen(kw_only=True)
class EfsVolumeDescription(Description):
    """What EFS reports of one volume.

    Attributes:
        status: `"available"` when the file system, every mount target, the access point and the DNS name can be used;
            otherwise AWS's word for what cannot yet.
        life_cycle_state: The file system's own state.
        availability_zone: The zone of a One Zone file system, or None.
        mount_targets: Its mount targets by zone.
        access_point_id: The access point that is declared, or None.
        access_point: That access point as AWS shows it.
        backup: Whether AWS Backup saves it every day.
    """

    wire_case: ClassVar[Callable[[str], str]] = staticmethod(pascal)
    _live: ClassVar[tuple[str, ...]] = ("file_system_id", "access_point_id")

    file_system_id: str
    arn: str = attrs.field(default="", metadata=wire("FileSystemArn"))
    name: str = ""
    creation_token: str = ""
    life_cycle_state: str
    status: str = attrs.field(default="", metadata=wire("batchwrightStatus"))
    status_reason: str = attrs.field(default="", metadata=wire("batchwrightReason"))
    creation_time: dt.datetime | None = None
    performance_mode: str = ""
    throughput_mode: str = ""
    provisioned_mibps: float | None = attrs.field(default=None, metadata=wire("ProvisionedThroughputInMibps"))
    encrypted: bool = False
    kms_key_id: str | None = None
    availability_zone: str | None = attrs.field(default=None, metadata=wire("AvailabilityZoneName"))
    mount_targets: tuple[MountTargetDescription, ...] = ()
    access_point_id: str | None = None
    access_point: Mapping[str, object] | None = attrs.field(default=None, hash=False, metadata=quiet())
    backup: bool = False
    tags: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=wire("batchwrightTags"))

    @property
    def teardown(self) -> str | None:
        """The name of the tear-down that takes this volume away, or None."""
        return self.tags.get(TEARDOWN_TAG)
