"""The server that plays the account refuses what AWS refuses, and counts what it is asked."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.expressions import ExpressionError, holds, updated
from benchmarks.server import Server, running

ROW = {"id": {"S": "a"}, "claim": {"S": "mine"}, "job_id": {"S": ""}, "runs": {"N": "9"}}
VALUES = {":mine": {"S": "mine"}, ":none": {"S": ""}, ":ten": {"N": "10"}, ":nine": {"S": "9"}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("attribute_not_exists(id)", False),
        ("attribute_exists(id) AND claim = :mine AND job_id = :none", True),
        ("NOT #c IN (:none, :mine)", False),
        ("attribute_not_exists(runs) OR runs < :ten", True),
        ("(claim = :none OR runs < :ten) AND runs <> :nine", True),
        ("gone = :none", False),
        ("gone <> :none", True),
    ],
)
def test_a_condition_means_what_it_means_on_dynamodb(condition: str, expected: bool) -> None:
    """Numbers compare as numbers, types do not mix, and what is not there equals nothing."""
    assert holds(condition, (ROW, {"#c": "claim"}, VALUES)) is expected


def test_what_it_does_not_know_is_refused() -> None:
    """A guess would make the figures of a protocol that AWS refuses."""
    with pytest.raises(ExpressionError):
        holds("begins_with(claim, :mine)", (ROW, {}, VALUES))


def test_an_update_leaves_the_rest_alone() -> None:
    """Members are set and removed, and the row before is still as it was."""
    after = updated("SET #c = :none, runs = if_not_exists(more, :ten) REMOVE job_id", (ROW, {"#c": "claim"}, VALUES))
    assert after == {"id": {"S": "a"}, "claim": {"S": ""}, "runs": {"N": "10"}}
    assert ROW["claim"] == {"S": "mine"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One for the module."""
    with running() as server:
        yield server


def _client(service: str, server: Server) -> Any:  # noqa: ANN401  # boto3's clients have no types of their own
    session = boto3.Session(aws_access_key_id="AKIDYARDSTICK", aws_secret_access_key="made-up", region_name="us-east-2")
    make: Any = session.client
    return make(service, endpoint_url=server.url, config=Config(retries={"total_max_attempts": 1}))


def _put(name: str) -> dict[str, Any]:
    put = {"TableName": "rows", "Item": {"id": {"S": name}}, "ConditionExpression": "attribute_not_exists(id)"}
    return {"Put": {**put, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}


def test_one_failing_condition_cancels_a_transaction(server: Server) -> None:
    """Every write says why, and none is done."""
    server.reset()
    dynamodb = _client("dynamodb", server)
    dynamodb.transact_write_items(TransactItems=[_put("one")])
    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(TransactItems=[_put("one"), _put("two")])
    reasons = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["ConditionalCheckFailed", "None"]
    assert reasons[0]["Item"] == {"id": {"S": "one"}}
    assert "Item" not in dynamodb.get_item(TableName="rows", Key={"id": {"S": "two"}})
    assert server.seen()["calls"] == {"TransactWriteItems": 2, "GetItem": 1}
    dynamodb.close()


def test_submissions_above_the_quota_are_throttled(server: Server) -> None:
    """What was refused made no job."""
    server.reset(quota_per_s=20)  # at the start a tenth of a second's worth is saved up, which is two
    batch = _client("batch", server)
    for name in ("one", "two"):
        batch.submit_job(jobName=name, jobQueue="bench", jobDefinition="bench:1")
    seen = server.seen()
    assert (seen["jobs"], seen["doubled"]) == (2, 0)
    server.reset(quota_per_s=0.001)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        batch.submit_job(jobName="three", jobQueue="bench", jobDefinition="bench:1")
    assert server.seen()["jobs"] == 0
    assert server.seen()["refused"] == 1
    batch.close()
