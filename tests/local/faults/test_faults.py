"""What a program sees of each fault, and what AWS has done meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from batchwright.local import Fault, InProcessAws, LocalServer, local_session

if TYPE_CHECKING:
    from conftest import Place

SUBMIT = "batch:SubmitJob"


def test_a_lost_answer_leaves_the_job(place: "Place") -> None:
    """The call is carried out and the caller cannot know; the next one is answered."""
    place.make_queue()
    place.inject(Fault.lost_answer(operation=SUBMIT, calls=1))
    with pytest.raises(ConnectionClosedError):
        place.submit("lost")
    place.submit("answered")
    assert sorted(place.jobs()) == ["answered", "lost"]
    assert [(count.seen, count.acted) for count in place.counts()] == [(2, 1)]


def test_a_reset_leaves_nothing(place: "Place") -> None:
    """The caller sees the same as of a lost answer, and the call was not carried out."""
    place.make_queue()
    place.inject(Fault.reset(operation=SUBMIT, calls=1))
    with pytest.raises(ConnectionClosedError) as caught:
        place.submit("lost")
    assert place.is_here or "Connection reset" in str(caught.value.kwargs["error"])
    assert place.jobs() == []


def test_botocore_sends_a_lost_submission_again(place: "Place") -> None:
    """That is why they need a protocol: one call with retries leaves as many jobs as answers were lost, and one."""
    place.make_queue()
    place.inject(Fault.lost_answer(operation=SUBMIT, calls=1))
    place.submit("twice", attempts=3)
    assert place.jobs() == ["twice", "twice"]


def test_one_connection_serves_on_after_another_was_dropped(place: "Place") -> None:
    """A client whose connection is dropped makes another one and goes on."""
    batch = place.client("batch")
    place.inject(Fault.lost_answer(calls=(2, 4)), Fault.reset(calls=3))
    outcomes: list[bool] = []
    for _ in range(5):
        try:
            outcomes.append(batch.describe_job_queues()["jobQueues"] == [])
        except ConnectionClosedError:
            outcomes.append(False)
    assert outcomes == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("service", "call", "answer"),
    [
        ("batch", "describe_job_queues", (500, "ServerException", "Internal server error")),
        ("dynamodb", "list_tables", (500, "InternalServerError", "Internal server error")),
        ("iam", "list_roles", (500, "ServiceFailure")),
        ("ec2", "describe_vpcs", (500, "InternalError", "An internal error has occurred")),
        ("efs", "describe_file_systems", (500, "InternalServerError", "Internal server error")),
        ("logs", "describe_log_groups", (503, "ServiceUnavailableException")),
        ("sts", "get_caller_identity", (500, "InternalFailure")),
        ("secretsmanager", "list_secrets", (500, "InternalServiceError")),
    ],
)
def test_every_service_fails_in_its_own_words(
    place: "Place", service: str, call: str, answer: tuple[object, ...]
) -> None:
    """An error without a code is the internal error of the service that was called."""
    place.inject(Fault.error(operation=f"{service}:*"))
    assert place.refused(getattr(place.client(service), call))[: len(answer)] == answer


def test_an_error_as_told(place: "Place") -> None:
    """Code, status and message are the caller's own; nothing is carried out."""
    place.make_queue()
    place.inject(Fault.error("ClientException", message="no", operation=SUBMIT, calls=1))
    place.inject(Fault.error("AccessDeniedException", status=403, operation=SUBMIT, calls=1))
    assert place.refused(place.submit) == (400, "ClientException", "no")
    assert place.refused(place.submit)[:2] == (403, "AccessDeniedException")
    assert place.jobs() == []


@pytest.mark.parametrize(
    ("service", "call", "answer"),
    [
        ("batch", "describe_job_queues", (429, "TooManyRequestsException", "Too Many Requests")),
        ("dynamodb", "list_tables", (400, "ThrottlingException", "Rate exceeded")),
        ("iam", "list_roles", (400, "Throttling", "Rate exceeded")),
        ("ec2", "describe_vpcs", (503, "RequestLimitExceeded", "Request limit exceeded.")),
        ("efs", "describe_file_systems", (400, "ThrottlingException", "Rate exceeded")),
    ],
)
def test_every_service_throttles_in_its_own_words(
    place: "Place", service: str, call: str, answer: tuple[object, ...]
) -> None:
    """A call that finds the bucket empty gets the code that this service has for it."""
    place.inject(Fault.throttle(0.001, 2, operation=f"{service}:*"))
    client = place.client(service)
    getattr(client, call)()
    getattr(client, call)()
    assert place.refused(getattr(client, call)) == answer
    assert place.acted() == [1]


