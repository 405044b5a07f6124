"""The one loop: what differs is brought into line, once, and only where it is ours."""

import pytest

from batchwright import Action, OnDrift
from batchwright.errors import DeclarationError, NotConvergedError, ReplacementRequiredError
from batchwright.ownership import DECLARED_TAG, NAMESPACE_TAG, OWNER_TAG, declared_in

from .conftest import Cloud, CloudSession, Thing, put, session_on


def test_a_changed_field_is_updated_once(cloud: Cloud, session: CloudSession) -> None:
    """Its drift is in the result; the tag that says what was declared comes after the update."""
    Thing(session, name="a").ensure()
    cloud.calls.clear()
    ensured = Thing(session, name="a", size=2, options={"x": "1"}).ensure()
    assert ensured.action is Action.UPDATED
    assert {"size", "options.x"} <= set(ensured.drift.paths)
    assert cloud.writes() == ["update a", "tag a"]
    cloud.calls.clear()
    assert Thing(session, name="a", size=2, options={"x": "1"}).ensure().action is Action.UNCHANGED
    assert cloud.writes() == []


def test_a_member_taken_out_is_drift(cloud: Cloud, session: CloudSession) -> None:
    """What was declared before and is not now goes, what the server added stays."""
    Thing(session, name="a", options={"x": "1", "y": "2"}).ensure()
    cloud.things["a"]["request"]["options"]["by-aws"] = "3"
    thing = Thing(session, name="a", options={"x": "1"})
    assert "options.y" in thing.drift().paths
    assert "options.by-aws" not in thing.drift().paths
    assert thing.ensure().action is Action.UPDATED
    assert not thing.drift()


def test_a_tag_taken_out_is_removed_and_others_stay(cloud: Cloud, session: CloudSession) -> None:
    """Only what we declared before is ours to take away."""
    Thing(session, name="a", tags={"x": "1", "y.z": "2"}).ensure()
    cloud.things["a"]["tags"]["by-hand"] = "3"
    assert Thing(session, name="a", tags={"x": "9"}).ensure().action is Action.UPDATED
    tags = cloud.things["a"]["tags"]
    assert {key: value for key, value in tags.items() if not key.startswith("batchwright:")} == {
        "x": "9",
        "by-hand": "3",
    }
    assert cloud.calls.count("update a") == 0


def test_a_long_declaration_made_short_leaves_no_tag_over(cloud: Cloud, session: CloudSession) -> None:
    """Several tags hold what was declared; those that are not needed any more go, the owner's stays."""
    many = {f"department-of-science-{number:02}": "1" for number in range(30)}
    Thing(session, name="a", tags=many).ensure()
    assert sum(key.startswith(DECLARED_TAG) for key in cloud.things["a"]["tags"]) > 2
    Thing(session, name="a").ensure()
    assert set(cloud.things["a"]["tags"]) == {NAMESPACE_TAG, OWNER_TAG, DECLARED_TAG}
    assert not Thing(session, name="a").drift()


def test_more_tags_than_aws_takes_are_refused(cloud: Cloud, session: CloudSession) -> None:
    """What is declared must fit into tags too; it is said before any call."""
    tags = {f"{number:02}" + "x" * 120: "1" for number in range(40)}
    with pytest.raises(DeclarationError, match="at most 50 tags"):
        Thing(session, name="a", tags=tags).ensure()
    assert cloud.writes() == []


def test_an_update_that_changes_nothing_is_said(cloud: Cloud, session: CloudSession) -> None:
    """AWS accepts it, settles, and reports the same: an error with the drift, not an endless loop."""
    Thing(session, name="a").ensure()
    cloud.things["a"]["deaf"] = True
    thing = Thing(session, name="a", size=2)
    with pytest.raises(NotConvergedError, match="size: 1 -> 2") as caught:
        thing.ensure()
    assert caught.value.drift.paths == ("size",)  # type: ignore[attr-defined]  # a Drift
    assert cloud.calls.count("update a") == 1


