"""Small frozen values that declarations are made of, and the checks on their fields."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, TypeGuard, TypeVar, cast

import attrs

from batchwright._display import HIDDEN, Displayed
from batchwright.errors import DeclarationError

T = TypeVar("T")
NAME_PATTERN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
NAME_LEGAL: Final = "1 to 128 letters, digits, '-' or '_', the first one a letter or a digit"
_TAG_TEXT: Final = re.compile(r"[\w .:/=+@-]*")
_TAG_LEGAL: Final = "letters, digits, spaces or _.:/=+-@"
USER_TAGS_MAX: Final = 40  # AWS allows 50; the rest is kept for batchwright's own

Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


class Action(enum.Enum):
    """What a verb did, or a plan would do."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    DELETED = "deleted"
    ABSENT = "absent"
    RETAINED = "retained"
    UNKNOWN = "unknown"


class OnDrift(enum.Enum):
    """What `ensure()` does with a difference: bring AWS into line, or leave it and report it."""

    UPDATE = "update"
    REPORT = "report"


def owner_of(instance: object) -> str:
    """How an error names the declaration that a field belongs to."""
    kind: object = getattr(type(instance), "kind", type(instance).__name__)
    name: object = getattr(instance, "name", None)
    return f"{kind} {name!r}" if name is not None else str(kind)


def refuse(instance: object, field: str, value: object, legal: str) -> DeclarationError:
    """The error for an illegal field of a declaration."""
    return DeclarationError(owner_of(instance), field, value, legal)


