"""Job definitions of the local AWS Batch: revisions, normalisation, refusals, paging."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Lab

SIZES = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]
ENCRYPTED = {"transitEncryption": "ENABLED"}
ACCESS_POINT = {"authorizationConfig": {"accessPointId": "fsap-1"}}
SERVERLESS = {"platformCapabilities": ["FARGATE"]}


MOUNT = {"sourceVolume": "data", "containerPath": "/data"}


def efs(**configuration: object) -> dict[str, Any]:
    return {"volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1", **configuration}}]}


def fargate(**container: object) -> dict[str, Any]:
    return {**size("1", "2048"), "executionRoleArn": "r", **container}


def size(vcpus: str, memory: str) -> dict[str, Any]:
    return {"resourceRequirements": [{"type": "VCPU", "value": vcpus}, {"type": "MEMORY", "value": memory}]}


def revisions(lab: "Lab", **request: object) -> list[tuple[int, str]]:
    pages = lab.client.get_paginator("describe_job_definitions").paginate(**request)
    return [(each["revision"], each["status"]) for page in pages for each in page["jobDefinitions"]]


def test_every_registration_is_a_revision_and_the_counter_never_restarts(lab: "Lab") -> None:
    """Equal content makes a new revision too, and deregistering all does not start over."""
    first, second = lab.definition(), lab.definition()
    assert (first.rpartition(":")[2], second.rpartition(":")[2]) == ("1", "2")
    lab.client.deregister_job_definition(jobDefinition=first)
    lab.client.deregister_job_definition(jobDefinition="convert:2")
    assert lab.definition().endswith("job-definition/convert:3")
    everything = [(1, "INACTIVE"), (2, "INACTIVE"), (3, "ACTIVE")]
    assert revisions(lab, jobDefinitionName="convert") == everything
    assert revisions(lab, jobDefinitionName="convert", status="ACTIVE") == [(3, "ACTIVE")]
    assert revisions(lab, jobDefinitions=["convert:1", second, "convert", "gone:1"]) == everything[:2]


def test_description_is_normalised_as_on_aws(lab: "Lab") -> None:
    """Empty lists appear, variables without a value vanish, actions come back in lower case."""
    lab.definition(
        container={"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": ""}]},
        retryStrategy={"attempts": 2, "evaluateOnExit": [{"onExitCode": "13*", "action": "EXIT"}]},
    )
    (seen,) = lab.client.describe_job_definitions(jobDefinitions=["convert:1"])["jobDefinitions"]
    container = seen["containerProperties"]
    assert container["environment"] == [{"name": "A", "value": "1"}]
    assert all(container[member] == [] for member in ("mountPoints", "secrets", "ulimits", "volumes"))
    assert seen["retryStrategy"]["evaluateOnExit"] == [{"onExitCode": "13*", "action": "exit"}]
    assert (seen["platformCapabilities"], seen["propagateTags"], seen["parameters"]) == (["EC2"], False, {})


def test_what_was_described_can_be_registered_again(lab: "Lab") -> None:
    """The normalised form of a definition is itself a legal definition."""
    lab.definition(retryStrategy={"attempts": 2, "evaluateOnExit": [{"onReason": "*", "action": "RETRY"}]})
    (seen,) = lab.client.describe_job_definitions()["jobDefinitions"]
    lab.definition(container=seen["containerProperties"], retryStrategy=seen["retryStrategy"])
    assert revisions(lab) == [(1, "ACTIVE"), (2, "ACTIVE")]


def test_volume_with_an_access_point_is_described_as_sent(lab: "Lab") -> None:
    """A mounted EFS volume with an access point and encryption is legal."""
    volume = efs(**ENCRYPTED, **ACCESS_POINT)
    lab.definition(container={**volume, "mountPoints": [MOUNT]})
    (seen,) = lab.client.describe_job_definitions()["jobDefinitions"]
    assert seen["containerProperties"]["volumes"] == volume["volumes"]
    assert seen["containerProperties"]["mountPoints"] == [MOUNT]


def test_fargate_definition_reports_its_platform_version(lab: "Lab") -> None:
    """On Fargate the platform version LATEST is filled in."""
    lab.definition(container=fargate(**size("0.25", "512")), **SERVERLESS)
    (seen,) = lab.client.describe_job_definitions()["jobDefinitions"]
    assert seen["containerProperties"]["fargatePlatformConfiguration"] == {"platformVersion": "LATEST"}


@pytest.mark.parametrize(
    ("container", "members", "message"),
    [
        ({"image": ""}, {}, "image"),
        ({"resourceRequirements": SIZES[:1]}, {}, "MEMORY"),
        (size("0.5", "2048"), {}, "whole number"),
        (size("1", "3"), {}, "at least 4"),
        (size("one", "2048"), {}, "must be a number"),
        ({"environment": [{"name": "AWS_BATCH_JOB_ID", "value": "1"}]}, {}, "AWS_BATCH"),
        ({"mountPoints": [{"sourceVolume": "x", "containerPath": "/x"}]}, {}, "Unknown volume 'x'"),
        ({"mountPoints": [MOUNT, MOUNT], **efs()}, {}, "all different"),
        ({"volumes": [{"name": "a"}, {"name": "a"}]}, {}, "all different"),
        (efs(**ACCESS_POINT), {}, "transitEncryption must be ENABLED"),
        (efs(**ENCRYPTED, **ACCESS_POINT, rootDirectory="/x"), {}, "rootDirectory must be omitted"),
        (efs(**ENCRYPTED, authorizationConfig={"iam": "ENABLED"}), {}, "iam needs a jobRoleArn"),
        (efs(rootDirectory="/" + "x" * 4096), {}, "at most 4096"),
        (efs(transitEncryptionPort=65_536), {}, "transitEncryptionPort"),
        ({"resourceRequirements": [*SIZES, SIZES[0]]}, {}, "one type twice"),
        ({"networkConfiguration": {"assignPublicIp": "ENABLED"}}, {}, "networkConfiguration not applicable for EC2."),
        ({"secrets": [{"name": "A", "valueFrom": "arn:x"}]}, {}, "executionRoleArn is required for secrets"),
        ({"user": "Not Good"}, {}, "user"),
        ({}, {"timeout": {"attemptDurationSeconds": 59}}, "at least 60"),
        ({}, {"retryStrategy": {"attempts": 11}}, "between 1 and 10"),
        ({}, {"retryStrategy": {"evaluateOnExit": [{"onReason": "*", "action": "RETRY"}]}}, "RetryAttempts must be"),
        ({}, {"retryStrategy": {"attempts": 1, "evaluateOnExit": [{"action": "RETRY"}]}}, "needs one of"),
        ({}, {"retryStrategy": {"attempts": 1, "evaluateOnExit": [{"onExitCode": "x", "action": "RETRY"}]}}, "match"),
        ({}, {"schedulingPriority": 10_000}, "9999"),
        ({"command": ["x" * 25_000]}, {}, "bytes"),
        ({}, {"jobDefinitionName": "a:b"}, "valid pattern"),
        ({}, {"retryStrategy": {"attempts": 9, "evaluateOnExit": [{"onReason": "*", "action": "EXIT"}] * 6}}, "5 ent"),
        ({}, {"containerProperties": None}, "needs containerProperties"),
        ({}, {"platformCapabilities": ["EC2", "FARGATE"]}, "not served"),
        (size("1", "2048"), SERVERLESS, "executionRoleArn"),
        (fargate(vcpus=1), SERVERLESS, "use resourceRequirements"),
        (fargate(privileged=True), SERVERLESS, "privileged is not applicable"),
        (fargate(linuxParameters={"maxSwap": 1}), SERVERLESS, "linuxParameters.maxSwap is not applicable"),
        (fargate(logConfiguration={"logDriver": "syslog"}), SERVERLESS, "logDriver"),
        (fargate(volumes=[{"name": "a", "host": {"sourcePath": "/"}}]), SERVERLESS, "host.sourcePath"),
        (fargate(ephemeralStorage={"sizeInGiB": 20}), SERVERLESS, "between 21 and 200"),
        (fargate(resourceRequirements=[*SIZES, {"type": "GPU", "value": "1"}]), SERVERLESS, "GPU"),
        ({}, {"nodeProperties": {"numNodes": 1, "mainNode": 0, "nodeRangeProperties": []}}, "not served"),
    ],
)
def test_register_refuses(lab: "Lab", container: dict[str, Any], members: dict[str, Any], message: str) -> None:
    """What AWS would not register is refused and makes no revision."""
    request = {
        "jobDefinitionName": "convert",
        "type": "container",
        "containerProperties": {"image": "busybox", "resourceRequirements": SIZES, **container},
        **members,
    }
    given = {member: value for member, value in request.items() if value is not None}
    assert message in lab.refusal("register_job_definition", **given)
    assert revisions(lab) == []


def test_revisions_come_in_pages_of_100(lab: "Lab") -> None:
    """A name with many revisions needs several calls, and the paginator sees each once."""
    for _ in range(205):
        lab.definition()
    first = lab.client.describe_job_definitions(jobDefinitionName="convert")
    assert len(first["jobDefinitions"]) == 100
    assert [number for number, _ in revisions(lab, jobDefinitionName="convert")] == list(range(1, 206))


def test_lookup_by_id_and_by_filter_exclude_each_other(lab: "Lab") -> None:
    """jobDefinitions stands alone."""
    refused = lab.refusal("describe_job_definitions", jobDefinitions=["convert:1"], status="ACTIVE")
    assert "cannot be combined" in refused


def test_deregistering_needs_a_revision(lab: "Lab") -> None:
    """A bare name is refused and leaves the definition ACTIVE."""
    lab.definition()
    assert "name:revision" in lab.refusal("deregister_job_definition", jobDefinition="convert")
    assert revisions(lab) == [(1, "ACTIVE")]


@pytest.mark.parametrize(
    ("vcpus", "memory", "is_legal"),
    [
        ("0.25", "512", True),
        ("0.25", "1536", False),
        ("0.5", "4096", True),
        ("1", "8192", True),
        ("1.0", "8192", True),
        ("2", "17408", False),
        ("4", "30720", True),
        ("8", "17408", False),
        ("8", "20480", True),
        ("16", "122880", True),
        ("32", "249856", True),
        ("3", "8192", False),
        ("1", "2000", False),
    ],
)
def test_fargate_has_only_its_own_pairs(lab: "Lab", vcpus: str, memory: str, is_legal: bool) -> None:
    """Fargate sells vCPU and memory in fixed pairs."""
    container = {"image": "busybox", **fargate(**size(vcpus, memory))}
    request = {"type": "container", "containerProperties": container, **SERVERLESS}
    if is_legal:
        lab.client.register_job_definition(jobDefinitionName="convert", **request)
    else:
        assert "Fargate has no" in lab.refusal("register_job_definition", jobDefinitionName="convert", **request)
    assert len(revisions(lab)) == is_legal
