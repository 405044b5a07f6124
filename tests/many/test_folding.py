"""Equal jobs as one array job, with a row for each: the same promise, one SubmitJob."""

import itertools
from collections.abc import Iterator

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright import BatchJob
from batchwright.errors import AwsError, ConflictError, SubmissionUnknownError
from batchwright.many_submissions.fold_rows import array_of
from batchwright.many_submissions.result import SubmitResult

from .conftest import Lab


def arrays(lab: Lab) -> dict[str, int | None]:
    """By AWS's id, the size of every job that nobody ended."""
    jobs = lab.aws.state.region("us-east-2").jobs.values()
    return {job.id: job.array_size for job in jobs if job.parent_id is None and not job.is_terminated}


def rows_say(lab: Lab, results: list[SubmitResult]) -> None:
    """Assert: each job's row has the id of its result, and no two have the same."""
    rows = lab.rows()
    told = {result.job.submission_id: result.job_id for result in results}
    assert {key: rows[key].job_id for key in told} == told
    assert len(set(told.values())) == len(told)


def test_equal_jobs_become_one_array_with_a_row_each(lab: Lab) -> None:
    """A hundred and fifty jobs, one SubmitJob; every one can be waited for by itself."""
    jobs = lab.made().jobs(150)
    results = list(lab.session.submit_many(jobs, fold=True))
    assert [result.job for result in results] == jobs
    assert all(result.ok and result.created for result in results)
    ((array_id, size),) = arrays(lab).items()
    assert size == 150
    assert [result.job_id for result in results] == [f"{array_id}:{index}" for index in range(150)]
    rows_say(lab, results)
    assert lab.counts()["SubmitJob"] == 1
    assert lab.counts().total() <= 12
    assert jobs[7].wait().status == "SUCCEEDED"
    assert not jobs[8].ensure().drift


def test_the_same_call_again_finds_them_and_what_is_new_is_folded_anew(lab: Lab) -> None:
    """From another process, with more jobs than before."""
    first = list(lab.made().session.submit_many(lab.jobs(20), fold=True))
    other = lab.another()
    again = list(other.session.submit_many(other.jobs(30), fold=True))
    assert [result.job_id for result in again[:20]] == [result.job_id for result in first]
    assert [result.created for result in again] == [False] * 20 + [True] * 10
    assert sorted(size or 0 for size in arrays(lab).values()) == [10, 20]
    rows_say(lab, again)
    plain = list(other.session.submit_many(other.jobs(30)))
    assert [result.job_id for result in plain] == [result.job_id for result in again]


def test_only_neighbours_that_are_equal_are_folded(lab: Lab) -> None:
    """Another command, an array, a job without a tracker or a single one goes its own way, in its place."""
    lab.made()
    jobs = [
        *lab.jobs(3),
        lab.job("other", command=["false"]),
        lab.job("array", array_size=5),
        lab.job("untracked", tracker=None),
        lab.job("tagged-1", tags={"a": "b"}),
        lab.job("tagged-2", tags={"a": "b"}),
        lab.job("sub-0001"),
    ]
    results = list(lab.session.submit_many(jobs, fold=True))
    assert [result.error for result in results] == [None] * len(jobs)
    assert [result.job for result in results] == jobs
    assert results[-1].job_id == results[1].job_id
    assert sorted(size or 0 for size in arrays(lab).values()) == [0, 0, 2, 3, 5]


def test_a_job_that_was_submitted_alone_stays_as_it_is(lab: Lab) -> None:
    """The others are folded without it; one of another declaration is a conflict, and nobody else's."""
    lab.made()
    lab.job("sub-0001").ensure()
    lab.job("sub-0003", command=["else"]).ensure()
    results = list(lab.session.submit_many(lab.jobs(6), fold=True))
    assert [result.created for result in results] == [True, False, True, False, True, True]
    assert isinstance(results[3].error, ConflictError)
    assert sorted(size or 0 for size in arrays(lab).values()) == [0, 0, 4]


@pytest.mark.parametrize("recorded", [False, True])
def test_what_was_cut_short_is_completed_by_the_same_call(lab: Lab, recorded: bool) -> None:
    """Killed before the array was submitted, or after it and before the children's rows knew."""
    jobs = lab.made().jobs(10)
    first = list(lab.session.submit_many(jobs, fold=True))
    if not recorded:
        lab.session.terminate(array_of(jobs))
        lab.session.dynamodb.delete_item(TableName="jobs", Key={"id": {"S": array_of(jobs).submission_id}})
    for job in jobs[4:] if recorded else jobs:
        lab.session.dynamodb.update_item(
            TableName="jobs",
            Key={"id": {"S": job.submission_id}},
            UpdateExpression="SET job_id = :none, #s = :claimed",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":none": {"S": ""}, ":claimed": {"S": "CLAIMED"}},
        )
    plain = list(lab.session.submit_many(jobs[5:6]))
    assert isinstance(plain[0].error, SubmissionUnknownError)
    assert "fold=True" in plain[0].error.hint
    other = lab.another()
    again = list(other.session.submit_many(other.jobs(10), fold=True))
    assert all(result.ok for result in again)
    assert len(arrays(lab)) == 1
    rows_say(lab, again)
    if recorded:
        assert [result.job_id for result in again] == [result.job_id for result in first]


