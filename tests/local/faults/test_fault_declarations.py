"""A fault says which calls it is for, and a mistake in it is refused when it is written."""

import json
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.errors import DeclarationError
from batchwright.local import Fault, FaultCount
from batchwright.local.messages import Call
from batchwright.local.neighbours import SERVED
from batchwright.local.operations import SERVICES, operation_of

if TYPE_CHECKING:
    from conftest import Place

KINDS: tuple[Callable[..., Fault], ...] = (
    lambda **calls: Fault.delay(1.5, **calls),
    lambda **calls: Fault.late_answer(0, **calls),
    lambda **calls: Fault.throttle(2.5, 10, shared=True, **calls),
    lambda **calls: Fault.error("ClientException", status=418, message="no", **calls),
    Fault.error,
    Fault.lost_answer,
    Fault.reset,
    Fault.stale_signature,
    lambda **calls: Fault.stale_listing(60, **calls),
    lambda **calls: Fault.refused_jobs(1, 2, code="ClientException", **calls),
    lambda **calls: Fault.write_capacity("rows", 1, **calls),
    lambda **calls: Fault.transaction_conflict(0, 7, **calls),
)
CALLS = st.one_of(
    st.none(),
    st.integers(1, 10**9),
    st.lists(st.integers(1, 50), min_size=1, max_size=5),
    st.builds(lambda start, length: range(start, start + length), st.integers(1, 50), st.integers(1, 10**12)),
)


@given(
    make=st.sampled_from(KINDS),
    operation=st.one_of(st.none(), st.just("*"), st.just(["batch:*", "dynamodb:*"])),
    calls=CALLS,
    probability=st.one_of(st.none(), st.floats(0, 1)),
    seed=st.integers(),
)
def test_a_fault_survives_its_way_to_the_server(make: Callable[..., Fault], operation: Any, **chosen: Any) -> None:  # noqa: ANN401
    """What arrives in the other process is equal, with the same hash, and so are its counts."""
    fault = make(**chosen) if operation is None else make(operation=operation, **chosen)
    sent = json.loads(json.dumps(FaultCount(fault=fault, seen=3, acted=1).to_wire()))
    arrived = FaultCount.from_wire(sent)
    assert arrived == FaultCount(fault=fault, seen=3, acted=1)
    assert hash(arrived.fault) == hash(fault)


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("batch:SubmitJobs", "did you mean batch:SubmitJob"),
        ("SubmitJob", "did you mean batch:SubmitJob"),
        ("CreateTable", "did you mean dynamodb:CreateTable"),
        ("batch:submit_job", "did you mean batch:SubmitJob"),
        ("Nothing", "service:Operation, such as batch:SubmitJob"),
        ("batch:Nothing*", "an operation of batch"),
        ("s3:PutObject", "of a service that is served: batch, dynamodb"),
        ("", "service:Operation"),
        (["batch:SubmitJob", "batch:Nope"], "batch:Nope"),
        ([], "at least one"),
    ],
)
def test_an_operation_that_does_not_exist_is_refused(operation: Any, words: str) -> None:  # noqa: ANN401
    """A rule that could never act would let a test pass for nothing; the message names the nearest operations."""
    with pytest.raises(DeclarationError, match=re.escape(words)):
        Fault.reset(operation=operation)


@pytest.mark.parametrize(
    "operation",
    [
        "*",
        "batch:SubmitJob",
        "batch:*Job",
        "*:Describe*",
        "elasticfilesystem:CreateFileSystem",
        "efs:*",
        "batch:CancelJobs",
    ],
)
def test_patterns_that_fit_something_are_admitted(operation: str) -> None:
    """Either half can be a pattern, a service can be named as IAM does, and an operation newer than botocore."""
    assert Fault.reset(operation=operation).selection.operations == (operation.replace("elasticfilesystem", "efs"),)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Fault.delay(-1), "seconds=-1 is not legal: a finite number, at least 0"),
        (lambda: Fault.delay(math.nan), "seconds=nan"),
        (lambda: Fault.late_answer(math.inf), "seconds=inf"),
        (lambda: Fault.stale_listing(-0.1), "seconds=-0.1"),
        (lambda: Fault.throttle(0), "per_second=0 is not legal: a finite number, more than 0"),
        (lambda: Fault.throttle(1, 0), "burst=0 is not legal: a finite number, at least 1"),
        (lambda: Fault.error(status=200), "status=200"),
        (lambda: Fault.reset(probability=1.1), "probability=1.1 is not legal: a share from 0 to 1"),
        (lambda: Fault.reset(probability=-0.1), "probability=-0.1"),
        (lambda: Fault.reset(probability=math.nan), "probability=nan"),
        (lambda: Fault.reset(calls=0), "calls=0 is not legal: at least one call, counted from 1"),
        (lambda: Fault.reset(calls=(1, 0)), re.escape("calls=(1, 0)")),
        (lambda: Fault.reset(calls=()), re.escape("calls=()")),
        (lambda: Fault.reset(calls=range(0, 5)), re.escape("calls=range(0, 5)")),
        (lambda: Fault.reset(calls=range(5, 1)), re.escape("calls=range(5, 1)")),
        (lambda: Fault.stale_listing(1, operation="batch:SubmitJob"), "among batch:ListJobs"),
        (lambda: Fault.refused_jobs(operation="batch:CancelJob"), "among batch:CancelJobs"),
        (lambda: Fault.refused_jobs(-1), "places=-1 is not legal: the place of an item, counted from 0"),
        (lambda: Fault.write_capacity("rows", 0), "units_per_second=0"),
        (lambda: Fault.transaction_conflict(operation="dynamodb:GetItem"), "among dynamodb:PutItem"),
    ],
)
def test_a_value_that_means_nothing_is_refused(make: Callable[[], Fault], words: str) -> None:
    """The error names the field, the value and what is legal."""
    with pytest.raises(DeclarationError, match=words):
        make()


