"""No value of an environment variable shows, whatever is done with the objects that hold it."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession, Drift, Patience, resource
from batchwright.drift import DriftRules
from batchwright.errors import (
    AwsError,
    ConflictError,
    DeclarationError,
    NotConvergedError,
    ReplacementRequiredError,
)
from batchwright.local.in_process import InProcessAws
from batchwright.outcome import Resolved
from batchwright.resources.batch_job import BatchJob
from batchwright.resources.job_definition import JobDefinition
from batchwright.values import OnDrift

from .conftest import HIDDEN_VALUE, every_look, session_of, told_by

ENVIRONMENT = {"COLOUR": HIDDEN_VALUE}


@pytest.fixture
def definition(session: BatchSession) -> JobDefinition:
    """A definition that is registered with the value."""
    definition = session.job_definition(name="hiding", image="busybox", command=["true"], environment=ENVIRONMENT)
    definition.ensure()
    return definition


@pytest.fixture
def job(house: InProcessAws, session: BatchSession, definition: JobDefinition) -> BatchJob:
    """A job that was submitted with the value, and that AWS shows."""
    job = session.batch_job(name="hiding", definition=definition, environment={"OTHER": HIDDEN_VALUE})
    session.ensure(job)
    house.advance(60)
    return job


def changed(definition: JobDefinition) -> JobDefinition:
    """The same with another value, which must not show either."""
    return attrs.evolve(definition, environment={"COLOUR": f"{HIDDEN_VALUE}-changed"})


def test_declarations_show_names_only(definition: JobDefinition, job: BatchJob) -> None:
    """A declaration says which variables there are, and nothing of what is in them."""
    for declared, name in ((definition, "COLOUR"), (job, "OTHER")):
        text = every_look(declared)
        assert name in text
        assert HIDDEN_VALUE not in text


def test_descriptions_show_none(definition: JobDefinition, job: BatchJob) -> None:
    """What AWS reports holds the value, for code, and does not show it."""
    seen, submitted = definition.describe(), job.describe()
    assert HIDDEN_VALUE in json.dumps(seen.raw, default=str)
    assert submitted.environment["OTHER"] == HIDDEN_VALUE
    for description in (seen, submitted):
        assert HIDDEN_VALUE not in every_look(description)


def test_results_show_none(session: BatchSession, definition: JobDefinition, job: BatchJob) -> None:
    """Plans, reports, drift and inventories say that the environment differs, not how."""
    other = changed(definition)
    drift, plan, report = other.drift(), session.plan(job, other), session.ensure(job)
    assert drift.paths == ("containerProperties.environment",)
    ensured = other.ensure()
    for thing in (drift, drift.changes, plan, plan[other], report, report[job], ensured, session.inventory()):
        assert HIDDEN_VALUE not in every_look(thing)


def test_what_is_not_ours_shows_none(house: InProcessAws, definition: JobDefinition) -> None:
    """The differences of a definition that another namespace made are reported without either value."""
    theirs = session_of(house, "others").job_definition(
        name=definition.name, image="busybox", command=["true"], environment={"COLOUR": HIDDEN_VALUE * 2}
    )
    ensured = theirs.ensure()
    assert not ensured.owned
    assert "containerProperties.environment" in ensured.drift.paths
    assert HIDDEN_VALUE not in every_look(ensured)


def test_rows_and_tags_hold_none(session: BatchSession, definition: JobDefinition, job: BatchJob) -> None:
    """Neither the tracker's row nor any tag of ours holds the value, or a name of a variable."""
    rows = session.dynamodb.scan(TableName=session.defaults.tracker.name)["Items"]
    tags = {**definition.describe().tags, **job.describe().tags}
    text = json.dumps([rows, tags], default=str)
    assert HIDDEN_VALUE not in text
    assert "COLOUR" not in text
    assert HIDDEN_VALUE not in every_look(session.defaults.tracker.rows())


def test_tags_hold_nothing_made_of_the_value(definition: JobDefinition) -> None:
    """Two definitions that differ in a value only have the same tags, so that no tag can be used for guessing."""
    before = dict(definition.describe().tags)
    changed(definition).ensure()
    assert dict(definition.describe().tags) == before


def test_the_wish_is_salted_and_versioned(session: BatchSession, definition: JobDefinition) -> None:
    """Equal declarations under two submission ids have unlike hashes, which say by which rule they were made."""
    queue = session.defaults.job_queue
    jobs = [
        BatchJob(session, name="one", definition=definition, queue=queue, environment=ENVIRONMENT, submission_id=known)
        for known in ("a", "b", "a")
    ]
    first, second, again = (job.wish() for job in jobs)
    assert first == again != second
    assert first.partition(":")[0] == "1"
    assert HIDDEN_VALUE not in first + second


def test_a_changed_job_is_refused_without_its_values(job: BatchJob) -> None:
    """The conflict of two declarations under one name names neither."""
    other = attrs.evolve(job, environment={"OTHER": f"{HIDDEN_VALUE}-changed"})
    with pytest.raises(ConflictError) as caught:
        other.ensure()
    assert HIDDEN_VALUE not in told_by(caught.value) + every_look(other.drift())


