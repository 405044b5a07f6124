"""A secret in Secrets Manager or in SSM's Parameter Store, which containers get as a variable."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self, SupportsIndex, cast

import attrs

from batchwright._display import HIDDEN, redacted
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import NotFoundError
from batchwright.lifecycle import BUSY, Resource
from batchwright.notices import warn_caller
from batchwright.outcome import Ensured, Resolved
from batchwright.resources import parameter_store, secrets_manager
from batchwright.resources.iam_policies import own_path
from batchwright.resources.secret_description import SCHEDULED, StoredSecretDescription
from batchwright.resources.secret_text import HeldText, Unreadable, unreadable_text, unsaid
from batchwright.translation import says
from batchwright.values import Action, OnDrift, matching, one_of, refuse
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

SecretValue = str | Callable[[], str]
_NAME: Final = matching(
    re.compile(r"(?=.{1,400}\Z)[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,11}"),
    "1 to 400 letters, digits or _.-, in at most 12 parts with '/' between them",
)
_PATH: Final = re.compile(r"(/[A-Za-z0-9_.-]+)*/?")
_KEY_ARN: Final = re.compile(r"arn:aws[\w-]*:kms:[\w-]+:\d{12}:key/[\w-]+")


class UnreadSecretWarning(UserWarning):
    """A secret may not be read, so nobody can say whether its value is the declared one; it was left as it is."""


class Store(Protocol):
    """What the two services have in common; their modules are the only two stores."""

    @property
    def MOST_BYTES(self) -> int: ...
    def read(self, session: Connection, name: str) -> StoredSecretDescription | None: ...
    def create(
        self, session: Connection, name: str, text: str, *, kms_key_arn: str | None, tags: Mapping[str, str]
    ) -> None: ...
    def update(self, session: Connection, name: str, text: str, *, kms_key_arn: str | None) -> None: ...
    def delete(self, session: Connection, name: str) -> None: ...
    def tag(self, session: Connection, name: str, tags: Mapping[str, str]) -> None: ...
    def untag(self, session: Connection, name: str, keys: Collection[str]) -> None: ...
    def reader_statement(self, session: Connection, name: str) -> dict[str, object]: ...
    def owned(self, session: Connection) -> Iterator[StoredSecretDescription]: ...


STORES: Final[Mapping[str, Store]] = {
    secrets_manager.SERVICE: secrets_manager,
    parameter_store.SERVICE: parameter_store,
}


def _value_legal(instance: StoredSecret, field: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, str):
        _check_text(instance, value)
    elif value is not None and not callable(value):
        raise refuse(instance, field.name, HIDDEN, "a text, a function that returns one, or None")


def _check_text(secret: StoredSecret, text: object) -> None:
    most = STORES[secret.store].MOST_BYTES
    if not isinstance(text, str) or "\0" in text or not 1 <= len(text.encode()) <= most:
        raise refuse(secret, "value", HIDDEN, f"a text of 1 to {most} bytes in UTF-8, without NUL, in {secret.store!r}")


def _path_legal(instance: object, field: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and len(value) <= 100 and _PATH.fullmatch(value)):
        raise refuse(instance, field.name, value, "'' or '/' and names of letters, digits or _.-, each followed by '/'")


def _key_legal(instance: object, field: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not (isinstance(value, str) and _KEY_ARN.fullmatch(value)):
        raise refuse(instance, field.name, value, "None for AWS's own key, or arn:aws:kms:REGION:ACCOUNT:key/ID")


def _key(value: object) -> str:
    """A key as both sides of a comparison name it; AWS names its own by an alias, or not at all."""
    name = value.rpartition(":")[2] if isinstance(value, str) else ""
    return "" if name.startswith("alias/aws/") else name


@resource(kw_only=True)
class StoredSecret(Resource[StoredSecretDescription]):
    """A text that must show nowhere, kept by AWS and given to containers by `JobDefinition(secrets=...)`.

    A changed value is written: `ensure()` reads what is there and compares in memory, and leaves it, with an
    `UnreadSecretWarning`, where reading is denied. Nothing made of the value is in any tag, row, log, error or
    pickle: what a pickle gives back refers to the secret that is there, as with `value=None`. `delete()` lets Secrets
    Manager keep it for 7 days more, free of charge, in which `ensure()` takes it back; SSM deletes it at once.

    Args:
        name: 1 to 400 letters, digits or `_.-`, in parts with `/` between them.
        value: The text, or a function without arguments that returns it, called by `ensure()`, `drift()` and `plan()`
            and only if it is needed. None means that the secret is there: it is used, and not written.
        store: `"secretsmanager"` (64 KiB, 0.40 USD a month) or `"ssm"` (a SecureString of 4 KiB, free).
        kms_key_arn: A KMS key of your own; by default AWS's own key for the store.
        path: What the name is below in AWS; by default `/batchwright/<namespace>/`, and `""` for the bare name.
    """

    kind: ClassVar[str] = "stored secret"
    states: ClassVar[States] = States(ready=("ACTIVE",), gone=(SCHEDULED,))
    drift_rules: ClassVar[DriftRules] = DriftRules(
        # What is kept is not recorded as declared: a declaration that only refers to the secret says none of it.
        update=("Value", "KmsKeyId"),
        keep=("Value", "KmsKeyId", "Type"),
        secret=("Value",),
        normalise={"KmsKeyId": _key},
    )

    name: str = attrs.field(validator=_NAME)
    store: str = attrs.field(default=secrets_manager.SERVICE, validator=one_of(*STORES))
    value: SecretValue | None = attrs.field(default=None, validator=_value_legal, hash=False, metadata=redacted())
    kms_key_arn: str | None = attrs.field(default=None, validator=_key_legal)
    path: str | None = attrs.field(default=None, validator=_path_legal)

    @property
    def full_name(self) -> str:
        """Its name in AWS."""
        return (own_path(self.session) if self.path is None else self.path) + self.name

    def access_policy(self) -> tuple[str, dict[str, object]]:
        """Name and document of the IAM policy that lets a role read this one secret, no more."""
        session = self.session
        statements = [self._store.reader_statement(session, self.full_name)]
        if self.kms_key_arn:
            via = f"{self.store}.{session.region}.amazonaws.com" + (".cn" if session.partition == "aws-cn" else "")
            statements.append(
                {
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": self.kms_key_arn,
                    "Condition": {"StringEquals": {"kms:ViaService": via}},
                }
            )
        known_by = hashlib.sha256(f"{session.region} {self.store} {self.full_name}".encode()).hexdigest()[:16]
        return f"batchwright-secret-{known_by}", {"Version": "2012-10-17", "Statement": statements}

    def _identity(self) -> tuple[object, ...]:
        return (self.kind, self.store, self.full_name)

    def to_dict(self) -> dict[str, object]:
        """Its fields as plain data, without the value."""
        return {name: value for name, value in super().to_dict().items() if name != "value"}

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> tuple[object, ...]:
        make, arguments, state = super().__reduce_ex__(protocol)
        return make, arguments, {**cast("dict[str, object]", state), "value": None}

    # --- the life cycle -------------------------------------------------------------------------------------------

    @property
    def _store(self) -> Store:
        return STORES[self.store]

    def _text(self) -> str:
        """The declared text, from the function if there is one."""
        given = self.value
        if not callable(given):
            return given or ""
        failure = ""
        try:
            text = given()
        except Exception as error:  # whatever it is, its words may hold the value
            text, failure = "", type(error).__name__
        if failure:
            legal = (
                f"a function that returns a text; it raised {failure}, whose words may hold the value: call it alone"
            )
            raise refuse(self, "value", HIDDEN, legal)
        _check_text(self, text)
        return text

    def read(self, resolved: Resolved) -> StoredSecretDescription:
        """`describe()` with what is known of the dependencies."""
        try:
            return super().read(resolved)
        except NotFoundError as error:
            if self.value is not None:
                raise
            hint = f"It is only referred to, as {self.full_name!r} in {self.store!r}: give value=... to make it."
            raise NotFoundError(error.summary, resource=self, hint=hint) from None

    def converge(self, resolved: Resolved, *, on_drift: OnDrift | None = None) -> Ensured[StoredSecretDescription]:
        """`ensure()` for this one alone; what is only referred to is read, and never written."""
        if self.value is None:
            seen = resolved[self]
            return Ensured(resource=self, action=Action.UNCHANGED, owned=self.owned(seen), description=seen)
        ensured = super().converge(resolved, on_drift=on_drift)
        # A session remembers descriptions for as long as it lives, and what was read need not live with them.
        forgetful = attrs.evolve(ensured.description, held=unreadable_text())
        resolved.put(self, forgetful)
        return attrs.evolve(ensured, description=forgetful)

    def plan(self, resolved: Resolved) -> tuple[Action, Drift]:
        """What `ensure()` would do; nothing is written.

        Raises:
            NotFoundError: It is only referred to, and is not there.
        """
        if self.value is not None:
            return super().plan(resolved)
        resolved.put(self, self.read(resolved))
        return Action.UNCHANGED, Drift()

    def drift(self) -> Drift:
        """How AWS differs from this declaration; what is only referred to never does."""
        if self.value is not None:
            return super().drift()
        self.describe()
        return Drift()

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        encrypted = {"Type": parameter_store.ENCRYPTED} if self.store == parameter_store.SERVICE else {}
        return {
            "Name": self.full_name,
            "Value": HeldText(self._text),
            "KmsKeyId": self.kms_key_arn or "",
            **encrypted,
        }

    def _read(self, resolved: Resolved) -> StoredSecretDescription | None:
        return self._store.read(self.session, self.full_name)

    def _actual(self, seen: StoredSecretDescription) -> Mapping[str, object]:
        if isinstance(seen.held.text, Unreadable):
            warn_caller(
                f"{self.label} in {self.session.region} may not be read, so it is left as it is, even if its value is "
                "not the declared one.",
                UnreadSecretWarning,
            )
        return {"Name": seen.full_name, "Value": seen.held, "KmsKeyId": seen.kms_key, "Type": seen.type}

    def _tags_of(self, seen: StoredSecretDescription) -> Mapping[str, str]:
        return seen.tags

    def _create(self, request: Mapping[str, object]) -> None:
        text = cast("str", cast("HeldText", request["Value"]).text)
        tags = cast("Mapping[str, str]", request["tags"])
        with unsaid(text):
            self._store.create(self.session, self.full_name, text, kms_key_arn=self.kms_key_arn, tags=tags)

    def _update(self, request: Mapping[str, object], drift: Drift, seen: StoredSecretDescription) -> None:
        text = cast("str", cast("HeldText", request["Value"]).text)
        with unsaid(text):
            self._store.update(self.session, self.full_name, text, kms_key_arn=self.kms_key_arn)

    def _delete(self, seen: StoredSecretDescription) -> None:
        self._store.delete(self.session, seen.full_name)

    def _tag(self, seen: StoredSecretDescription, tags: Mapping[str, str]) -> None:
        self._store.tag(self.session, seen.full_name, tags)

    def _untag(self, seen: StoredSecretDescription, keys: Collection[str]) -> None:
        self._store.untag(self.session, seen.full_name, keys)

    def _is_busy(self, error: ClientError) -> bool:
        return says(error, *BUSY, "TooManyUpdates", "marked for deletion", "marked deleted")

    @classmethod
    def list_owned(cls, session: Connection) -> Iterator[StoredSecretDescription]:
        """Every secret of both stores in the account's region that the session's namespace made."""
        return chain.from_iterable(store.owned(session) for store in STORES.values())
