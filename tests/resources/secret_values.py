"""Secrets to be stored, declared."""

from typing import Any

from batchwright import BatchSession, StoredSecret

KEY = "arn:aws:kms:us-east-2:123456789012:key/11111111-2222-3333-4444-555555555555"
STORES = ["secretsmanager", "ssm"]
VALUE = "hunter2-do-not-show"


def secret(session: BatchSession, store: str = "secretsmanager", **fields: Any) -> StoredSecret:  # noqa: ANN401
    """One secret with a value."""
    return session.stored_secret(**{"name": "rclone", "value": VALUE, "store": store, **fields})


def stored(session: BatchSession, store: str, name: str = "/batchwright/test/rclone") -> str:
    """The value that AWS holds."""
    if store == "ssm":
        return session.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    return session.secretsmanager.get_secret_value(SecretId=name)["SecretString"]