def test_an_item_of_a_table_that_is_called_too_fast(place: "Place") -> None:
    """Where items are read or written, DynamoDB speaks of throughput."""
    dynamodb = place.table()
    place.inject(Fault.throttle(0.001, operation="dynamodb:PutItem"))
    item = {"TableName": "rows", "Item": {"id": {"S": "1"}}}
    dynamodb.put_item(**item)
    assert place.refused(dynamodb.put_item, **item)[:2] == (400, "ProvisionedThroughputExceededException")


def test_a_throttled_caller_comes_in_again_with_time(place: "Place") -> None:
    """The bucket fills by the server's clock, up to the burst and not beyond."""
    batch = place.client("batch")
    place.inject(Fault.throttle(0.5, 2, operation="batch:Describe*"))
    for wait_s, allowed in ((0, 2), (2.1, 1), (1000, 2)):
        place.advance(wait_s)
        for _ in range(allowed):
            batch.describe_job_queues()
        assert place.refused(batch.describe_job_queues)[0] == 429


def test_each_operation_has_a_bucket_unless_they_share_one(place: "Place") -> None:
    """AWS counts SubmitJob apart from the others; a shared allowance is used up by all."""
    batch = place.client("batch")
    place.inject(Fault.throttle(0.001, operation="batch:*"))
    batch.describe_job_queues()
    batch.describe_compute_environments()
    place.clear()
    place.inject(Fault.throttle(0.001, operation="batch:*", shared=True))
    batch.describe_job_queues()
    assert place.refused(batch.describe_compute_environments)[0] == 429


def test_a_delay_takes_the_servers_time(place: "Place") -> None:
    """A call that arrives late is served at that time."""
    batch = place.client("batch")
    place.inject(Fault.delay(0.25, operation="batch:DescribeJobQueues"))
    before = place.now()
    batch.describe_job_queues()
    assert 0.25 <= place.now() - before < 20
    assert place.acted() == [1]


def test_a_late_answer_arrives(place: "Place") -> None:
    """Who waits gets it, that much later."""
    place.make_queue()
    place.inject(Fault.late_answer(0.25, operation=SUBMIT))
    before = place.now()
    place.submit("late")
    assert place.now() - before >= 0.25
    assert place.jobs() == ["late"]


def test_who_does_not_wait_for_a_late_answer_has_a_job_all_the_same(server: LocalServer, over_http: "Place") -> None:
    """A read timeout says nothing about the call; here it was carried out."""
    over_http.make_queue()
    server.inject(Fault.late_answer(2, operation=SUBMIT))
    with pytest.raises(ReadTimeoutError):
        over_http.submit("late", read_timeout_s=0.3)
    assert over_http.jobs() == ["late"]


@pytest.mark.parametrize(("seconds", "jobs"), [(890, ["late"]), (910, [])])
def test_a_call_that_is_late_by_more_than_its_window_is_refused(
    in_process: "Place", seconds: float, jobs: list[str]
) -> None:
    """The signature is as old as it is on arrival: this is the fence that submissions rely on."""
    in_process.make_queue()
    in_process.inject(Fault.delay(seconds, operation=SUBMIT))
    with nullcontext() if jobs else pytest.raises(ClientError, match="InvalidSignatureException"):
        in_process.submit("late")
    assert in_process.jobs() == jobs


def test_a_refusal_can_be_lost_too(in_process: "Place") -> None:
    """Whoever sees a connection close knows nothing: this call came too late and was refused."""
    in_process.make_queue()
    in_process.inject(Fault.lost_answer(operation=SUBMIT), Fault.delay(910, operation=SUBMIT))
    with pytest.raises(ConnectionClosedError):
        in_process.submit("late")
    assert in_process.jobs() == []
    assert in_process.acted() == [1, 1]


