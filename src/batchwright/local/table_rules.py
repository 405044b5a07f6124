"""DynamoDB tables take their time, and are not usable before they are ACTIVE; moto's are, at once."""

from typing import Any

import attrs

from batchwright.local.delays import Delays
from batchwright.local.messages import Answer, Call, as_object, objects_in
from batchwright.local.neighbour_rules import Forward, Settling
from batchwright.local.refused import refusal
from batchwright.local.server_clock import ServerClock

_DESCRIBING = frozenset({"DescribeTable", "ListTables", "DescribeTimeToLive", "ListTagsOfResource", "DescribeLimits"})
_REQUIRING_SETTLED = frozenset({"UpdateTable", "DeleteTable"})


@attrs.define(kw_only=True, eq=False)
class TableRules:
    """CREATING, UPDATING and DELETING of tables, and the refusals that belong to them."""

    clock: ServerClock
    delays: Delays
    service: str = "dynamodb"
    _tables: Settling = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with no tables."""
        self._tables = Settling(clock=self.clock)

    def reset(self) -> None:
        """Forget all tables."""
        self._tables.reset()

    def __call__(self, call: Call, forward: Forward) -> Answer:
        """Answer one call of DynamoDB."""
        operation = call.header("x-amz-target").rpartition(".")[2]
        request = call.json()
        name = _table_name(request)
        key = (call.region, name)
        ghost = self._tables.ghost(key)
        if ghost is not None:
            return self._of_deleted(operation, ghost)
        refused = self._refused(call.region, operation, request)
        if refused is not None:
            return refused
        return self._changed(operation, key, forward(call))

    def _of_deleted(self, operation: str, ghost: dict[str, Any]) -> Answer:
        if operation == "DescribeTable":
            return Answer(headers=_HEADERS).with_json({"Table": ghost})
        if operation == "DeleteTable":
            return Answer(headers=_HEADERS).with_json({"TableDescription": ghost})
        if operation == "CreateTable":
            return _in_use(f"Table is being deleted: {ghost['TableName']}")
        return _not_found(str(ghost["TableName"]))

    def _refused(self, region: str, operation: str, request: dict[str, Any]) -> Answer | None:
        if operation in _DESCRIBING or operation == "CreateTable":
            return None
        for name in _table_names(request):
            state = self._tables.state((region, name))
            if operation in _REQUIRING_SETTLED and state is not None:
                return _in_use(f"Attempt to change a resource which is still in use: Table is being changed: {name}")
            if state == "CREATING" or self._tables.ghost((region, name)) is not None:
                return _not_found(name)
        return None

    def _changed(self, operation: str, key: tuple[str, str], answer: Answer) -> Answer:
        if not answer.is_success:
            return answer
        content = answer.json()
        table = as_object(content.get("Table") or content.get("TableDescription"))
        if table is None:
            return answer
        if operation == "CreateTable":
            self._tables.begin(key, "CREATING", self.delays.table_s)
        elif operation == "UpdateTable":
            self._tables.begin(key, "UPDATING", self.delays.table_s)
        elif operation == "DeleteTable":
            table["TableStatus"] = "DELETING"
            self._tables.leave(key, table, self.delays.table_s)
        table["TableStatus"] = self._tables.state(key) or table["TableStatus"]
        return answer.with_json(content)


_HEADERS = {"content-type": "application/x-amz-json-1.0"}


def _table_name(request: dict[str, Any]) -> str:
    """The table of a call that has one; ARNs are as good as names."""
    return str(request.get("TableName") or "").rpartition("/")[2]


def _table_names(request: dict[str, Any]) -> set[str]:
    """Every table that a call, a batch or a transaction names."""
    batched = as_object(request.get("RequestItems")) or {}
    return set(batched) | {_table_name(part) for part in objects_in(request) if isinstance(part.get("TableName"), str)}


def _in_use(message: str) -> Answer:
    return refusal("ResourceInUseException", message, service="dynamodb")


def _not_found(name: str) -> Answer:
    message = f"Requested resource not found: Table: {name} not found"
    return refusal("ResourceNotFoundException", message, service="dynamodb")
