"""What is broken about a volume and the way to it."""

from typing import Any

import attrs

from batchwright import BatchSession
from batchwright.resources.efs_access_point import AccessPoint

from .breaking import World, breaks
from .breaks_definitions import with_container
from .breaks_network import let_out
from .healthy import Set, with_volume


def volume_id(lab: Set) -> str:
    """The id of the file system."""
    assert lab.volume is not None
    return lab.volume.describe().file_system_id


def targets(lab: Set) -> list[dict[str, Any]]:
    """Its mount targets, by zone."""
    found: Any = lab.session.efs.describe_mount_targets(FileSystemId=volume_id(lab))["MountTargets"]
    return sorted(found, key=lambda target: target["AvailabilityZoneName"])


def stay(lab: Set, world: World) -> None:
    """Let the job wait on, though what is deleted takes a while."""
    world.of(lab.job).status = "RUNNABLE"


def admit_nobody(lab: Set) -> None:
    """Take all inbound rules from the group that environment and volume share."""
    ec2: Any = lab.session.ec2
    (group,) = ec2.describe_security_groups(GroupIds=[lab.group_id])["SecurityGroups"]
    ec2.revoke_security_group_ingress(GroupId=lab.group_id, IpPermissions=group["IpPermissions"])


def theirs(session: BatchSession) -> str:
    """A file system that somebody else begins to make, with the name `theirs`; returns its id."""
    made = session.efs.create_file_system(CreationToken="x", Tags=[{"Key": "Name", "Value": "theirs"}])
    return made["FileSystemId"]


@breaks("file-system-missing")
def _(world: World) -> object:
    lab = with_volume(world.session)
    assert lab.volume is not None
    attrs.evolve(lab.volume, retain=False).delete()
    stay(lab, world)
    return lab.job


@breaks("file-system-not-available")
def _(world: World) -> object:
    theirs(world.session)
    return world.session.efs_volume(name="theirs")


@breaks("mount-target-none")
def _(world: World) -> object:
    lab = with_volume(world.session)
    for target in targets(lab):
        world.session.efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    world.aws.advance(60)
    stay(lab, world)
    return lab.job


@breaks("mount-target-not-available")
def _(world: World) -> object:
    made = theirs(world.session)
    world.aws.advance(20)
    subnet = world.session.defaults.network.describe().subnet_ids[0]
    world.session.efs.create_mount_target(FileSystemId=made, SubnetId=subnet)
    return world.session.efs_volume(name="theirs")


@breaks("mount-target-zone")
def _(world: World) -> object:
    lab = with_volume(world.session)
    world.session.efs.delete_mount_target(MountTargetId=targets(lab)[1]["MountTargetId"])
    return lab.job


@breaks("mount-target-vpc")
def _(world: World) -> object:
    ec2: Any = world.session.ec2
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", AvailabilityZone=f"{world.session.region}a")
    made = theirs(world.session)
    world.aws.advance(20)
    world.session.efs.create_mount_target(FileSystemId=made, SubnetId=subnet["Subnet"]["SubnetId"])
    world.aws.advance(90)
    volumes = [{"name": "theirs", "efsVolumeConfiguration": {"fileSystemId": made}}]
    return with_container(world.session, volumes=volumes)


@breaks("nfs-not-admitted")
def _(world: World) -> object:
    lab = with_volume(world.session)
    admit_nobody(lab)
    return lab.job


@breaks("nfs-no-egress")
def _(world: World) -> object:
    lab = with_volume(world.session)
    let_out(lab, 443)
    return lab.job


@breaks("vpc-dns-off")
def _(world: World) -> object:
    lab = with_volume(world.session)
    world.session.ec2.modify_vpc_attribute(VpcId=lab.vpc_id, EnableDnsHostnames={"Value": False})
    return lab.job


@breaks("access-point-missing")
def _(world: World) -> object:
    volume = world.session.efs_volume(name="scratch", access_point=AccessPoint(path="/data", uid=1000, gid=1000))
    job = world.session.submit("sub-01", image="busybox", command=["true"], volumes={"/mnt/efs": volume})
    world.aws.advance(8)
    assert not world.session.diagnose(job)
    world.session.efs.delete_access_point(AccessPointId=volume.describe().access_point_id or "")
    return job
