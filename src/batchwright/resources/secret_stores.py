"""The two services of AWS that keep secrets, behind one interface."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, Protocol

from batchwright.connection import Connection
from batchwright.resources import parameter_store, secrets_manager
from batchwright.resources.secret_description import StoredSecretDescription


class Store(Protocol):
    """What the two services have in common; their modules are the only two stores."""

    @property
    def MOST_BYTES(self) -> int:
        """How long a text it takes."""
        ...

    def read(self, session: Connection, name: str) -> StoredSecretDescription | None:
        """What there is of this name, or None."""
        ...

    def create(
        self, session: Connection, name: str, text: str, *, kms_key_arn: str | None, tags: Mapping[str, str]
    ) -> None:
        """Make it, where there is none."""
        ...

    def update(self, session: Connection, name: str, text: str, *, kms_key_arn: str | None) -> None:
        """Write text and key."""
        ...

    def delete(self, session: Connection, name: str) -> None:
        """Take it away."""
        ...

    def tag(self, session: Connection, name: str, tags: Mapping[str, str]) -> None:
        """Set these tags."""
        ...

    def untag(self, session: Connection, name: str, keys: Collection[str]) -> None:
        """Remove the tags of these keys."""
        ...

    def reader_statement(self, session: Connection, name: str) -> dict[str, object]:
        """The right to read this one, and no other."""
        ...

    def owned(self, session: Connection) -> Iterator[StoredSecretDescription]:
        """All that the session's namespace made."""
        ...


STORES: Final[Mapping[str, Store]] = {
    secrets_manager.SERVICE: secrets_manager,
    parameter_store.SERVICE: parameter_store,
}
