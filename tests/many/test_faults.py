"""Requests that get lost, are refused or throttled, and tables that conflict: no job lost, none doubled."""

import json

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from batchwright import SubmissionPolicy
from batchwright.errors import AwsError, ConflictError, SubmissionUnknownError
from batchwright.jobs.claims import new_claim
from batchwright.jobs.ledger import Ledger
from batchwright.jobs.transactions import SlowTableWarning
from batchwright.limiter import Turn
from batchwright.outcome import Resolved

from .conftest import Handler, Lab, chosen


def cancelling(lab: Lab, *codes: str, times: int = 1) -> Handler:
    """A handler: the transaction is cancelled, so many times, for these reasons."""
    code, reasons = "TransactionCanceledException", [{"Code": code} for code in codes]
    return lab.refusing(code, "cancelled", where=lambda number, _: number < times, CancellationReasons=reasons)


def test_lost_answers_are_found_by_looking(lab: Lab) -> None:
    """AWS took the jobs and nobody heard of it: each is found, recorded, and not sent again."""
    lab.made().on("SubmitJob", lab.losing_answers(lambda number, _: number % 5 == 0))
    jobs = lab.jobs(40)
    results = list(lab.session.submit_many(jobs))
    assert [result.error for result in results] == [None] * 40
    assert all(result.created for result in results)
    lab.agree(jobs)


def test_an_unknown_outcome_is_told_at_once_and_settled_later(lab: Lab) -> None:
    """Nobody waits a quarter of an hour for it; the error says from when the same call knows, and then it does."""
    lab.made().on("SubmitJob", lab.losing_requests(lambda number, body: number < 20 and "sub-0007" in body))
    jobs = lab.jobs(20)
    before = lab.aws.clock.now()
    results = {result.job: result for result in lab.session.submit_many(jobs)}
    assert lab.aws.clock.now() - before < 60
    error = results[jobs[7]].error
    assert isinstance(error, SubmissionUnknownError)
    assert "from 20" in error.hint
    assert sum(result.created for result in results.values()) == 19

    again = {result.job: result for result in lab.session.submit_many(jobs)}
    assert isinstance(again[jobs[7]].error, SubmissionUnknownError)
    policy = lab.session.submission
    lab.aws.advance(policy.claim_s + policy.signature_window_s)
    settled = {result.job: result for result in lab.session.submit_many(jobs)}
    assert [job for job, result in settled.items() if result.created] == [jobs[7]]
    lab.agree(jobs)


def test_another_process_that_lives_is_not_interfered_with(lab: Lab) -> None:
    """Its claim is looked at, told about, and left alone."""
    lab.made()
    job = lab.job()
    theirs = new_claim(lab.session, job.submission(Resolved()))
    assert Ledger(lab.session, "jobs").put_new(theirs) is None
    (result,) = lab.session.submit_many([job])
    assert isinstance(result.error, SubmissionUnknownError)
    assert "another process" in str(result.error)
    assert [(row.claim, row.job_id) for row in lab.rows().values()] == [(theirs.claim, "")]
    assert lab.at_aws() == {}


def test_what_aws_refuses_is_told_and_leaves_nothing(lab: Lab) -> None:
    """Its claim is taken back with those of others, so that the corrected job can be submitted at once."""
    refused = lab.refusing("ClientException", "no", where=lambda _, body: "-odd" in body)
    lab.made().on("SubmitJob", refused)
    jobs = [lab.job(f"sub-{number}{'-odd' if number % 2 else ''}") for number in range(30)]
    results = list(lab.session.submit_many(jobs))
    for number, result in enumerate(results):
        assert result.ok is (number % 2 == 0)
    errors = [result.error for result in results if result.error]
    assert all(isinstance(error, AwsError) and "no" in str(error) for error in errors)
    lab.agree(jobs[::2])
    assert lab.counts()["DeleteItem"] + lab.counts()["TransactWriteItems"] + lab.counts()["PutItem"] <= 6


def test_throttling_slows_down_and_loses_nothing(lab: Lab) -> None:
    """Every third request is one too many: sent again in its turn, the rate cut a little."""
    throttled = lab.refusing(
        "TooManyRequestsException", "slow down", status=429, where=lambda number, _: number % 3 == 0
    )
    lab.made().on("SubmitJob", throttled)
    jobs = lab.jobs(60)
    results = list(lab.session.submit_many(jobs))
    assert all(result.created for result in results)
    assert lab.session.limiter.per_second < 50
    lab.agree(jobs)


def test_a_conflict_of_transactions_is_no_error(lab: Lab) -> None:
    """Claims and records alike."""
    lab.made().on("TransactWriteItems", cancelling(lab, "TransactionConflict", times=3), service="dynamodb")
    jobs = lab.jobs(20)
    assert all(result.created for result in lab.session.submit_many(jobs))
    lab.agree(jobs)


