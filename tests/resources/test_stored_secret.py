"""The contract of stored secrets in both stores, and what becomes of their values."""

import pickle
from typing import Any, ClassVar

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession, StoredSecret, UnreadSecretWarning
from batchwright.errors import (
    AwsError,
    DeclarationError,
    NotFoundError,
    NotOwnedError,
    ReplacementRequiredError,
    RetainedError,
)
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock, ResourceContract
from batchwright.values import Action, OnDrift

from .secret_values import KEY, STORES, VALUE, secret, stored


class TestInSecretsManager(ResourceContract):
    """A secret of Secrets Manager keeps the contract of all resources."""

    store: ClassVar[str] = "secretsmanager"
    mutable = {"value": "another", "kms_key_arn": KEY, "tags": {"project": "reads"}}

    def declare(self, session: BatchSession) -> StoredSecret:
        return secret(session, self.store)


class TestInParameterStore(TestInSecretsManager):
    """A parameter of SSM keeps the contract of all resources."""

    store: ClassVar[str] = "ssm"


@pytest.mark.parametrize("store", STORES)
def test_it_is_made_under_the_path_of_the_namespace(session: BatchSession, aws: InProcessAws, store: str) -> None:
    """The name is below the namespace's path, and making it reads no value."""
    aws.calls.clear()
    seen = secret(session, store).ensure().description
    assert stored(session, store) == VALUE
    assert seen.full_name == "/batchwright/test/rclone"
    made = [operation for _, operation in aws.calls]
    assert made.count("CreateSecret" if store == "secretsmanager" else "PutParameter") == 1


@pytest.mark.parametrize("store", STORES)
def test_a_changed_value_is_written(session: BatchSession, store: str) -> None:
    """The next call writes the new value, once, and says nothing of either."""
    secret(session, store).ensure()
    changed = secret(session, store, value="another")
    assert changed.drift().paths == ("Value",)
    ensured = changed.ensure()
    assert (ensured.action, stored(session, store)) == (Action.UPDATED, "another")
    assert str(ensured.drift) == "Value: ••• -> •••"
    assert changed.ensure().action is Action.UNCHANGED


@pytest.mark.parametrize("store", STORES)
def test_a_function_gives_the_value_once_a_verb(session: BatchSession, store: str) -> None:
    """It is asked when the value is needed, once a verb, and never by declaring or describing."""
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return VALUE

    declared = secret(session, store, value=ask)
    repr(declared)
    assert not declared.exists()
    assert asked == []
    declared.ensure()
    assert stored(session, store) == VALUE
    assert len(asked) == 1
    declared.describe()
    assert declared.ensure().action is Action.UNCHANGED
    assert len(asked) == 2


@pytest.mark.parametrize("store", STORES)
def test_without_a_value_it_is_only_referred_to(session: BatchSession, aws: InProcessAws, store: str) -> None:
    """What is there is used, nothing is written, and where nothing is there the error says so."""
    referred = session.stored_secret(name="rclone", store=store)
    with pytest.raises(NotFoundError, match="give value="):
        referred.ensure()
    with pytest.raises(ExceptionGroup, match="plan"):
        session.plan(referred)
    secret(session, store, tags={"project": "reads"}).ensure()
    aws.calls.clear()
    ensured = referred.ensure()
    assert (ensured.action, bool(ensured.drift), bool(referred.drift())) == (Action.UNCHANGED, False, False)
    assert {name for _, name in aws.calls} <= {"DescribeSecret", "DescribeParameters", "ListTagsForResource"}
    assert referred.describe().tags["project"] == "reads"
    with pytest.raises(RetainedError, match="with its value"):
        referred.delete()
    session.ensure(referred)
    assert session.delete()[referred].action is Action.RETAINED
    assert stored(session, store) == VALUE


