"""A state machine may do what its role may, and no more."""

import json
from typing import Any

import pytest

from batchwright.local.state_machines.policy_documents import Access, allows

from .conftest import Account, States

TABLE = "arn:aws:dynamodb:us-east-2:123456789012:table/rows"
VOLUME = "arn:aws:elasticfilesystem:us-east-2:123456789012:file-system/{}"


def allow(action: object, resource: object, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


DECISIONS: list[tuple[list[dict[str, Any]], bool]] = [
    ([], False),
    ([allow("dynamodb:GetItem", TABLE)], True),
    ([allow("DynamoDB:getitem", "*")], True),
    ([allow(["dynamodb:Get*", "x:y"], [TABLE[:-4] + "*"])], True),
    ([allow("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/row?")], True),
    ([allow("dynamodb:PutItem", TABLE)], False),
    ([allow("dynamodb:GetItem", TABLE + "s")], False),
    ([allow("*", "*"), {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}], False),
    ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], True),
    ([{"Effect": "Allow", "Action": "*", "NotResource": TABLE}], False),
    ([allow("*", "*", Condition={"StringEquals": {"aws:ResourceTag/lab": ["ours", "theirs"]}})], True),
    ([allow("*", "*", Condition={"StringEquals": {"aws:ResourceTag/lab": "theirs"}})], False),
    ([allow("*", "*", Condition={"StringNotEquals": {"aws:ResourceTag/lab": "theirs"}})], True),
    ([allow("*", "*", Condition={"StringNotEquals": {"aws:ResourceTag/lab": "ours"}})], False),
    ([allow("*", "*", Condition={"StringLike": {"AWS:resourcetag/lab": "o*"}})], True),
    ([allow("*", "*", Condition={"Null": {"aws:ResourceTag/lab": "false"}})], True),
    ([allow("*", "*", Condition={"Null": {"aws:ResourceTag/lab": True}})], False),
    ([allow("*", "*", Condition={"StringEquals": {"aws:ResourceTag/absent": "a"}})], False),
    ([allow("*", "*", Condition={"StringEqualsIfExists": {"aws:ResourceTag/absent": "a"}})], True),
    ([allow("*", "*", Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})], False),
]


@pytest.mark.parametrize(("statements", "expected"), DECISIONS, ids=[json.dumps(each) for each, _ in DECISIONS])
def test_policies_decide_as_iam_does(statements: list[dict[str, Any]], expected: bool) -> None:
    """Something must allow and nothing deny; a condition that is not understood gives no right."""
    access = Access(action="dynamodb:GetItem", resource=TABLE, keys=lambda: {"aws:ResourceTag/lab": "ours"})
    assert allows([json.dumps({"Version": "2012-10-17", "Statement": statements})], access) is expected


def deleting(file_system_id: str) -> States:
    return {
        "A": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:efs:deleteFileSystem",
            "Parameters": {"FileSystemId": file_system_id},
            "End": True,
        }
    }


def volume(account: Account, tag: str) -> str:
    efs = account.aws.boto3_session("us-east-2").client("efs")
    made = efs.create_file_system(CreationToken=tag, Tags=[{"Key": "lab", "Value": tag}])
    account.aws.advance(60)
    return made["FileSystemId"]


def test_a_role_without_the_right_fails_the_task(account: Account) -> None:
    """With the words of AWS, which name user, action and resource; and nothing has been done."""
    account.allow([allow("elasticfilesystem:Describe*", "*")])
    file_system_id = volume(account, "ours")
    arn = account.start(deleting(file_system_id))
    assert account.end_of(arn) == ("FAILED", "Efs.EfsException")
    cause = account.sfn.describe_execution(executionArn=arn).get("cause", "")
    assert "assumed-role/machine/" in cause
    assert f"to perform: elasticfilesystem:DeleteFileSystem on resource: {VOLUME.format(file_system_id)}" in cause
    efs = account.aws.boto3_session("us-east-2").client("efs")
    assert efs.describe_file_systems(FileSystemId=file_system_id)["FileSystems"][0]["LifeCycleState"] == "available"