@pytest.mark.parametrize(
    ("service", "call", "arguments", "operation"),
    [
        ("batch", "submit_job", {"jobName": "x", "jobQueue": "x", "jobDefinition": "x"}, "batch:SubmitJob"),
        ("batch", "list_tags_for_resource", {"resourceArn": "arn:aws:batch:x:1:job/y"}, "batch:ListTagsForResource"),
        ("batch", "untag_resource", {"resourceArn": "arn:x", "tagKeys": ["y"]}, "batch:UntagResource"),
        ("efs", "describe_file_systems", {}, "efs:DescribeFileSystems"),
        ("efs", "delete_file_system", {"FileSystemId": "fs-1"}, "efs:DeleteFileSystem"),
        (
            "efs",
            "describe_mount_target_security_groups",
            {"MountTargetId": "fsmt-12345678"},
            "efs:DescribeMountTargetSecurityGroups",
        ),
        ("dynamodb", "list_tables", {}, "dynamodb:ListTables"),
        ("iam", "list_roles", {}, "iam:ListRoles"),
        ("ec2", "describe_vpcs", {}, "ec2:DescribeVpcs"),
        ("sts", "get_caller_identity", {}, "sts:GetCallerIdentity"),
        ("logs", "describe_log_groups", {}, "logs:DescribeLogGroups"),
        ("ssm", "describe_parameters", {}, "ssm:DescribeParameters"),
        ("secretsmanager", "list_secrets", {}, "secretsmanager:ListSecrets"),
        ("resourcegroupstaggingapi", "get_resources", {}, "resourcegroupstaggingapi:GetResources"),
    ],
)
def test_a_call_is_known_by_boto3s_names(
    in_process: "Place", service: str, call: str, arguments: dict[str, Any], operation: str
) -> None:
    """Every protocol is read: a rule for the operation sees the call, one for another does not."""
    other = "batch:DescribeJobs" if operation != "batch:DescribeJobs" else "batch:ListJobs"
    in_process.inject(Fault.error("Other", operation=other), Fault.error("ClientException", operation=operation))
    assert in_process.refused(getattr(in_process.client(service), call), **arguments)[1] == "ClientException"
    assert in_process.acted() == [0, 1]


def test_what_is_no_operation_has_no_name() -> None:
    """A request that nobody serves is struck by rules for everything only."""
    assert operation_of(Call(method="GET", path="/nothing", service="batch")) == "batch:"
    assert operation_of(Call(method="POST", path="/", service="tagging")) == "resourcegroupstaggingapi:"


def test_every_service_that_is_served_can_be_named() -> None:
    """By the name of its client in boto3."""
    signing = {
        boto3.Session().client(name, region_name="us-east-2").meta.service_model.signing_name for name in SERVICES
    }
    assert signing == SERVED | {"batch"}


def test_seeds_and_kinds_strike_different_calls() -> None:
    """Two seeds do, and two kinds of one seed; one seed of one kind always the same."""

    def struck(fault: Fault) -> list[int]:
        return [n for n in range(1, 1001) if fault.selection.strikes(n, type(fault.effect).__name__)]

    chosen: dict[str, Any] = {"operation": "batch:*", "probability": 0.2}
    first = struck(Fault.reset(**chosen))
    assert first == struck(Fault.reset(**chosen))
    assert 150 < len(first) < 250
    for other in (Fault.reset(**chosen, seed=1), Fault.lost_answer(**chosen)):
        assert len(set(first) & set(struck(other))) < 80
    assert struck(Fault.reset(calls=(3, 5, 900))) == [3, 5, 900]
    assert set(struck(Fault.reset(calls=range(1, 101), **chosen))) <= {n for n in first if n <= 100}
