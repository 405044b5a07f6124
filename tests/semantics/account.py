"""What environments need before there is one: a role, a profile, a subnet, a group; and the queue for most probes."""

from __future__ import annotations

import json
from typing import Any, Final

from semantics.systems import System

PLENTY: Final = "plenty"


class Account:
    """What a system was prepared with.

    Args:
        system: The system; one without IAM and EC2 is given names of things that are nowhere.
    """

    def __init__(self, system: System) -> None:
        self.queue = PLENTY
        self.role_arn = "arn:aws:iam::123456789012:role/table"
        self.profile_arn = "arn:aws:iam::123456789012:instance-profile/table"
        self.subnet, self.group = "subnet-0", "sg-0"
        if "iam" in system.services:
            self._prepare(system)

    def _prepare(self, system: System) -> None:
        from semantics.bench import client_of

        iam, ec2 = client_of(system, "iam"), client_of(system, "ec2")
        statements = [_trusting(service) for service in ("batch", "ec2", "ecs-tasks")]
        trust = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.role_arn = iam.create_role(RoleName="table", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        profile = iam.create_instance_profile(InstanceProfileName="table")["InstanceProfile"]
        iam.add_role_to_instance_profile(InstanceProfileName="table", RoleName="table")
        self.profile_arn = profile["Arn"]
        self.subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        self.group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]

    def environment_request(self, name: str, max_vcpus: int) -> dict[str, Any]:
        """A CreateComputeEnvironment that AWS and all of them take."""
        return {
            "computeEnvironmentName": name,
            "type": "MANAGED",
            "state": "ENABLED",
            "serviceRole": self.role_arn,
            "computeResources": {
                "type": "EC2",
                "allocationStrategy": "BEST_FIT_PROGRESSIVE",
                "minvCpus": 0,
                "maxvCpus": max_vcpus,
                "instanceTypes": ["optimal"],
                "subnets": [self.subnet],
                "securityGroupIds": [self.group],
                "instanceRole": self.profile_arn,
            },
        }


def _trusting(service: str) -> dict[str, Any]:
    principal = {"Service": f"{service}.amazonaws.com"}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
