"""Many jobs at once show no value of a variable either: not in results, rows, transactions, progress or faults."""

import io
import json
import sys
from collections.abc import Iterator

import attrs
import pytest
from botocore.awsrequest import AWSPreparedRequest

from batchwright import BatchJob, BatchSession
from batchwright.errors import AccessDeniedError, AwsError, ConflictError, SubmissionUnknownError
from batchwright.local import Fault
from batchwright.local.in_process import InProcessAws

from .conftest import HIDDEN_VALUE, every_look, told_by

VARIABLES = {"COLOUR": HIDDEN_VALUE}


@pytest.fixture
def jobs(house: InProcessAws, session: BatchSession) -> Iterator[list[BatchJob]]:
    """Jobs with the value, around which everything is there."""
    definition = session.job_definition(name="many", image="busybox", environment=VARIABLES)
    made = [
        session.batch_job(name=f"many-{number}", definition=definition, environment=VARIABLES) for number in range(5)
    ]
    session.ensure(*made[0].dependencies())
    yield made
    house.faults.clear()


class Terminal(io.StringIO):
    """What is drawn where somebody looks."""

    def isatty(self) -> bool:
        return True


def test_rows_results_and_progress_hold_none(
    house: InProcessAws, session: BatchSession, jobs: list[BatchJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that goes to the table holds the value, nor does what is yielded, drawn or waited for."""
    sent: list[str] = []

    def note(request: AWSPreparedRequest, **_: object) -> None:
        sent.append(str(request.body))

    session.dynamodb.meta.events.register("before-send.dynamodb", note)
    monkeypatch.setattr(sys, "stderr", Terminal())
    results = list(session.submit_many(jobs))
    ended = session.wait(jobs)
    assert [result.ok for result in results] == [True] * 5
    assert any("TransactItems" in body for body in sent)
    drawn = sys.stderr
    monkeypatch.undo()
    assert isinstance(drawn, Terminal)
    assert "5" in drawn.getvalue()
    rows = session.dynamodb.scan(TableName=session.defaults.tracker.name)["Items"]
    for text in (*sent, drawn.getvalue(), json.dumps(rows), *map(every_look, [*results, ended, *ended.values()])):
        assert HIDDEN_VALUE not in text


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.error("AccessDeniedException", status=403, operation="batch:SubmitJob"), AccessDeniedError),
        (Fault.error("ClientException", operation="batch:SubmitJob"), AwsError),
        (Fault.error("AccessDeniedException", operation="dynamodb:TransactWriteItems"), AccessDeniedError),
        (Fault.reset(operation="dynamodb:*"), AwsError),
    ],
    ids=str,
)
def test_whatever_goes_wrong_is_told_without_them(
    house: InProcessAws, session: BatchSession, jobs: list[BatchJob], fault: Fault, kind: type[Exception]
) -> None:
    """Refusals of AWS, of the table, and connections that break: in each result's error, its chain and its notes."""
    house.faults.add(fault)
    fresh = [attrs.evolve(job, name=f"{job.name}-{hash(fault) % 10_000}") for job in jobs]
    for result in session.submit_many(fresh):
        assert isinstance(result.error, kind)
        assert HIDDEN_VALUE not in told_by(result.error) + every_look(result)
    assert HIDDEN_VALUE not in every_look(house.faults.counts())


def test_outcomes_that_nobody_knows_are_told_without_them(
    house: InProcessAws, session: BatchSession, jobs: list[BatchJob]
) -> None:
    """A lost answer, and a conflict with what was declared before."""
    house.faults.add(Fault.lost_answer(operation="batch:SubmitJob", calls=1))
    (first, *_) = list(session.submit_many([attrs.evolve(jobs[0], name="unknown")]))
    assert first.ok or isinstance(first.error, SubmissionUnknownError)
    list(session.submit_many(jobs))
    (other,) = session.submit_many([attrs.evolve(jobs[1], environment={"COLOUR": f"{HIDDEN_VALUE}-changed"})])
    assert isinstance(other.error, ConflictError)
    assert HIDDEN_VALUE not in told_by(other.error) + every_look(first) + every_look(other)
