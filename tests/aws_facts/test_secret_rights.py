"""ECS reads a job's secrets as the execution role, and AWS's own policy for that role does not let it."""

from typing import cast

import pytest

from batchwright import BatchSession, DeclarationError, IamRole, Secret

TOKEN = "arn:aws:secretsmanager:us-east-2:123456789012:secret:lab/token-a1b2c3"
LEVEL = "arn:aws:ssm:us-east-2:123456789012:parameter/lab/level"


def role_of(session: BatchSession, **secrets: str | Secret) -> IamRole:
    """The execution role that a definition with these secrets gets when none is named."""
    definition = session.job_definition(name="convert", image="busybox", secrets=secrets)
    return cast("IamRole", definition.execution_role)


def test_the_default_role_may_read_the_secrets_and_no_others(session: BatchSession) -> None:
    """One key of a secret is read by reading that secret; parameters have an action of their own."""
    role = role_of(session, TOKEN=Secret(f"{TOKEN}:key::"), LEVEL=LEVEL, AGAIN=TOKEN)
    role.ensure()
    (document,) = role.describe().inline_policies.values()
    rights = [(item["Action"], item["Resource"]) for item in cast("list[dict[str, object]]", document["Statement"])]
    assert rights == [("secretsmanager:GetSecretValue", [TOKEN]), ("ssm:GetParameters", [LEVEL])]
    assert role.describe().attached_policies[0].endswith("/AmazonECSTaskExecutionRolePolicy")


def test_other_secrets_are_another_role(session: BatchSession) -> None:
    """Definitions do not share rights: the same secrets have one role, without secrets there is the plain one."""
    assert role_of(session, A=TOKEN) == role_of(session, B=TOKEN)
    assert len({role_of(session, A=TOKEN), role_of(session, A=LEVEL), session.defaults.execution_role}) == 3
    fargate = session.job_definition(name="convert", image="busybox", platform="FARGATE")
    assert fargate.execution_role == session.defaults.execution_role


def test_the_name_of_that_role_fits() -> None:
    """64 characters at the most, in the region with the longest name and the longest namespace."""
    assert len(role_of(BatchSession("n" * 24, region="ap-southeast-7"), A=TOKEN).name) <= 64


@pytest.mark.parametrize("secrets", [{"A": "hunter2"}, {"A": 1}])
def test_what_is_no_arn_is_still_refused(session: BatchSession, secrets: dict[str, str]) -> None:
    """The refusal is the definition's own, and repeats no value."""
    with pytest.raises(DeclarationError) as caught:
        role_of(session, **secrets)
    assert "hunter2" not in str(caught.value)
