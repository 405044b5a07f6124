"""DynamoDB tables take their time; moto's do not."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from batchwright.local.in_process import InProcessAws

CodeOf = Callable[..., tuple[int, str]]

TABLE_S = 8
TABLE: dict[str, Any] = {
    "TableName": "rows",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"id": {"S": "1"}}
USES: dict[str, dict[str, Any]] = {
    "put_item": {"TableName": "rows", "Item": ITEM},
    "get_item": {"TableName": "rows", "Key": ITEM},
    "query": {
        "TableName": "rows",
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "1"}},
    },
    "batch_write_item": {"RequestItems": {"rows": [{"PutRequest": {"Item": ITEM}}]}},
    "transact_write_items": {"TransactItems": [{"Put": {"TableName": "rows", "Item": ITEM}}]},
}


@pytest.fixture
def dynamodb(session: boto3.Session) -> DynamoDBClient:
    return session.client("dynamodb")


def status(dynamodb: DynamoDBClient) -> str:
    return dynamodb.describe_table(TableName="rows")["Table"]["TableStatus"]


@pytest.mark.parametrize("operation", USES)
def test_a_table_is_not_usable_before_it_is_active(
    aws: InProcessAws, dynamodb: DynamoDBClient, code_of: CodeOf, operation: str
) -> None:
    """A table is CREATING for a while, and refuses every use until it is ACTIVE."""
    assert dynamodb.create_table(**TABLE)["TableDescription"]["TableStatus"] == "CREATING"
    use = getattr(dynamodb, operation)
    assert status(dynamodb) == "CREATING"
    assert code_of(use, **USES[operation]) == (400, "ResourceNotFoundException")
    aws.advance(TABLE_S)
    assert status(dynamodb) == "ACTIVE"
    assert use(**USES[operation])["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_table_is_made_once(dynamodb: DynamoDBClient, code_of: CodeOf) -> None:
    """The same name again is in use, while CREATING too."""
    dynamodb.create_table(**TABLE)
    assert code_of(dynamodb.create_table, **TABLE) == (400, "ResourceInUseException")


def test_a_table_that_changes_cannot_be_deleted(aws: InProcessAws, dynamodb: DynamoDBClient, code_of: CodeOf) -> None:
    """CREATING and UPDATING tables refuse DeleteTable; an UPDATING one is still usable."""
    dynamodb.create_table(**TABLE)
    assert code_of(dynamodb.delete_table, TableName="rows") == (400, "ResourceInUseException")
    aws.advance(TABLE_S)
    dynamodb.update_table(TableName="rows", DeletionProtectionEnabled=False)
    assert status(dynamodb) == "UPDATING"
    assert code_of(dynamodb.delete_table, TableName="rows") == (400, "ResourceInUseException")
    assert dynamodb.put_item(**USES["put_item"])["ResponseMetadata"]["HTTPStatusCode"] == 200
    aws.advance(TABLE_S)
    assert status(dynamodb) == "ACTIVE"


def test_a_deleted_table_is_seen_for_a_while(aws: InProcessAws, dynamodb: DynamoDBClient, code_of: CodeOf) -> None:
    """It is DELETING, refuses its name to another and every use, and is then gone."""
    dynamodb.create_table(**TABLE)
    aws.advance(TABLE_S)
    assert dynamodb.delete_table(TableName="rows")["TableDescription"]["TableStatus"] == "DELETING"
    assert status(dynamodb) == "DELETING"
    assert code_of(dynamodb.create_table, **TABLE) == (400, "ResourceInUseException")
    assert code_of(dynamodb.put_item, **USES["put_item"]) == (400, "ResourceNotFoundException")
    aws.advance(TABLE_S)
    assert code_of(dynamodb.describe_table, TableName="rows") == (400, "ResourceNotFoundException")
    assert dynamodb.create_table(**TABLE)["TableDescription"]["TableStatus"] == "CREATING"
