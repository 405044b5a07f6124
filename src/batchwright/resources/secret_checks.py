"""What the stores would refuse in a secret's fields, refused before any call; the value stays unsaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from batchwright._display import HIDDEN
from batchwright.resources import parameter_store
from batchwright.resources.secret_stores import STORES
from batchwright.values import matching, refuse

if TYPE_CHECKING:
    import attrs

    from batchwright.resources.stored_secret import StoredSecret

name_legal: Final = matching(
    re.compile(r"(?=.{1,400}\Z)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,11}"),
    "1 to 400 letters, digits or _.-, in at most 12 parts with '/' between them",
)
_PATH: Final = re.compile(r"(?=.{0,100}\Z)(/([A-Za-z0-9_.-]+/){0,3})?")
_KEY_ARN: Final = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+")


def value_legal(instance: StoredSecret, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: a text that fits, a function, or None."""
    if isinstance(value, str):
        check_text(instance, value)
    elif value is not None and not callable(value):
        raise refuse(instance, field.name, HIDDEN, "a text, a function that returns one, or None")


def check_text(secret: StoredSecret, text: object) -> None:
    """Refuse what does not fit into the secret's store, or into a variable.

    Raises:
        DeclarationError: It does not repeat the text.
    """
    most = STORES[secret.store].MOST_BYTES
    if not isinstance(text, str) or "\0" in text or not 1 <= _size(text) <= most:
        raise refuse(secret, "value", HIDDEN, f"a text of 1 to {most} bytes in UTF-8, without NUL, in {secret.store!r}")


def _size(text: str) -> int:
    """Bytes in UTF-8; 0 where it has no such form, since Python's own error would carry the text."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return 0


def path_legal(instance: StoredSecret, field: attrs.Attribute[Any], value: str | None) -> None:
    """A validator: a path that a name can follow, or None."""
    if value is None:
        return
    if not _PATH.fullmatch(value):
        legal = "'', '/', or up to three names of letters, digits or _.- between slashes, as in '/lab/'"
        raise refuse(instance, field.name, value, legal)
    if instance.store == parameter_store.SERVICE and not value and "/" in instance.name:
        raise refuse(instance, field.name, value, "'/' or longer for a name with '/' in SSM")


def key_legal(instance: object, field: attrs.Attribute[Any], value: object) -> None:
    """A validator: the ARN of a KMS key, or None."""
    if value is not None and not (isinstance(value, str) and _KEY_ARN.fullmatch(value)):
        raise refuse(instance, field.name, value, "None for AWS's own key, or arn:aws:kms:REGION:ACCOUNT:key/ID")
