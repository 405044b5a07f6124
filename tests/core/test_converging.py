"""The one loop: made, waited for, failed, cured, timed out and resumed, on a kind whose states are programmed."""

import attrs
import pytest

from batchwright import Action, Patience
from batchwright.errors import (
    AwsError,
    ResourceFailedError,
    ThrottledError,
    WaitTimeoutError,
)
from batchwright.ownership import NAMESPACE_TAG, OWNER_TAG, declared_in

from .conftest import Cloud, CloudSession, Thing, failed, put, refusal


def test_created_waited_for_and_then_left_alone(cloud: Cloud, session: CloudSession) -> None:
    """The first call creates and waits, the second only reads."""
    thing = Thing(session, name="a", tags={"project": "reads"})
    first = thing.ensure()
    assert (first.action, first.owned, first.description.status) == (Action.CREATED, True, "READY")
    assert cloud.writes() == ["create a"]
    cloud.calls.clear()
    again = thing.ensure()
    assert (again.action, bool(again.drift)) == (Action.UNCHANGED, False)
    assert cloud.calls == ["read a"]
    tags = cloud.things["a"]["tags"]
    assert tags[NAMESPACE_TAG] == "lab"
    assert tags[OWNER_TAG] == "arn:aws:iam::1:user/me"
    assert set(declared_in(tags)) == {"name", "size", "shape", "tags.project"}


def test_a_thing_that_shows_late_is_not_made_twice(cloud: Cloud, session: CloudSession) -> None:
    """For half a minute after its creation it may not show; later it is asked for again."""
    cloud.script["create"] = [None]
    cloud.script["read"] = [None, *[lambda _: hidden.update(cloud.things) or cloud.things.clear()], None, None]
    hidden: dict[str, object] = {}
    cloud.script["read"] += [None, lambda _: cloud.things.update(hidden)]  # type: ignore[arg-type]
    assert Thing(session, name="a").ensure().action is Action.CREATED
    assert cloud.writes() == ["create a"]


def test_a_creation_that_never_shows_is_asked_for_again(cloud: Cloud, session: CloudSession) -> None:
    """AWS took it and lost it: after a while the loop starts over."""
    cloud.script["read"] = [None, *[lambda _: cloud.things.clear()] * 12]
    assert Thing(session, name="a").ensure().action is Action.CREATED
    assert cloud.writes() == ["create a", "create a"]


def test_somebody_was_first(cloud: Cloud, session: CloudSession) -> None:
    """A creation that finds it there already goes on with what is there."""
    cloud.script["create"] = [refusal("ClientException", "Object already exists")]
    cloud.script["read"] = [None, lambda _: put(cloud, tags={NAMESPACE_TAG: "lab"}) if not cloud.things else None]
    ensured = Thing(session, name="a").ensure()
    assert ensured.action is not Action.CREATED
    assert ensured.owned


@pytest.mark.parametrize(
    "error",
    [
        refusal("ClientException", "Resource is being modified"),
        refusal("TooManyRequestsException"),
        refusal("ConcurrentModification"),
    ],
)
@pytest.mark.parametrize("operation", ["create", "update", "read", "tag"])
def test_what_passes_is_waited_for(cloud: Cloud, session: CloudSession, operation: str, error: Exception) -> None:
    """Busy and throttled are no reason to stop, at whatever call."""
    cloud.script[operation] = [error, error]
    Thing(session, name="a").ensure()
    ensured = Thing(session, name="a", size=2, tags={"b": "1"}).ensure()
    assert ensured.action is Action.UPDATED
    assert cloud.things["a"]["request"]["size"] == 2
    assert cloud.things["a"]["tags"]["b"] == "1"


def test_any_other_refusal_ends_it(cloud: Cloud, session: CloudSession) -> None:
    """With AWS's words, the resource, and the call."""
    thing = Thing(session, name="a")
    cloud.script["create"] = [refusal("ClientException", "shape is not supported")]
    with pytest.raises(AwsError, match=r"thing 'a' in us-east-2: .*shape is not supported") as caught:
        thing.ensure()
    assert caught.value.resource is thing
    assert caught.value.operation == "CreateThing"


