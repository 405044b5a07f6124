"""Jobs that depend on jobs of the same call, and jobs that are named twice."""

import itertools

import pytest

from batchwright.errors import BatchwrightError, ConflictError
from batchwright.many_submissions import stream

from .conftest import Lab


def depends_on(lab: Lab, job_id: str) -> list[str]:
    """What AWS says that a job waits for."""
    return [each["jobId"] for each in lab.aws.state.region("us-east-2").jobs[job_id].depends_on]


def test_a_job_comes_after_what_it_depends_on(lab: Lab) -> None:
    """Wherever it stands in the call, its request names the ids of the others."""
    first, second = lab.made().job("first"), lab.job("second")
    last = lab.job("last", depends_on=[first, second])
    results = {result.job: result for result in lab.session.submit_many([last, first, second])}
    assert list(results) == [last, first, second]
    assert all(result.created for result in results.values())
    assert depends_on(lab, results[last].job_id or "") == [results[first].job_id, results[second].job_id]
    lab.agree([first, second, last])


def test_a_deep_chain_needs_no_recursion(lab: Lab) -> None:
    """Hundreds of jobs, each after the one before: more than are read ahead, and than calls can be nested."""
    jobs = [lab.made().job("sub-0000")]
    for number in range(1, stream.AHEAD + 20):
        jobs.append(lab.job(f"sub-{number:04}", depends_on=jobs[-1]))
    results = list(lab.session.submit_many(jobs))
    assert [result.error for result in results if result.error] == []
    for before, after in itertools.pairwise(results):
        assert depends_on(lab, after.job_id or "") == [before.job_id]
    lab.agree(jobs)


def test_a_chain_that_breaks_names_what_broke_it(lab: Lab) -> None:
    """What depends on a job that AWS refuses is not submitted, and says why; the others are."""
    refused = lab.refusing(
        "ClientException", "no such luck", where=lambda number, body: number < 2 and "sub-0000" in body
    )
    lab.made().on("SubmitJob", refused)
    jobs = [lab.job("sub-0000")]
    for number in range(1, 300):
        jobs.append(lab.job(f"sub-{number:04}", depends_on=jobs[-1]))
    alone = lab.job("alone", command=["other"])
    results = list(lab.session.submit_many([*jobs, alone], ordered=False))
    errors = {result.job: str(result.error) for result in results if result.error is not None}
    assert set(errors) == set(jobs)
    assert "no such luck" in errors[jobs[0]]
    assert "job 'sub-0003'" in errors[jobs[4]]
    lab.agree([alone])
    assert all(result.created for result in lab.session.submit_many(jobs[:20]))


def test_what_others_depend_on_is_submitted_though_nobody_names_it(lab: Lab) -> None:
    """As ensure() does; and what was submitted long ago, by another process, is found."""
    before = lab.made().another().job("before")
    before.ensure()
    needed = lab.job("needed", depends_on=lab.job("before"))
    job = lab.job("job", depends_on=[needed, lab.job("before")])
    (result,) = lab.session.submit_many([job])
    at_aws = lab.at_aws()
    assert depends_on(lab, result.job_id or "") == [*at_aws["test/needed"], *at_aws["test/before"]]
    lab.agree([before, needed, job])


@pytest.mark.parametrize("apart", [1, stream.AHEAD + 50])
def test_a_job_that_is_named_twice_is_submitted_once(lab: Lab, apart: int) -> None:
    """Next to each other or hundreds apart: the second has the first one's id and was not created."""
    lab.made()
    jobs = lab.jobs(apart)
    again = lab.job("sub-0000")
    results = list(lab.session.submit_many([*jobs, again]))
    assert results[-1].job_id == results[0].job_id
    assert (results[0].created, results[-1].created) == (True, False)
    lab.agree(jobs)


def test_another_declaration_under_the_same_id_is_refused(lab: Lab) -> None:
    """In one call as in two: what was submitted stays as it is."""
    lab.made()
    job, other = lab.job(command=["one"]), lab.job(command=["two"])
    first, second = lab.session.submit_many([job, other])
    assert first.created
    assert isinstance(second.error, ConflictError)
    (third,) = lab.session.submit_many([other])
    assert isinstance(third.error, ConflictError)
    with pytest.raises(BatchwrightError, match="another declaration"):
        third.require()
    lab.agree([job])


def test_a_found_dependency_that_aws_has_forgotten_is_left_out(lab: Lab) -> None:
    """Its row says that it succeeded; AWS would refuse an id that it does not know."""
    old = lab.made().another().job("old")
    old.ensure()
    old.wait()
    lab.aws.advance(8 * 86_400)
    job = lab.job("job", depends_on=lab.job("old"))
    (result,) = lab.session.submit_many([job])
    assert result.error is None
    assert depends_on(lab, result.job_id or "") == []