def test_a_right_may_hang_on_a_tag(account: Account) -> None:
    """Ours is deleted, another's is not."""
    ours, theirs = volume(account, "ours"), volume(account, "theirs")
    condition = {"StringEquals": {"aws:ResourceTag/lab": "ours"}}
    account.allow([allow("elasticfilesystem:DeleteFileSystem", VOLUME.format("*"), Condition=condition)])
    first, second = account.start(deleting(ours), name="first"), account.start(deleting(theirs), name="second")
    assert account.end_of(first)[0] == "SUCCEEDED"
    assert account.end_of(second) == ("FAILED", "Efs.EfsException")


def test_what_is_deleted_in_its_name_needs_rights_too(account: Account) -> None:
    """EFS deletes a mount target's network interface in the name of whoever deletes the target."""
    file_system_id = volume(account, "ours")
    session = account.aws.boto3_session("us-east-2")
    subnet = session.client("ec2").describe_subnets()["Subnets"][0].get("SubnetId", "")
    efs = session.client("efs")
    target = efs.create_mount_target(FileSystemId=file_system_id, SubnetId=subnet)["MountTargetId"]
    account.aws.advance(100)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:efs:deleteMountTarget",
        "Parameters": {"MountTargetId": target},
        "End": True,
    }
    right = allow("elasticfilesystem:DeleteMountTarget", VOLUME.format(file_system_id))
    account.allow([right])
    arn = account.start({"A": task}, name="first")
    account.end_of(arn)
    assert "ec2:DeleteNetworkInterface" in account.sfn.describe_execution(executionArn=arn).get("cause", "")
    account.allow([right, allow("ec2:DeleteNetworkInterface", "*")])
    assert account.end_of(account.start({"A": task}, name="second"))[0] == "SUCCEEDED"


def test_attached_policies_count(account: Account) -> None:
    """Managed ones, besides those inside the role."""
    account.allow([allow("iam:GetRole", "*")])
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("batch:DescribeJobs", "*")]})
    policy = account.iam.create_policy(PolicyName="look", PolicyDocument=document)["Policy"].get("Arn", "")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:batch:describeJobs",
        "Parameters": {"Jobs": ["x"]},
        "End": True,
    }
    assert account.end_of(account.start({"A": task}, name="first")) == ("FAILED", "Batch.BatchException")
    account.iam.attach_role_policy(RoleName="machine", PolicyArn=policy)
    assert account.end_of(account.start({"A": task}, name="second")) == ("SUCCEEDED", {"Jobs": []})


def test_secrets_and_parameters_are_known_by_arn_and_tag(account: Account) -> None:
    """A secret's ARN ends in letters that its name does not have; a parameter's path follows the word at once."""
    session = account.aws.boto3_session("us-east-2")
    tag: Any = [{"Key": "lab", "Value": "ours"}]
    session.client("secretsmanager").create_secret(Name="lab/key", SecretString="x", Tags=tag)
    session.client("ssm").put_parameter(Name="/lab/key", Value="x", Type="String", Tags=tag)
    condition = {"StringEquals": {"aws:ResourceTag/lab": "ours"}}
    place = "us-east-2:123456789012"
    account.allow(
        [
            allow(
                "secretsmanager:DeleteSecret",
                f"arn:aws:secretsmanager:{place}:secret:lab/key-??????",
                Condition=condition,
            ),
            allow("ssm:DeleteParameter", f"arn:aws:ssm:{place}:parameter/lab/*", Condition=condition),
        ]
    )
    task = {"Type": "Task", "ResultPath": None}
    states: States = {
        "A": {
            **task,
            "Resource": "arn:aws:states:::aws-sdk:secretsmanager:deleteSecret",
            "Parameters": {"SecretId": "lab/key"},
            "Next": "B",
        },
        "B": {
            **task,
            "Resource": "arn:aws:states:::aws-sdk:ssm:deleteParameter",
            "Parameters": {"Name": "/lab/key"},
            "End": True,
        },
    }
    assert account.run(states, {}) == ("SUCCEEDED", {})
    assert session.client("ssm").get_parameters(Names=["/lab/key"])["Parameters"] == []
