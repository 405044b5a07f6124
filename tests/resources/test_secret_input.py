"""What is refused of a stored secret before it is sent, and that no refusal repeats a value."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession
from batchwright.errors import AwsError, DeclarationError

from .secret_values import STORES, VALUE, secret


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("value", ["", "x" * 65_537, "a\0b", 7, b"bytes", "ä" * 32_769, "hunter2\ud800"])
def test_a_bad_value_is_refused_before_any_call(store: str, value: Any) -> None:  # noqa: ANN401  # wrong on purpose
    """The error names what is legal in this store, and does not repeat the value; a function's result likewise."""
    bare = BatchSession("test", region="us-east-2")
    with pytest.raises(DeclarationError) as caught:
        secret(bare, store, value=value)
    assert caught.value.field == "value"
    assert str(value)[:9] not in str(caught.value) or value in ("", 7)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("text", ["", "x" * 65_537, None])
def test_what_a_function_returns_is_checked_before_it_is_sent(session: BatchSession, store: str, text: object) -> None:
    """Nothing is written where the text is none, or too long."""
    with pytest.raises(DeclarationError, match="a text of 1 to"):
        secret(session, store, value=lambda: text).ensure()
    assert not secret(session, store).exists()


def test_what_a_function_raises_is_told_by_its_type_only(session: BatchSession) -> None:
    """Its words, and what led to it, may hold the value."""

    def fail() -> str:
        raise ValueError(f"cannot parse {VALUE}")

    with pytest.raises(DeclarationError, match="raised ValueError") as caught:
        secret(session, value=fail).ensure()
    chained: list[BaseException | None] = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert VALUE not in "".join(map(repr, chained))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "/lab"),
        ("name", "a//b"),
        ("name", ""),
        ("name", "x" * 401),
        ("store", "s3"),
        ("path", "lab/"),
        ("path", "/lab"),
        ("kms_key_arn", "alias/lab"),
    ],
)
def test_bad_fields_are_refused_before_any_call(field: str, value: object) -> None:
    """The error names the field."""
    with pytest.raises(DeclarationError) as caught:
        secret(BatchSession("test", region="us-east-2"), **{field: value})
    assert caught.value.field == field


@pytest.mark.parametrize("store", STORES)
def test_what_aws_says_of_the_value_is_not_repeated(
    session: BatchSession, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS's own validation repeats what it was sent; neither the error nor what it chains does."""
    refusal: Any = {"Error": {"Code": "ValidationException", "Message": f"Value '{VALUE}' at 'value' is no good"}}

    def refuse(**_: object) -> None:
        raise ClientError(refusal, "Put")

    client, operation = (session.ssm, "put_parameter") if store == "ssm" else (session.secretsmanager, "create_secret")
    monkeypatch.setattr(client, operation, refuse)
    with pytest.raises(AwsError, match="'•••' at 'value'") as caught:
        secret(session, store).ensure()
    told = [str(caught.value), str(caught.value.__cause__), json.dumps(vars(caught.value.__cause__), default=str)]
    assert VALUE not in "".join(told)
