"""An EFS volume: a file system with a mount target in every zone, ready to be mounted by jobs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.declaration import from_session, resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import ReplacementRequiredError, ThrottledError
from batchwright.lifecycle import BUSY, Resource
from batchwright.outcome import Resolved
from batchwright.ownership import TEARDOWN_TAG, namespace_in, tag_list
from batchwright.resources.efs_access_point import AccessPoint
from batchwright.resources.efs_checks import (
    PROVISIONED,
    groups_legal,
    key_legal,
    only_provisioned,
    teardown_legal,
    volume_name,
    zone_legal,
)
from batchwright.resources.efs_description import EfsVolumeDescription, MountTargetDescription
from batchwright.resources.efs_mount import Mount, lets_in
from batchwright.resources.efs_reading import described, every_file_system, found_by_name, found_by_token, tags_of
from batchwright.resources.network import DefaultNetwork, NetworkDescription, network_legal, network_of
from batchwright.resources.security_group import SecurityGroup
from batchwright.resources.state_machine_teardowns import check_on_watch
from batchwright.translation import code_of, says
from batchwright.values import Network, between, one_of, refuse, several
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

__all__ = ["AccessPoint", "EfsVolume", "EfsVolumeDescription", "Mount", "MountTargetDescription", "lets_in"]
TOKEN_MAX: Final = 64
_THROUGHPUT: Final = ("ThroughputMode", "ProvisionedThroughputInMibps")
_ON_CREATION: Final = (
    "CreationToken",
    "PerformanceMode",
    "Encrypted",
    "KmsKeyId",
    *_THROUGHPUT,
    "AvailabilityZoneName",
    "Backup",
)
_EFS_BUSY: Final = (
    "AlreadyExists",
    "FileSystemInUse",
    "IncorrectFileSystemLifeCycleState",
    "IncorrectMountTargetState",
    "MountTargetConflict",
    "DependencyTimeout",
)


def _groups(value: SecurityGroup | str | Iterable[SecurityGroup | str] | None) -> tuple[SecurityGroup | str, ...]:
    return several(value)


def _key_name(value: object) -> object:
    """The id at the end of a key's ARN."""
    return value.rpartition("/")[2] if isinstance(value, str) else value


