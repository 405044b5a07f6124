"""Rules of the way from a compute environment's jobs to an EFS file system: zone, VPC, NFS and DNS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from batchwright.diagnosis.batch_facts import ENVIRONMENTS
from batchwright.diagnosis.efs_facts import (
    FILE_SYSTEMS,
    MOUNT_TARGETS,
    TARGET_GROUPS,
    file_system_of,
    groups_of_target,
    mounting,
    places_of,
    rules_of_groups,
    targets_of,
)
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network_facts import GROUPS, SUBNETS, VPC_ATTRIBUTE, groups_of_environment, vpc_attribute
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import VolumeSubject
from batchwright.findings import Finding, error, warning
from batchwright.resources.efs_mount import missing_rules
from batchwright.resources.security_rules import NFS_PORT, lets_through

_NFS: Final = "https://docs.aws.amazon.com/efs/latest/ug/network-access.html"
_DNS: Final = "https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html"
_LEAVING: Final = ("deleting", "error")


@rule(
    "mount-target-zone",
    of=VolumeSubject,
    says="a zone of the compute environment's subnets has no mount target of the file system",
    actions=(ENVIRONMENTS, SUBNETS, FILE_SYSTEMS, MOUNT_TARGETS),
    source=_DNS,
)
def zone_without_target(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """The DNS name of a file system is known in the zones of its mount targets only."""
    seen = file_system_of(facts, subject)
    targets = targets_of(facts, subject)
    served = {target.zone for target in targets if target.status not in _LEAVING}
    if seen is None or not targets:
        return
    only = seen.get("AvailabilityZoneName")
    fix = (
        f"It is kept in {only} only: give the environment subnets of that zone only, or use a volume of all zones."
        if only
        else "Make the missing mount targets: declare the volume in the environment's network, and call ensure() on it."
    )
    for environment in mounting(facts, subject):
        by_zone, vpcs = places_of(facts, environment)
        lacking = sorted(zone for zone in by_zone if zone not in served)
        if lacking and vpcs & {target.vpc_id for target in targets}:
            say = error if len(lacking) == len(by_zone) else warning
            yield say(
                f"{subject.label} has no mount target in {', '.join(lacking)}, where compute environment "
                f"{environment.name!r} may start jobs: they cannot mount it.",
                f"{MOUNT_TARGETS}: in {', '.join(sorted(served)) or 'no zone'}",
                *(f"{SUBNETS}: {', '.join(by_zone[zone])} in {zone}" for zone in lacking),
                fix=fix,
            )


@rule(
    "mount-target-vpc",
    of=VolumeSubject,
    says="the file system's mount targets lie in another VPC than the compute environment",
    actions=(ENVIRONMENTS, SUBNETS, FILE_SYSTEMS, MOUNT_TARGETS),
    source=_DNS,
)
def other_vpc(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """A file system serves one VPC at a time."""
    there = {target.vpc_id for target in targets_of(facts, subject)}
    for environment in mounting(facts, subject):
        _, vpcs = places_of(facts, environment)
        if there and vpcs and not vpcs & there:
            yield error(
                f"{subject.label} can be mounted in {', '.join(sorted(there))} only, and compute environment "
                f"{environment.name!r} lies in {', '.join(sorted(vpcs))}.",
                f"{MOUNT_TARGETS}: VpcId {', '.join(sorted(there))}",
                f"{SUBNETS}: VpcId {', '.join(sorted(vpcs))}",
                fix="Use an environment in that VPC, or another volume in the environment's network.",
            )


@rule(
    "nfs-not-admitted",
    of=VolumeSubject,
    says="the security groups of a mount target do not admit NFS from the compute environment's groups",
    actions=(ENVIRONMENTS, SUBNETS, FILE_SYSTEMS, MOUNT_TARGETS, TARGET_GROUPS, GROUPS),
    source=_NFS,
)
def nfs_not_admitted(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """The mount hangs, and the job fails after some minutes in STARTING."""
    targets = [
        attrs.evolve(target, security_group_ids=groups)
        for target in targets_of(facts, subject)
        if (groups := groups_of_target(facts, target))
    ]
    group_ids = sorted({each for target in targets for each in target.security_group_ids})
    inbound = rules_of_groups(facts, group_ids, "IpPermissions")
    environments = mounting(facts, subject)
    admits_any = any(lets_through(each, NFS_PORT) for own in inbound.values() for each in own)
    if not environments and targets and not admits_any:
        yield error(
            f"{subject.label}: the security groups of its mount targets admit nobody's NFS.",
            *(f"{GROUPS}: no inbound rule of {group_id} is for TCP {NFS_PORT}" for group_id in group_ids),
            fix=f"Add an inbound rule for TCP {NFS_PORT} from the groups of the environments whose jobs mount it.",
        )
    for environment in environments:
        own = groups_of_environment(facts, environment)
        zones, _ = places_of(facts, environment)
        near = [target for target in targets if target.zone in zones]  # a job mounts by the one of its own zone
        missing = missing_rules(near, inbound, own) if own else []
        if missing:
            say = error if len(missing) == len(near) else warning
            yield say(
                f"{subject.label}: its mount targets do not admit NFS from compute environment {environment.name!r}.",
                *(f"{GROUPS}: no rule for {rule_}" for rule_ in missing),
                fix=f"Add an inbound rule for TCP {NFS_PORT} from {' or '.join(own)}, or give the volume and the "
                "environment a group whose members reach each other.",
            )


@rule(
    "nfs-no-egress",
    of=VolumeSubject,
    says="no security group of the compute environment lets NFS out",
    actions=(ENVIRONMENTS, FILE_SYSTEMS, GROUPS),
    source=_NFS,
)
def nfs_no_egress(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """An outbound rule for HTTPS alone is not enough for jobs that mount a file system."""
    for environment in mounting(facts, subject):
        outbound = rules_of_groups(facts, groups_of_environment(facts, environment), "IpPermissionsEgress")
        if outbound and not any(lets_through(each, NFS_PORT) for own in outbound.values() for each in own):
            yield error(
                f"{subject.label}: the groups of compute environment {environment.name!r} let no NFS out.",
                *(f"{GROUPS}: no outbound rule of {group_id} is for TCP {NFS_PORT}" for group_id in outbound),
                fix=f"Add an outbound rule for TCP {NFS_PORT} to {' or '.join(outbound)}.",
            )


@rule(
    "vpc-dns-off",
    of=VolumeSubject,
    says="DNS resolution or DNS host names are off in the VPC, so that the file system's name leads nowhere",
    actions=(FILE_SYSTEMS, MOUNT_TARGETS, VPC_ATTRIBUTE),
    source=_DNS,
)
def dns_off(facts: Facts, subject: VolumeSubject) -> Iterator[Finding]:
    """ECS mounts a file system by its DNS name."""
    for vpc_id in sorted({target.vpc_id for target in targets_of(facts, subject)} - {""}):
        off = [each for each in ("enableDnsSupport", "enableDnsHostnames") if not vpc_attribute(facts, vpc_id, each)]
        if off:
            yield error(
                f"{subject.label}: {' and '.join(off)} {'is' if len(off) == 1 else 'are'} off in {vpc_id}, so that its "
                "DNS name leads nowhere and jobs cannot mount it.",
                *(f"{VPC_ATTRIBUTE}: {each} of {vpc_id} is false" for each in off),
                fix="Switch it on: "
                + "; ".join(f"`aws ec2 modify-vpc-attribute --vpc-id {vpc_id} {_flag(each)}`" for each in off),
            )


def _flag(attribute: str) -> str:
    return {"enableDnsSupport": "--enable-dns-support", "enableDnsHostnames": "--enable-dns-hostnames"}[attribute]
