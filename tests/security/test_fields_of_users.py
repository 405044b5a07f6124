"""A field that a user's class adds and keeps out of its repr, as attrs has it, shows nowhere."""

import json

import attrs
import pytest

from batchwright import BatchSession, ConflictError, JobDefinition, resource
from batchwright._travel import travelling

from .conftest import HIDDEN_VALUE, every_look, told_by


@attrs.frozen(kw_only=True)
class Login:
    """A value with a part that must not show."""

    user: str = "jo"
    password: str = attrs.field(repr=False)


@resource(kw_only=True)
class Licensed(JobDefinition):
    """A definition with a licence, of which only the beginning is shown, and a key, of which nothing is."""

    licence: str = attrs.field(default="", repr=lambda licence: f"{licence[:4]}…")
    key: str = attrs.field(default="", repr=False)
    login: Login | None = None


@pytest.fixture
def licensed(session: BatchSession) -> Licensed:
    return Licensed(
        session,
        name="licensed",
        image="busybox",
        licence=f"LIC-{HIDDEN_VALUE}",
        key=HIDDEN_VALUE,
        login=Login(password=HIDDEN_VALUE),
    )


def test_a_field_without_a_repr_shows_nowhere(session: BatchSession, licensed: Licensed) -> None:
    """Neither on the declaration, nor in its plan, nor as data; what the field's own repr says is shown."""
    plan = session.plan(licensed)
    ensured = licensed.ensure()
    for thing in (licensed, plan, plan[licensed], ensured, ensured.drift, session, licensed.diagnose()):
        assert HIDDEN_VALUE not in every_look(thing)
    assert "LIC-…" in repr(licensed)
    assert "LIC-…" in str(plan)
    assert "licence" not in repr(attrs.evolve(licensed, licence=""))


def test_data_say_that_there_is_a_value(licensed: Licensed) -> None:
    """As for variables of the environment, in whatever lies in the fields too."""
    data = licensed.to_dict()
    assert data["key"] == "•••"
    assert data["login"] == {"user": "jo", "password": "•••"}
    assert HIDDEN_VALUE not in json.dumps(data | {"licence": ""})


def test_an_error_takes_no_such_value_along(licensed: Licensed) -> None:
    """What goes to another process with an error has lost it."""
    error = ConflictError("two of them", resource=licensed)
    assert HIDDEN_VALUE not in told_by(error)
    kept = travelling(Login(password=HIDDEN_VALUE))
    assert isinstance(kept, Login)
    assert (kept.user, kept.password) == ("jo", "•••")