def test_an_answer_from_before_the_update_is_no_failure(cloud: Cloud, session: CloudSession) -> None:
    """AWS may show the old values for some seconds; it is looked again before anybody is told."""
    Thing(session, name="a").ensure()
    there = cloud.things["a"]
    old = dict(there["request"])
    cloud.script["read"] = [
        None,
        lambda thing: thing.update(request=old, pending=0),
        None,
        lambda thing: thing.update(request={**old, "size": 2}),
    ]
    assert Thing(session, name="a", size=2).ensure().action is Action.UPDATED
    assert cloud.calls.count("update a") == 1


def test_a_field_that_aws_cannot_change(cloud: Cloud, session: CloudSession) -> None:
    """Named, with the way out, and before anything is written: not even the fields that could be changed."""
    Thing(session, name="a").ensure()
    cloud.calls.clear()
    with pytest.raises(ReplacementRequiredError, match=r"shape: 'round' -> 'square'.*\n.*new name") as caught:
        Thing(session, name="a", shape="square", size=2).ensure()
    assert caught.value.drift.paths == ("shape",)  # type: ignore[attr-defined]  # a Drift
    assert cloud.writes() == []


def test_what_is_not_ours_is_used_as_it_is(cloud: Cloud, session: CloudSession) -> None:
    """Its drift is reported, nothing is written."""
    put(cloud)
    ensured = Thing(session, name="a", size=2, shape="square").ensure()
    assert (ensured.action, ensured.owned, ensured.drift.paths) == (Action.UNCHANGED, False, ("size", "shape"))
    assert cloud.writes() == []


def test_another_namespaces_is_not_ours(cloud: Cloud, session: CloudSession) -> None:
    """Two groups in one account do not overwrite each other."""
    Thing(session_on(cloud, "other"), name="a").ensure()
    cloud.calls.clear()
    assert Thing(session, name="a", size=2).ensure().owned is False
    assert cloud.writes() == []


def test_what_is_not_ours_is_changed_when_asked_to(cloud: Cloud, session: CloudSession) -> None:
    """`OnDrift.UPDATE` brings fields and the user's tags into line, and does not make it ours."""
    put(cloud)
    thing = Thing(session, name="a", size=2, tags={"project": "reads"})
    ensured = thing.ensure(on_drift=OnDrift.UPDATE)
    assert (ensured.action, ensured.owned) == (Action.UPDATED, False)
    assert cloud.things["a"]["tags"] == {"project": "reads"}
    assert thing.ensure(on_drift=OnDrift.UPDATE).action is Action.UNCHANGED


def test_what_is_ours_is_left_when_asked_to(cloud: Cloud, session: CloudSession) -> None:
    """`OnDrift.REPORT` writes nothing."""
    Thing(session, name="a").ensure()
    cloud.calls.clear()
    ensured = Thing(session, name="a", size=2).ensure(on_drift=OnDrift.REPORT)
    assert (ensured.action, ensured.drift.paths) == (Action.UNCHANGED, ("size",))
    assert cloud.writes() == []


def test_what_is_on_its_way_out_is_made_anew(cloud: Cloud, session: CloudSession) -> None:
    """It waits until it is gone, then creates."""
    put(cloud, status="DELETED", pending=3, meanwhile="DELETING", vanishes=True)
    assert Thing(session, name="a").ensure().action is Action.CREATED
    assert cloud.writes() == ["create a"]


def test_a_crash_between_update_and_tags_is_made_up_for(cloud: Cloud, session: CloudSession) -> None:
    """The tags say what was declared, so they come last, and the next call sends them."""
    Thing(session, name="a").ensure()
    cloud.script["tag"] = [KeyError("crash")]
    thing = Thing(session, name="a", options={"x": "1"})
    with pytest.raises(KeyError):
        thing.ensure()
    assert thing.ensure().action is Action.UPDATED
    assert "options.x" in declared_in(cloud.things["a"]["tags"])
