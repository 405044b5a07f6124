"""The faults that only some services have, and the clocks that can be wrong."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from batchwright.local import Fault

if TYPE_CHECKING:
    from conftest import Place

COST = 2
"""Units of a write in a transaction."""


def row(name: str) -> dict[str, Any]:
    return {"TableName": "rows", "Item": {"id": {"S": name}}}


def transaction(*names: str) -> dict[str, Any]:
    return {"TransactItems": [{"Put": row(name)} for name in names]}


def names(dynamodb: Any) -> list[str]:  # noqa: ANN401  # boto3's own
    return sorted(item["id"]["S"] for item in dynamodb.scan(TableName="rows")["Items"])


def reasons(dynamodb: Any, request: dict[str, Any]) -> list[str]:  # noqa: ANN401  # boto3's own
    """The codes for which a transaction is cancelled, one for each item."""
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(**request)
    response: Any = caught.value.response
    codes = [reason["Code"] for reason in response["CancellationReasons"]]
    assert f"[{', '.join(codes)}]" in response["Error"]["Message"]
    return codes


def test_a_stale_listing(place: "Place") -> None:
    """What AWS Batch lists and describes is seen when it is old enough, and worked with at once."""
    place.inject(Fault.stale_listing(60))
    place.make_queue()
    job_id = place.submit("new")
    batch = place.client("batch")

    def seen() -> list[int]:
        queues = batch.describe_job_queues()["jobQueues"]
        environments = batch.describe_compute_environments()["computeEnvironments"]
        definitions = batch.describe_job_definitions()["jobDefinitions"]
        jobs = batch.describe_jobs(jobs=[job_id])["jobs"]
        return [len(found) for found in (queues, environments, definitions, jobs, place.jobs())]

    assert seen() == [0, 0, 0, 0, 0]
    place.advance(61)
    assert seen() == [1, 1, 1, 1, 1]
    assert place.acted() == [10]


def test_one_stale_look(place: "Place") -> None:
    """A listing can be late for the first look alone, while DescribeJobs shows the job."""
    place.make_queue()
    place.inject(Fault.stale_listing(600, operation="batch:ListJobs", calls=1))
    job_id = place.submit("new")
    assert [place.jobs(), place.jobs()] == [[], ["new"]]
    assert len(place.client("batch").describe_jobs(jobs=[job_id])["jobs"]) == 1


def test_a_look_that_is_late_and_stale_holds_up_nobody(over_http: "Place") -> None:
    """While one caller waits for a stale answer, another one is served at once, and up to date."""
    over_http.make_queue()
    over_http.submit("new")
    over_http.inject(Fault.stale_listing(600, calls=1), Fault.delay(2, operation="batch:ListJobs", calls=1))
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(over_http.jobs)
        while over_http.counts()[0].seen == 0:
            assert not late.done()
        assert over_http.jobs() == ["new"]
        assert not late.done()
        assert late.result() == []


def test_some_jobs_of_a_bulk_call_are_refused(in_process: "Place") -> None:
    """The others are terminated, and each is reported on its own."""
    batch = in_process.client("batch")
    if "TerminateJobs" not in batch.meta.service_model.operation_names:
        assert not hasattr(batch, "terminate_jobs")
        return
    in_process.make_queue()
    in_process.inject(Fault.refused_jobs(0, 2, operation="batch:TerminateJobs", calls=1))
    ids = [in_process.submit(name) for name in ("one", "two", "three")]
    unknown = "00000000-0000-0000-0000-000000000000"
    answer = batch.terminate_jobs(jobs=[*ids, unknown], reason="enough")
    assert answer["successful"] == [ids[1], unknown]
    assert [(error["job"], error["code"]) for error in answer["errors"]] == [
        (ids[0], "ThrottlingException"),
        (ids[2], "ThrottlingException"),
    ]
    described = {job["jobName"]: job.get("isTerminated", False) for job in batch.describe_jobs(jobs=ids)["jobs"]}
    assert described == {"one": False, "two": True, "three": False}
    assert batch.terminate_jobs(jobs=ids, reason="enough")["errors"] == []


def test_a_bulk_call_of_refused_jobs_only(in_process: "Place") -> None:
    """Nothing is carried out, and the answer is still a success."""
    batch = in_process.client("batch")
    if "CancelJobs" not in batch.meta.service_model.operation_names:
        assert not hasattr(batch, "cancel_jobs")
        return
    in_process.make_queue()
    job_id = in_process.submit()
    in_process.inject(Fault.refused_jobs(code="AccessDeniedException", message="no"))
    answer = batch.cancel_jobs(jobs=[job_id], reason="enough")
    assert (answer["successful"], answer["errors"]) == (
        [],
        [{"job": job_id, "code": "AccessDeniedException", "message": "no"}],
    )
    assert not batch.describe_jobs(jobs=[job_id])["jobs"][0].get("isCancelled", False)


def test_a_bulk_call_that_the_fault_leaves_alone(in_process: "Place") -> None:
    """Where no job has the place that is refused, all are cancelled; an error of the whole call is handed on."""
    batch = in_process.client("batch")
    if "CancelJobs" not in batch.meta.service_model.operation_names:
        assert not hasattr(batch, "cancel_jobs")
        return
    unknown = "00000000-0000-0000-0000-000000000000"
    in_process.inject(Fault.refused_jobs(5), Fault.refused_jobs(1))
    assert batch.cancel_jobs(jobs=[unknown], reason="enough")["successful"] == [unknown]
    refused = in_process.refused(batch.cancel_jobs, jobs=[unknown, unknown], reason="x" * 1025)
    assert refused[:2] == (400, "ClientException")
    assert in_process.acted() == [0, 1]


def test_what_is_never_stale_is_let_through(in_process: "Place") -> None:
    """A pattern for all of Batch makes its listings stale, and counts nothing else."""
    in_process.inject(Fault.stale_listing(60, operation="batch:*"))
    in_process.make_queue()
    in_process.submit("new")
    assert in_process.jobs() == []
    assert in_process.acted() == [1]


def test_a_table_with_little_capacity(place: "Place") -> None:
    """Single writes cost a unit and those of a transaction two; a call that has too few writes nothing."""
    dynamodb = place.table()
    place.inject(Fault.write_capacity("rows", 0.01, 5))
    dynamodb.put_item(**row("1"))
    dynamodb.transact_write_items(**transaction("2", "3"))
    assert place.refused(dynamodb.put_item, **row("4"))[1] == "ProvisionedThroughputExceededException"
    place.advance(3 * COST / 0.01)
    assert reasons(dynamodb, transaction("4", "5", "6")) == ["ProvisionedThroughputExceeded"] * 3
    dynamodb.transact_write_items(**transaction("4", "5"))
    assert names(dynamodb) == ["1", "2", "3", "4", "5"]
    place.advance(300)
    batch = {"rows": [{"PutRequest": {"Item": {"id": {"S": name}}}} for name in "678"]}
    dynamodb.batch_write_item(RequestItems=batch)
    assert place.refused(dynamodb.batch_write_item, RequestItems=batch)[1] == "ProvisionedThroughputExceededException"
    assert place.acted() == [3]


def test_another_table_has_a_capacity_of_its_own(in_process: "Place") -> None:
    """Reads and other tables are let through; a transaction is cancelled for the items of this table."""
    dynamodb = in_process.table()
    in_process.table("others")
    in_process.inject(Fault.write_capacity("rows", 0.001, 1))
    mixed = [{"Put": {**row("1"), "TableName": "others"}}, {"Put": row("1")}]
    assert reasons(dynamodb, {"TransactItems": mixed}) == ["None", "ProvisionedThroughputExceeded"]
    dynamodb.put_item(**{**row("1"), "TableName": "others"})
    dynamodb.put_item(**row("1"))
    dynamodb.put_item(**{**row("2"), "TableName": "others"})
    assert names(dynamodb) == ["1"]


def test_a_unit_a_second_lasts_for_1000_rows_for_over_half_an_hour(in_process: "Place") -> None:
    """With AWS's savings of five minutes: 2,000 units less 300, at one a second."""
    dynamodb = in_process.table()
    in_process.inject(Fault.write_capacity("rows", 1))
    begun = in_process.now()
    for start in range(0, 1000, 100):
        request = transaction(*(str(start + number) for number in range(100)))
        while True:
            try:
                dynamodb.transact_write_items(**request)
                break
            except dynamodb.exceptions.TransactionCanceledException:
                in_process.advance(10)
    assert in_process.now() - begun == 1700


