"""What the first finding says of networks, roles, volumes, logs and secrets, and what it says to do."""

from typing import Final

from batchwright.findings import Finding, Severity

E, W = Severity.ERROR, Severity.WARNING
WORDS: Final = {
    "access-point-missing": (E, "by which the job mounts it does not exist", "ensure() on the volume"),
    "endpoints-missing": (E, "has none of ecs, ecs-agent", "interface endpoints with private DNS"),
    "execution-role-rights": (E, "logs:CreateLogStream", "the session's own execution role has them"),
    "execution-role-unusable": (E, "does not exist, so its container does not start", "Make the role again"),
    "fargate-no-public-address": (E, "assignPublicIp DISABLED", "assign_public_ip=True"),
    "file-system-missing": (E, "so no job can mount it", "a volume that exists"),
    "file-system-not-available": (Severity.INFO, "LifeCycleState creating", "ensure() on the volume"),
    "instance-profile-empty": (E, "holds no role", "Put the instance role into it"),
    "instance-profile-missing": (E, "no instance is launched", "ensure() on the InstanceProfile"),
    "instance-role-rights": (E, "ecs:RegisterContainerInstance", "AmazonEC2ContainerServiceforEC2Role"),
    "instance-role-trust": (E, "cannot register with ECS", 'trusted_service="ec2.amazonaws.com"'),
    "job-role-unusable": (E, "does not exist, so its container does not start", "declare the definition with one"),
    "log-group-missing": (E, "awslogs-group", "awslogs-create-group"),
    "mount-target-none": (E, "no job can mount it", "one in each zone"),
    "mount-target-not-available": (Severity.INFO, "LifeCycleState creating", "Wait for it"),
    "mount-target-vpc": (E, "can be mounted in vpc-", "an environment in that VPC"),
    "mount-target-zone": (W, "has no mount target in us-east-2b", "Make the missing mount targets"),
    "nat-gateway-unusable": (E, "has no route to an internet gateway", "lies in a public subnet"),
    "network-acl-closed": (E, "lets no TCP 443 out", "Allow outbound TCP 443"),
    "nfs-no-egress": (E, "is for TCP 2049", "Add an outbound rule for TCP 2049"),
    "nfs-not-admitted": (E, "inbound TCP 2049 from sg-", "Add an inbound rule for TCP 2049 from sg-"),
    "no-public-address": (E, "MapPublicIpOnLaunch is false", "or route 0.0.0.0/0 to a NAT gateway"),
    "route-black-hole": (E, "is gone or detached", "Attach the gateway again"),
    "secret-missing": (E, "of its variable KEY is being deleted", "ensure() on the StoredSecret"),
    "security-group-missing": (E, "names security groups that do not exist: sg-", "`security_groups`"),
    "security-group-no-egress": (E, "has no outbound rule for TCP 443", "Add an outbound rule for TCP 443"),
    "service-linked-role-missing": (E, "launch and end nothing", "create-service-linked-role"),
    "service-role-unusable": (E, "does not trust batch.amazonaws.com", 'trusted_service="batch.amazonaws.com"'),
    "spot-fleet-role-unusable": (W, "ec2:CreateTags", "AmazonEC2SpotFleetTaggingRole"),
    "subnet-missing": (W, "names subnets that do not exist: subnet-", "`network`"),
    "subnet-no-way-out": (E, "has no route to 0.0.0.0/0", "a route to a NAT gateway"),
    "vpc-dns-off": (E, "enableDnsHostnames is off", "modify-vpc-attribute"),
}
"""By rule the severity where a test breaks its one thing, and words of its summary or evidence, and of its fix."""


def check_words(found: Finding) -> None:
    """Check that the finding of such a rule says all that it has to say."""
    if found.rule not in WORDS:
        return
    severity, said, fix = WORDS[found.rule]
    assert found.severity is severity
    assert said in "\n".join((found.summary, *found.evidence))
    assert fix in found.fix
    assert all(":" in evidence for evidence in found.evidence)
    assert "hidden-value" not in repr(found)
