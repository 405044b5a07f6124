"""The rule of network ACLs, which stand before all security groups of a subnet and are easily forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from batchwright.diagnosis.batch_facts import ENVIRONMENTS, environment_of
from batchwright.diagnosis.facts import Facts
from batchwright.diagnosis.network import together
from batchwright.diagnosis.network_facts import NETWORK_ACLS, SUBNETS, Seen, network_acl_of, subnets_of
from batchwright.diagnosis.rules import rule
from batchwright.diagnosis.subjects import EnvironmentSubject
from batchwright.findings import Finding, error, warning
from batchwright.resources.security_rules import HTTPS_PORT

_ACLS: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html"
_REPLIES: Final = (32_768, 60_999)
"""The ports that Linux takes for what it asks: answers come in there, and an ACL does not know what they answer."""
_EVERYBODY: Final = {"CidrBlock": "0.0.0.0/0", "Ipv6CidrBlock": "::/0"}


@rule(
    "network-acl-closed",
    of=EnvironmentSubject,
    says="the network ACL of a subnet lets no HTTPS out, or no answers to it in",
    actions=(ENVIRONMENTS, SUBNETS, NETWORK_ACLS),
    source=_ACLS,
)
def closed(facts: Facts, subject: EnvironmentSubject) -> Iterator[Finding]:
    """Entries are tried by their number, and the first that fits decides."""
    seen = environment_of(facts, subject.name)
    if seen is None:
        return
    shut = {id_: _shut(network_acl_of(facts, subnet)) for id_, subnet in subnets_of(facts, seen.subnets).items()}
    said = {id_: text for id_, text in shut.items() if text}
    if said:
        say = error if len(said) >= len(seen.subnets) else warning
        yield say(
            f"{subject.label}: the network ACL of {len(said)} of its {len(seen.subnets)} subnets is closed to HTTPS or "
            "to the answers.",
            *together(said),
            fix=f"Allow outbound TCP {HTTPS_PORT} and inbound TCP 1024-65535 by lower numbers than what denies them.",
        )


def _shut(acl: Seen | None) -> str:
    """What a network ACL does not let through; empty where it lets through what is needed, or is not told of."""
    if acl is None:
        return ""
    entries = sorted(acl.get("Entries", ()), key=lambda entry: int(entry["RuleNumber"]))
    ways = (
        (f"lets no TCP {HTTPS_PORT} out", True, (HTTPS_PORT, HTTPS_PORT)),
        (f"lets no answers in, on TCP {_REPLIES[0]} to {_REPLIES[1]}", False, _REPLIES),
    )
    shut = [
        what
        for what, is_outbound, ports in ways
        if not _is_open([each for each in entries if bool(each["Egress"]) is is_outbound], ports)
    ]
    return f"{NETWORK_ACLS}: {acl['NetworkAclId']} {' and '.join(shut)}" if shut else ""


def _is_open(entries: list[Seen], ports: tuple[int, int]) -> bool:
    """Whether an entry of either family lets somebody through on some of the ports."""
    return any(_lets_in([each for each in entries if family in each], ports, family) for family in _EVERYBODY)


def _lets_in(entries: list[Seen], ports: tuple[int, int], family: str) -> bool:
    """Whether some entry allows some of the ports for somebody, before one denies them all for everybody."""
    for entry in entries:
        if str(entry.get("Protocol")) not in ("-1", "6"):
            continue
        span = entry.get("PortRange") or {"From": 0, "To": 65_535}
        if entry["RuleAction"] == "allow" and span["From"] <= ports[1] and ports[0] <= span["To"]:
            return True
        is_everybody = entry[family] == _EVERYBODY[family]
        if entry["RuleAction"] == "deny" and is_everybody and span["From"] <= ports[0] and ports[1] <= span["To"]:
            return False
    return False
