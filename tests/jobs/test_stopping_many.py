"""Cancelling and terminating many: fifty a call, one by one where that is not known, and every refusal by name."""

import json
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright import AwsError, BatchSession, JobChild, NotFoundError, ThrottledError
from batchwright.local.messages import answer_json
from batchwright.local.refused import refusal
from batchwright.local.transport import response_of

from .conftest import Asked, Lab, Refuse, send_once

LONG = {"BATCHWRIGHT_SCRIPT_SECONDS": "6000"}


def knows_bulk(session: BatchSession) -> bool:
    """Whether this boto3 has the calls for many."""
    return "TerminateJobs" in session.batch.meta.service_model.operation_names


@pytest.fixture
def old_boto3(session: BatchSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A boto3 that does not know the calls for many."""
    model = session.batch.meta.service_model
    names = [name for name in model.operation_names if name not in ("CancelJobs", "TerminateJobs")]
    monkeypatch.setitem(vars(model), "operation_names", names)


def children(lab: Lab, number: int) -> tuple[JobChild, ...]:
    """So many jobs from one submission."""
    return lab.submitted(array_size=number, environment=LONG).children()


@pytest.mark.parametrize("verb", ["wait", "watch", "timeline", "cancel", "terminate", "as_completed"])
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("sub-01", r"session\.jobs\(name='sub-01'\)"),
        (["sub-01"], r"session\.jobs\(name='sub-01'\)"),
        (7, "not int"),
        ([None], "not NoneType"),
    ],
)
def test_what_is_no_job_is_refused(session: BatchSession, asked: Asked, verb: str, given: object, says: str) -> None:
    """A name, say: the error tells how to get its jobs, and AWS is not asked."""
    asked()
    with pytest.raises(TypeError, match=says):
        list(getattr(session, verb)(given))
    assert not asked()


def test_fifty_go_in_one_call(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """120 jobs are three calls, and all of them end with the reason."""
    jobs = children(lab, 120)
    asked()
    session.terminate(jobs, reason="enough")
    operations = asked()
    if knows_bulk(session):
        assert operations == ["TerminateJobs"] * 3
    else:
        assert operations == ["TerminateJob"] * 120
    assert {ended.status_reason for ended in session.wait(jobs, check=False).values()} == {"enough"}


@pytest.mark.usefixtures("old_boto3")
def test_an_old_boto3_asks_one_by_one(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """The jobs end all the same."""
    jobs = children(lab, 12)
    asked()
    session.terminate(jobs, reason="enough")
    assert asked() == ["TerminateJob"] * 12
    assert {ended.status for ended in session.wait(jobs, check=False).values()} == {"FAILED"}


def test_one_job_needs_no_call_for_many(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """What works everywhere is used where it is enough."""
    job = lab.submitted(environment=LONG)
    asked()
    session.terminate(job)
    assert asked()[-1] == "TerminateJob"


@pytest.mark.parametrize(("code", "status"), [("UnknownOperationException", 404), ("ClientException", 400)])
def test_where_aws_refuses_the_call_it_is_made_one_by_one(
    session: BatchSession, lab: Lab, refuse: Refuse, asked: Asked, code: str, status: int
) -> None:
    """A region without the call, or one job that spoils it for all the others."""
    jobs = children(lab, 60)
    refuse("batch", "TerminateJobs", code, status=status)
    asked()
    session.terminate(jobs)
    assert asked() == ["TerminateJob"] * 60
    assert {ended.status for ended in session.wait(jobs, check=False).values()} == {"FAILED"}


def test_the_refusals_in_an_answer_are_errors_by_name(session: BatchSession, lab: Lab) -> None:
    """HTTP 200 does not mean that every job was ended; the others were."""
    jobs = children(lab, 3)
    words = "child 1 of job 'sub-01' in us-east-2: AWS refused TerminateJob: it is special (ClientException)."

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        ids = json.loads(cast("Any", request.body))["jobs"]
        errors = [{"job": ids[1], "code": "ClientException", "message": "it is special"}]
        return response_of(request, answer_json({"successful": [ids[0], ids[2]], "errors": errors}))

    def answer_one(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        job_id = json.loads(cast("Any", request.body))["jobId"]
        special = refusal("ClientException", "it is special", status=400, service="batch")
        return response_of(request, special) if job_id == jobs[1].job_id() else None

    events = session.batch.meta.events
    events.register_first("before-send.batch.TerminateJobs", cast("Any", answer))
    events.register_first("before-send.batch.TerminateJob", cast("Any", answer_one))  # what an old boto3 sends
    with pytest.raises(ExceptionGroup, match=r"terminate\(\) failed for 1 of 3 jobs") as caught:
        session.terminate(jobs)
    (error,) = cast("tuple[AwsError, ...]", caught.value.exceptions)
    assert error.resource == jobs[1]
    assert words in str(error)


def test_throttling_to_the_end_is_said_of_every_job(session: BatchSession, lab: Lab, refuse: Refuse) -> None:
    """Asking one by one would only be more of it."""
    jobs = children(lab, 3)
    send_once(session.batch)
    for operation in ("TerminateJobs", "TerminateJob"):
        refuse("batch", operation, "TooManyRequestsException", status=429)
    with pytest.raises(ExceptionGroup) as caught:
        session.terminate(jobs)
    assert [type(error) for error in caught.value.exceptions] == [ThrottledError] * 3


def test_what_was_not_submitted_keeps_no_other_from_ending(session: BatchSession, lab: Lab) -> None:
    """The error names it, in its place, and the others are ended."""
    first, second = lab.submitted("first", environment=LONG), lab.submitted("second", environment=LONG)
    with pytest.raises(ExceptionGroup, match="1 of 3") as caught:
        session.terminate([first, lab.job("never"), second])
    assert [type(error) for error in caught.value.exceptions] == [NotFoundError]
    assert {ended.status for ended in session.wait([first, second], check=False).values()} == {"FAILED"}
