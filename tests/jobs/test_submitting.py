"""The one call: runs in order, nothing asked twice, nobody second at once, and what is gone made again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import attrs
import pytest

from batchwright import BatchJob, BatchSession, ConflictError, UnfinishedJobError
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws

from .conftest import Asked, Refuse

IMAGE = "busybox:1.36"
LONG = {"BATCHWRIGHT_SCRIPT_SECONDS": "6000"}
WARM = ["PutItem", "SubmitJob", "UpdateItem"]


def test_runs_are_numbered(session: BatchSession) -> None:
    """Each submission of a name is the next run, whichever session asks, and every one a job of its own."""
    other = BatchSession("test", boto3_session=session.boto3_session, clock=session.clock)
    jobs: list[BatchJob] = []
    for each in (session, other, session, other):
        jobs.append(each.submit("sub-01", image=IMAGE, command=["true"]))
        jobs[-1].wait()
    assert [job.run for job in jobs] == [1, 2, 3, 4]
    assert [job.submission_id for job in jobs] == ["test/sub-01", "test/sub-01/2", "test/sub-01/3", "test/sub-01/4"]
    assert len({job.job_id() for job in jobs}) == 4


def test_an_explicit_submission_is_the_same_job_again(session: BatchSession, asked: Asked) -> None:
    """With a submission id the call can be made again, from anywhere; another declaration is refused."""
    first = session.submit("sub-01", image=IMAGE, command=["true"], submission_id="mine")
    other = BatchSession("test", boto3_session=session.boto3_session, clock=session.clock)
    again = other.submit("sub-01", image=IMAGE, command=["true"], submission_id="mine")
    assert again.job_id() == first.job_id()
    assert asked().count("SubmitJob") == 1
    with pytest.raises(ConflictError):
        session.submit("sub-01", image=IMAGE, command=["false"], submission_id="mine")


def test_a_warm_chain_takes_three_requests_a_job(session: BatchSession, asked: Asked) -> None:
    """Jobs that wait for earlier submissions ask nothing about those, however long the chain."""
    job = session.submit("job-0", image=IMAGE)
    asked()
    for number in range(1, 30):
        job = session.submit(f"job-{number}", image=IMAGE, depends_on=job)
        assert asked() == WARM
    assert job.wait().status == "SUCCEEDED"


def test_a_new_image_asks_only_about_what_is_new(session: BatchSession, asked: Asked) -> None:
    """Another definition is registered; the queue, the roles and the table are trusted."""
    session.submit("one", image=IMAGE)
    asked()
    session.submit("two", image="alpine:3.20")
    assert asked() == ["DescribeJobDefinitions", "RegisterJobDefinition", "DescribeJobDefinitions", *WARM]


def test_a_dependency_that_is_only_declared_is_submitted_first(session: BatchSession) -> None:
    """Also in a session that trusts all the rest."""
    warm = session.submit("warm", image=IMAGE)
    declared = session.batch_job(name="first", definition=warm.definition)
    later = session.submit("later", image=IMAGE, depends_on=declared)
    assert later.wait().status == "SUCCEEDED"
    assert declared.describe().status == "SUCCEEDED"


def test_two_at_once_get_one_job(session: BatchSession, aws: InProcessAws) -> None:
    """Of two threads that submit one name there is one job, and nobody is told of another; cold and warm."""

    def submit(name: str) -> str:
        try:
            return session.submit(name, image=IMAGE, environment=LONG).job_id()
        except UnfinishedJobError:
            return "refused"

    for name in ("cold", "warm"):
        with ThreadPoolExecutor(2) as pool:
            outcomes = set(pool.map(submit, [name, name]))
        assert len(outcomes - {"refused"}) == 1
    assert len(aws.state.region("us-east-2").jobs) == 2


def test_a_job_that_aws_does_not_show_yet_is_unfinished(session: BatchSession, aws: InProcessAws) -> None:
    """The guard holds also in the moment in which DescribeJobs knows nothing of the job."""
    session.submit("sub-01", image=IMAGE, environment=LONG)
    aws.state.delays = attrs.evolve(aws.state.delays, describe_lag_s=30)
    with pytest.raises(UnfinishedJobError, match="submitted just now"):
        session.submit("sub-01", image=IMAGE, environment=LONG)


def test_a_dead_claim_is_named_with_the_way_out(session: BatchSession, aws: InProcessAws, refuse: Refuse) -> None:
    """A name whose claimant died is refused, and its submission id takes it over once that is safe."""
    job = session.submit("sub-01", image=IMAGE)
    claimed = {"id": {"S": "test/dead"}, "claim": {"S": "x"}, "job_id": {"S": ""}, "status": {"S": "CLAIMED"}}
    sign_before = {"sign_before": {"N": str(session.clock.now() + 60)}, "queue_arn": {"S": job.describe().queue_arn}}
    session.dynamodb.put_item(TableName=cast("Any", job.tracker).name, Item=cast("Any", {**claimed, **sign_before}))
    with pytest.raises(UnfinishedJobError, match=r"is being submitted(?s:.*)submission_id='test/dead'"):
        session.submit("dead", image=IMAGE)
    aws.advance(3600)
    assert session.submit("dead", image=IMAGE, submission_id="test/dead").wait().status == "SUCCEEDED"


def _die(error: BaseException) -> Callable[..., None]:
    def die(**_: object) -> None:
        raise error

    return die


@pytest.mark.parametrize("run", [1, 2])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_same_call_resumes_what_a_dead_process_left(
    session: BatchSession, aws: InProcessAws, run: int, moment: str
) -> None:
    """Killed between claim and record, with or without AWS having got the job: the same call ends with the one job."""
    if run == 2:
        session.submit("sub-01", image=IMAGE).wait()
    else:
        session.submit("warm", image=IMAGE)
    other = BatchSession("test", boto3_session=aws.boto3_session(), clock=session.clock)
    other.submit("other", image=IMAGE)
    dying = {"before": other.batch_once, "after": other.dynamodb}[moment]
    point = {"before": "before-send.batch.SubmitJob", "after": "before-send.dynamodb.UpdateItem"}[moment]
    # Ctrl-C after the signature gate has let the request pass is as good as a kill: nobody knows what AWS got.
    cast("Any", dying).meta.events.register_last(point, _die(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        other.submit("sub-01", image=IMAGE)
    job = session.submit("sub-01", image=IMAGE)
    assert job.run == run
    jobs = [each.id for each in aws.state.region("us-east-2").jobs.values() if each.name == "sub-01"]
    assert len(jobs) == run
    assert job.job_id() == jobs[-1]
    assert job.wait().status == "SUCCEEDED"
    assert session.submit("sub-01", image=IMAGE).run == run + 1


def test_another_declaration_does_not_resume(session: BatchSession, aws: InProcessAws) -> None:
    """What a dead process left is not run with another command; the error says so."""
    session.submit("warm", image=IMAGE)
    session.batch_once.meta.events.register_last("before-send.batch.SubmitJob", _die(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        session.submit("sub-01", image=IMAGE)
    other = BatchSession("test", boto3_session=aws.boto3_session(), clock=session.clock)
    with pytest.raises(UnfinishedJobError, match="being submitted"):
        other.submit("sub-01", image=IMAGE, command=["false"])


def gone_definition(session: BatchSession, job: BatchJob) -> None:
    """Deregister the job's definition."""
    session.batch.deregister_job_definition(jobDefinition=job.describe().definition_arn)


