"""The contract of status trackers, and what their tables and rights are like."""

from typing import Any

import pytest

from batchwright import BatchSession
from batchwright.errors import DeclarationError, NotFoundError, NotOwnedError, RetainedError
from batchwright.local.in_process import InProcessAws
from batchwright.resources.status_tracker import StatusTracker
from batchwright.testing import ResourceContract
from batchwright.values import Action

WRITES = ("Create", "Update", "Delete", "Tag", "Untag", "Put")


class TestStatusTracker(ResourceContract):
    """A table keeps the contract of all resources."""

    mutable = {"billing_mode": "PROVISIONED", "tags": {"project": "reads"}}

    def declare(self, session: BatchSession) -> StatusTracker:
        return StatusTracker(session, name="lab_status")


class TestProvisionedStatusTracker(ResourceContract):
    """So does one with units of its own."""

    mutable = {"billing_mode": "PAY_PER_REQUEST"}

    def declare(self, session: BatchSession) -> StatusTracker:
        return StatusTracker(session, name="lab_status", billing_mode="PROVISIONED")


def old_table(session: BatchSession) -> None:
    """A table as older programs made it."""
    session.dynamodb.create_table(
        TableName="neuroconv_batch_status_tracker",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )


def test_a_new_table_is_on_demand_and_usable_at_once(session: BatchSession) -> None:
    """ensure() returns when the table is ACTIVE, keyed by `id`, and takes a row."""
    seen = StatusTracker(session, name="lab_status").ensure().description
    table: Any = session.dynamodb.describe_table(TableName="lab_status")["Table"]
    assert (seen.status, table["TableStatus"]) == ("ACTIVE", "ACTIVE")
    assert (seen.billing_mode, table["BillingModeSummary"]["BillingMode"]) == ("PAY_PER_REQUEST", "PAY_PER_REQUEST")
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    session.dynamodb.put_item(TableName="lab_status", Item={"id": {"S": "a"}})
    assert len(StatusTracker(session, name="lab_status").rows()) == 1


def test_a_table_of_older_programs_is_used_as_it_is(session: BatchSession, aws: InProcessAws) -> None:
    """Its capacity is reported as drift, and neither ensure() nor delete() writes to it."""
    old_table(session)
    aws.calls.clear()
    tracker = StatusTracker(session, name="neuroconv_batch_status_tracker", retain=False)
    ensured = tracker.ensure()
    assert (ensured.action, ensured.owned) == (Action.UNCHANGED, False)
    assert ensured.drift.paths == ("BillingMode",)
    with pytest.raises(NotOwnedError):
        tracker.delete()
    assert not [operation for _, operation in aws.calls if operation.startswith(WRITES)]
    assert tracker.exists()


def test_a_second_ensure_writes_nothing(session: BatchSession, aws: InProcessAws) -> None:
    """What is as declared is only read."""
    StatusTracker(session, name="lab_status").ensure()
    aws.calls.clear()
    StatusTracker(session, name="lab_status").ensure()
    assert not [operation for _, operation in aws.calls if operation.startswith(WRITES)]


def test_a_table_that_holds_rows_is_kept(session: BatchSession) -> None:
    """delete() refuses while the declaration says retain, and the table stays."""
    tracker = StatusTracker(session, name="lab_status")
    tracker.ensure()
    with pytest.raises(RetainedError):
        tracker.delete(force=True)
    assert tracker.exists()


@pytest.mark.parametrize("name", ["ab", "a b c", "x" * 256])
def test_a_bad_table_name_is_refused_before_any_call(name: str) -> None:
    """The error names the field and what is legal."""
    with pytest.raises(DeclarationError, match=r"name=.*3 to 255 letters"):
        StatusTracker(BatchSession("test"), name=name)


def test_a_bad_billing_mode_is_refused_before_any_call() -> None:
    """The error names the field and both legal words."""
    with pytest.raises(DeclarationError, match=r"billing_mode='FREE'.*'PAY_PER_REQUEST', 'PROVISIONED'"):
        StatusTracker(BatchSession("test"), name="lab_status", billing_mode="FREE")


def test_the_policy_allows_three_actions_on_one_table(session: BatchSession) -> None:
    """A job may read and write rows of its own table and nothing wider."""
    name, policy = StatusTracker(session, name="lab_status").access_policy()
    document: Any = policy
    (statement,) = document["Statement"]
    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
    assert statement["Resource"] == f"arn:aws:dynamodb:us-east-2:{session.account_id}:table/lab_status"
    assert "us-east-2" in name
    assert "lab_status" in name


def test_the_policies_of_long_names_stay_apart(session: BatchSession) -> None:
    """IAM takes 128 characters, and two tables that share the first ones have two policies."""
    names = {StatusTracker(session, name="t" * 250 + end).access_policy()[0] for end in "ab"}
    assert len(names) == 2
    assert {len(name) for name in names} == {128}


def test_the_inventory_lists_only_our_own_tables(session: BatchSession) -> None:
    """A table of older programs is nobody's."""
    old_table(session)
    StatusTracker(session, name="lab_status").ensure()
    assert [seen.name for seen in StatusTracker.list_owned(session)] == ["lab_status"]


def test_rows_of_a_missing_table_say_so(session: BatchSession) -> None:
    """The error names the table and what to do."""
    with pytest.raises(NotFoundError, match=r"'lab_status' does not exist in us-east-2(.|\n)*ensure\(\)"):
        StatusTracker(session, name="lab_status").rows()
