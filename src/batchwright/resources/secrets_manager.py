"""AWS Secrets Manager as a store of texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright.connection import Connection
from batchwright.ownership import NAMESPACE_TAG, namespace_in, tag_list, tag_mapping
from batchwright.resources.secret_description import SCHEDULED, StoredSecretDescription, name_below
from batchwright.resources.secret_text import UNREADABLE, HeldText, Unreadable
from batchwright.translation import code_of, is_denied, is_missing

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import DescribeSecretResponseTypeDef

SERVICE: Final = "secretsmanager"
MOST_BYTES: Final = 65_536
RECOVERY_DAYS: Final = 7
"""The shortest time that AWS keeps a deleted secret for; it is not charged for."""
TAKEN: Final = ("InvalidRequestException", "ResourceExistsException")
"""What AWS says where the name belongs to a secret, one that is scheduled for deletion first."""
AWS_KEY: Final = "alias/aws/secretsmanager"


def read(session: Connection, name: str) -> StoredSecretDescription | None:
    """The secret of this name, one that is scheduled for deletion too, or None (`secretsmanager:DescribeSecret`)."""
    from botocore.exceptions import ClientError

    try:
        answer = session.secretsmanager.describe_secret(SecretId=name)
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return None
    return _described(session, answer)


def create(session: Connection, name: str, text: str, *, kms_key_arn: str | None, tags: Mapping[str, str]) -> None:
    """Make it; where the namespace's own of this name is scheduled for deletion, take that back instead.

    The name of a deleted secret stays taken for its recovery window. What differs then is a matter of updating.
    """
    from botocore.exceptions import ClientError

    key: dict[str, Any] = {"KmsKeyId": kms_key_arn} if kms_key_arn else {}
    try:
        session.secretsmanager.create_secret(Name=name, SecretString=text, Tags=cast("Any", tag_list(tags)), **key)
    except ClientError as error:
        if code_of(error) not in TAKEN or not restore(session, name):
            raise


def restore(session: Connection, name: str) -> bool:
    """Take back the deletion of the namespace's own secret; whether there was one (`secretsmanager:RestoreSecret`)."""
    seen = read(session, name)
    if seen is None or seen.status != SCHEDULED or namespace_in(seen.tags) != session.namespace:
        return False
    session.secretsmanager.restore_secret(SecretId=name)
    return True


def update(session: Connection, name: str, text: str, *, kms_key_arn: str | None) -> None:
    """Write text and key in one request, so that no text is ever written under a key that is to go."""
    session.secretsmanager.update_secret(SecretId=name, SecretString=text, KmsKeyId=kms_key_arn or AWS_KEY)


def delete(session: Connection, name: str) -> None:
    """Schedule it for deletion."""
    session.secretsmanager.delete_secret(SecretId=name, RecoveryWindowInDays=RECOVERY_DAYS)


def tag(session: Connection, name: str, tags: Mapping[str, str]) -> None:
    """Set these tags."""
    session.secretsmanager.tag_resource(SecretId=name, Tags=cast("Any", tag_list(tags)))


def untag(session: Connection, name: str, keys: Collection[str]) -> None:
    """Remove the tags of these keys."""
    session.secretsmanager.untag_resource(SecretId=name, TagKeys=list(keys))


def reader_statement(session: Connection, name: str) -> dict[str, object]:
    """The right to read the one secret of this name.

    AWS ends a secret's ARN with a hyphen and six characters of chance, new ones each time it is made: six question
    marks fit no secret of another name, while `*` would fit every longer one.
    """
    arn = f"arn:{session.partition}:{SERVICE}:{session.region}:{session.account_id}:secret:{name}-??????"
    return {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn}


def owned(session: Connection) -> Iterator[StoredSecretDescription]:
    """Every secret of the account's region that the session's namespace made, but for deleted ones."""
    pages = session.secretsmanager.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "tag-key", "Values": [NAMESPACE_TAG]}, {"Key": "tag-value", "Values": [session.namespace]}]
    )
    for entry in (entry for page in pages for entry in page["SecretList"]):
        # AWS's filter takes any tag of that value, and values that begin so.
        if namespace_in(tag_mapping(cast("Any", entry.get("Tags")))) == session.namespace:
            yield _described(session, cast("Any", entry))


def _described(session: Connection, answer: DescribeSecretResponseTypeDef) -> StoredSecretDescription:
    deleted: object = answer.get("DeletedDate")
    name = answer["Name"]
    return StoredSecretDescription(
        status=SCHEDULED if deleted else "ACTIVE",
        status_reason=f"AWS deletes it after {deleted}" if deleted else "",
        name=name_below(session, name),
        full_name=name,
        arn=answer["ARN"],
        store=SERVICE,
        kms_key=answer.get("KmsKeyId", ""),
        tags=tag_mapping(cast("Any", answer.get("Tags"))),
        held=HeldText(lambda: _value(session, name)),
        raw=cast("Mapping[str, object]", answer),
        read_at=session.clock.now(),
    )


def _value(session: Connection, name: str) -> str | Unreadable | None:
    from botocore.exceptions import ClientError

    try:
        return session.secretsmanager.get_secret_value(SecretId=name).get("SecretString")
    except ClientError as error:
        if is_denied(error):
            return UNREADABLE
        if is_missing(error):
            return None  # it has no value yet
        raise
