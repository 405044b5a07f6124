"""Many conditional writes in few requests, on a table that conflicts, throttles and refuses."""

import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError, ConnectionClosedError

from batchwright import BatchSession
from batchwright.jobs.ledger import Ledger, Row
from batchwright.jobs.transactions import SlowTableWarning, Transactions, Write, write_all
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws

TABLE = "jobs"
BEFORE = "before-send.dynamodb"


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """An account with one table, there at once."""
    aws = InProcessAws(delays=Delays.none())
    aws.boto3_session().client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.advance(1)
    aws.calls.clear()
    yield aws
    aws.close()


def claim(number: int, token: str = "mine") -> Write:
    """A row that is written if there is none."""
    row = Row(submission_id=f"test/{number}", claim=token)
    condition = "attribute_not_exists(id)"
    return Write(
        row.submission_id, {"Put": {"TableName": TABLE, "Item": row.to_item(), "ConditionExpression": condition}}
    )


def record(number: int, job_id: str, token: str = "mine") -> Write:
    """A job's id, for whoever holds the claim."""
    update = {
        "TableName": TABLE,
        "Key": {"id": {"S": f"test/{number}"}},
        "UpdateExpression": "SET job_id = :job",
        "ConditionExpression": "claim = :claim",
        "ExpressionAttributeValues": {":job": {"S": job_id}, ":claim": {"S": token}},
    }
    return Write(f"test/{number}", {"Update": update})  # type: ignore[typeddict-item]  # as DynamoDB takes it


def _with_text(write: Write, size: int) -> Any:  # noqa: ANN401  # as DynamoDB takes it
    put = write.item["Put"]
    return {"Put": {**put, "Item": {**put["Item"], "text": {"S": "x" * size}}}}


def rows(session: BatchSession) -> dict[str, tuple[str, str]]:
    """By id, the claim and the job of every row."""
    pages = session.dynamodb.get_paginator("scan").paginate(TableName=TABLE)
    items = [item for page in pages for item in page["Items"]]
    return {row.submission_id: (row.claim, row.job_id) for row in map(Row.from_item, items)}


def answering(session: BatchSession, handler: Callable[[str, dict[str, Any]], ClientError | None]) -> None:
    """Have `handler` look at every write before it is sent; an error that it returns is the answer."""

    def handle(request: AWSPreparedRequest, event_name: str, **_: object) -> None:
        operation = event_name.rpartition(".")[2]
        refused = handler(operation, json.loads(request.body)) if operation in WRITES else None
        if refused is not None:
            raise refused

    session.dynamodb.meta.events.register(BEFORE, handle)


WRITES = ("TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem")


def cancelled(*codes: str) -> ClientError:
    """A cancelled transaction, with a reason for each write."""
    answer = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(answer, "TransactWriteItems")  # type: ignore[arg-type]  # a part of an answer


def test_hundreds_are_written_in_a_few_calls(session: BatchSession, aws: InProcessAws) -> None:
    """A hundred go into each transaction, and a single one goes alone, at half the price."""
    assert write_all(session, [claim(number) for number in range(201)]) == {}
    assert [operation for _, operation in aws.calls] == ["TransactWriteItems", "TransactWriteItems", "PutItem"]
    assert len(rows(session)) == 201


def test_what_a_condition_refuses_is_told_and_the_rest_is_written(session: BatchSession, aws: InProcessAws) -> None:
    """Rows that are there already cancel the transaction; they come back, and all others are written."""
    write_all(session, [claim(number, "theirs") for number in (3, 50)])
    aws.calls.clear()
    refused = write_all(session, [claim(number) for number in range(100)])
    assert {key: Row.from_item(item).claim for key, item in refused.items()} == {
        "test/3": "theirs",
        "test/50": "theirs",
    }
    assert aws.calls == [("dynamodb", "TransactWriteItems")] * 2
    claims = [claim for claim, _ in rows(session).values()]
    assert (claims.count("mine"), claims.count("theirs")) == (98, 2)


def test_a_refusal_without_a_row_comes_back_empty(session: BatchSession) -> None:
    """Alone or among others, what is not there cannot be updated, and no item tells of it."""
    assert write_all(session, [record(1, "job")]) == {"test/1": {}}
    assert write_all(session, [record(1, "job"), claim(2)]) == {"test/1": {}}
    assert rows(session) == {"test/2": ("mine", "")}


def test_two_writes_of_one_key_keep_their_order(session: BatchSession) -> None:
    """DynamoDB refuses them in one transaction: the second goes into the next one."""
    assert write_all(session, [claim(1), claim(2), record(1, "job-1"), record(2, "job-2")]) == {}
    assert rows(session) == {"test/1": ("mine", "job-1"), "test/2": ("mine", "job-2")}


def test_a_large_transaction_is_split(session: BatchSession, aws: InProcessAws) -> None:
    """DynamoDB takes 4 MB at once."""
    writes = [claim(number) for number in range(20)]
    large = [Write(write.key, _with_text(write, 300_000)) for write in writes]
    assert write_all(session, large) == {}
    assert len(rows(session)) == 20
    assert aws.calls.count(("dynamodb", "TransactWriteItems")) + aws.calls.count(("dynamodb", "PutItem")) >= 2


