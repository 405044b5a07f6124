"""ARNs and principals in AWS's other partitions: China and GovCloud."""

import json

import pytest

from batchwright import BatchSession
from batchwright.outcome import Resolved

ACCOUNT = "123456789012"


class SessionOf(BatchSession):
    """A session whose caller is known, so that nothing is asked."""

    def _identity(self) -> dict[str, str]:
        partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(
            self.region.rpartition("-")[0].rpartition("-")[0], "aws"
        )
        return {"Account": ACCOUNT, "Arn": f"arn:{partition}:iam::{ACCOUNT}:user/me"}


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-2", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_carry_the_callers_partition(region: str, partition: str) -> None:
    """Whatever ARN batchwright makes itself is one of the caller's partition."""
    session = SessionOf("lab", region=region)
    defaults = session.defaults
    made = [
        session.caller,
        json.dumps(defaults.tracker.access_policy()),
        json.dumps(defaults.execution_role._request(Resolved())),
        session.scheduling_policy(name="fair")._arn,
    ]
    assert all(f"arn:{partition}:" in text for text in made)


@pytest.mark.parametrize(
    ("region", "principal"), [("us-gov-west-1", "ec2.amazonaws.com"), ("cn-north-1", "ec2.amazonaws.com.cn")]
)
def test_instances_in_china_have_a_principal_of_their_own(region: str, principal: str) -> None:
    """EC2 takes roles on under another name there; ECS's tasks do not."""
    defaults = SessionOf("lab", region=region).defaults
    assert (defaults.instance_role.trusted_service, defaults.job_role.trusted_service) == (
        principal,
        "ecs-tasks.amazonaws.com",
    )


@pytest.mark.parametrize("region", ["ap-southeast-7", "us-gov-west-1", "us-isob-east-1", "cn-northwest-1"])
def test_default_names_fit_in_every_region(region: str) -> None:
    """A role's name has 64 characters, the longest namespace and region included."""
    defaults = SessionOf("n" * 24, region=region).defaults
    assert max(len(role.name) for role in (defaults.instance_role, defaults.job_role, defaults.execution_role)) <= 64
