"""The value of a stored secret goes to its store and to the container, and shows nowhere on the way."""

import json
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from batchwright import BatchJob, BatchSession, StoredSecret
from batchwright.errors import AwsError, BatchwrightError, DeclarationError, JobFailedError, NotConvergedError
from batchwright.local import LocalServer
from batchwright.local.in_process import InProcessAws
from batchwright.resources.job_definition import JobDefinition
from batchwright.resources.secret_text import Unreadable
from batchwright.values import OnDrift

from .conftest import HIDDEN_VALUE, every_look, session_of, told_by

STORES = ["secretsmanager", "ssm"]


@pytest.fixture(params=STORES)
def secret(request: pytest.FixtureRequest, session: BatchSession) -> StoredSecret:
    """A secret in each store, that holds the value."""
    secret = session.stored_secret(name="key", value=HIDDEN_VALUE, store=request.param)
    secret.ensure()
    return secret


@pytest.fixture
def job(house: InProcessAws, session: BatchSession, secret: StoredSecret) -> BatchJob:
    """A job that was submitted with the secret."""
    definition = session.job_definition(image="busybox", command=["true"], secrets={"TOKEN": secret})
    job = session.batch_job(name=f"hiding-{secret.store}", definition=definition)
    session.ensure(job)
    house.advance(60)
    return job


def client_of(secret: StoredSecret) -> Any:  # noqa: ANN401  # either of two
    return secret.session.ssm if secret.store == "ssm" else secret.session.secretsmanager


def test_nothing_that_can_be_looked_at_shows_it(session: BatchSession, secret: StoredSecret, job: BatchJob) -> None:
    """Declarations, descriptions, plans, reports, drift and the inventory, however they are looked at."""
    changed = attrs.evolve(secret, value=f"{HIDDEN_VALUE}-changed")
    drift, plan, report = changed.drift(), session.plan(job, changed), session.ensure(job, changed)
    things = [secret, secret.describe(), secret.describe().held, job, job.definition, job.describe(), changed]
    things += [drift, drift.changes, plan, plan[changed], report, report[changed], session.inventory()]
    assert report[changed].action.value == "updated"
    for thing in things:
        assert HIDDEN_VALUE not in every_look(thing)
        assert HIDDEN_VALUE.encode() not in pickled(thing)


def pickled(thing: object) -> bytes:
    """Its pickle, where it has one: what holds a live boto3 session has none."""
    try:
        return pickle.dumps(thing)
    except TypeError:
        return b""


def test_neither_tags_nor_rows_nor_policies_hold_anything_of_it(session: BatchSession, secret: StoredSecret) -> None:
    """Two values leave the same tags, the same revision, the same role and the same wish."""

    def left(value: str) -> str:
        declared = attrs.evolve(secret, value=value)
        definition = session.job_definition(image="busybox", secrets={"TOKEN": declared})
        job = session.batch_job(name=f"left-{secret.store}", definition=definition)
        session.ensure(declared, job)
        role: Any = definition.execution_role
        rows = session.dynamodb.scan(TableName=session.defaults.tracker.name)["Items"]
        kept = [declared.describe().tags, definition.describe().raw, role.describe().raw, rows, job.wish()]
        return json.dumps(kept, default=str, sort_keys=True)

    assert left(HIDDEN_VALUE) == left(f"{HIDDEN_VALUE}-changed")
    assert HIDDEN_VALUE not in left(HIDDEN_VALUE)


def refused(message: str) -> Callable[..., None]:
    def refuse(**request: object) -> None:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "Put")

    return refuse


def unreachable(**request: object) -> None:
    raise EndpointConnectionError(endpoint_url=f"https://x/?{HIDDEN_VALUE}")


