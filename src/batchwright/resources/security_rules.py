"""What a rule of a security group lets through."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

HTTPS_PORT: Final = 443
NFS_PORT: Final = 2049
ADDRESSES: Final = ("IpRanges", "Ipv6Ranges", "PrefixListIds")


def lets_through(rule: Mapping[str, Any], port: int, groups: Collection[str] | None = None) -> bool:
    """Whether a rule, inbound or outbound, lets TCP through on a port, for or from somebody.

    A rule for addresses counts whatever they are, since it cannot be told which addresses there will be.

    Args:
        rule: As EC2 tells it in `IpPermissions` or `IpPermissionsEgress`.
        port: The port.
        groups: Groups of whom one is to be let through; None for any.
    """
    protocol = str(rule.get("IpProtocol"))
    if protocol not in ("-1", "tcp", "6"):
        return False
    if protocol != "-1" and not int(rule.get("FromPort", 0)) <= port <= int(rule.get("ToPort", 65_535)):
        return False
    if any(rule.get(kind) for kind in ADDRESSES):
        return True
    return any(groups is None or pair.get("GroupId") in groups for pair in rule.get("UserIdGroupPairs", ()))
