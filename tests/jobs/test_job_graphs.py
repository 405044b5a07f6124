"""Jobs that wait for jobs: what is sent, in which order, and graphs of thousands."""

import copy
import pickle
from typing import Any, cast

import attrs
import pytest

from batchwright import Action, BatchJob, BatchSession, ConflictError, JobFailedError
from batchwright.declaration import Declaration
from batchwright.graph import in_order
from batchwright.local.in_process import InProcessAws
from batchwright.many import graph_of

from .conftest import Asked, Lab


def depends_on(session: BatchSession, job: BatchJob) -> list[dict[str, str]]:
    """What AWS was told that the job waits for."""
    (found,) = session.batch.describe_jobs(jobs=[job.job_id()])["jobs"]
    return [dict(cast("Any", entry)) for entry in found.get("dependsOn", [])]


def test_every_form_of_a_dependency(session: BatchSession, lab: Lab) -> None:
    """A job, an id, and mappings with either; SEQUENTIAL with an id is the id alone, as AWS documents it."""
    first = lab.submitted("first", array_size=3)
    job_id = first.job_id()
    for form in (first, job_id, {"jobId": first}, [{"jobId": job_id, "type": "SEQUENTIAL"}]):
        job = lab.submitted(f"after-{len(str(form))}", depends_on=form)
        assert depends_on(session, job) == [{"jobId": job_id}]
    twins = lab.submitted("twins", array_size=3, depends_on={"jobId": first, "type": "N_TO_N"})
    assert depends_on(session, twins) == [{"jobId": job_id, "type": "N_TO_N"}]
    in_turn = lab.submitted("in-turn", array_size=3, depends_on={"type": "SEQUENTIAL"})
    assert depends_on(session, in_turn) == [{"type": "SEQUENTIAL"}]
    assert [twins.wait().status, in_turn.wait().status] == ["SUCCEEDED", "SUCCEEDED"]


def test_the_last_of_a_diamond_submits_each_once(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """ensure() of the last job submits the others before it, and again submits nothing."""
    top = lab.job("top")
    sides = [lab.job(name, depends_on=top) for name in ("left", "right")]
    bottom = lab.job("bottom", depends_on=sides)
    assert bottom.ensure().action is Action.CREATED
    assert asked().count("SubmitJob") == 4
    assert {entry["jobId"] for entry in depends_on(session, bottom)} == {side.job_id() for side in sides}
    assert bottom.ensure().action is Action.UNCHANGED
    assert session.ensure(bottom)[top].action is Action.UNCHANGED
    assert "SubmitJob" not in asked()
    assert bottom.wait().status == "SUCCEEDED"


def test_a_failing_job_fails_those_that_wait_for_it(session: BatchSession, lab: Lab) -> None:
    """The error of the later job says that it was another that failed."""
    first = lab.job("first", command=["exit", "3"])
    later = lab.submitted("later", depends_on=first)
    with pytest.raises(JobFailedError, match=r"job 'later' in us-east-2 FAILED: Dependent Job failed"):
        later.wait()
    with pytest.raises(ExceptionGroup, match="2 of 2 jobs did not succeed") as caught:
        session.wait([first, later])
    assert [error.exit_code for error in caught.value.exceptions if isinstance(error, JobFailedError)] == [3, None]


def test_what_succeeded_long_ago_is_not_waited_for(session: BatchSession, lab: Lab, aws: InProcessAws) -> None:
    """AWS would refuse a job that it has forgotten; its row says that nothing is left to wait for."""
    first = lab.submitted("first")
    first.wait()
    aws.advance(8 * 86_400)
    later = lab.submitted("later", depends_on=first)
    assert depends_on(session, later) == []
    assert later.wait().status == "SUCCEEDED"


def test_what_failed_long_ago_can_never_be_waited_for(session: BatchSession, lab: Lab, aws: InProcessAws) -> None:
    """AWS has forgotten it, so it could not fail what waits for it: refused before the call, with the way out."""
    first = lab.submitted("first", environment={"BATCHWRIGHT_SCRIPT_EXIT": "3"})
    second = lab.submitted("second", depends_on=first)
    session.wait([first, second], check=False)
    aws.advance(8 * 86_400)
    with pytest.raises(ConflictError, match=r"waits for job 'first'(?s:.*)FAILED(?s:.*)run=2"):
        lab.submitted("later", depends_on=first)
    assert second.ensure().action is Action.UNCHANGED
    assert len(aws.state.region("us-east-2").jobs) == 0


def test_a_chain_of_thousands_is_an_ordinary_value(bare: Lab) -> None:
    """3,000 jobs in a row: hash, repr, comparison, order, pickle and copies, without recursion."""
    session, definition, queue, tracker = bare.session, bare.definition(), bare.queue, bare.tracker
    job = bare.job("job-0")
    for number in range(1, 3_000):
        job = session.batch_job(
            name=f"job-{number}", definition=definition, queue=queue, tracker=tracker, depends_on=job
        )
    assert "<BatchJob 'job-2998'>" in repr(job)
    assert len(repr(job)) < 600
    again = pickle.loads(pickle.dumps(job))
    for twin in (again, copy.copy(job), copy.deepcopy(job), attrs.evolve(job)):
        assert {job, twin} == {job}
        assert twin.wish() == job.wish()
        assert len(in_order([twin], Declaration.dependencies)) == len(graph_of([job])) >= 3_000
    assert again.depends_on[0].depends_on[0].name == "job-2997"


def test_a_wide_graph_of_thousands_is_ordered(bare: Lab) -> None:
    """5,000 jobs of which each waits for up to 20 others come in an order that respects all of them."""
    session, definition, queue, tracker = bare.session, bare.definition(), bare.queue, bare.tracker
    jobs: list[BatchJob] = []
    for number in range(5_000):
        jobs.append(
            session.batch_job(
                name=f"job-{number}", definition=definition, queue=queue, tracker=tracker, depends_on=jobs[-20:]
            )
        )
    order = {resource: place for place, resource in enumerate(in_order([jobs[-1]], Declaration.dependencies))}
    assert all(order[other] < order[job] for job in jobs for other in job.depends_on)
    assert len(set(jobs)) == 5_000


def test_ensure_goes_through_a_long_chain(session: BatchSession, lab: Lab, asked: Asked) -> None:
    """The last of 300 jobs in a row submits them all, the first one first, and once."""
    job = lab.job("job-0")
    for number in range(1, 300):
        job = lab.job(f"job-{number}", depends_on=job)
    session.ensure(job)
    assert asked().count("SubmitJob") == 300
    assert job.wait().status == "SUCCEEDED"