def test_a_stale_signature(place: "Place") -> None:
    """AWS's words and code for a request that was signed too long ago."""
    place.make_queue()
    place.inject(Fault.stale_signature(operation=SUBMIT, calls=1))
    status, code, message = place.refused(place.submit)
    assert (status, code) == (403, "InvalidSignatureException")
    assert message.startswith("Signature expired: 2")
    assert place.jobs() == []
    place.submit("fresh")


def test_many_threads_under_faults_of_all_kinds(place: "Place") -> None:
    """What AWS has is what was answered and what was lost; every fault has acted, and the counts add up."""
    place.make_queue()
    submits: dict[str, Any] = {"operation": SUBMIT, "probability": 0.1}
    faults = (
        Fault.throttle(1000, 100, operation=SUBMIT),
        Fault.error(**submits),
        Fault.reset(**submits),
        Fault.delay(0.01, **submits),
        Fault.stale_signature(**submits),
        Fault.lost_answer(**submits),
    )
    place.inject(*faults)
    batch = place.client("batch")

    def outcome(number: int) -> str:
        try:
            batch.submit_job(jobName=f"job-{number}", jobQueue="lab", jobDefinition="lab")
        except (ClientError, ConnectionClosedError) as error:
            return type(error).__name__
        return "answered"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(outcome, range(160)))
    throttled, failed, reset, delayed, stale, lost = place.acted()
    assert min(failed, reset, delayed, stale, lost) > 0
    assert outcomes.count("ConnectionClosedError") == reset + lost
    assert outcomes.count("answered") == 160 - throttled - failed - reset - stale - lost
    assert len(place.jobs()) == outcomes.count("answered") + lost


def test_the_controls_are_never_struck(server: LocalServer, over_http: "Place") -> None:
    """A rule for every call leaves the server's own operations alone, so that it can be taken away."""
    server.inject(Fault.reset(), Fault.error())
    with pytest.raises(ConnectionClosedError):
        over_http.client("sts").get_caller_identity()
    server.clear_faults()
    assert over_http.client("sts").get_caller_identity()["Account"]
    assert server.fault_counts() == ()


def test_faults_from_the_start() -> None:
    """They can be given to whoever starts an AWS, and a reset of it keeps them and counts anew."""
    fault = Fault.error("ClientException", operation="batch:DescribeJobQueues", calls=1)
    aws = InProcessAws(faults=[fault])
    with LocalServer(engine="scripted", faults=[fault]) as server, local_session("test", faults=[fault]) as session:
        for batch in (aws.boto3_session().client("batch"), server.boto3_session().client("batch"), session.batch):
            with pytest.raises(ClientError):
                batch.describe_job_queues()
            assert batch.describe_job_queues()["jobQueues"] == []
        for reset, counts in ((aws.reset, aws.faults.counts), (server.reset, server.fault_counts)):
            assert [(each.fault, each.seen, each.acted) for each in counts()] == [(fault, 2, 1)]
            reset()
            assert [(each.fault, each.seen, each.acted) for each in counts()] == [(fault, 0, 0)]
    aws.close()


def test_the_first_fault_decides_what_the_second_sees(place: "Place") -> None:
    """A call that one keeps does not reach the next; one that it lets through does."""
    batch = place.client("batch")
    place.inject(Fault.error("ClientException", calls=range(1, 3)), Fault.error("ServerException", calls=1))
    codes = [place.refused(batch.describe_job_queues)[1] for _ in range(3)]
    assert codes == ["ClientException", "ClientException", "ServerException"]
    assert [(each.seen, each.acted) for each in place.counts()] == [(3, 2), (1, 1)]


def test_a_seed_strikes_the_same_number_with_many_threads(place: "Place") -> None:
    """Which calls are struck is decided by their number, in whatever order the threads come."""
    batch = place.client("batch")

    def is_struck(_: int) -> bool:
        try:
            batch.describe_job_queues()
        except ClientError:
            return True
        return False

    acted: list[int] = []
    for workers in (1, 8):
        place.clear()
        place.inject(Fault.error(operation="batch:*", probability=0.2, seed=7))
        with ThreadPoolExecutor(workers) as pool:
            struck = sum(pool.map(is_struck, range(200)))
        assert place.acted() == [struck]
        acted.append(struck)
    assert acted[0] == acted[1]
    assert 25 <= acted[0] <= 55
