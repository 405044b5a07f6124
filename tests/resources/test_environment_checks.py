"""What a compute environment's declaration refuses before any call."""

from typing import Any, cast

import pytest

from batchwright import BatchSession
from batchwright.errors import DeclarationError
from batchwright.resources.compute_environment import ComputeEnvironment
from batchwright.resources.network import DefaultNetwork


def lab(**fields: object) -> ComputeEnvironment:
    """An environment of a session that could call nobody."""
    session = BatchSession("test", region="us-east-2")
    surroundings = {"network": DefaultNetwork(session), "security_groups": "sg-0123"}
    said = {"name": "lab", "instance_profile": "lab", **surroundings, **fields}
    return ComputeEnvironment(session, **cast("Any", said))


def fargate(**fields: object) -> ComputeEnvironment:
    """An environment on Fargate."""
    return lab(**{"type": "FARGATE", "instance_profile": None, **fields})


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "a b"}, r"name='a b'.*1 to 128 letters"),
    ({"type": "EKS"}, r"type='EKS'.*one of 'EC2', 'SPOT', 'FARGATE', 'FARGATE_SPOT'"),
    ({"max_vcpus": 0}, r"max_vcpus=0.*1 or more vCPUs"),
    ({"min_vcpus": -1}, r"min_vcpus=-1.*0 or more vCPUs"),
    ({"min_vcpus": 300}, r"min_vcpus=300.*from 0 to max_vcpus=256"),
    ({"instance_types": ()}, r"instance_types=\(\).*one or more types"),
    ({"instance_types": "c6i large"}, r"instance_types=.*one or more types"),
    ({"allocation_strategy": "SPOT_CAPACITY_OPTIMIZED"}, r"allocation_strategy=.*for EC2 one of"),
    ({"type": "SPOT", "allocation_strategy": "BEST_FIT"}, r"allocation_strategy='BEST_FIT'.*for SPOT one of"),
    ({"security_groups": ["default"]}, r"security_groups='default'.*such as \"sg-0123\""),
    ({"instance_profile": None}, r"instance_profile=None.*session\.defaults\.instance_profile"),
    ({"network": None}, r"network=None.*session\.defaults\.network"),
    ({"bid_percentage": 60}, r"bid_percentage=60.*type=\"SPOT\""),
    ({"type": "SPOT", "bid_percentage": 101}, r"bid_percentage=101.*1 to 100 percent"),
    ({"launch_template": ""}, r"template_id=None.*either template_id or name"),
]
NOT_ON_FARGATE: dict[str, Any] = {
    "min_vcpus": 1,
    "instance_types": ("c6i",),
    "allocation_strategy": "BEST_FIT_PROGRESSIVE",
    "instance_profile": "lab",
    "launch_template": "lt-0123",
    "image_type": "ECS_AL2023",
    "image_id": "ami-0123",
    "placement_group": "together",
    "ec2_key_pair": "door",
    "instance_tags": {"a": "b"},
}


@pytest.mark.parametrize(("fields", "message"), REFUSED)
def test_bad_input_is_refused_before_any_call(fields: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what is legal; the session has no credentials to call with."""
    with pytest.raises(DeclarationError, match=message):
        lab(**fields)


@pytest.mark.parametrize("field", NOT_ON_FARGATE)
def test_fargate_has_no_instances(field: str) -> None:
    """What only instances have is refused for Fargate, by name."""
    with pytest.raises(DeclarationError, match=rf"{field}=.*left out for Fargate"):
        fargate(**{field: NOT_ON_FARGATE[field]})


def test_fargate_takes_five_groups() -> None:
    """A sixth group is refused with the limit."""
    ids = [f"sg-{number}" for number in range(6)]
    assert len(fargate(security_groups=ids[:5]).security_groups) == 5
    with pytest.raises(DeclarationError, match=r"6 groups.*1 to 5 groups for Fargate"):
        fargate(security_groups=ids)