def test_a_failure_ends_the_wait_at_once_with_its_reason(cloud: Cloud, session: CloudSession) -> None:
    """Not after the time-out, and with AWS's own reason."""
    cloud.script["read"] = [None, None, failed("CLIENT_ERROR - no such subnet")]
    thing = Thing(session, name="a")
    before = session.clock.now()
    with pytest.raises(ResourceFailedError, match="FAILED: CLIENT_ERROR - no such subnet") as caught:
        thing.ensure()
    assert session.clock.now() - before < 10
    assert caught.value.resource is thing
    assert caught.value.description.status == "FAILED"  # type: ignore[attr-defined]  # a description


def test_a_failure_is_corrected_where_the_declaration_was(cloud: Cloud, session: CloudSession) -> None:
    """What failed with the old declaration is updated to the new one, once."""
    thing = Thing(session, name="a")
    thing.ensure()
    cloud.things["a"].update(status="FAILED", reason="too large")
    cloud.script["update"] = [lambda there: there.update(status="READY", reason="")]
    assert attrs.evolve(thing, size=0).ensure().action is Action.UPDATED
    cloud.things["a"].update(status="FAILED", reason="too small")
    with pytest.raises(ResourceFailedError, match="too small"):
        attrs.evolve(thing, size=-1).ensure()


def test_a_failure_that_passes_is_cured(cloud: Cloud, session: CloudSession) -> None:
    """A role that has not spread: AWS is made to look again until it has."""
    cloud.script["read"] = [None, failed("role not spread yet")]
    cloud.script["cure"] = [None, None, lambda thing: thing.update(status="READY", reason="")]
    assert Thing(session, name="a").ensure().action is Action.CREATED
    assert cloud.calls.count("cure a") == 3


def test_a_failure_that_should_pass_and_does_not(cloud: Cloud, session: CloudSession) -> None:
    """After three minutes the user hears of it."""
    cloud.script["read"] = [None, failed("role not spread yet")]
    before = session.clock.now()
    with pytest.raises(ResourceFailedError, match="role not spread yet"):
        Thing(session, name="a").ensure()
    assert 180 <= session.clock.now() - before < 200


def test_what_is_not_ours_is_not_cured(cloud: Cloud, session: CloudSession) -> None:
    """A foreign thing that fails for a reason that passes is waited for, and not written to."""
    thing = put(cloud, status="FAILED", reason="role not spread yet")
    cloud.script["read"] = [None, None, lambda _: thing.update(status="READY")]
    assert Thing(session, name="a").ensure().owned is False
    assert cloud.writes() == []


def test_a_time_out_says_how_far_it_got_and_is_resumed(cloud: Cloud, session: CloudSession) -> None:
    """The last status and its reason are in the message; the next call goes on, and creates nothing again."""
    cloud.script["create"] = [None]
    cloud.script["read"] = [None, lambda thing: thing.update(pending=50, reason="waiting for capacity")]
    thing = Thing(session, name="a", patience=Patience(timeout_s=5))
    with pytest.raises(
        WaitTimeoutError, match=r"not ready after 5 s: it is CREATING \(waiting for capacity\)"
    ) as caught:
        thing.ensure()
    assert caught.value.resource is thing
    assert attrs.evolve(thing, patience=Patience()).ensure().action is Action.UNCHANGED
    assert cloud.writes() == ["create a"]


def test_a_time_out_of_refusals_says_the_last_one(cloud: Cloud, session: CloudSession) -> None:
    """What AWS said last is the reason why it is still absent."""
    cloud.script["create"] = [refusal("ClientException", "Resource is being modified")] * 100
    with pytest.raises(WaitTimeoutError, match=r"it is absent; AWS's last refusal: .*being modified"):
        Thing(session, name="a", patience=Patience(timeout_s=5)).ensure()


def test_throttled_to_the_end(cloud: Cloud, session: CloudSession) -> None:
    """The error says throttling, not a time-out."""
    cloud.script["read"] = [refusal("TooManyRequestsException")] * 100
    with pytest.raises(ThrottledError):
        Thing(session, name="a", patience=Patience(timeout_s=5)).ensure()


def test_a_refusal_long_past_is_not_the_reason_of_a_time_out(cloud: Cloud, session: CloudSession) -> None:
    """Throttled once at the start, then waiting for AWS: that is what the message says."""
    cloud.script["create"] = [refusal("TooManyRequestsException"), None]
    cloud.script["read"] = [None, None, lambda thing: thing.update(pending=1000)]
    with pytest.raises(WaitTimeoutError, match="it is CREATING") as caught:
        Thing(session, name="a", patience=Patience(timeout_s=20)).ensure()
    assert "refusal" not in str(caught.value)
