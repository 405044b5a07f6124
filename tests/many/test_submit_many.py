"""Many jobs, submitted once each: what is asked for, what AWS has and what the rows say are the same."""

from .conftest import Lab


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