def test_a_conflict_is_tried_again(session: BatchSession, aws: InProcessAws) -> None:
    """Another transaction on the same row is over in a moment; botocore does not try again by itself."""
    left = [3]

    def handler(operation: str, request: dict[str, Any]) -> ClientError | None:
        left[0] -= 1
        return cancelled("None", "TransactionConflict") if left[0] >= 0 else None

    answering(session, handler)
    before = aws.clock.now()
    assert write_all(session, [claim(1), claim(2)]) == {}
    assert len(rows(session)) == 2
    assert 0 < aws.clock.now() - before < 10


def test_an_endless_conflict_ends_in_its_error(session: BatchSession, aws: InProcessAws) -> None:
    """After minutes without a single write the table's own words are raised."""
    answering(session, lambda operation, request: cancelled("TransactionConflict", "None"))
    before = aws.clock.now()
    with pytest.raises(ClientError, match="TransactionCanceled"):
        write_all(session, [claim(1), claim(2)])
    assert 290 < aws.clock.now() - before < 310
    assert rows(session) == {}


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_what_no_patience_cures_is_raised_at_once(session: BatchSession, aws: InProcessAws, code: str) -> None:
    """A write that can never succeed is no reason to wait."""
    answering(session, lambda operation, request: cancelled("None", code))
    before = aws.clock.now()
    with pytest.raises(ClientError):
        write_all(session, [claim(1), claim(2)])
    assert aws.clock.now() == before


def test_botocores_own_retry_is_the_same_transaction(session: BatchSession) -> None:
    """The request's token is made once for a call, so a lost answer writes nothing twice."""
    tokens: list[str] = []

    def handler(operation: str, request: dict[str, Any]) -> ClientError | None:
        tokens.append(request["ClientRequestToken"])
        if len(tokens) == 1:
            raise ConnectionClosedError(endpoint_url="https://dynamodb.us-east-2.amazonaws.com")
        return None

    answering(session, handler)
    assert write_all(session, [claim(1), claim(2)]) == {}
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


@attrs.define
class Units:
    """Write units of a table as DynamoDB counts them: one for a write, two for one in a transaction."""

    aws: InProcessAws
    per_second: float
    left: float
    seen_at: float = 0.0

    def __call__(self, operation: str, request: dict[str, Any]) -> ClientError | None:
        """Refuse what is more than is left."""
        now = self.aws.clock.now()
        self.left += (now - (self.seen_at or now)) * self.per_second
        self.seen_at = now
        size = len(request.get("TransactItems", ()))
        if self.left >= (cost := 2 * size or 1):
            self.left -= cost
            return None
        if size:
            return cancelled(*["ProvisionedThroughputExceeded"] * size)
        answer = {"Error": {"Code": "ThrottlingException", "Message": "too fast"}}
        return ClientError(answer, operation)  # type: ignore[arg-type]  # a part of an answer


def test_a_table_of_one_write_unit_works_slower_and_says_so(session: BatchSession, aws: InProcessAws) -> None:
    """Transactions get smaller, single writes are half the price in the end, and one warning tells what to do."""
    answering(session, Units(aws, per_second=1.0, left=100.0))
    before = aws.clock.now()
    with pytest.warns(SlowTableWarning, match="jobs.*PAY_PER_REQUEST") as told:
        assert write_all(session, [claim(number) for number in range(150)]) == {}
    assert len(told) == 1
    assert len(rows(session)) == 150
    assert aws.clock.now() - before < 400  # seconds; transactions alone would need 300 units in 200 s


def test_a_short_shortage_is_no_reason_to_warn(session: BatchSession, aws: InProcessAws) -> None:
    """A table that grows on demand throttles for a moment, and takes whole transactions again later."""
    left = [1]

    def handler(operation: str, request: dict[str, Any]) -> ClientError | None:
        left[0] -= 1
        return cancelled(*["ThrottlingError"] * len(request["TransactItems"])) if left[0] >= 0 else None

    answering(session, handler)
    table = Transactions(session)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert table.write_all([claim(number) for number in range(400)]) == {}
    assert told == []
    assert table.at_once == 100
    assert len(rows(session)) == 400


def test_the_ledger_writes_the_same_either_way(session: BatchSession) -> None:
    """A claim, a record and a release in a transaction are those of a single call."""
    ledger = Ledger(session, TABLE)
    one, two, gone = (Row(submission_id=f"test/{name}", claim="mine") for name in ("one", "two", "gone"))
    assert ledger.put_new(one) is None
    assert write_all(session, [ledger.claiming(two), ledger.claiming(gone)]) == {}
    assert ledger.record(one, "job-1")
    assert write_all(session, [ledger.recording(two, "job-2"), ledger.releasing(gone)]) == {}
    assert ledger.read("test/one") == attrs.evolve(one, job_id="job-1", status="SUBMITTED")
    assert ledger.read("test/two") == attrs.evolve(two, job_id="job-2", status="SUBMITTED")
    assert ledger.read("test/gone") is None