@resource(kw_only=True)
class EfsVolume(Resource[EfsVolumeDescription]):
    """An encrypted EFS file system with a mount target in every zone of its network.

    It is known by a creation token made of namespace and name, so that two processes at once make one. A file system
    that others made is found by its tag `Name` and used as it is. It holds data, so `delete()` refuses while `retain`
    is true. A zone that leaves the network keeps its mount target, and so do jobs that run there.

    Args:
        name: Its name, 1 to 256 characters; the tag `Name`.
        network: Where it can be mounted: one mount target in each zone.
        security_groups: Groups or ids of groups, 1 to 5, of its mount targets. What mounts it needs to be let in on
            TCP 2049; members of a `SecurityGroup` of batchwright's own let each other in.
        availability_zone: Makes a One Zone file system, cheaper, kept in that zone only; its jobs should run there.
        throughput_mode: `"elastic"`, `"bursting"` or `"provisioned"`; AWS takes one change in 24 hours.
        provisioned_mibps: MiB a second, 1 or more, with `throughput_mode="provisioned"` only.
        kms_key_id: Id or ARN of the key to encrypt with; by default AWS's own for EFS.
        backup: Whether AWS Backup saves it every day.
        access_point: One directory and one user for all that jobs do with it.
        retain: Keep the file system when all else is deleted.
        teardown: The name of the `Teardown` that takes this temporary volume away, with `retain=False` only. It must
            have been started before: a volume that nothing takes away is not made.
    """

    kind: ClassVar[str] = "EFS volume"
    states: ClassVar[States] = States(
        ready=("available",), failed=("error",), deleting=("deleting",), gone=("deleted",)
    )
    drift_rules: ClassVar[DriftRules] = DriftRules(
        update=(*_THROUGHPUT, "Backup", "MountTargets", "AccessPoint"),
        ignore=("CreationToken", "VpcId", "MountTargets.*.SubnetId"),
        keep=("MountTargets",),
        atomic=("AccessPoint",),
        normalise={"KmsKeyId": _key_name},
    )

    name: str = attrs.field(validator=volume_name)
    network: Network | DefaultNetwork | None = attrs.field(
        default=None, validator=network_legal, metadata=from_session("network", required=True)
    )
    security_groups: tuple[SecurityGroup | str, ...] = attrs.field(
        default=(),
        converter=_groups,
        validator=groups_legal,
        metadata=from_session("security_group", required=True),
    )
    availability_zone: str | None = attrs.field(default=None, validator=zone_legal)
    throughput_mode: str = attrs.field(default="elastic", validator=one_of("elastic", "bursting", PROVISIONED))
    provisioned_mibps: float | None = attrs.field(
        default=None, validator=[between(1, float("inf"), "MiB a second"), only_provisioned]
    )
    kms_key_id: str | None = attrs.field(default=None, validator=key_legal)
    backup: bool = False
    access_point: AccessPoint | None = None
    retain: bool = True
    teardown: str | None = attrs.field(default=None, validator=teardown_legal)

    @property
    def creation_token(self) -> str:
        """What makes it one and the same for every process: namespace and name, 64 ASCII characters at most."""
        token = f"{self.session.namespace}/{self.name}"
        if token.isascii() and len(token) <= TOKEN_MAX:
            return token
        tail = hashlib.sha256(token.encode()).hexdigest()[:24]
        return f"{token.encode('ascii', 'ignore').decode()[: TOKEN_MAX - len(tail) - 1]}#{tail}"

    # --- reading --------------------------------------------------------------------------------------------------

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        network = network_of(self.network, resolved, self.session)
        request: dict[str, object] = {
            "CreationToken": self.creation_token,
            "PerformanceMode": "generalPurpose",
            "Encrypted": True,
            "KmsKeyId": self.kms_key_id,
            "ThroughputMode": self.throughput_mode,
            "ProvisionedThroughputInMibps": self.provisioned_mibps,
            "AvailabilityZoneName": self.availability_zone,
            "Backup": self.backup,
            "VpcId": network.vpc_id,
            "MountTargets": self._wanted_targets(network, resolved),
            "AccessPoint": self.access_point and self.access_point.to_request(self.creation_token),
        }
        return {key: value for key, value in request.items() if value is not None}

    def _wanted_targets(self, network: NetworkDescription, resolved: Resolved) -> dict[str, object]:
        groups = [group if isinstance(group, str) else resolved[group].group_id for group in self.security_groups]
        # EFS takes one mount target in a zone: of several subnets there the first one.
        by_zone = {subnet.availability_zone: subnet.subnet_id for subnet in reversed(network.subnets)}
        zones = sorted(by_zone) if self.availability_zone is None else [self.availability_zone]
        if not set(zones) <= set(by_zone):
            legal = f"a zone of its network: {', '.join(sorted(by_zone))}"
            raise refuse(self, "availability_zone", self.availability_zone, legal)
        return {zone: {"SubnetId": by_zone[zone], "SecurityGroups": sorted(groups)} for zone in zones}

    def _read(self, resolved: Resolved) -> EfsVolumeDescription | None:
        found = found_by_token(self.session, self.creation_token) or found_by_name(self.session, self.name)
        if found is None:
            return None
        point = self.access_point and self.access_point.to_request(self.creation_token)
        return described(self.session, found, access_point_token=str(point["ClientToken"]) if point else None)

    def _actual(self, seen: EfsVolumeDescription) -> Mapping[str, object]:
        targets = {
            target.zone: {"SubnetId": target.subnet_id, "SecurityGroups": sorted(target.security_group_ids)}
            for target in seen.mount_targets
        }
        return {**seen.raw, "Backup": seen.backup, "MountTargets": targets, "AccessPoint": seen.access_point}

    def _tags_of(self, seen: EfsVolumeDescription) -> Mapping[str, str]:
        return seen.tags

    # --- writing --------------------------------------------------------------------------------------------------

    def _marks(self) -> Mapping[str, str]:
        return {TEARDOWN_TAG: self.teardown} if self.teardown else {}

    def _create(self, request: Mapping[str, object]) -> None:
        if self.teardown:
            check_on_watch(self, self.teardown)
        # The mount targets and the access point come after it: until then they are what is missing.
        members = {key: request[key] for key in _ON_CREATION if key in request}
        tags = tag_list({"Name": self.name, **cast("Mapping[str, str]", request["tags"])})
        self.session.efs.create_file_system(**cast("Any", members), Tags=cast("Any", tags))

    def _update(self, request: Mapping[str, object], drift: Drift, seen: EfsVolumeDescription) -> None:
        if "MountTargets" in drift.fields:
            self._update_targets(request, seen)
        if "AccessPoint" in drift.fields:
            self._create_access_point(request, seen)
        if "Backup" in drift.fields:
            policy: Any = {"Status": "ENABLED" if self.backup else "DISABLED"}
            self.session.efs.put_backup_policy(FileSystemId=seen.file_system_id, BackupPolicy=policy)
        if drift.fields.intersection(_THROUGHPUT):
            self._update_throughput(request, seen)

    def _update_targets(self, request: Mapping[str, object], seen: EfsVolumeDescription) -> None:
        self._check_vpc(str(request["VpcId"]), seen)
        if self.teardown and not seen.mount_targets:
            check_on_watch(self, self.teardown, is_made=True)  # before it was made, AWS may have said what was old
        there = {target.zone: target for target in seen.mount_targets}
        wanted = cast("Mapping[str, Mapping[str, Any]]", request["MountTargets"])
        for zone, target in wanted.items():
            groups: list[str] = target["SecurityGroups"]
            if zone not in there:
                self.session.efs.create_mount_target(
                    FileSystemId=seen.file_system_id, SubnetId=target["SubnetId"], SecurityGroups=groups
                )
            elif sorted(there[zone].security_group_ids) != groups:
                self.session.efs.modify_mount_target_security_groups(
                    MountTargetId=there[zone].id, SecurityGroups=groups
                )

    def _check_vpc(self, vpc_id: str, seen: EfsVolumeDescription) -> None:
        if strays := sorted({target.vpc_id for target in seen.mount_targets} - {vpc_id, ""}):
            raise ReplacementRequiredError(
                f"{self.label} in {self.session.region} has its mount targets in {', '.join(strays)}, and is declared "
                f"in {vpc_id}: EFS serves one VPC at a time.",
                resource=self,
                hint="Declare it in that VPC, or declare another volume and copy the data.",
            )

    def _create_access_point(self, request: Mapping[str, object], seen: EfsVolumeDescription) -> None:
        # One of an earlier declaration stays, since jobs that run may hold it; it goes with the file system.
        tags = tag_list({"Name": self.name, **cast("Mapping[str, str]", request["tags"])})
        point = cast("Mapping[str, Any]", request["AccessPoint"])
        self.session.efs.create_access_point(FileSystemId=seen.file_system_id, Tags=cast("Any", tags), **point)

    def _update_throughput(self, request: Mapping[str, object], seen: EfsVolumeDescription) -> None:
        from botocore.exceptions import ClientError

        sent = {key: request[key] for key in _THROUGHPUT if key in request}
        try:
            self.session.efs.update_file_system(FileSystemId=seen.file_system_id, **cast("Any", sent))
        except ClientError as error:
            if code_of(error) != "TooManyRequests":
                raise
            # Waiting as for other throttling would take until tomorrow.
            raise ThrottledError(
                f"{self.label} in {self.session.region}: its throughput was changed less than 24 hours ago.",
                code=code_of(error),
                operation=error.operation_name,
                resource=self,
                hint="EFS switches the mode or lowers the throughput once in 24 hours: call ensure() again tomorrow.",
            ) from error

    def _delete(self, seen: EfsVolumeDescription) -> None:
        if seen.access_point_id is not None:
            self.session.efs.delete_access_point(AccessPointId=seen.access_point_id)
        for target in seen.mount_targets:
            self.session.efs.delete_mount_target(MountTargetId=target.id)
        if not seen.mount_targets:
            self.session.efs.delete_file_system(FileSystemId=seen.file_system_id)

    def _is_busy(self, error: ClientError) -> bool:
        return says(error, *BUSY, *_EFS_BUSY)

    def _tag(self, seen: EfsVolumeDescription, tags: Mapping[str, str]) -> None:
        self.session.efs.tag_resource(ResourceId=seen.file_system_id, Tags=cast("Any", tag_list(tags)))

    def _untag(self, seen: EfsVolumeDescription, keys: Collection[str]) -> None:
        self.session.efs.untag_resource(ResourceId=seen.file_system_id, TagKeys=list(keys))

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[EfsVolumeDescription]:
        """Every file system of the account's region that the session's namespace made."""
        for item in every_file_system(session):
            if item["LifeCycleState"] in cls.states.gone:
                continue
            if namespace_in(tags_of(item)) == session.namespace and (seen := described(session, item)) is not None:
                yield seen
