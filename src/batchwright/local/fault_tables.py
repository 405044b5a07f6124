"""Faults that DynamoDB alone has: a table's write capacity, and transactions that meet."""

from typing import Any

import attrs

from batchwright.local.fault_answers import CAPACITY_CODE, CAPACITY_MESSAGE
from batchwright.local.fault_effects import Visit, amount, index
from batchwright.local.messages import Answer, Call, as_list, as_object
from batchwright.local.refused import refusal

WRITES = tuple(
    f"dynamodb:{name}" for name in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
)
"""The operations that use up write capacity."""

_CONFLICT = "Transaction is ongoing for the item"


@attrs.frozen
class WriteCapacity:
    """A table that takes so many writes and no more: each costs a unit, and two in a transaction."""

    table: str
    units_per_second: float = attrs.field(validator=amount(is_open=True))
    burst_units: float = attrs.field(validator=amount(1))

    def __call__(self, visit: Visit) -> Answer | None:
        """Refuse the whole call where the units do not suffice."""
        operations = _writes(visit.call)
        ours = [name.rpartition("/")[2] == self.table for name in operations]
        is_transaction = visit.operation.endswith(":TransactWriteItems")
        units = sum(ours) * (2 if is_transaction else 1)
        now, limits = visit.site.now(), {"per_second": self.units_per_second, "burst": self.burst_units}
        if units == 0 or visit.buckets.take(self.table, units, now=now, **limits):
            return None
        if is_transaction:
            reason = {"Code": "ProvisionedThroughputExceeded", "Message": CAPACITY_MESSAGE}
            return _cancelled([reason if each else {"Code": "None"} for each in ours])
        return refusal(CAPACITY_CODE, CAPACITY_MESSAGE, service="dynamodb")


@attrs.frozen
class TransactionConflict:
    """Another transaction is at work on some of the items."""

    places: tuple[int, ...] = attrs.field(converter=tuple[int, ...], validator=attrs.validators.deep_iterable(index))

    def __call__(self, visit: Visit) -> Answer | None:
        """Cancel the transaction, or refuse a write of one item."""
        if not visit.operation.startswith("dynamodb:Transact"):
            return refusal("TransactionConflictException", _CONFLICT, service="dynamodb")
        count = len(_writes(visit.call))
        if not any(place < count for place in self.places):
            return None
        reason = {"Code": "TransactionConflict", "Message": _CONFLICT}
        return _cancelled([reason if place in self.places else {"Code": "None"} for place in range(count)])


def _writes(call: Call) -> list[str]:
    """The name of the table of each item that a call writes."""
    request = call.json()
    if "TransactItems" in request:
        items = [as_object(item) or {} for item in as_list(request["TransactItems"])]
        return [
            str(operation.get("TableName"))
            for item in items
            for each in item.values()
            if (operation := as_object(each))
        ]
    if "RequestItems" in request:
        batches = as_object(request["RequestItems"]) or {}
        return [name for name, batch in batches.items() for _ in as_list(batch)]
    return [str(request.get("TableName"))]


def _cancelled(reasons: list[dict[str, Any]]) -> Answer:
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    answer = refusal("TransactionCanceledException", message, service="dynamodb")
    return answer.with_json({**answer.json(), "CancellationReasons": reasons})