@pytest.mark.parametrize(
    "environment",
    [
        {"": HIDDEN_VALUE},
        {"AWS_BATCH_X": HIDDEN_VALUE},
        {"COLOUR": [HIDDEN_VALUE]},
        {"COLOUR": HIDDEN_VALUE.encode()},
        {f"COLOUR={HIDDEN_VALUE}": "x"},
        {f"COLOUR={HIDDEN_VALUE}": ""},
        {HIDDEN_VALUE.encode(): "x"},
        {"COLOUR": HIDDEN_VALUE * 5000},
        [{"name": "COLOUR", "value": HIDDEN_VALUE}],
        [("COLOUR", HIDDEN_VALUE)],
        f"COLOUR={HIDDEN_VALUE}",
    ],
    ids=[
        "no name",
        "reserved",
        "list",
        "bytes",
        "name with value",
        "empty value",
        "name of bytes",
        "too long",
        "as AWS writes it",
        "pairs",
        "text",
    ],
)
def test_refused_environments_are_not_repeated(
    session: BatchSession,
    definition: JobDefinition,
    environment: Any,  # noqa: ANN401  # wrong on purpose
) -> None:
    """Whatever is wrong with an environment, the refusal names the variable and never a value."""
    with pytest.raises(DeclarationError) as of_definition:
        session.job_definition(name="bad", image="busybox", environment=environment)
    with pytest.raises(DeclarationError) as of_job:
        session.batch_job(name="bad", definition=definition, environment=environment)
    assert HIDDEN_VALUE not in told_by(of_definition.value) + told_by(of_job.value)


def test_a_secret_given_in_place_of_its_arn_is_not_repeated(session: BatchSession) -> None:
    """Someone who passes the secret itself finds it in no error."""
    with pytest.raises(DeclarationError) as caught:
        session.job_definition(name="bad", image="busybox", secrets={"COLOUR": HIDDEN_VALUE})
    assert HIDDEN_VALUE not in told_by(caught.value)


@resource(kw_only=True)
class Broken(JobDefinition):
    """A definition whose request is not what boto3 takes."""

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        request = dict(super()._request(resolved))
        container = cast("dict[str, Any]", request["containerProperties"])
        return {
            **request,
            "containerProperties": {**container, "environment": [{"name": "T", "value": [HIDDEN_VALUE]}]},
        }


def test_what_boto3_refuses_is_not_repeated(session: BatchSession) -> None:
    """boto3's own refusal repeats the value; ours says where it is, and chains nothing that prints."""
    with pytest.raises(DeclarationError, match=r"containerProperties\.environment") as caught:
        Broken(session, name="broken", image="busybox").ensure()
    assert HIDDEN_VALUE not in told_by(caught.value)


@resource(kw_only=True)
class Deaf(JobDefinition):
    """A definition that AWS never brings into line."""

    patience: Patience = Patience(timeout_s=600)

    def _update(self, request: Mapping[str, object], drift: Drift, seen: object) -> None:
        """Send nothing."""


@resource(kw_only=True)
class Fixed(JobDefinition):
    """A definition of which nothing can be changed."""

    drift_rules: ClassVar[DriftRules] = attrs.evolve(JobDefinition.drift_rules, update=())


@pytest.mark.parametrize(("cls", "error"), [(Deaf, NotConvergedError), (Fixed, ReplacementRequiredError)])
def test_errors_with_drift_show_none(
    session: BatchSession, definition: JobDefinition, cls: type[JobDefinition], error: type[Exception]
) -> None:
    """An update that did not take, or that AWS cannot make, is told without the values that differ."""
    with pytest.raises(error, match=r"containerProperties\.environment") as caught:
        cls(session, name=definition.name, image="busybox", command=["true"], environment={"COLOUR": "other"}).ensure(
            on_drift=OnDrift.UPDATE
        )
    assert HIDDEN_VALUE not in told_by(caught.value)


@resource(kw_only=True)
class OfTasks(JobDefinition):
    """A user's definition in another of AWS's shapes, with an environment of its own."""

    def _request(self, resolved: Resolved) -> Mapping[str, object]:
        container = {"name": "a", "image": "busybox", "environment": [{"name": "T", "value": HIDDEN_VALUE}]}
        return {**super()._request(resolved), "ecsProperties": {"taskProperties": [{"containers": [container]}]}}


def test_environments_in_other_shapes_are_hidden(session: BatchSession, definition: JobDefinition) -> None:
    """Drift of a definition of ECS tasks, pods or nodes hides what lies in them."""
    drift = OfTasks(session, name=definition.name, image="busybox", command=["true"]).drift()
    assert any(path.startswith("ecsProperties") for path in drift.paths)
    assert HIDDEN_VALUE not in every_look(drift)


def test_a_refusal_of_aws_does_not_show_what_was_sent(
    session: BatchSession, job: BatchJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of AWS, and its whole chain, tells AWS's words and nothing of the request."""
    refusal: Any = {"Error": {"Code": "ClientException", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}

    def refuse(**request: object) -> None:
        raise ClientError(refusal, "SubmitJob")

    monkeypatch.setattr(session.batch_once, "submit_job", refuse)
    with pytest.raises(AwsError) as caught:
        attrs.evolve(job, name="refused", submission_id="refused").ensure()
    assert HIDDEN_VALUE not in told_by(caught.value)
