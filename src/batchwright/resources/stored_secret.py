"""A secret in Secrets Manager or in SSM's Parameter Store, which containers get as a variable."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Self, SupportsIndex, cast

import attrs

from batchwright._display import HIDDEN, redacted
from batchwright.connection import Connection
from batchwright.declaration import resource
from batchwright.drift import Drift, DriftRules
from batchwright.errors import NotFoundError, RetainedError
from batchwright.lifecycle import BUSY, Resource
from batchwright.notices import warn_caller
from batchwright.outcome import Ensured, Resolved
from batchwright.resources import parameter_store, secrets_manager
from batchwright.resources.iam_policies import own_path
from batchwright.resources.secret_checks import check_text, key_legal, name_legal, path_legal, value_legal
from batchwright.resources.secret_description import SCHEDULED, StoredSecretDescription
from batchwright.resources.secret_stores import STORES, Store
from batchwright.resources.secret_text import HeldText, Unreadable, unreadable_text, unsaid
from batchwright.translation import says
from batchwright.values import Action, OnDrift, one_of, refuse
from batchwright.waiting import States

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

SecretValue = str | Callable[[], str]


class UnreadSecretWarning(UserWarning):
    """A secret may not be read, so nobody can say whether its value is the declared one; it was left as it is."""


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
            and only if it is needed. None means that the secret is there: it is used, and neither written nor
            deleted.
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

    name: str = attrs.field(validator=name_legal)
    store: str = attrs.field(default=secrets_manager.SERVICE, validator=one_of(*STORES))
    value: SecretValue | None = attrs.field(default=None, validator=value_legal, hash=False, metadata=redacted())
    kms_key_arn: str | None = attrs.field(default=None, validator=key_legal)
    path: str | None = attrs.field(default=None, validator=path_legal)

    @property
    def full_name(self) -> str:
        """Its name in AWS."""
        return (own_path(self.session) if self.path is None else self.path) + self.name

    @property
    def retain(self) -> bool:
        """Whether `session.delete()` leaves it: what is only referred to could not be made again from here."""
        return self.value is None

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
        check_text(self, text)
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

    def check_delete(self, *, force: bool = False) -> None:
        """The checks of `delete()`; what is only referred to is not deleted."""
        try:
            super().check_delete(force=force)
        except RetainedError:
            hint = "Delete it where it is declared with its value."
            raise RetainedError(f"{self.label} is only referred to here.", resource=self, hint=hint) from None

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
        known_by = f"{self.store} {self.full_name}"
        if isinstance(seen.held.text, Unreadable) and known_by not in self.session.warned_of:
            self.session.warned_of.add(known_by)
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
