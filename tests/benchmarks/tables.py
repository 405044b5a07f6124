"""The yardstick's DynamoDB: every table there is, rows by their `id`, conditions evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from benchmarks.expressions import ExpressionError, Item, holds, updated

Answer = tuple[int, dict[str, Any]]
TRANSACTION_MAX: Final = 100
SCANNED: Final = 2_500
"""Rows in a page of a Scan, at some 400 bytes each."""
TYPE: Final = "com.amazonaws.dynamodb.v20120810#"


class Refused(Exception):
    """AWS's refusal of one write."""

    def __init__(self, code: str, message: str = "The conditional request failed", **more: object) -> None:
        super().__init__(code)
        self.code, self.body = code, {"__type": TYPE + code, "message": message, **more}


class Tables:
    """Rows of all tables, and the operations on them."""

    def __init__(
        self, premade: Callable[[str], Item | None], all_premade: Callable[[], Iterable[Item]] = lambda: ()
    ) -> None:
        self.rows: dict[tuple[str, str], Item] = {}
        self._premade, self._all_premade = premade, all_premade
        self.operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "GetItem": self._get,
            "PutItem": self._write_one,
            "UpdateItem": self._write_one,
            "DeleteItem": self._write_one,
            "BatchGetItem": self._get_many,
            "Scan": self._scan,
            "TransactWriteItems": self._transact,
            "DescribeTable": lambda body: {"Table": {"TableName": body["TableName"], "TableStatus": "ACTIVE"}},
            "ListTables": lambda _: {"TableNames": ["bench-jobs"]},
        }

    def answer(self, operation: str, body: dict[str, Any]) -> Answer:
        """The answer to one request."""
        try:
            return 200, self.operations[operation](body)
        except Refused as refused:
            return 400, refused.body
        except (ExpressionError, KeyError) as error:
            return 400, Refused("ValidationException", f"{operation}: {error!r}").body

    def _row(self, key: tuple[str, str]) -> Item | None:
        return self.rows.get(key) or self._premade(key[1])

    def _get(self, body: dict[str, Any]) -> dict[str, Any]:
        row = self._row(_key(body))
        return {"Item": row} if row else {}

    def _get_many(self, body: dict[str, Any]) -> dict[str, Any]:
        asked = [(table, key["id"]["S"]) for table, wish in body["RequestItems"].items() for key in wish["Keys"]]
        if len(asked) > TRANSACTION_MAX:
            raise Refused("ValidationException", "Too many items requested for the BatchGetItem call")
        found: dict[str, list[Item]] = {table: [] for table in body["RequestItems"]}
        for key in asked:
            if (row := self._row(key)) is not None:
                found[key[0]].append(row)
        return {"Responses": found, "UnprocessedKeys": {}}

    def _scan(self, body: dict[str, Any]) -> dict[str, Any]:
        """A page of about a megabyte, as DynamoDB reads it."""
        rows = [row for (table, _), row in self.rows.items() if table == body["TableName"]] + [*self._all_premade()]
        start = int(body.get("ExclusiveStartKey", {}).get("id", {}).get("S", 0))
        names = body.get("ExpressionAttributeNames") or {}
        kept = [names.get(each, each) for each in str(body["ProjectionExpression"]).split(", ")]
        page = [{name: row[name] for name in kept if name in row} for row in rows[start : start + SCANNED]]
        more = {"LastEvaluatedKey": {"id": {"S": str(start + SCANNED)}}} if start + SCANNED < len(rows) else {}
        return {"Items": page, "Count": len(page), **more}

    def _write_one(self, body: dict[str, Any]) -> dict[str, Any]:
        key, after, _ = self._checked(body)
        self._put(key, after)
        return {}

    def _transact(self, body: dict[str, Any]) -> dict[str, Any]:
        writes = [(kind, write) for item in body["TransactItems"] for kind, write in item.items()]
        if len(writes) > TRANSACTION_MAX or len({_key(write) for _, write in writes}) < len(writes):
            raise Refused("ValidationException", "too many items, or one of them twice")
        done: list[tuple[tuple[str, str], Item | None]] = []
        reasons: list[dict[str, Any]] = []
        for kind, write in writes:
            try:
                key, after, before = self._checked(write)
                done.append((key, before if kind == "ConditionCheck" else after))
                reasons.append({"Code": "None"})
            except Refused as refused:
                old = {"Item": refused.body["Item"]} if "Item" in refused.body else {}
                reasons.append({"Code": "ConditionalCheckFailed", "Message": refused.body["message"], **old})
        if len(done) < len(writes):
            codes = ", ".join(reason["Code"] for reason in reasons)
            message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
            raise Refused("TransactionCanceledException", message, CancellationReasons=reasons)
        for key, after in done:
            self._put(key, after)
        return {}

    def _checked(self, write: dict[str, Any]) -> tuple[tuple[str, str], Item | None, Item | None]:
        """Key, row after and row before one write."""
        key = _key(write)
        before = self._row(key)
        bindings = (
            before or {},
            write.get("ExpressionAttributeNames") or {},
            write.get("ExpressionAttributeValues") or {},
        )
        if not holds(write.get("ConditionExpression"), bindings):
            wants_old = write.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and before is not None
            raise Refused("ConditionalCheckFailedException", **({"Item": before} if wants_old else {}))
        if "Item" in write:
            return key, write["Item"], before
        if "UpdateExpression" in write:
            return key, {"id": {"S": key[1]}, **updated(write["UpdateExpression"], bindings)}, before
        return key, None, before

    def _put(self, key: tuple[str, str], row: Item | None) -> None:
        if row is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = row


def _key(write: dict[str, Any]) -> tuple[str, str]:
    return write["TableName"], (write.get("Key") or write["Item"])["id"]["S"]
