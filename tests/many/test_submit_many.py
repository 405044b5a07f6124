"""Many jobs, submitted once each: what is asked for, what AWS has and what the rows say are the same."""

import itertools
from collections.abc import Iterator
from typing import Any, cast

import pytest

from batchwright import BatchJob, BatchSession
from batchwright.errors import DeclarationError
from batchwright.many_submissions.stream import AHEAD

from .conftest import Lab, clock_of


def test_every_job_is_submitted_once_and_in_order(lab: Lab) -> None:
    """From an empty account: what they need is made once, and each job has its result, its row and its id."""
    jobs = lab.jobs(30)
    results = list(lab.session.submit_many(jobs))
    assert [result.job for result in results] == jobs
    assert all(result.ok and result.created and result.require() is result.job for result in results)
    assert {result.job.submission_id: [result.job_id] for result in results} == lab.at_aws()
    lab.agree(jobs)
    assert lab.counts()["CreateJobQueue"] == 1


def test_hundreds_take_hardly_more_than_a_call_each(lab: Lab) -> None:
    """Claims and records travel a hundred at a time: at most 1.1 calls a job."""
    lab.made()
    jobs = lab.jobs(300)
    results = list(lab.session.submit_many(jobs))
    calls = lab.counts()
    assert all(result.created for result in results)
    assert calls["SubmitJob"] == 300
    assert calls.total() <= 1.1 * 300, calls
    lab.agree(jobs)


def test_the_same_call_again_finds_the_same_jobs(lab: Lab) -> None:
    """From another process: nothing is submitted, every id is the one of before."""
    first = list(lab.made().session.submit_many(lab.jobs(150)))
    other = lab.another().made()
    again = list(other.session.submit_many(other.jobs(150)))
    assert [result.job_id for result in again] == [result.job_id for result in first]
    assert not any(result.created for result in again)
    assert other.counts()["SubmitJob"] == 0
    assert other.counts().total() <= 10


def test_what_is_missing_is_submitted_and_the_rest_is_found(lab: Lab) -> None:
    """Rows that are there cancel a transaction; those of the others are written all the same."""
    lab.made()
    jobs = lab.jobs(120)
    for job in jobs[5:100:9]:
        job.ensure()
    there = {job.submission_id for job in jobs[5:100:9]}
    results = list(lab.session.submit_many(jobs))
    assert {result.job.submission_id for result in results if not result.created} == there
    lab.agree(jobs)


def test_results_come_as_they_are_ready(lab: Lab) -> None:
    """Unordered, a job that waits for another holds up nobody."""
    lab.made()
    jobs = lab.jobs(40)
    results = list(lab.session.submit_many(jobs, ordered=False))
    assert {result.job for result in results} == set(jobs)
    lab.agree(jobs)


def test_an_endless_generator_is_read_a_bounded_way_ahead(lab: Lab) -> None:
    """Nothing is read before the first result is asked for, and no more than a few hundred jobs after that."""
    lab.made()
    read: list[BatchJob] = []

    def endless() -> Iterator[BatchJob]:
        for number in itertools.count():
            read.append(lab.job(f"sub-{number:06}"))
            yield read[-1]

    results = lab.session.submit_many(endless())
    assert read == []
    taken = list(itertools.islice(results, 150))
    results.close()
    assert len(read) <= 150 + AHEAD
    assert [result.job for result in taken] == read[:150]
    lab.agree([job for job in read if job.submission_id in lab.at_aws()])
    assert len(lab.at_aws()) >= 150


def test_an_iterable_that_fails_loses_no_result(lab: Lab) -> None:
    """The jobs before it are submitted and yielded, then its own error is raised."""

    def failing() -> Iterator[BatchJob]:
        yield from lab.jobs(7)
        raise LookupError("the list of samples ends here")

    results = lab.made().session.submit_many(failing())
    assert len(list(itertools.islice(results, 7))) == 7
    with pytest.raises(LookupError, match="samples"):
        next(results)
    lab.agree(lab.jobs(7))


@pytest.mark.parametrize("wrong", ["sub-01", None, 7])
def test_what_is_no_job_is_refused(lab: Lab, wrong: object) -> None:
    """With its type, after the results of the jobs before it."""
    results = lab.made().session.submit_many(cast("Any", [lab.job(), wrong]))
    assert next(results).created
    with pytest.raises(DeclarationError, match="batch jobs of this session"):
        next(results)


def test_a_job_of_another_session_is_refused(lab: Lab) -> None:
    """It would be submitted to another account or namespace."""
    other = BatchSession("other", boto3_session=lab.aws.boto3_session(), clock=clock_of(lab.aws))
    with pytest.raises(DeclarationError):
        list(lab.made().session.submit_many([Lab.of(lab.aws, other).job()]))
    assert lab.at_aws() == {}


def test_without_a_tracker_jobs_are_submitted_too(lab: Lab) -> None:
    """No rows; what is there already is found by looking, also when it is named twice in one call."""
    lab.made()
    jobs = lab.jobs(20, tracker=None)
    results = list(lab.session.submit_many([*jobs, jobs[3]]))
    assert [result.created for result in results] == [True] * 20 + [False]
    assert {key: len(ids) for key, ids in lab.at_aws().items()} == {job.submission_id: 1 for job in jobs}
    assert lab.rows() == {}
    again = list(lab.another().session.submit_many([]))
    assert again == []


def test_an_array_is_a_job_like_others(lab: Lab) -> None:
    """One SubmitJob, one row."""
    lab.made()
    jobs = [lab.job("array", array_size=4), lab.job("plain")]
    results = list(lab.session.submit_many(jobs))
    assert [result.error for result in results] == [None] * 2
    lab.agree(jobs)


def test_a_result_shows_what_matters(lab: Lab) -> None:
    """The job as a reference, its id, and no more than the error's own words."""
    (result,) = lab.made().session.submit_many([lab.job(environment={"KEY": "s3cret"})])
    assert "<BatchJob 'sub-01'>" in repr(result)
    assert result.job_id is not None
    assert result.job_id in repr(result)
    assert "s3cret" not in repr(result) + result._repr_html_()
