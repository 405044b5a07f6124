"""The verbs of a resource besides `ensure()`, and graphs of them."""

import attrs
import pytest

from batchwright import Action, Patience, Resolved
from batchwright.errors import (
    AwsError,
    DeclarationError,
    NotFoundError,
    NotOwnedError,
    ResourceFailedError,
    WaitTimeoutError,
)

from .conftest import Cloud, CloudSession, Thing, failed, put, refusal, session_on


def test_deleting_steps_until_it_is_gone(cloud: Cloud, session: CloudSession) -> None:
    """Disable, wait, delete, wait; and that it is not there any more is fine."""
    thing = Thing(session, name="a")
    thing.ensure()
    cloud.things["a"]["enabled"] = True
    thing.delete()
    assert cloud.things == {}
    assert cloud.calls.count("delete a") == 2
    thing.delete()
    assert cloud.calls.count("delete a") == 2


def test_removing_says_what_it_did(cloud: Cloud, session: CloudSession) -> None:
    """DELETED, then ABSENT."""
    thing = Thing(session, name="a")
    thing.ensure()
    assert thing.remove() is Action.DELETED
    assert thing.remove() is Action.ABSENT


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("delete", refusal("ClientException", "Resource is being modified")),
        ("delete", refusal("TooManyRequestsException")),
        ("delete", refusal("DependencyViolation")),
        ("read", refusal("TooManyRequestsException")),
    ],
)
def test_what_passes_is_waited_for_in_deleting(
    cloud: Cloud, session: CloudSession, operation: str, error: Exception
) -> None:
    """Busy and throttled are no reason to stop half-way; the look of the check is not repeated."""
    thing = Thing(session, name="a")
    thing.ensure()
    checked: list[Exception | None] = [None] if operation == "read" else []
    cloud.script[operation] = [*checked, error, error]
    thing.delete()
    assert cloud.things == {}


def test_gone_meanwhile_is_gone(cloud: Cloud, session: CloudSession) -> None:
    """Somebody else deletes it between the look and the call."""
    thing = Thing(session, name="a")
    thing.ensure()

    def vanish(_: object) -> None:
        cloud.things.clear()
        raise refusal("ResourceNotFoundException", operation="DeleteThing")

    cloud.script["delete"] = [vanish]
    thing.delete()
    assert not thing.exists()


def test_a_refusal_to_delete_is_raised(cloud: Cloud, session: CloudSession) -> None:
    """With AWS's words."""
    thing = Thing(session, name="a")
    thing.ensure()
    cloud.script["delete"] = [refusal("ClientException", "protected", "DeleteThing")]
    with pytest.raises(AwsError, match="refused DeleteThing: protected"):
        thing.delete()


def test_deleting_that_takes_too_long_is_resumed(cloud: Cloud, session: CloudSession) -> None:
    """The time-out says the status; the next call goes on."""
    thing = Thing(session, name="a")
    thing.ensure()
    cloud.script["delete"] = [refusal("ClientException", "Resource is being modified")] * 50
    with pytest.raises(WaitTimeoutError, match=r"not gone after 5 s: it is READY .*being modified"):
        attrs.evolve(thing, patience=Patience(timeout_s=5)).delete()
    cloud.script.clear()
    thing.delete()
    assert cloud.things == {}


def test_what_failed_can_be_deleted(cloud: Cloud, session: CloudSession) -> None:
    """`delete()` cleans up what `ensure()` could not make."""
    cloud.script["read"] = [None, failed("no")]
    thing = Thing(session, name="a")
    with pytest.raises(ResourceFailedError):
        thing.ensure()
    thing.delete()
    assert cloud.things == {}


def test_what_is_not_ours_is_not_deleted(cloud: Cloud, session: CloudSession) -> None:
    """Neither nobody's nor another namespace's, unless forced; nothing is called before the check."""
    Thing(session_on(cloud, "other"), name="b").ensure()
    put(cloud)
    cloud.calls.clear()
    for name in "ab":
        with pytest.raises(NotOwnedError, match=f"thing '{name}' in us-east-2 was not made by namespace 'lab'"):
            Thing(session, name=name).delete()
    assert cloud.writes() == []
    Thing(session, name="a").delete(force=True)
    assert "a" not in cloud.things


def test_describing_what_is_there_and_what_is_not(cloud: Cloud, session: CloudSession) -> None:
    """A status that means "gone" is as good as nothing."""
    thing = Thing(session, name="a")
    with pytest.raises(NotFoundError, match="thing 'a' does not exist in us-east-2"):
        thing.describe()
    with pytest.raises(NotFoundError):
        thing.drift()
    put(cloud, status="DELETED")
    assert not thing.exists()
    put(cloud, status="CREATING")
    assert thing.exists()
    assert thing.describe().status == "CREATING"


def test_a_plan_writes_nothing(cloud: Cloud, session: CloudSession) -> None:
    """What would be created, updated, replaced or left."""
    thing = Thing(session, name="a")
    assert thing.plan(Resolved())[0] is Action.CREATED
    thing.ensure()
    cloud.calls.clear()
    assert thing.plan(Resolved())[0] is Action.UNCHANGED
    assert attrs.evolve(thing, size=2).plan(Resolved())[0] is Action.UPDATED
    assert attrs.evolve(thing, shape="square").plan(Resolved())[0] is Action.REPLACED
    put(cloud, "b")
    action, drift = Thing(session, name="b", size=2).plan(Resolved())
    assert (action, drift.paths) == (Action.UNCHANGED, ("size",))
    assert cloud.writes() == []


def test_dependencies_come_first_and_once(cloud: Cloud, session: CloudSession) -> None:
    """A diamond is made from its bottom, each corner once."""
    bottom = Thing(session, name="bottom")
    left, right = (Thing(session, name=name, needs=(bottom,)) for name in ("left", "right"))
    top = Thing(session, name="top", needs=(left, right))
    top.ensure()
    writes = cloud.writes()
    assert sorted(writes) == ["create bottom", "create left", "create right", "create top"]
    assert (writes[0], writes[-1]) == ("create bottom", "create top")


def test_a_chain_of_thousands_is_made_in_order(cloud: Cloud, session: CloudSession) -> None:
    """Nothing recurses: neither ensuring, nor hashing, nor printing."""
    thing = Thing(session, name="0")
    for number in range(1, 5000):
        thing = Thing(session, name=str(number), needs=(thing,))
    thing.ensure()
    assert cloud.writes() == [f"create {number}" for number in range(5000)]
    assert len({thing, *thing.dependencies()}) == 2
    assert len(repr(thing)) < 300


def test_a_failed_dependency_stops_what_needs_it(cloud: Cloud, session: CloudSession) -> None:
    """The error names the dependency, and nothing after it was made."""
    bottom = Thing(session, name="bottom")
    cloud.script["create"] = [refusal("ClientException", "no room")]
    with pytest.raises(AwsError, match="thing 'bottom'"):
        Thing(session, name="top", needs=bottom).ensure()
    assert cloud.things == {}


def test_a_dependency_of_another_session_is_refused(cloud: Cloud, session: CloudSession) -> None:
    """It would be looked for in the wrong place; the error names both."""
    other = Thing(session_on(cloud, "other"), name="b")
    with pytest.raises(DeclarationError, match=r"<Thing 'b'>.*same session.*'lab'.*'other'"):
        Thing(session, name="a", needs=(other,))
