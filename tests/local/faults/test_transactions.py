"""A transaction on a table of many rows answers and leaves behind what moto alone does, and costs one copy."""

import copy
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from batchwright.local import Delays, InProcessAws, neighbours

if TYPE_CHECKING:
    from conftest import Place

ABSENT = {"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def put(name: str, value: str = "new", table: str = "rows", **options: str) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": {"id": {"S": name}, "value": {"S": value}}, **options}}


def update(name: str, wanted: str, value: str = "changed", table: str = "rows") -> dict[str, Any]:
    return {
        "Update": {
            "TableName": table,
            "Key": {"id": {"S": name}},
            "UpdateExpression": "SET #v = :new",
            "ConditionExpression": "#v = :old",
            "ExpressionAttributeNames": {"#v": "value"},
            "ExpressionAttributeValues": {":new": {"S": value}, ":old": {"S": wanted}},
        }
    }


def delete(name: str) -> dict[str, Any]:
    return {"Delete": {"TableName": "rows", "Key": {"id": {"S": name}}}}


def check(name: str) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": "rows", "Key": {"id": {"S": name}}, **ABSENT}}


TRANSACTIONS = {
    "new rows": [put("x", **ABSENT), put("y", **ABSENT)],
    "a row is there": [put("x", **ABSENT), put("1", **ABSENT), update("2", "old"), delete("3")],
    "changes": [update("1", "old"), delete("2"), put("3", "over"), check("x")],
    "changes that fail at the end": [update("1", "old"), delete("2"), put("3", "over"), check("4")],
    "changes that fail at the start": [check("4"), update("1", "old"), delete("2"), put("3", "over")],
    "an update of another value": [update("1", "old"), update("2", "other")],
    "an update of no row": [update("9", "old"), put("x")],
    "two tables": [put("x"), put("x", table="others"), update("1", "other", table="others")],
    "one row twice": [update("1", "old"), delete("1")],
    "no such table": [put("x"), put("x", table="none")],
    "no such key": [delete("1"), {"Put": {"TableName": "rows", "Item": {"value": {"S": "x"}}}}],
    "an empty key": [update("1", "old"), put("")],
    "too many": [put(str(number)) for number in range(101)],
}


def outcome(transaction: list[dict[str, Any]]) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    """What the caller reads, and all rows afterwards."""
    aws = InProcessAws(delays=Delays.none())
    dynamodb = aws.boto3_session().client("dynamodb")
    for table in ("rows", "others"):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for name in "1234":
            dynamodb.put_item(TableName=table, Item={"id": {"S": name}, "value": {"S": "old"}})
    try:
        answer: Any = dynamodb.transact_write_items(TransactItems=transaction)
    except ClientError as error:
        answer = error.response
    del answer["ResponseMetadata"]
    rows: list[list[Any]] = [dynamodb.scan(TableName=table)["Items"] for table in ("rows", "others")]
    aws.close()
    return answer, [sorted(each, key=str) for each in rows]


@pytest.mark.parametrize("transaction", TRANSACTIONS.values(), ids=TRANSACTIONS)
def test_the_answer_and_the_rows_are_motos_own(
    transaction: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a transaction succeeds, is cancelled or is refused, nothing but its cost differs."""
    ours = outcome(transaction)
    monkeypatch.setattr(neighbours, "one_copy_each", lambda *_: nullcontext())
    assert ours == outcome(transaction)


def test_the_reasons_carry_the_rows_that_are_there() -> None:
    """By this a writer of many rows knows which of them to drop."""
    answer, rows = outcome(TRANSACTIONS["a row is there"])
    assert answer["Error"]["Code"] == "TransactionCanceledException"
    old = {"id": {"S": "1"}, "value": {"S": "old"}}
    assert [reason.get("Code") for reason in answer["CancellationReasons"]][:2] == ["None", "ConditionalCheckFailed"]
    assert answer["CancellationReasons"][1]["Item"] == old
    assert rows[0] == [{"id": {"S": name}, "value": {"S": "old"}} for name in "1234"]


def test_a_transaction_copies_only_the_rows_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cost does not grow with the table: of 300 rows the 3 that it names are copied, once."""
    aws = InProcessAws(delays=Delays.none())
    dynamodb = aws.boto3_session().client("dynamodb")
    dynamodb.create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for start in range(0, 300, 100):
        dynamodb.transact_write_items(TransactItems=[put(str(start + number)) for number in range(100)])
    copied: list[str] = []
    from moto.dynamodb.models.dynamo_type import Item

    monkeypatch.setattr(
        Item, "__deepcopy__", lambda row, memo: copied.append(row.hash_key.value) or copy.copy(row), raising=False
    )
    dynamodb.transact_write_items(TransactItems=[delete("1"), delete("2"), put("3", "over"), put("new")])
    assert copied == ["1", "2", "3"]
    aws.close()


def test_reading_many_rows(in_process: "Place") -> None:
    """Rows written by a transaction are read by BatchGetItem, Query and a paged Scan."""
    dynamodb = in_process.table()
    dynamodb.transact_write_items(TransactItems=[put(str(number)) for number in range(100)])
    keys = [{"id": {"S": str(number)}} for number in range(90, 110)]
    got = dynamodb.batch_get_item(RequestItems={"rows": {"Keys": keys, "ConsistentRead": True}})
    assert (len(got["Responses"]["rows"]), got["UnprocessedKeys"]) == (10, {})
    asked = {":id": {"S": "7"}}
    queried = dynamodb.query(TableName="rows", KeyConditionExpression="id = :id", ExpressionAttributeValues=asked)
    assert [row["id"]["S"] for row in queried["Items"]] == ["7"]
    pages = list(dynamodb.get_paginator("scan").paginate(TableName="rows", PaginationConfig={"PageSize": 30}))
    assert [page["Count"] for page in pages] == [30, 30, 30, 10]
