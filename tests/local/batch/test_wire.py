"""The wire of the local AWS Batch: routes, checks by the service model, errors, tags."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from batchwright.local import batch_app
from batchwright.local.wire_check import service_model

if TYPE_CHECKING:
    from conftest import Lab

QUEUE = {"jobQueueName": "a", "priority": 1, "computeEnvironmentOrder": []}


def post(lab: "Lab", operation: str, request: object) -> tuple[int, Mapping[str, str], dict[str, Any]]:
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    response = lab.app("us-east-2", f"/v1/{operation}", "POST", body)
    return response.status, response.headers, json.loads(response.body)


def test_error_has_the_shape_that_aws_sends(lab: "Lab") -> None:
    """A refusal is HTTP 400 with a message, the error type in a header, and a request id."""
    status, headers, answer = post(lab, "submitjob", {"jobName": "a"})
    assert (status, headers["x-amzn-ErrorType"], list(answer)) == (400, "ClientException", ["message"])
    assert headers["x-amzn-RequestId"] != post(lab, "submitjob", {})[1]["x-amzn-RequestId"]


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        ("submitjob", {"jobName": "a", "jobQueue": "b"}, "jobDefinition is required."),
        ("submitjob", {"jobName": 1, "jobQueue": "b", "jobDefinition": "c"}, "jobName must be of type string."),
        ("describejobs", {"jobs": "x"}, "jobs must be of type list."),
        ("describejobs", {"jobs": ["x", 1]}, "jobs[1] must be of type string."),
        ("describejobs", {"jobs": [], "more": 1}, "more is not a member of DescribeJobsRequest."),
        ("createjobqueue", QUEUE | {"priority": True}, "priority must be of type integer."),
        ("createjobqueue", QUEUE | {"tags": {}}, "length of tags must be at least 1"),
        ("createjobqueue", QUEUE | {"state": "OFF"}, "state must be one of ENABLED"),
        ("describejobs", b"{", "not JSON"),
        ("describejobs", [], "not a JSON object"),
        ("listjobs", {"jobQueue": "x", "maxResults": 0, "nextToken": "?"}, "JobQueue x does not exist"),
        ("describejobqueues", {"nextToken": "?"}, "nextToken is not valid"),
        ("describejobqueues", {"maxResults": 0}, "maxResults must be at least 1"),
    ],
)
def test_request_is_checked_by_the_service_model(lab: "Lab", operation: str, request_: object, message: str) -> None:
    """Types, required and unknown members, enums and lengths are those of botocore's model."""
    status, _, answer = post(lab, operation, request_)
    assert status == 400
    assert message in answer["message"]


def test_null_counts_as_absent(lab: "Lab") -> None:
    """A member that is null is as if it were not sent."""
    assert post(lab, "describejobqueues", {"jobQueues": None})[2] == {"jobQueues": []}


def test_operations_of_aws_only_are_named_in_the_refusal(lab: "Lab", monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that is not served says so by name, and an unknown path is no operation at all."""
    monkeypatch.setattr(batch_app, "_HANDLERS", {})
    status, headers, answer = post(lab, "describejobs", {"jobs": []})
    assert (status, headers["x-amzn-ErrorType"]) == (404, "ClientException")
    assert answer["message"] == "The operation DescribeJobs is not served by the local AWS Batch."
    assert post(lab, "makecoffee", {})[0] == 404


def test_own_failure_is_a_server_exception_without_details(lab: "Lab", monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the server answers HTTP 500 and keeps its details to the log."""

    def fail(*_: object) -> bool:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(lab.world), "subnet_exists", fail)
    request = {
        "computeEnvironmentName": "lab",
        "type": "MANAGED",
        "computeResources": {"type": "FARGATE", "maxvCpus": 1, "subnets": ["s"], "securityGroupIds": ["g"]},
    }
    status, headers, answer = post(lab, "createcomputeenvironment", request)
    assert (status, headers["x-amzn-ErrorType"]) == (500, "ServerException")
    assert "secret" not in answer["message"]


def test_each_call_ticks_the_scheduler_under_the_lock(lab: "Lab") -> None:
    """Jobs move before every answer."""
    ticks: list[bool] = []
    lab.app._scheduler.tick = lambda: ticks.append(lab.state.lock._is_owned())
    post(lab, "describejobs", {"jobs": []})
    assert ticks == [True]


def test_tags_of_every_kind_change_by_the_tag_calls(lab: "Lab") -> None:
    """Environment, queue, definition, policy and job take, list and lose tags by their ARN."""
    policy = lab.client.create_scheduling_policy(name="fair")["arn"]
    environment, definition = lab.environment(), lab.definition()
    queue = lab.queue("lab", environment)
    job = lab.job(lab.submit())["jobArn"]
    for arn in (environment, queue, definition, policy, job):
        lab.client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        lab.client.tag_resource(resourceArn=arn, tags={"b": "3"})
        lab.client.untag_resource(resourceArn=arn, tagKeys=["a", "z"])
        assert lab.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "3"}
    assert lab.described_queue()["tags"] == {"b": "3"}
    assert lab.described_environment()["tags"] == {"b": "3"}


@pytest.mark.parametrize(
    "tags", [{"aws:x": "1"}, {"k" * 129: "1"}, {"k": "v" * 257}, {f"k{number}": "" for number in range(50)}]
)
def test_tags_out_of_bounds_are_refused(lab: "Lab", tags: dict[str, str]) -> None:
    """Reserved, long or too many tags are refused, and the old ones stay."""
    arn = lab.client.create_scheduling_policy(name="fair", tags={"first": "1"})["arn"]
    lab.refusal("tag_resource", resourceArn=arn, tags=tags)
    assert lab.client.list_tags_for_resource(resourceArn=arn)["tags"] == {"first": "1"}


def test_tags_of_what_is_not_there_are_refused(lab: "Lab") -> None:
    """An unknown ARN, an array child's, and no ARN at all have no tags."""
    lab.queue("lab")
    lab.definition()
    child = f"{lab.job(lab.submit(arrayProperties={'size': 2}))['jobArn']}:0"
    for arn in (child, "arn:aws:batch:us-east-2:123456789012:job-queue/gone", "queue"):
        response = lab.app("us-east-2", f"/v1/tags/{quote(arn, safe='')}", "GET", b"")
        assert response.status == 400


def test_regions_are_apart(lab: "Lab") -> None:
    """What is made in one region is not seen in another."""
    lab.environment()
    response = lab.app("eu-west-1", "/v1/describecomputeenvironments", "POST", b"{}")
    assert json.loads(response.body) == {"computeEnvironments": []}


def test_every_handler_serves_an_operation_of_the_newest_model() -> None:
    """The table of handlers holds no misspelt operation."""
    newer = {name for name in batch_app._HANDLERS if "Consumable" in name} | {"CancelJobs", "TerminateJobs"}
    assert set(batch_app._HANDLERS) - newer <= set(service_model().operation_names)