def test_a_transaction_that_meets_another(place: "Place") -> None:
    """The reasons name the items that conflict; nothing is written, and the next call is let through."""
    dynamodb = place.table()
    place.inject(Fault.transaction_conflict(0, 2, calls=1))
    assert reasons(dynamodb, transaction("1", "2", "3")) == ["TransactionConflict", "None", "TransactionConflict"]
    assert names(dynamodb) == []
    dynamodb.transact_write_items(**transaction("1", "2", "3"))
    assert names(dynamodb) == ["1", "2", "3"]


def test_a_write_that_meets_a_transaction(in_process: "Place") -> None:
    """A write of one item is refused with an error of its own; a place that no item has conflicts with nothing."""
    dynamodb = in_process.table()
    in_process.inject(Fault.transaction_conflict(operation="dynamodb:PutItem"), Fault.transaction_conflict(5))
    assert in_process.refused(dynamodb.put_item, **row("1"))[:2] == (400, "TransactionConflictException")
    dynamodb.transact_write_items(**transaction("1"))
    assert in_process.acted() == [1, 0]


@pytest.mark.parametrize(("offset_s", "words"), [(-400, "Signature expired"), (400, "Signature not yet current")])
def test_a_client_whose_clock_is_wrong(place: "Place", offset_s: float, words: str) -> None:
    """It signs by that clock, and AWS refuses it by its own; the Date header says by how much."""
    batch = place.client("batch", clock_offset_s=offset_s)
    with pytest.raises(ClientError, match=words) as caught:
        batch.describe_job_queues()
    assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"].endswith("GMT")
    assert place.client("batch", clock_offset_s=offset_s / 2).describe_job_queues()["jobQueues"] == []


def test_the_time_can_be_set(place: "Place") -> None:
    """Forwards and back; the Date header, the time of a job and who may sign follow."""
    place.make_queue()
    begun = place.now()
    for epoch_s in (1_900_000_000, 1_700_000_000, begun):
        place.set_time(epoch_s)
        job_id = place.submit()
        answer = place.client("batch").describe_jobs(jobs=[job_id])
        assert 0 <= answer["jobs"][0]["createdAt"] / 1000 - epoch_s < 20
        assert 0 <= place.now() - epoch_s < 20


def test_the_date_header_is_the_time_that_was_set(place: "Place") -> None:
    """By it a client knows AWS's time."""
    place.set_time(1_900_000_000)
    answer = place.client("batch").describe_job_queues()
    assert answer["ResponseMetadata"]["HTTPHeaders"]["date"].startswith("Sun, 17 Mar 2030 17:46:")
