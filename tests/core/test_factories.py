"""Factories of a session show and take what the class takes."""

import inspect

import attrs
import pytest

from batchwright import BatchSession, JobQueue, bound, resource
from batchwright.errors import DeclarationError

from .conftest import Cloud, CloudSession, Thing


@resource(kw_only=True)
class UrgentQueue(JobQueue):
    """A queue that goes first."""

    priority: int = 100


class OurSession(BatchSession):
    """A session with another class behind a factory."""

    job_queue = bound(UrgentQueue)


class ThingSession(CloudSession):
    """A session with a factory for things."""

    thing = bound(Thing)


def test_a_factory_shows_the_fields() -> None:
    """`inspect.signature`, `help()` and completion see the class's own, without the session."""
    factory = BatchSession("lab", region="us-east-2").job_queue
    signature = inspect.signature(factory)
    fields = {field.name for field in attrs.fields(JobQueue)} - {"session"}
    assert set(signature.parameters) == fields
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in signature.parameters.values())
    assert signature.return_annotation is JobQueue
    assert "NOTHING" not in str(signature)
    assert factory.__doc__ == JobQueue.__doc__
    assert factory.__name__ == "job_queue"


def test_a_factory_makes_what_the_class_makes(cloud: Cloud) -> None:
    """Bound to the session, with the fields that were given."""
    session = ThingSession("lab", region="us-east-2")
    session.cloud = cloud
    thing = session.thing(name="a", size=3)
    assert thing == Thing(session, name="a")
    assert thing.size == 3
    with pytest.raises(TypeError, match="colour"):
        session.thing(name="a", colour="red")
    with pytest.raises(TypeError, match="name"):
        session.thing()


def test_a_swapped_class_is_used() -> None:
    """A subclass of the session says which class a factory makes; defaults are filled all the same."""
    queue = OurSession("lab", region="us-east-2").job_queue(name="urgent")
    assert type(queue) is UrgentQueue
    assert queue.priority == 100
    assert queue.compute_environments


def test_the_class_shows_where_there_is_no_session() -> None:
    """On the class, a factory is itself."""
    assert isinstance(BatchSession.job_queue, bound)


def test_what_a_factory_fills_in_belongs_to_its_session() -> None:
    """Two sessions have defaults of their own; what was given is kept."""
    one, other = (BatchSession(name, region="us-east-2") for name in ("one", "other"))
    filled = one.job_queue(name="q").compute_environments
    assert filled == (one.defaults.compute_environment,)
    assert filled != other.job_queue(name="q").compute_environments
    with pytest.raises(DeclarationError, match="same session"):
        other.job_queue(name="q", compute_environments=filled)
    mine = one.compute_environment(name="mine")
    assert one.job_queue(name="q", compute_environments=mine).compute_environments == (mine,)