def gone_table(session: BatchSession, job: BatchJob) -> None:
    """Delete the table of submissions."""
    session.dynamodb.delete_table(TableName=cast("Any", job.tracker).name)


def disabled_queue(session: BatchSession, job: BatchJob) -> None:
    """Disable the queue."""
    session.batch.update_job_queue(jobQueue=cast("Any", job.queue).name, state="DISABLED")


@pytest.mark.parametrize("meddle", [gone_definition, gone_table, disabled_queue])
def test_what_is_gone_is_made_again(session: BatchSession, aws: InProcessAws, meddle: Any) -> None:  # noqa: ANN401
    """What the session trusts and somebody else took away is made again, and the job runs once."""
    first = session.submit("one", image=IMAGE)
    first.wait()
    meddle(session, first)
    aws.advance(60)
    assert session.submit("two", image=IMAGE).wait().status == "SUCCEEDED"
    assert [job.name for job in aws.state.region("us-east-2").jobs.values()] == ["one", "two"]


def test_a_refused_submission_leaves_the_name_free(session: BatchSession, refuse: Refuse) -> None:
    """The claim is given back, so the next call is the first run."""
    session.submit("warm", image=IMAGE)
    refuse("batch", "SubmitJob", "ClientException", "no", times=1)
    with pytest.raises(Exception, match="AWS refused SubmitJob"):
        session.submit("sub-01", image=IMAGE)
    assert session.submit("sub-01", image=IMAGE).run == 1


def test_volumes_by_name_and_a_queue_of_ones_own(session: BatchSession) -> None:
    """A volume's name stands for the session's volume of that name; a given queue is used."""
    queue = session.job_queue(name="mine", priority=7)
    job = session.submit("sub-01", image=IMAGE, volumes={"/mnt/efs": "scratch"}, queue=queue)
    assert job.definition.dependencies()[0] == session.efs_volume(name="scratch")
    assert job.describe().queue_arn.endswith("/mine")
    assert job.wait().status == "SUCCEEDED"


def test_everything_goes_into_the_request(session: BatchSession) -> None:
    """Array, overrides, retry, time limit, tags and variables reach AWS as given."""
    job = session.submit(
        "sub-01",
        image=IMAGE,
        array_size=2,
        environment={"SUBJECT": "01"},
        timeout_s=60,
        tags={"project": "reads"},
        gpus=None,
    )
    (seen,) = session.batch.describe_jobs(jobs=[job.job_id()])["jobs"]
    assert (seen.get("arrayProperties", {}).get("size"), seen.get("timeout")) == (2, {"attemptDurationSeconds": 60})
    assert seen.get("tags", {}) | {"project": "reads", "batchwright:namespace": "test"} == seen.get("tags", {})
    assert job.describe().environment["SUBJECT"] == "01"


def test_a_delete_that_was_refused_can_be_called_again(session: BatchSession) -> None:
    """What a session has made is remembered until it is gone, and submitting trusts nothing in between."""
    job = session.submit("sub-01", image=IMAGE, environment=LONG)
    with pytest.raises(ExceptionGroup):
        session.delete()
    assert cast("Any", job.queue).exists()
    job.terminate()
    job.wait(check=False)
    session.delete()
    assert not cast("Any", job.queue).exists()
    assert [item.declared for item in session.inventory()] == [True]
    assert session.submit("sub-02", image=IMAGE).wait().status == "SUCCEEDED"


def test_delays_of_aws_do_not_matter(aws: InProcessAws, session: BatchSession) -> None:
    """The first submission of an empty account waits for everything, on AWS's own delays."""
    aws.state.delays = Delays.realistic()
    assert session.submit("sub-01", image=IMAGE).wait().status == "SUCCEEDED"