def test_a_lost_answer_of_the_table_is_no_other_claim(lab: Lab) -> None:
    """botocore sends the transaction again; whoever finds its own token there has claimed it."""
    lab.made().on("TransactWriteItems", lab.losing_answers(lambda number, _: number < 1), service="dynamodb")
    jobs = lab.jobs(20)
    results = list(lab.session.submit_many(jobs))
    assert [result.error for result in results] == [None] * 20
    lab.agree(jobs)


def test_a_table_of_few_units_is_slow_and_says_so(lab: Lab) -> None:
    """Smaller transactions, single writes in the end, one warning; every job is submitted."""
    units = ["ProvisionedThroughputExceeded"] * 100
    lab.made().on("TransactWriteItems", cancelling(lab, *units, times=10), service="dynamodb")
    jobs = lab.jobs(60)
    with pytest.warns(SlowTableWarning, match="jobs"):
        results = list(lab.session.submit_many(jobs))
    assert all(result.created for result in results)
    lab.agree(jobs)


def test_a_container_that_was_faster_keeps_its_status(lab: Lab) -> None:
    """It wrote into its row before the job was recorded: the id is added, its words stay."""

    def written_by_the_container(request: AWSPreparedRequest, event_name: str) -> AWSResponse | None:
        name = json.loads(request.body)["jobName"]
        lab.tracker.update(f"test/{name}", "half done")
        return None

    lab.made().on("SubmitJob", chosen(lambda _, body: "sub-0003" in body, written_by_the_container))
    jobs = lab.jobs(8)
    assert all(result.created for result in lab.session.submit_many(jobs))
    lab.agree(jobs)
    assert {key: row.status for key, row in lab.rows().items() if row.status != "SUBMITTED"} == {
        "test/sub-0003": "half done"
    }


def test_a_queue_that_went_away_is_made_again_once(lab: Lab) -> None:
    """What the session trusted is looked at again when AWS names it, once for all jobs."""
    lab.made()
    lab.another().session.delete(lab.another().queue, force=True)
    lab.aws.calls.clear()
    jobs = lab.jobs(30)
    results = list(lab.session.submit_many(jobs))
    assert [result.error for result in results] == [None] * 30
    assert lab.counts()["CreateJobQueue"] == 1
    lab.agree(jobs)


def test_a_table_that_went_away_is_made_again_once(lab: Lab) -> None:
    """The claims find it missing."""
    lab.made().session.dynamodb.delete_table(TableName="jobs")
    lab.aws.advance(60)
    jobs = lab.jobs(30)
    assert [result.error for result in lab.session.submit_many(jobs)] == [None] * 30
    assert lab.counts()["CreateTable"] == 1
    lab.agree(jobs)


def test_what_cannot_be_made_is_told_for_every_job_and_tried_once(lab: Lab) -> None:
    """Ten jobs of a queue that cannot be: ten errors, one attempt."""
    refused: list[int] = []

    def where(number: int, _: str) -> bool:
        refused.append(number)
        return True

    lab.on("CreateJobQueue", lab.refusing("AccessDeniedException", "not you", status=403, where=where), service="batch")
    results = list(lab.session.submit_many(lab.jobs(10)))
    assert all("not you" in str(result.error) for result in results)
    assert refused == [0]
    assert lab.at_aws() == {}


def test_a_claim_that_ran_out_is_renewed(lab: Lab) -> None:
    """A pause before the request leaves, longer than the claim: nothing is sent under the old one."""
    slow = lab.another(submission=SubmissionPolicy(claim_s=5.0)).made()
    original, frozen = slow.session.limiter.turn, [20.0]

    def turn(count: int = 1) -> Turn:
        lab.aws.advance(frozen.pop() if frozen else 0.0)
        return original(count)

    slow.session.limiter.turn = turn  # type: ignore[method-assign]  # a process that was frozen there
    jobs = slow.jobs(12)
    assert all(result.created for result in slow.session.submit_many(jobs))
    slow.agree(jobs)


def test_a_record_that_fails_says_that_the_job_is_there(lab: Lab) -> None:
    """The same call again finds it."""
    denied = lab.refusing("AccessDeniedException", "no more", where=lambda _, body: "SUBMITTED" in body)
    lab.made().on("TransactWriteItems", denied, service="dynamodb")
    jobs = lab.jobs(10)
    results = list(lab.session.submit_many(jobs))
    assert all(isinstance(result.error, SubmissionUnknownError) for result in results)
    assert all("accepted" in str(result.error) for result in results)
    other = lab.another()
    again = list(other.session.submit_many(other.jobs(10)))
    assert {result.job_id for result in again} == {ids[0] for ids in lab.at_aws().values()}
    lab.agree(jobs)


def test_a_wish_that_changed_is_a_conflict_for_that_job_only(lab: Lab) -> None:
    """Its row says that something else was submitted under its name."""
    lab.made().job("sub-0002", command=["before"]).ensure()
    results = list(lab.session.submit_many(lab.jobs(6)))
    assert [type(result.error) for result in results].count(ConflictError) == 1
    assert sum(result.created for result in results) == 5
