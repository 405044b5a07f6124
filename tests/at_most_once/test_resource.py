"""The contract of consumable resources, and that units that were spent never come back."""

from typing import Any, cast

import pytest

from batchwright import Action, BatchSession, ConsumableResource, DeclarationError
from batchwright.lifecycle import Resource
from batchwright.local.in_process import InProcessAws
from batchwright.testing import ResourceContract


class TestReplenishable(ResourceContract):
    """Units that come back keep the contract of all resources."""

    mutable = {"total_quantity": 7, "tags": {"project": "reads"}}
    immutable = {"replenishable": False}

    def declare(self, session: BatchSession) -> Resource[Any]:
        return session.consumable_resource(name="licences", total_quantity=5)


class TestNonReplenishable(ResourceContract):
    """So do units that are spent."""

    mutable = {"tags": {"project": "reads"}}
    immutable = {"replenishable": True}

    def declare(self, session: BatchSession) -> Resource[Any]:
        return session.consumable_resource(name="starts", total_quantity=1, replenishable=False)


def test_the_total_is_set_where_units_come_back(session: BatchSession, aws: InProcessAws) -> None:
    """One update, under a client token."""
    session.consumable_resource(name="licences", total_quantity=5).ensure()
    more = session.consumable_resource(name="licences", total_quantity=7)
    assert more.ensure().action is Action.UPDATED
    assert (more.describe().total_quantity, more.describe().available_quantity) == (7, 7)
    assert aws.calls.count(("batch", "UpdateConsumableResource")) == 1
    assert len(aws.state.region("us-east-2").consumables["licences"].updates) == 1


def test_spent_units_are_no_drift(session: BatchSession) -> None:
    """What AWS took away from the total of units that do not come back is never put back."""
    starts = session.consumable_resource(name="starts", total_quantity=3, replenishable=False)
    starts.ensure()
    session.batch.update_consumable_resource(consumableResource="starts", operation="REMOVE", quantity=2)
    assert not starts.drift()
    assert starts.ensure().action is Action.UNCHANGED
    assert starts.describe().total_quantity == 1


@pytest.mark.parametrize("total", [-1, 1.5, True, "3", 2**63])
def test_an_illegal_total_is_refused_before_any_call(session: BatchSession, aws: InProcessAws, total: object) -> None:
    """The error names the field and what is legal."""
    with pytest.raises(DeclarationError, match=r"total_quantity=.*a whole number from 0 to"):
        session.consumable_resource(name="starts", total_quantity=cast("int", total))
    assert aws.calls == []


def test_the_inventory_shows_what_the_namespace_made(session: BatchSession, aws: InProcessAws) -> None:
    """Ours is listed, whoever declared it; another namespace's is not."""
    session.consumable_resource(name="ours", total_quantity=1).ensure()
    other = BatchSession("other", boto3_session=aws.boto3_session(), clock=session.clock)
    other.consumable_resource(name="theirs", total_quantity=1).ensure()
    assert [(item.kind, item.name, item.declared) for item in session.inventory()] == [
        (ConsumableResource.kind, "ours", False)
    ]
