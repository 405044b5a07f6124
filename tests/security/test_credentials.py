"""A session holds no credentials of its own: it prints and pickles none."""

import pickle

import pytest
from rich.pretty import pretty_repr

from batchwright import BatchSession

from .conftest import every_look

KEY, SECRET, TOKEN = "AKIAEXAMPLE", "the-secret-access-key", "the-session-token"


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> BatchSession:
    """A session whose clients have read credentials from the environment, and that has made resources."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", TOKEN)
    session = BatchSession("keys", region="us-east-2")
    credentials = session.boto3_session.get_credentials()
    assert credentials is not None
    assert credentials.secret_key == SECRET
    assert session.batch.meta.region_name == "us-east-2"
    assert session.defaults.job_queue.name == "batchwright-keys"
    return session


def test_no_repr_shows_credentials(session: BatchSession) -> None:
    """However it is looked at, a session says where it speaks, not with which key."""
    text = every_look(session) + pretty_repr(vars(session)) + every_look(session.defaults.job_queue)
    assert not [word for word in (KEY, SECRET, TOKEN) if word in text]


def test_no_pickle_holds_credentials(session: BatchSession) -> None:
    """Sessions and resources travel without keys; where they arrive, boto3's chain is asked again."""
    data = pickle.dumps([session, session.defaults.job_queue, session.defaults.job_role])
    assert not [word for word in (KEY, SECRET, TOKEN) if word.encode() in data]
