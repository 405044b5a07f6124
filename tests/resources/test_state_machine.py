"""The contract of state machines, and what they refuse."""

from typing import Any

import attrs
import pytest

from batchwright import BatchSession, StateMachine
from batchwright.errors import DeclarationError, InUseError, NotFoundError
from batchwright.testing import ResourceContract

DONE: dict[str, Any] = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
SLOW: dict[str, Any] = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}


def machine(session: BatchSession, **fields: object) -> StateMachine:
    """A machine whose role may do nothing."""
    role = session.iam_role(name="machine", trusted_service="states.amazonaws.com")
    said: dict[str, Any] = {"name": "lab", "definition": DONE, "role": role, **fields}
    return session.state_machine(**said)


def start(session: BatchSession, name: str) -> None:
    """Start an execution of the machine."""
    arn = f"arn:aws:states:us-east-2:{session.account_id}:stateMachine:lab"
    session.states.start_execution(stateMachineArn=arn, name=name)


class TestStateMachine(ResourceContract):
    """A state machine keeps the contract of all resources."""

    mutable = {"definition": SLOW, "tags": {"project": "reads"}}

    def declare(self, session: BatchSession) -> StateMachine:
        return machine(session)


def test_another_role_is_written(session: BatchSession) -> None:
    """The role is a field like others: it is changed in place, once it can be taken on."""
    machine(session).ensure()
    other = session.iam_role(name="other", trusted_service="states.amazonaws.com")
    seen = machine(session, role=other).ensure()
    assert (seen.action.value, seen.description.role_arn) == ("updated", other.describe().arn)


def test_a_machine_that_runs_something_is_not_deleted(session: BatchSession) -> None:
    """To delete it would end what runs without a word, so it takes force."""
    slow = machine(session, definition=SLOW)
    slow.ensure()
    start(session, "one")
    with pytest.raises(InUseError, match="carries out 1 executions: one") as caught:
        slow.delete()
    assert caught.value.users == ("one",)
    assert slow.exists()
    slow.delete(force=True)
    assert not slow.exists()


def test_it_is_found_by_the_inventory(session: BatchSession) -> None:
    """What a namespace made is listed; another namespace's machine is not."""
    machine(session).ensure()
    other = BatchSession("other", boto3_session=session.boto3_session, clock=session.clock)
    machine(other, name="theirs").ensure()
    assert [seen.name for seen in StateMachine.list_owned(session)] == ["lab"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a b"),
        ("definition", {"States": {}}),
        ("definition", {"StartAt": "x", "States": {"x": object()}}),
        ("role", "machine"),
    ],
)
def test_what_aws_would_refuse_is_refused_before_any_call(field: str, value: object) -> None:
    """The error names the field and what is legal."""
    with pytest.raises(DeclarationError, match=rf"{field}="):
        machine(BatchSession("test", region="us-east-2"), **{field: value})


def test_its_definition_is_its_own(session: BatchSession) -> None:
    """What the caller does to the mapping afterwards changes nothing, and the repr does not print all of it."""
    given = dict(DONE)
    declared = machine(session, definition=given)
    given["Comment"] = "later"
    assert "Comment" not in declared.definition
    assert "Succeed" not in repr(declared)
    with pytest.raises(NotFoundError):
        attrs.evolve(declared, name="never").describe()