@pytest.mark.parametrize("fail", [refused(f"Value '{HIDDEN_VALUE}' at 'value'"), unreachable], ids=["AWS", "boto3"])
def test_refusals_do_not_repeat_it(
    secret: StoredSecret, fail: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever repeats what was sent, AWS or boto3: no error, and nothing that one is chained to, does."""
    operations = ("put_parameter",) if secret.store == "ssm" else ("create_secret", "update_secret")
    for operation in operations:
        monkeypatch.setattr(client_of(secret), operation, fail)
    for declared in (attrs.evolve(secret, name="new"), attrs.evolve(secret, kms_key_arn=KEY)):
        with pytest.raises(AwsError) as caught:
            declared.ensure()
        assert HIDDEN_VALUE not in told_by(caught.value)
        with pytest.raises(ExceptionGroup) as group:
            declared.session.ensure(declared)
        assert HIDDEN_VALUE not in told_by(group.value)


KEY = "arn:aws:kms:us-east-2:123456789012:key/11111111-2222-3333-4444-555555555555"


def test_an_update_that_does_not_take_is_told_without_it(secret: StoredSecret, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error carries the drift, which holds neither value for whoever prints or pickles it."""
    for operation in ("put_parameter", "update_secret"):
        monkeypatch.setattr(client_of(secret), operation, lambda **_: None, raising=False)
    with pytest.raises(NotConvergedError, match=r"Value: ••• -> •••") as caught:
        attrs.evolve(secret, value=f"{HIDDEN_VALUE}-changed").ensure(on_drift=OnDrift.UPDATE)
    assert HIDDEN_VALUE not in told_by(caught.value)


@pytest.mark.parametrize("value", [f"{HIDDEN_VALUE}\0", HIDDEN_VALUE * 9000, [HIDDEN_VALUE], HIDDEN_VALUE.encode()])
def test_an_illegal_value_is_not_repeated(session: BatchSession, value: Any) -> None:  # noqa: ANN401  # wrong on purpose
    """Given as it is or by a function, refused on this side."""
    with pytest.raises(DeclarationError) as caught:
        session.stored_secret(name="bad", value=value)
    assert HIDDEN_VALUE not in told_by(caught.value)
    with pytest.raises(DeclarationError) as caught:
        session.stored_secret(name="bad", value=lambda: value).ensure()
    assert HIDDEN_VALUE not in told_by(caught.value)


def test_a_session_does_not_remember_what_it_read(session: BatchSession, secret: StoredSecret) -> None:
    """What it keeps of a secret after an ensure() that compared values is a description without the text."""
    report = session.ensure(secret)
    remembered = session._memory.known({secret: ()})[secret]
    assert remembered == report[secret].description
    for description in (remembered, report[secret].description):
        assert isinstance(description.held.text, Unreadable)


def test_a_pickled_error_holds_no_value(house: InProcessAws) -> None:
    """Errors travel between processes and into their logs: resource by name, drift and description without values."""
    plain = BatchSession("far", region="us-east-2")
    definition = JobDefinition(plain, name="far", image="busybox", environment={"COLOUR": HIDDEN_VALUE})
    near = session_of(house, "near").job_definition(name="near", image="busybox", environment={"COLOUR": HIDDEN_VALUE})
    near.ensure()
    drift = attrs.evolve(near, environment={"COLOUR": f"{HIDDEN_VALUE}-changed"}).drift()
    error = NotConvergedError("no", drift=drift, resource=definition)
    failed = JobFailedError("no", description=near.describe(), resource=near)
    for each in (error, failed, ExceptionGroup("both", [error, failed])):
        assert HIDDEN_VALUE.encode() not in pickle.dumps(each)
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, BatchwrightError)
    assert (repr(again.resource), again.drift.paths) == ("<JobDefinition 'far'>", drift.paths)
    assert pickle.loads(pickle.dumps(failed)).description.name == "near"
    assert error.resource is definition


def test_the_real_local_aws_gives_it_to_the_job_only() -> None:
    """A job's process has the values of both stores as variables; the server tells of none, whatever goes wrong."""
    with LocalServer() as server, BatchSession("reaches", boto3_session=server.boto3_session()) as session:
        given = {store.upper(): session.stored_secret(name="key", value=f"{HIDDEN_VALUE}-{store}", store=store)
                 for store in STORES}  # fmt: skip
        command = ["sh", "-c", f'test "$SECRETSMANAGER/$SSM" = "{HIDDEN_VALUE[:7]}$1-secretsmanager/$2"', "sh"]
        rest = HIDDEN_VALUE[7:]
        session.submit("reads", image="none", command=[*command, rest, f"{HIDDEN_VALUE}-ssm"], secrets=given).wait(
            timeout_s=120
        )
        session.secretsmanager.delete_secret(SecretId=given["SECRETSMANAGER"].full_name)
        again = session.submit("fails", image="none", command=["true"], secrets={"A": given["SECRETSMANAGER"]})
        with pytest.raises(JobFailedError) as caught:
            again.wait(timeout_s=120)
        assert HIDDEN_VALUE not in told_by(caught.value) + str(server.status())


def test_what_boto3_refuses_keeps_no_text(session: BatchSession) -> None:
    """Not even the refusal that ours came instead of, which walkers of contexts still find."""
    definition = session.job_definition(name="bad", image="busybox", tags={"a": "b"})
    with pytest.raises(DeclarationError) as caught, definition.translated():
        session.batch.register_job_definition(jobDefinitionName=[HIDDEN_VALUE], type="container")  # type: ignore[arg-type]
    assert isinstance(caught.value.__context__, BotoCoreError)
    assert HIDDEN_VALUE not in told_by(caught.value)
