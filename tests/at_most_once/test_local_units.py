"""Consumable resources of the local AWS: what it refuses, and which jobs it starts."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import attrs
import pytest
from botocore.exceptions import ClientError

from batchwright import BatchSession
from batchwright.local.delays import Delays
from batchwright.local.in_process import InProcessAws

CONTAINER = {
    "image": "busybox",
    "command": ["true"],
    "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
}


@attrs.frozen
class Account:
    """A client, and short ways to what the tests ask it for."""

    client: Any

    def submit(self, *, seconds: int = 60, definition: str = "convert", **members: object) -> str:
        """Submit a job that lasts so long, and return its id."""
        variables = [{"name": "BATCHWRIGHT_SCRIPT_SECONDS", "value": str(seconds)}]
        answer = self.client.submit_job(
            jobName="job",
            jobQueue="lab",
            jobDefinition=definition,
            containerOverrides={"environment": variables},
            **members,
        )
        return str(answer["jobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        (found,) = self.client.describe_jobs(jobs=[job_id])["jobs"]
        return dict(found)

    def statuses(self, *job_ids: str) -> list[str]:
        return [self.job(each)["status"] for each in job_ids]

    def quantities(self, name: str) -> tuple[int, int, int]:
        """The total, what is in use, and what is available."""
        seen = self.client.describe_consumable_resource(consumableResource=name)
        return seen["totalQuantity"], seen["inUseQuantity"], seen["availableQuantity"]


@pytest.fixture
def aws() -> Iterator[InProcessAws]:
    """Nothing takes time but the jobs themselves."""
    aws = InProcessAws(delays=Delays.none())
    yield aws
    aws.close()


@pytest.fixture
def lab(session: BatchSession) -> Account:
    """An account with a queue `lab` and a definition `convert`."""
    session.job_queue(name="lab").ensure()
    client = session.batch
    client.register_job_definition(
        jobDefinitionName="convert", type="container", containerProperties=cast("Any", CONTAINER)
    )
    return Account(client)


def needs(**quantities: int) -> dict[str, Any]:
    return {
        "consumableResourceList": [
            {"consumableResource": name, "quantity": quantity} for name, quantity in quantities.items()
        ]
    }


def message(call: Callable[..., object], **request: object) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == "ClientException"
    return str(caught.value.response["Error"]["Message"])


def test_units_that_come_back_let_the_next_job_start(lab: Account, aws: InProcessAws) -> None:
    """Two of three licences are in use, so a job that needs two waits at the head of its queue until they are back."""
    lab.client.create_consumable_resource(consumableResourceName="licences", totalQuantity=3)
    first, second = (lab.submit(consumableResourcePropertiesOverride=needs(licences=2)) for _ in range(2))
    aws.advance(1)
    assert lab.statuses(first, second) == ["RUNNING", "RUNNABLE"]
    assert lab.quantities("licences") == (3, 2, 1)
    assert lab.job(second)["statusReason"] == "Waiting for units of consumable resource licences."
    aws.advance(60)
    aws.advance(1)
    assert lab.statuses(first, second) == ["SUCCEEDED", "RUNNING"]
    aws.advance(60)
    assert lab.quantities("licences") == (3, 0, 3)


def test_units_that_do_not_come_back_are_gone(lab: Account, aws: InProcessAws) -> None:
    """The total goes down at the start, and nothing is given back at the end; more can be added."""
    lab.client.create_consumable_resource(
        consumableResourceName="starts", totalQuantity=1, resourceType="NON_REPLENISHABLE"
    )
    first, second = (lab.submit(consumableResourcePropertiesOverride=needs(starts=1)) for _ in range(2))
    aws.advance(1)
    assert lab.quantities("starts") == (0, 1, 0)
    aws.advance(600)
    assert lab.quantities("starts") == (0, 0, 0)
    assert lab.statuses(first, second) == ["SUCCEEDED", "RUNNABLE"]
    lab.client.update_consumable_resource(consumableResource="starts", operation="ADD", quantity=1)
    aws.advance(1)
    assert lab.statuses(first, second) == ["SUCCEEDED", "RUNNING"]


def test_a_definitions_needs_count_unless_the_submission_says_other_ones(lab: Account, aws: InProcessAws) -> None:
    """Both are described with the job, resources by ARN."""
    arn = lab.client.create_consumable_resource(consumableResourceName="slots", totalQuantity=2)[
        "consumableResourceArn"
    ]
    lab.client.register_job_definition(
        jobDefinitionName="needy",
        type="container",
        containerProperties=CONTAINER,
        consumableResourceProperties=needs(slots=2),
        retryStrategy={"attempts": 2},
    )
    own = lab.submit(definition="needy")
    other = lab.submit(definition="needy", consumableResourcePropertiesOverride=needs(slots=1))
    aws.advance(1)
    assert lab.statuses(own, other) == ["RUNNING", "RUNNABLE"]
    listed = [lab.job(each)["consumableResourceProperties"]["consumableResourceList"] for each in (own, other)]
    assert listed == [[{"consumableResource": arn, "quantity": quantity}] for quantity in (2, 1)]
    (definition,) = lab.client.describe_job_definitions(jobDefinitionName="needy")["jobDefinitions"]
    assert definition["consumableResourceProperties"] == needs(slots=2)


def test_a_retry_keeps_what_the_first_attempt_took(lab: Account, aws: InProcessAws) -> None:
    """Units are locked until the job has ended, however often it runs."""
    lab.client.create_consumable_resource(
        consumableResourceName="starts", totalQuantity=1, resourceType="NON_REPLENISHABLE"
    )
    job_id = lab.client.submit_job(
        jobName="job",
        jobQueue="lab",
        jobDefinition="convert",
        retryStrategy={"attempts": 2},
        containerOverrides={"environment": [{"name": "BATCHWRIGHT_SCRIPT_EXIT", "value": "1"}]},
        consumableResourcePropertiesOverride=needs(starts=1),
    )["jobId"]
    for _ in range(5):
        aws.advance(60)
    assert (lab.job(job_id)["status"], len(lab.job(job_id)["attempts"])) == ("FAILED", 2)


def test_a_waiting_job_can_be_ended(lab: Account, aws: InProcessAws) -> None:
    """It takes nothing, and whoever stands behind it in the queue goes on."""
    lab.client.create_consumable_resource(consumableResourceName="none", totalQuantity=0)
    stuck = lab.submit(consumableResourcePropertiesOverride=needs(none=1))
    behind = lab.submit()
    aws.advance(1)
    assert lab.statuses(stuck, behind) == ["RUNNABLE", "RUNNABLE"]
    lab.client.terminate_job(jobId=stuck, reason="no more")
    aws.advance(1)
    assert lab.statuses(stuck, behind) == ["FAILED", "RUNNING"]
    assert lab.quantities("none") == (0, 0, 0)


def test_the_jobs_that_need_it_are_listed(lab: Account, aws: InProcessAws) -> None:
    """By status and name, and only those of this one."""
    lab.client.create_consumable_resource(consumableResourceName="slots", totalQuantity=1)
    jobs = [lab.submit(consumableResourcePropertiesOverride=needs(slots=1)) for _ in range(2)]
    lab.submit()
    aws.advance(1)

    def listed(**filters: list[str]) -> list[str]:
        entries = [{"name": name, "values": values} for name, values in filters.items()]
        answer = lab.client.list_jobs_by_consumable_resource(consumableResource="slots", filters=entries)
        return [job["jobArn"].rpartition("/")[2] for job in answer["jobs"]]

    assert sorted(listed()) == sorted(jobs)
    assert listed(JOB_STATUS=["RUNNING"]) == jobs[:1]
    assert sorted(listed(JOB_NAME=["JO*"], JOB_STATUS=["RUNNABLE", "RUNNING"])) == sorted(jobs)
    assert listed(JOB_NAME=["other"]) == []


def test_resources_are_listed_by_name_in_pages(lab: Account) -> None:
    """Names are matched in any case, with an asterisk at the end."""
    for name in ("lab-b", "lab-a", "other"):
        lab.client.create_consumable_resource(consumableResourceName=name, totalQuantity=1)
    pages = lab.client.get_paginator("list_consumable_resources").paginate(
        filters=[{"name": "CONSUMABLE_RESOURCE_NAME", "values": ["LAB-*"]}], PaginationConfig={"PageSize": 1}
    )
    assert [each["consumableResourceName"] for page in pages for each in page["consumableResources"]] == [
        "lab-a",
        "lab-b",
    ]


def test_an_update_under_one_token_happens_once(lab: Account) -> None:
    """The same request again changes nothing, and another one under the token is refused."""
    lab.client.create_consumable_resource(consumableResourceName="slots", totalQuantity=5)
    update = {"consumableResource": "slots", "operation": "REMOVE", "quantity": 2, "clientToken": "t"}
    totals = [lab.client.update_consumable_resource(**update)["totalQuantity"] for _ in range(2)]
    assert totals == [3, 3]
    assert "another update" in message(lab.client.update_consumable_resource, **{**update, "quantity": 1})
    assert "non-negative" in message(
        lab.client.update_consumable_resource, **{**update, "clientToken": "u", "quantity": 4}
    )
    assert "SET, ADD, REMOVE" in message(
        lab.client.update_consumable_resource, consumableResource="slots", operation="HALVE", quantity=1
    )


def test_what_it_refuses(lab: Account) -> None:
    """Names, quantities, types, what is there already and what is not there, in jobs and definitions too."""
    create = lab.client.create_consumable_resource
    create(consumableResourceName="slots", totalQuantity=1)
    assert "already exists" in message(create, consumableResourceName="slots", totalQuantity=1)
    assert "valid pattern" in message(create, consumableResourceName="a b", totalQuantity=1)
    assert "non-negative" in message(create, consumableResourceName="new", totalQuantity=-1)
    assert "REPLENISHABLE" in message(create, consumableResourceName="new", totalQuantity=1, resourceType="ELASTIC")
    for call in (lab.client.describe_consumable_resource, lab.client.delete_consumable_resource):
        assert "gone does not exist" in message(call, consumableResource="gone")
    submission = {"jobName": "job", "jobQueue": "lab", "jobDefinition": "convert"}
    for wanted, why in ((needs(gone=1), "gone does not exist"), (needs(slots=0), "at least 1")):
        assert why in message(lab.client.submit_job, **submission, consumableResourcePropertiesOverride=wanted)
    many = needs(**{f"r{n}": 1 for n in range(6)})
    assert "at most 5" in message(
        lab.client.register_job_definition,
        jobDefinitionName="many",
        type="container",
        containerProperties=CONTAINER,
        consumableResourceProperties=many,
    )


def test_deleted_and_made_again_is_the_same_resource(lab: Account, aws: InProcessAws) -> None:
    """A job that waits takes units of the new one, which is why a start unit is never made twice."""
    one = {"consumableResourceName": "starts", "totalQuantity": 1, "resourceType": "NON_REPLENISHABLE"}
    lab.client.create_consumable_resource(**one)
    jobs = [lab.submit(consumableResourcePropertiesOverride=needs(starts=1)) for _ in range(2)]
    aws.advance(1)
    lab.client.delete_consumable_resource(consumableResource="starts")
    aws.advance(600)
    assert lab.statuses(*jobs) == ["SUCCEEDED", "RUNNABLE"]
    lab.client.create_consumable_resource(**one)
    aws.advance(1)
    assert lab.statuses(*jobs) == ["SUCCEEDED", "RUNNING"]
