"""A definition that names a stored secret: what is made, in which order, with which rights, under which name."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import attrs
import pytest

from batchwright import BatchSession, IamRole, JobDefinition, Secret
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock
from batchwright.values import Action

ELSEWHERE = "arn:aws:secretsmanager:us-east-2:123456789012:secret:lab/other-a1b2c3"
STORES = ["secretsmanager", "ssm"]


def convert(session: BatchSession, *, platform: str = "EC2", **fields: Any) -> JobDefinition:  # noqa: ANN401
    """A definition with the secret in both stores, and one that is there already."""
    secrets = {store.upper(): session.stored_secret(name="rclone", value="hunter2", store=store) for store in STORES}
    return session.job_definition(
        image="busybox", platform=platform, secrets={**secrets, "OTHER": Secret(ELSEWHERE)}, **fields
    )


def rights(role: IamRole) -> list[tuple[str, object]]:
    """What the role's inline policies allow."""
    documents = cast("dict[str, Any]", role.describe().inline_policies).values()
    listed = [(item["Action"], item["Resource"]) for each in documents for item in each["Statement"]]
    return sorted(listed, key=str)


@pytest.mark.parametrize("platform", ["EC2", "FARGATE"])
def test_everything_that_it_needs_is_made_with_it(session: BatchSession, platform: str) -> None:
    """The secrets come first, the revision names their ARNs, and the role may read just these."""
    definition = convert(session, platform=platform)
    report = session.ensure(definition)
    assert {resource.kind for resource in report} >= {"stored secret", "IAM role", "job definition"}
    seen = definition.describe()
    given = {item["name"]: item["valueFrom"] for item in cast("Any", seen.container)["secrets"]}
    manager, parameter = (cast("Any", definition.secrets[store.upper()]).describe().arn for store in STORES)
    assert given == {"OTHER": ELSEWHERE, "SECRETSMANAGER": manager, "SSM": parameter}
    assert rights(cast("IamRole", definition.execution_role)) == [
        ("secretsmanager:GetSecretValue", manager[:-6] + "??????"),
        ("secretsmanager:GetSecretValue", [ELSEWHERE]),
        ("ssm:GetParameters", parameter),
    ]
    assert {ensured.action for ensured in session.ensure(definition).values()} == {Action.UNCHANGED}


def test_a_secret_that_was_made_anew_is_a_new_revision(session: BatchSession) -> None:
    """AWS gives a secret of the same name another ARN; the right to read it goes by the name and stays."""
    definition = convert(session)
    session.ensure(definition)
    before = rights(cast("IamRole", definition.execution_role))
    full_name = cast("Any", definition.secrets["SECRETSMANAGER"]).full_name
    session.secretsmanager.delete_secret(SecretId=full_name, ForceDeleteWithoutRecovery=True)
    report = session.ensure(definition)
    assert report[definition].action is Action.UPDATED
    assert report[definition].drift.paths == ("containerProperties.secrets",)
    assert rights(cast("IamRole", definition.execution_role)) == before


def test_other_secrets_are_another_definition_and_another_role(session: BatchSession) -> None:
    """Neither default names nor roles are shared by definitions that read other secrets."""
    one, other = (
        session.job_definition(image="busybox", secrets={"KEY": session.stored_secret(name=name, value="x")})
        for name in ("one", "other")
    )
    renamed = attrs.evolve(one, secrets={"OTHER": one.secrets["KEY"]}, name=session.job_definition(image="x").name)
    plain = session.job_definition(image="busybox")
    assert len({one.name, other.name, plain.name, renamed.name}) == 4
    assert len({one.execution_role, other.execution_role}) == 2
    assert one.execution_role == renamed.execution_role
    assert one.content_hash("salt") != other.content_hash("salt")


def test_a_key_of_one_s_own_can_be_used_by_the_role(session: BatchSession) -> None:
    """The role may decrypt with the secret's own key, through the one store, and another key is another role."""
    key = "arn:aws:kms:us-east-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    plain = session.stored_secret(name="rclone", value="hunter2")
    roles = [
        cast("IamRole", session.job_definition(image="busybox", secrets={"KEY": secret}).execution_role)
        for secret in (plain, attrs.evolve(plain, kms_key_arn=key))
    ]
    session.ensure(roles[1])
    assert ("kms:Decrypt", key) in rights(roles[1])
    assert roles[0] != roles[1]


def test_a_submission_takes_secrets(session: BatchSession, aws: InProcessAws) -> None:
    """One call makes the secret, the role and the definition; the next one trusts them, whatever the value was."""
    secret = session.stored_secret(name="rclone", value="hunter2")
    first = session.submit("one", image="busybox", secrets={"KEY": secret})
    assert first.definition.describe().container["secrets"]
    aws.calls.clear()
    second = session.submit("two", image="busybox", secrets={"KEY": secret})
    assert second.definition == first.definition
    assert len(aws.calls) <= 3
    session.submit("three", image="busybox", secrets={"KEY": attrs.evolve(secret, value="hunter3")})
    assert session.secretsmanager.get_secret_value(SecretId=secret.full_name)["SecretString"] == "hunter3"


@pytest.mark.parametrize("store", STORES)
def test_many_at_once_make_one(aws: InProcessAws, store: str) -> None:
    """Sessions that ensure the same secret at the same time end with one, with the value, and without an error."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)

    def ensure(_: int) -> str:
        own = BatchSession("test", boto3_session=aws.boto3_session(), clock=clock)
        return own.stored_secret(name="rclone", value="hunter2", store=store).ensure().description.arn

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ensure, range(4)))) == 1
