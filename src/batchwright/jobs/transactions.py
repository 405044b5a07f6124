"""Many conditional writes in few requests: what a condition refuses is told, the rest is written all the same."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from batchwright.connection import Connection
from batchwright.translation import code_of, is_throttled
from batchwright.waiting import Patience

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

WRITES_MAX: Final = 100
BYTES_MAX: Final = 3_500_000
"""Bytes of a transaction as we count them, which is more than DynamoDB does; it takes 4 MB."""
FEW_WRITES: Final = 25
"""A table that does not take so many at once is one to tell about."""
SUCCESSES_TO_GROW: Final = 5
PATIENCE: Final = Patience(timeout_s=300.0, interval_s=0.2, max_interval_s=5.0, growth=1.5)
"""How long a table may refuse everything before that is an error; every write that it takes begins anew."""
CONDITION_FAILED: Final = "ConditionalCheckFailedException"
CANCELLED: Final = "TransactionCanceledException"
CONFLICT: Final = ("TransactionConflict", "TransactionConflictException", "TransactionInProgressException")
TOO_FAST: Final = ("ProvisionedThroughputExceeded", "ThrottlingError")
TELLING: Final[Mapping[str, Any]] = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
SINGLE: Final = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}


class SlowTableWarning(UserWarning):
    """A table takes so few writes that it slows the submissions down."""


@attrs.frozen
class Write:
    """One conditional write.

    Attributes:
        key: What it is about: writes of one key are never part of one transaction, and keep their order.
        item: A `Put`, `Update` or `Delete` as TransactWriteItems takes it.
    """

    key: str
    item: TransactWriteItemTypeDef = attrs.field(repr=False)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The same write as the arguments of a call of its own."""
        return next(cast("Mapping[str, Any]", arguments) for arguments in self.item.values())


@attrs.frozen
class _Refusal:
    """What came back instead of success."""

    error: ClientError
    refused: Mapping[int, Mapping[str, Any]]
    """By place, the item that stood against a condition."""
    too_fast: bool


@attrs.define(eq=False)
class Transactions:
    """Writes to tables at the pace that they allow; used by one thread at a time.

    Args:
        session: Whose clients and clock to use.
        patience: How long a table may refuse everything before that is an error.
        is_quiet: Whether somebody else tells of slow tables.
    """

    session: Connection
    patience: Patience = PATIENCE
    is_quiet: bool = False
    at_once: int = WRITES_MAX
    """How many writes go into one transaction; less where the table cannot take that many."""
    _successes: int = 0
    _warned: set[str] = attrs.field(factory=set[str])

    def write_all(self, writes: Sequence[Write]) -> dict[str, Mapping[str, Any]]:
        """Write these, each if its own condition holds (`dynamodb:PutItem`, `UpdateItem`, `DeleteItem`).

        Returns:
            By key, the writes that were refused, with the item that is there; an empty one where there is none.

        Raises:
            ClientError: The table refuses altogether, or nothing could be written for minutes; of what was given
                some may have been written.
        """
        left, refused = list(writes), dict[str, Mapping[str, Any]]()
        pace = self.patience.pace(self.session.clock)
        next(pace)
        while left:
            chunk = _first_chunk(left, self.at_once)
            answer = self._sent(chunk)
            if answer is None:
                del left[: len(chunk)]
                self._grow()
            else:
                refused |= {chunk[place].key: item for place, item in answer.refused.items()}
                left[: len(chunk)] = [write for place, write in enumerate(chunk) if place not in answer.refused]
                self._give_way(answer, chunk)
            if answer is None or answer.refused:
                pace = self.patience.pace(self.session.clock)
                next(pace)
            elif next(pace, None) is None:
                raise answer.error
        return refused

    def _sent(self, chunk: Sequence[Write]) -> _Refusal | None:
        """None if all of these were written."""
        from botocore.exceptions import ClientError

        try:
            if len(chunk) == 1:
                self._write_alone(chunk[0])
            else:
                # botocore gives the request a token of its own, so that its own retries write nothing twice.
                self.session.dynamodb.transact_write_items(TransactItems=list(map(_telling, chunk)))
        except ClientError as error:
            refusal = _read(error)
            if refusal is None:
                raise
            return refusal
        return None

    def _write_alone(self, write: Write) -> None:
        """Half the price of a transaction of one."""
        operation = next(SINGLE[kind] for kind in write.item)
        getattr(self.session.dynamodb, operation)(**write.arguments, **TELLING)

    def _grow(self) -> None:
        self._successes += 1
        if self._successes >= SUCCESSES_TO_GROW:
            self.at_once, self._successes = min(WRITES_MAX, self.at_once * 2), 0

    def _give_way(self, answer: _Refusal, chunk: Sequence[Write]) -> None:
        self._successes = 0
        if not answer.too_fast:
            return
        self.at_once = max(1, len(chunk) // 2)
        if self.at_once < FEW_WRITES:
            self._warn(chunk[0])

    def _warn(self, write: Write) -> None:
        table = str(write.arguments["TableName"])
        if self.is_quiet or table in self._warned:
            return
        self._warned.add(table)
        warnings.warn(
            f"Table {table!r} in {self.session.region} has so few write units that it slows submissions down. "
            "Give it more, or bill it on demand: StatusTracker(billing_mode='PAY_PER_REQUEST').",
            SlowTableWarning,
            stacklevel=4,
        )


def write_all(session: Connection, writes: Sequence[Write]) -> dict[str, Mapping[str, Any]]:
    """`Transactions.write_all`, for whoever writes once."""
    return Transactions(session).write_all(writes)


def _first_chunk(writes: Sequence[Write], at_once: int) -> list[Write]:
    """As many of the first as one transaction takes: DynamoDB refuses two writes of one key in it."""
    chunk: list[Write] = []
    keys: set[str] = set()
    size = 0
    for write in writes[:at_once]:
        size += _size(write.item)
        if write.key in keys or (chunk and size > BYTES_MAX):
            break
        keys.add(write.key)
        chunk.append(write)
    return chunk


def _size(item: TransactWriteItemTypeDef) -> int:
    """Bytes of the request at the most, for text of up to four bytes a character."""
    return 4 * len(repr(item))


def _telling(write: Write) -> TransactWriteItemTypeDef:
    """The write, with the wish to be told what stands against its condition."""
    told = {kind: {**write.arguments, **TELLING} for kind in write.item}
    return cast("TransactWriteItemTypeDef", told)


def _read(error: ClientError) -> _Refusal | None:
    """What a refusal says about each write; None if it says nothing that can be lived with."""
    response, code = cast("Mapping[str, Any]", error.response), code_of(error)
    if code == CONDITION_FAILED:
        return _Refusal(error, {0: response.get("Item", {})}, too_fast=False)
    if code != CANCELLED:
        known = code in CONFLICT or is_throttled(error)
        return _Refusal(error, {}, too_fast=code not in CONFLICT) if known else None
    reasons = list(_reasons(response))
    refused = {place: item for place, (code, item) in enumerate(reasons) if code == "ConditionalCheckFailed"}
    codes = {code for code, _ in reasons} - {"None", "ConditionalCheckFailed"}
    if not codes <= {*CONFLICT, *TOO_FAST} or not (codes or refused):
        return None
    return _Refusal(error, refused, too_fast=bool(codes & {*TOO_FAST}))


def _reasons(response: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for reason in cast("Sequence[Mapping[str, Any]]", response.get("CancellationReasons", ())):
        yield str(reason.get("Code", "None")), reason.get("Item", {})
