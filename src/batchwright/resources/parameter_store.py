"""SSM's Parameter Store as a store of encrypted texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from batchwright.connection import Connection
from batchwright.ownership import NAMESPACE_TAG, namespace_in, tag_list, tag_mapping
from batchwright.resources.secret_description import StoredSecretDescription, name_below
from batchwright.resources.secret_text import UNREADABLE, HeldText, Unreadable
from batchwright.translation import is_denied, is_missing

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import ParameterMetadataTypeDef

SERVICE: Final = "ssm"
MOST_BYTES: Final = 4096
ENCRYPTED: Final = "SecureString"
TIER: Final = "Standard"
"""The tier without a charge. It is always said, since an account's default may be the other one."""
AWS_KEY: Final = "alias/aws/ssm"


def read(session: Connection, name: str) -> StoredSecretDescription | None:
    """The parameter of this name, or None (`ssm:DescribeParameters`, `ssm:ListTagsForResource`)."""
    pages = session.ssm.get_paginator("describe_parameters").paginate(
        ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": [name]}]
    )
    # AWS may end a page before it has found anything.
    entry = next((entry for page in pages for entry in page["Parameters"]), None)
    return _described(session, entry) if entry else None


def create(session: Connection, name: str, text: str, *, kms_key_arn: str | None, tags: Mapping[str, str]) -> None:
    """Make it; refused by AWS where one of this name is there."""
    session.ssm.put_parameter(**_put(name, text, kms_key_arn), Tags=cast("Any", tag_list(tags)))


def update(session: Connection, name: str, text: str, *, kms_key_arn: str | None) -> None:
    """Write text and key."""
    session.ssm.put_parameter(**_put(name, text, kms_key_arn), Overwrite=True)


def _put(name: str, text: str, kms_key_arn: str | None) -> dict[str, Any]:
    return {"Name": name, "Value": text, "Type": ENCRYPTED, "Tier": TIER, "KeyId": kms_key_arn or AWS_KEY}


def delete(session: Connection, name: str) -> None:
    """Delete it, at once and for good."""
    session.ssm.delete_parameter(Name=name)


def tag(session: Connection, name: str, tags: Mapping[str, str]) -> None:
    """Set these tags."""
    session.ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=cast("Any", tag_list(tags)))


def untag(session: Connection, name: str, keys: Collection[str]) -> None:
    """Remove the tags of these keys."""
    session.ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=list(keys))


def reader_statement(session: Connection, name: str) -> dict[str, object]:
    """The right to read this one parameter."""
    return {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": _arn(session, name)}


def owned(session: Connection) -> Iterator[StoredSecretDescription]:
    """Every parameter of the account's region that the session's namespace made."""
    pages = session.ssm.get_paginator("describe_parameters").paginate(
        ParameterFilters=[{"Key": f"tag:{NAMESPACE_TAG}", "Option": "Equals", "Values": [session.namespace]}]
    )
    for entry in (entry for page in pages for entry in page["Parameters"]):
        seen = _described(session, entry)
        if seen and namespace_in(seen.tags) == session.namespace:
            yield seen


def _arn(session: Connection, name: str) -> str:
    # AWS's answers hold it since 2024 only; the slash parts it from the name, unless the name begins with one.
    return f"arn:{session.partition}:ssm:{session.region}:{session.account_id}:parameter/{name.removeprefix('/')}"


def _described(session: Connection, entry: ParameterMetadataTypeDef) -> StoredSecretDescription | None:
    from botocore.exceptions import ClientError

    name = entry.get("Name", "")
    try:
        tags = session.ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    except ClientError as error:
        if is_missing(error) or "InvalidResourceId" in str(error):
            return None  # deleted since it was listed
        raise
    return StoredSecretDescription(
        name=name_below(session, name),
        full_name=name,
        arn=_arn(session, name),
        store=SERVICE,
        kms_key=entry.get("KeyId", ""),
        type=entry.get("Type", ""),
        tags=tag_mapping(cast("Any", tags)),
        held=HeldText(lambda: _value(session, name)),
        raw=cast("Mapping[str, object]", entry),
        read_at=session.clock.now(),
    )


def _value(session: Connection, name: str) -> str | Unreadable | None:
    from botocore.exceptions import ClientError

    try:
        return session.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"].get("Value")
    except ClientError as error:
        if is_denied(error):
            return UNREADABLE
        if is_missing(error):
            return None
        raise