def matching(pattern: re.Pattern[str], legal: str) -> Validator:
    """A validator: the whole string must match."""

    def check(instance: object, field: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise refuse(instance, field.name, value, legal)

    return check


def _range(low: float, high: float) -> str:
    return f"number from {low:.15g} to {high:.15g}" if high != float("inf") else f"number of {low:.15g} or more"


def between(low: float, high: float, unit: str = "") -> Validator:
    """A validator: a number from `low` to `high`, or None."""

    def check(instance: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise refuse(instance, field.name, value, f"a {_range(low, high)} {unit}".rstrip())

    return check


def whole(low: float, high: float, unit: str = "") -> Validator:
    """A validator: a whole number from `low` to `high`, or None."""

    def check(instance: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise refuse(instance, field.name, value, f"a whole {_range(low, high)} {unit}".rstrip())

    return check


def one_of(*words: str) -> Validator:
    """A validator: one of these words, or None."""

    def check(instance: object, field: attrs.Attribute[Any], value: object) -> None:
        if value is not None and value not in words:
            raise refuse(instance, field.name, value, "one of " + ", ".join(map(repr, words)))

    return check


def object_of(*kinds: type, legal: str) -> Validator:
    """A validator: an object of one of these classes, or None where that is one of them; a name alone says too little.

    Args:
        kinds: The classes.
        legal: What is legal, in words that say how to come by it.
    """

    def check(instance: object, field: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kinds):
            raise refuse(instance, field.name, value, legal)

    return check


def count(low: int, high: int, what: str) -> Validator:
    """A validator: so many items."""

    def check(instance: object, field: attrs.Attribute[Any], value: Collection[object] | None) -> None:
        if value is not None and not low <= len(value) <= high:
            raise refuse(instance, field.name, value, f"{low} to {high} {what}")

    return check


aws_name: Final = matching(NAME_PATTERN, NAME_LEGAL)


def tags_legal(instance: object, field: attrs.Attribute[Any], value: Mapping[str, str]) -> None:
    """A validator: tags as AWS takes them."""
    check_tags(instance, field.name, value)


def check_tags(instance: object, field: str, tags: Mapping[str, str]) -> None:
    """Refuse tags that AWS would refuse; a value is never repeated.

    Raises:
        DeclarationError: Too many, or one with an illegal key or value.
    """
    if len(tags) > USER_TAGS_MAX:
        raise refuse(instance, field, f"{len(tags)} tags", f"at most {USER_TAGS_MAX} tags, the session's included")
    for key, text in cast("Mapping[object, object]", tags).items():
        if not _is_tag_text(key, 128) or not key or key.lower().startswith(("aws:", "batchwright:")):
            legal = f"keys that are strings of 1 to 128 {_TAG_LEGAL}, not starting with aws: or batchwright:"
            raise refuse(instance, field, key, legal)
        if not _is_tag_text(text, 256):
            raise refuse(instance, field, key, f"values that are strings of at most 256 {_TAG_LEGAL}")


def _is_tag_text(text: object, most: int) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) <= most and bool(_TAG_TEXT.fullmatch(text))


def strings(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """One string, a list or a tuple of them, as a tuple."""
    return several(value)


def several(value: T | Iterable[T] | None) -> tuple[T, ...]:
    """One thing, a list or a tuple, as a tuple; a string, a mapping or None is never taken apart."""
    if value is None:
        return ()
    alone = isinstance(value, str | bytes | Mapping) or attrs.has(cast("type", type(value)))
    return (cast("T", value),) if alone or not isinstance(value, Iterable) else tuple(cast("Iterable[T]", value))


def mapping(value: Mapping[str, str] | None) -> dict[str, str]:
    """A private copy of a mapping of strings; anything else is refused, and not repeated.

    Raises:
        DeclarationError: It is a list or a text.
    """
    given: object = value
    if given is not None and not isinstance(given, Mapping):
        # dict() takes any pairs: it would read [{"name": "A", "value": "B"}] as {"name": "value"}.
        raise DeclarationError("declaration", "mapping", type(given).__name__, "names and values, as in {'A': 'b'}")
    return dict(value or {})


def conditions(value: Mapping[str, str] | Iterable[Mapping[str, str]] | None) -> tuple[Mapping[str, str], ...]:
    """One condition, a list or a tuple of them, as a tuple."""
    return several(value)


def command_of(value: Iterable[str] | None) -> tuple[str, ...]:
    """A command as a tuple of its words; one string is refused, since nobody says how to split it."""
    if isinstance(value, str):
        raise DeclarationError(
            "command", "command", value, 'a list of words: ["sh", "-c", "..."] for a shell, or shlex.split(...)'
        )
    return tuple(value or ())


@attrs.frozen(kw_only=True)
class Network(Displayed):
    """A VPC and some of its subnets, where `DefaultNetwork` is not what you want.

    Args:
        vpc_id: The VPC, such as `"vpc-0123"`.
        subnet_ids: Its subnets: at least one, each in a zone of its own for a mount target in every zone.
    """

    vpc_id: str
    subnet_ids: tuple[str, ...] = attrs.field(converter=strings, validator=count(1, 16, "subnets"))


@attrs.frozen(kw_only=True)
class RetryPolicy(Displayed):
    """How often Batch runs the command again when it fails.

    Args:
        attempts: Runs at the most, 1 to 10.
        on_exit: Up to five conditions in order, each a mapping with `action` (`"RETRY"` or `"EXIT"`) and one or
            more of `onExitCode`, `onReason`, `onStatusReason`; a trailing `*` matches the rest. Where none
            matches, Batch retries.
    """

    attempts: int = attrs.field(default=1, validator=whole(1, 10))
    on_exit: tuple[Mapping[str, str], ...] = attrs.field(
        default=(), converter=conditions, hash=False, validator=count(0, 5, "conditions")
    )

    @classmethod
    def for_spot(cls, attempts: int = 5) -> RetryPolicy:
        """Run again only when Spot took the machine away, at most `attempts` times."""
        return cls(
            attempts=attempts,
            on_exit=({"onStatusReason": "Host EC2*", "action": "RETRY"}, {"onReason": "*", "action": "EXIT"}),
        )

    def to_request(self) -> dict[str, object]:
        """The `retryStrategy` of a request."""
        request: dict[str, object] = {"attempts": self.attempts}
        if self.on_exit:
            # Batch gives the action back in lower case, so that is how it is sent and compared.
            request["evaluateOnExit"] = [{**item, "action": item["action"].lower()} for item in self.on_exit]
        return request


SECRET_ARN: Final = re.compile(r"arn:aws[\w-]*:(secretsmanager|ssm):.+")


def _secret_arn(instance: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not SECRET_ARN.fullmatch(value):
        # What was given may be the secret itself.
        raise refuse(instance, field.name, HIDDEN, "the ARN of a secret or parameter, not its value")


@attrs.frozen
class Secret(Displayed):
    """A value that the container gets from Secrets Manager or from SSM's Parameter Store.

    Args:
        arn: The ARN of the secret or of the parameter. The value itself never passes through batchwright.
    """

    arn: str = attrs.field(validator=_secret_arn)


@attrs.frozen(kw_only=True)
class SubmissionPolicy(Displayed):
    """The three times of the submission protocol.

    Args:
        claim_s: Seconds that a claim gives to sign and send one SubmitJob.
        signature_window_s: Seconds after its signature for which AWS may still accept a request.
        forget_after_s: Seconds after which AWS may have forgotten a finished job.
    """

    claim_s: float = attrs.field(default=60.0, validator=between(0.001, 300, "seconds"))
    signature_window_s: float = attrs.field(default=900.0, validator=between(0, 3600, "seconds"))
    forget_after_s: float = attrs.field(default=86_400.0, validator=between(1, 604_800, "seconds"))