def test_an_array_that_aws_refuses_leaves_nothing(lab: Lab) -> None:
    """Every job has the error, no row stays, and the same call can be made at once."""
    refused = lab.refusing("ClientException", "not today", where=lambda number, _: number == 0)
    lab.made().on("SubmitJob", refused)
    results = list(lab.session.submit_many(lab.jobs(12), fold=True))
    assert all(isinstance(result.error, AwsError) for result in results)
    assert lab.rows() == {}
    assert all(result.created for result in lab.session.submit_many(lab.jobs(12), fold=True))


def test_an_array_of_unknown_outcome_is_settled_by_the_same_call(lab: Lab) -> None:
    """Its children's claims stay until then, so that nobody submits one of them alone."""
    lab.made().on("SubmitJob", lab.losing_requests(lambda number, _: number == 0))
    results = list(lab.session.submit_many(lab.jobs(5), fold=True))
    assert all(isinstance(result.error, SubmissionUnknownError) for result in results)
    policy = lab.session.submission
    lab.aws.advance(policy.claim_s + policy.signature_window_s)
    again = list(lab.session.submit_many(lab.jobs(5), fold=True))
    assert all(result.created for result in again)
    assert list(arrays(lab).values()) == [5]
    rows_say(lab, again)


def test_claims_that_another_process_took_back_are_written_again(lab: Lab) -> None:
    """It folded the same jobs and gave up, just before this one submitted them: each has its row all the same."""
    jobs, other = lab.made().jobs(3), lab.another()

    def take_back(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        for job in jobs:
            other.session.dynamodb.delete_item(TableName="jobs", Key={"id": {"S": job.submission_id}})
        return None

    lab.on("SubmitJob", take_back)
    results = list(lab.session.submit_many(jobs, fold=True))
    rows_say(lab, results)
    assert {lab.rows()[job.submission_id].status for job in jobs} == {"SUBMITTED"}


def test_a_child_in_doubt_is_not_waited_for_alone(lab: Lab) -> None:
    """Its own name is in no list of AWS's, so waiting would tell nothing: the way out is told at once."""
    lab.made().on("SubmitJob", lab.losing_requests(lambda number, _: number == 0))
    list(lab.session.submit_many(lab.jobs(5), fold=True))
    before = lab.aws.clock.now()
    with pytest.raises(SubmissionUnknownError, match="fold=True"):
        lab.job("sub-0002").ensure()
    assert lab.aws.clock.now() == before
    assert arrays(lab) == {}


def test_an_iterable_that_fails_loses_no_job_before_it(lab: Lab) -> None:
    """Those that were read into a group are submitted and yielded, then its own error is raised."""

    def failing() -> Iterator[BatchJob]:
        yield from lab.jobs(7)
        raise LookupError("the list of samples ends here")

    results = lab.made().session.submit_many(failing(), fold=True)
    told = list(itertools.islice(results, 7))
    assert [result.job for result in told] == lab.jobs(7)
    with pytest.raises(LookupError, match="samples"):
        next(results)
    rows_say(lab, told)


def test_claims_stay_while_somebody_may_have_submitted_the_array(lab: Lab) -> None:
    """A process dies over the array, and the next one cannot look for it: no job is free to be submitted alone."""
    lab.made().on("SubmitJob", lab.losing_answers(lambda number, _: number == 0))
    lab.on("ListJobs", lab.refusing("ServerException", "down", where=lambda *_: True, status=500), service="batch")
    jobs = lab.jobs(5)
    assert not any(result.ok for result in lab.session.submit_many(jobs, fold=True))
    other = lab.another()
    other.on("ListJobs", other.refusing("ServerException", "down", where=lambda *_: True, status=500), service="batch")
    assert not any(result.ok for result in other.session.submit_many(other.jobs(5), fold=True))
    third = lab.another()
    assert not any(result.ok for result in third.session.submit_many(third.jobs(5)))
    again = list(third.session.submit_many(third.jobs(5), fold=True))
    assert all(result.ok for result in again)
    assert list(arrays(lab).values()) == [5]
    rows_say(lab, again)


def test_a_loop_that_is_left_gives_back_what_was_not_submitted(lab: Lab) -> None:
    """Rows and jobs agree, whichever arrays were on their way."""
    lab.made()
    jobs = [lab.job(f"job-{group}-{n}", command=[str(group)]) for group in range(30) for n in range(3)]
    results = lab.session.submit_many(jobs, fold=True)
    assert len(list(itertools.islice(results, 4))) == 4
    results.close()
    ids = {f"{array_id}:{index}" for array_id in arrays(lab) for index in range(3)}
    assert {row.job_id for row in lab.rows().values() if "/fold/" not in row.submission_id} == ids
    assert all(result.ok for result in lab.session.submit_many(jobs, fold=True))
    assert list(arrays(lab).values()) == [3] * 30
