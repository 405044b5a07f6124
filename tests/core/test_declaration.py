"""A declaration is a frozen value that survives what Python does with values."""

import copy
import pickle
import time
from collections.abc import Mapping

import attrs
import pytest

from batchwright import BatchSession, Resolved, resource
from batchwright._display import HIDDEN, redacted
from batchwright.declaration import from_session
from batchwright.errors import DeclarationError

from .conftest import Cloud, CloudSession, Thing, session_on


@resource(kw_only=True)
class Painted(Thing):
    """A user's subclass with a field and a changed request."""

    colour: str = "red"
    environment: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False, metadata=redacted())

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {**super()._request(resolved), "colour": self.colour}


class Louder(Thing):
    """A subclass with hooks only, which needs no decorator."""

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        return {**super()._request(resolved), "loud": True}


@resource(kw_only=True)
class Needy(Thing):
    """A kind with a field that a session's factory fills."""

    place: str | None = attrs.field(default=None, metadata=from_session("network", required=True))


def test_a_users_subclass_is_created_and_compared(cloud: Cloud, session: CloudSession) -> None:
    """A key added in `_request` is sent, and its drift is found."""
    Painted(session, name="a").ensure()
    assert cloud.things["a"]["request"]["colour"] == "red"
    assert Painted(session, name="a", colour="blue").drift().paths == ("colour",)
    Louder(session, name="b").ensure()
    assert cloud.things["b"]["request"]["loud"] is True


def test_a_forgotten_decorator_is_said(session: CloudSession) -> None:
    """A field that attrs does not see would be ignored silently."""

    class Forgetful(Thing):
        weight: int = 5

    with pytest.raises(TypeError, match=r"Forgetful adds the field\(s\) weight but is not decorated"):
        Forgetful(session, name="a")


def test_the_decorator_takes_no_other_options() -> None:
    """What would break identity or printing cannot be asked for."""
    with pytest.raises(TypeError, match="eq"):
        resource(eq=True)


def test_it_is_frozen_and_keyword_only(session: CloudSession) -> None:
    """The session is the only positional argument."""
    thing = Thing(session, name="a")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        thing.size = 2  # type: ignore[misc]  # the point
    with pytest.raises(TypeError):
        Thing(session, "a")  # type: ignore[misc]  # the point


def test_identity_is_kind_name_and_session(cloud: Cloud, session: CloudSession) -> None:
    """Other fields do not count, other sessions do."""
    one, other = Thing(session, name="a"), Thing(session, name="a", size=5)
    assert one == other
    assert len({one, other}) == 1
    assert one != Thing(session, name="b")
    assert one != Thing(session_on(cloud, "other"), name="a")
    assert one != "a"


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, attrs.evolve, lambda it: pickle.loads(pickle.dumps(it))])
def test_copies_are_equal(again: object) -> None:
    """Copied, deeply or not, evolved or pickled, it says the same."""
    session = BatchSession("lab", region="us-east-2")
    thing = Painted(session, name="a", tags={"x": "1"}, needs=(Thing(session, name="b"),), environment={"A": "hunter2"})
    copied = again(thing)  # type: ignore[operator]  # one of the functions above
    assert copied == thing
    assert hash(copied) == hash(thing)
    assert copied.to_dict() == thing.to_dict()
    assert copied.environment == thing.environment
    assert copied.dependencies() == thing.dependencies()


def test_a_deep_copy_shares_the_session(aws_session: BatchSession) -> None:
    """A session is a connection; a copy of a declaration speaks over the same one, live boto3 session or not."""
    thing = Thing(aws_session, name="a")
    assert copy.deepcopy(thing).session is aws_session
    assert copy.deepcopy([thing, thing])[0] == thing


@pytest.fixture
def aws_session() -> BatchSession:
    """A session made from a live boto3 session, which cannot be pickled."""
    import boto3

    live = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-2")
    return BatchSession("lab", boto3_session=live)


def test_what_the_caller_changes_later_changes_nothing(session: CloudSession) -> None:
    """Mappings are copied."""
    tags = {"a": "1"}
    thing = Thing(session, name="a", tags=tags)
    tags["b"] = "2"
    assert thing.tags == {"a": "1"}


def test_as_plain_data(session: CloudSession) -> None:
    """Others by kind and name, what may be secret hidden, the session left out."""
    thing = Painted(session, name="a", needs=(Thing(session, name="b"),), environment={"PASSWORD": "hunter2"})
    data = thing.to_dict()
    assert data["needs"] == [{"kind": "thing", "name": "b"}]
    assert data["environment"] == {"PASSWORD": HIDDEN}
    assert "session" not in data
    assert "hunter2" not in repr(data)


def test_a_required_default_must_be_named(session: CloudSession) -> None:
    """By hand it has no session to fill it in, and the error says which default a factory would take."""
    with pytest.raises(DeclarationError, match=r"place=None.*session\.defaults\.network"):
        Needy(session, name="a")
    assert Needy(session, name="a", place="here").place == "here"


def test_illegal_tags_are_refused_before_any_call(cloud: Cloud, session: CloudSession) -> None:
    """The declaration's own, the session's, and both together."""
    with pytest.raises(DeclarationError, match="tags"):
        Thing(session, name="a", tags={"aws:x": "1"})
    with pytest.raises(DeclarationError, match="tags"):
        session_on(cloud, tags={"batchwright:x": "1"})
    rich = session_on(cloud, tags={f"s{number}": "1" for number in range(30)})
    with pytest.raises(DeclarationError, match=r"tags='41 tags'.*at most 40"):
        Thing(rich, name="a", tags={f"r{number}": "1" for number in range(11)})
    assert cloud.calls == []


def test_twenty_layers_of_diamonds_are_fast(session: CloudSession) -> None:
    """A million paths, forty resources: making, hashing, printing and describing them takes no time."""
    began = time.monotonic()
    layer = (Thing(session, name="l0"), Thing(session, name="r0"))
    for number in range(1, 20):
        layer = (Thing(session, name=f"l{number}", needs=layer), Thing(session, name=f"r{number}", needs=layer))
    assert len({*layer}) == 2
    assert len(repr(layer[0])) < 300
    assert len(str(layer[0].to_dict())) < 600
    assert time.monotonic() - began < 1


def test_a_chain_of_thousands_is_pickled() -> None:
    """A pipeline goes to another process, however long it is."""
    session = BatchSession("lab", region="us-east-2")
    thing = Thing(session, name="0")
    for number in range(1, 3000):
        thing = Thing(session, name=str(number), needs=(thing,))
    for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing)):
        length, node = 0, again
        while node.dependencies():
            (node,) = node.dependencies()
            length += 1
        assert (length, node.name) == (2999, "0")