@pytest.mark.parametrize("store", STORES)
def test_what_may_not_be_read_is_left_and_said(
    session: BatchSession, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may write and not read gets a warning; the value that is there stays."""
    secret(session, store).ensure()
    client, operation = (
        (session.ssm, "get_parameter") if store == "ssm" else (session.secretsmanager, "get_secret_value")
    )

    def denied(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)

    with monkeypatch.context() as patched:
        patched.setattr(client, operation, denied)
        with pytest.warns(UnreadSecretWarning, match="may not be read") as caught:
            assert secret(session, store, value="another").ensure().action is Action.UNCHANGED
        assert len(caught) == 1
        assert "another" not in str(caught[0].message)
    assert stored(session, store) == VALUE


def test_a_deleted_secret_is_taken_back(session: BatchSession) -> None:
    """The name of a deleted secret stays taken for a week, in which ensure() restores it and writes the value."""
    first = secret(session).ensure().description
    secret(session).delete()
    assert session.secretsmanager.describe_secret(SecretId=first.full_name)["DeletedDate"]
    assert session.inventory()[:] == [] or "rclone" not in [item.name for item in session.inventory()]
    again = secret(session, value="another").ensure()
    assert (again.action, again.description.arn) == (Action.CREATED, first.arn)
    assert stored(session, "secretsmanager") == "another"


def test_another_s_deleted_secret_stays_deleted(session: BatchSession) -> None:
    """Only the namespace's own deletion is taken back."""
    session.secretsmanager.create_secret(Name="theirs", SecretString="x")
    session.secretsmanager.delete_secret(SecretId="theirs")
    with pytest.raises((AwsError, TimeoutError)) as caught:
        session.stored_secret(name="theirs", path="", value=VALUE).ensure()
    assert session.secretsmanager.describe_secret(SecretId="theirs")["DeletedDate"]
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize("store", STORES)
def test_what_others_made_is_used_as_it_is(session: BatchSession, store: str) -> None:
    """Another value is reported and not written, and delete() refuses."""
    if store == "ssm":
        session.ssm.put_parameter(Name="/theirs/key", Value="theirs", Type="SecureString")
    else:
        session.secretsmanager.create_secret(Name="/theirs/key", SecretString="theirs")
    declared = session.stored_secret(name="key", path="/theirs/", value=VALUE, store=store)
    ensured = declared.ensure()
    assert (ensured.owned, ensured.action, ensured.drift.paths) == (False, Action.UNCHANGED, ("Value",))
    assert stored(session, store, "/theirs/key") == "theirs"
    with pytest.raises(NotOwnedError):
        declared.delete()
    declared.ensure(on_drift=OnDrift.UPDATE)
    assert stored(session, store, "/theirs/key") == VALUE


def test_a_plain_parameter_needs_a_replacement(session: BatchSession) -> None:
    """AWS does not turn a String into a SecureString, and the secret is not written in plain."""
    session.ssm.put_parameter(Name="/batchwright/test/rclone", Value="x", Type="String")
    with pytest.raises(ReplacementRequiredError, match="Type"):
        secret(session, "ssm").ensure(on_drift=OnDrift.UPDATE)
    assert stored(session, "ssm") == "x"


def test_a_key_goes_with_the_value(session: BatchSession, aws: InProcessAws) -> None:
    """A new key and a new value are one request, so that the value is never under a key that is to go."""
    secret(session, kms_key_arn=KEY).ensure()
    aws.calls.clear()
    seen = secret(session, value="another").ensure().description
    assert [name for _, name in aws.calls].count("UpdateSecret") == 1
    assert seen.kms_key in ("", "alias/aws/secretsmanager")


@pytest.mark.parametrize("store", STORES)
def test_only_our_own_are_listed(session: BatchSession, aws: InProcessAws, store: str) -> None:
    """The inventory holds what this namespace made, by the name that it was declared with."""
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    other = BatchSession("test2", boto3_session=aws.boto3_session(), clock=clock)
    secret(other, store).ensure()
    secret(session, store).ensure()
    assert [(seen.name, seen.store) for seen in StoredSecret.list_owned(session)] == [("rclone", store)]
    (item,) = [item for item in session.inventory() if item.kind == "stored secret"]
    assert (item.name, "month" in item.costs) == ("rclone", store == "secretsmanager")


def test_a_policy_for_just_this_secret(session: BatchSession) -> None:
    """Six question marks stand for what AWS adds to the ARN of this one secret, and a key of one's own is named."""
    name, document = secret(session, kms_key_arn=KEY).access_policy()
    read, decrypt = document["Statement"]  # type: ignore[misc]
    arn = secret(session).ensure().description.arn
    assert read["Action"] == "secretsmanager:GetSecretValue"
    assert read["Resource"] == arn[:-6] + "??????"
    assert (decrypt["Action"], decrypt["Resource"]) == ("kms:Decrypt", KEY)
    assert name != secret(session, "ssm").access_policy()[0]
    assert secret(session, "ssm").access_policy()[1]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "ssm:GetParameters",
            "Resource": "arn:aws:ssm:us-east-2:123456789012:parameter/batchwright/test/rclone",
        }
    ]


def test_the_two_stores_are_two_things(session: BatchSession) -> None:
    """One name in both stores, or below two paths, is as many secrets."""
    assert len({secret(session), secret(session, "ssm"), secret(session, path="/x/"), secret(session, value="b")}) == 3


@pytest.mark.parametrize("store", STORES)
def test_a_pickle_holds_no_value(session: BatchSession, store: str) -> None:
    """What comes out of a pickle refers to the secret that is there; copies within the program keep the value."""
    declared = BatchSession("pickled", region="us-east-2").stored_secret(name="rclone", value=VALUE, store=store)
    data = pickle.dumps([declared, {"in": declared}])
    assert VALUE.encode() not in data
    assert pickle.loads(data)[0].value is None
    assert attrs.evolve(declared, tags={"a": "b"}).value == VALUE
    with_function = attrs.evolve(declared, value=lambda: VALUE)
    assert pickle.loads(pickle.dumps(with_function)).value is None
    assert secret(session, store).ensure().description.held != VALUE


def test_a_parameter_is_found_behind_an_empty_page(session: BatchSession) -> None:
    """SSM may end a page before it has found anything; that is no parameter that is not there."""
    secret(session, "ssm").ensure()
    pages = [{"Parameters": [], "NextToken": "0"}]

    def empty(parsed: dict[str, Any], **_: object) -> None:
        if pages:
            parsed.update(pages.pop())

    session.ssm.meta.events.register("after-call.ssm.DescribeParameters", empty)
    assert secret(session, "ssm").exists()
    assert pages == []


def test_a_parameter_with_parts_has_a_path(session: BatchSession) -> None:
    """SSM takes a name with slashes only if it begins with one; Secrets Manager takes both."""
    with pytest.raises(DeclarationError, match="path=''"):
        secret(session, "ssm", name="lab/key", path="")
    assert secret(session, name="lab/key", path="").ensure().description.full_name == "lab/key"
    assert secret(session, "ssm", name="lab/key", path="/").ensure().description.full_name == "/lab/key"
