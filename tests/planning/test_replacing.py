"""Why AWS cannot change a field: one rule for each, with AWS's page, and the way out."""

import pytest

from batchwright.drift import ABSENT, Change, Drift, Remedy
from batchwright.replacing import FIXED, WAY_OUT, reason_for

EC2 = {"computeResources": {"type": "EC2", "allocationStrategy": "BEST_FIT_PROGRESSIVE"}}
FARGATE = {"computeResources": {"type": "FARGATE"}}
BEST_FIT = {"computeResources": {"type": "EC2", "allocationStrategy": "BEST_FIT"}}
OWN_ROLE = {**EC2, "serviceRole": "arn:aws:iam::123456789012:role/mine"}
LINKED = {**EC2, "serviceRole": "arn:aws:iam::123456789012:role/aws-service-role/batch.amazonaws.com/AWSServiceRole"}
CASES: dict[str, tuple[str, str, object, dict[str, object], str]] = {
    "an own role comes": ("compute environment", "serviceRole", "mine", {**LINKED}, "service-linked role"),
    "an own role goes": ("compute environment", "serviceRole", ABSENT, {**OWN_ROLE}, "service-linked role"),
    "types with an own role": (
        "compute environment",
        "computeResources.instanceTypes",
        ["c6i"],
        {**OWN_ROLE},
        "role of",
    ),
    "to Fargate": ("compute environment", "computeResources.type", "FARGATE", {**EC2}, "never becomes one of Fargate"),
    "to EC2": ("compute environment", "computeResources.type", "EC2", {**FARGATE}, "never becomes one of Fargate"),
    "to Fargate Spot": ("compute environment", "computeResources.type", "FARGATE_SPOT", {**FARGATE}, "Of a Fargate"),
    "to BEST_FIT": ("compute environment", "computeResources.allocationStrategy", "BEST_FIT", {**EC2}, "BEST_FIT"),
    "of BEST_FIT": ("compute environment", "computeResources.instanceTypes", ["c6i"], {**BEST_FIT}, "BEST_FIT"),
    "a first policy": ("job queue", "schedulingPolicyArn", "arn", {"schedulingPolicyArn": None}, "first in, first out"),
    "no policy": ("job queue", "schedulingPolicyArn", ABSENT, {"schedulingPolicyArn": "arn"}, "never taken away"),
    "encryption": ("EFS volume", "Encrypted", True, {"Encrypted": False}, "Encryption"),
    "a key": ("EFS volume", "KmsKeyId", "key", {}, "Encryption"),
    "performance": ("EFS volume", "PerformanceMode", "maxIO", {}, "performance mode"),
    "one zone": ("EFS volume", "AvailabilityZoneName", "us-east-2a", {}, "one zone"),
    "a path": ("IAM role", "Path", "/b/", {"Path": "/a/"}, "another path"),
    "a description": ("security group", "Description", "b", {"Description": "a"}, "when it is made"),
    "a key of a table": ("status tracker", "KeySchema", [], {}, "key of a table"),
    "a parameter": ("stored secret", "Type", "SecureString", {"Type": "String"}, "another type"),
    "units": ("consumable resource", "resourceType", "b", {"resourceType": "a"}, "units come back"),
    "a kind of machine": ("state machine", "type", "STANDARD", {"type": "EXPRESS"}, "type of a state machine"),
    "a job": ("job", "wish", "this declaration", {}, "submitted job"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_reason_is_aws_s_own_rule(case: str) -> None:
    """It is one sentence that fits, with the page that says so and what to do instead."""
    kind, path, desired, actual, words = CASES[case]
    reason = reason_for(kind, Drift((Change(path, desired, "what is there", Remedy.REPLACE),)), actual)
    assert len(reason.why) == len(reason.sources) == 1
    assert words in reason.why[0]
    assert reason.sources[0].startswith("https://docs.aws.amazon.com/")
    assert reason.way_out


def test_every_rule_has_a_case() -> None:
    """Whoever adds a rule shows what it is about."""
    said = {
        reason_for(kind, Drift((Change(path, desired, "", Remedy.REPLACE),)), actual).why[0]
        for kind, path, desired, actual, _ in CASES.values()
    }
    # Between instances and Fargate the type differs first, and with it all else.
    assert {rule.why for rule in FIXED} - said == {
        "Between an environment of instances and one of Fargate, AWS changes nothing but scale and state."
    }


def test_what_follows_from_another_type_is_told_apart_from_the_type() -> None:
    """Each reason once, whatever the number of fields."""
    changes = [("computeResources.type", "FARGATE"), ("computeResources.subnets", ["b"]), ("computeResources.tags", {})]
    drift = Drift(tuple(Change(path, value, "", Remedy.REPLACE) for path, value in changes))
    reason = reason_for("compute environment", drift, EC2)
    assert len(reason.why) == 2
    assert "nothing but scale and state" in reason.why[1]


def test_what_nobody_has_a_rule_for_has_the_general_way_out() -> None:
    """A kind of a user's own, and what can be changed, say no reason."""
    drift = Drift((Change("size", 2, 1, Remedy.REPLACE), Change("priority", 2, 1)))
    assert reason_for("thing", drift, {}) == reason_for("job queue", drift, {})
    assert (reason_for("thing", drift, {}).why, reason_for("thing", drift, {}).way_out) == ((), WAY_OUT)
