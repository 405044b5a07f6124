"""What AWS Batch tells EventBridge of its jobs."""

import json
from typing import Any

import pytest

from batchwright.local.events.bus import Buses

from .conftest import ARN, Account

PATTERN = {"source": ["aws.batch"], "detail-type": ["Batch Job State Change"]}


def statuses(events: list[Any]) -> list[tuple[str, str]]:
    return [(each["detail"]["jobName"], each["detail"]["status"]) for each in events]


def test_each_change_of_a_job_is_told_but_the_first(account: Account) -> None:
    """As on AWS, whoever submits knows of SUBMITTED himself."""
    account.rule(PATTERN, {"Arn": account.queue("told")})
    account.submit()
    account.aws.advance(1)
    assert [status for _, status in statuses(account.received())] == ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]


def test_an_event_says_what_describe_jobs_says(account: Account) -> None:
    """The detail is that answer, of the moment of the change, with the job's ARN, region and time around it."""
    account.rule({**PATTERN, "detail": {"status": ["SUCCEEDED"]}}, {"Arn": account.queue("told")})
    job_id = account.submit(tags={"lab": "ours"})
    account.aws.advance(1)
    (event,) = account.received()
    seen = account.batch.describe_jobs(jobs=[job_id])["jobs"][0]
    detail = event.pop("detail")
    assert detail.pop("tags") == {"resourceArn": seen["jobArn"], "lab": "ours"}
    assert detail == {name: value for name, value in seen.items() if name != "tags"}
    assert event.pop("id")
    assert event == {
        "version": "0",
        "detail-type": "Batch Job State Change",
        "source": "aws.batch",
        "account": "123456789012",
        "region": "us-east-2",
        "time": "2027-01-15T08:00:01Z",
        "resources": [seen["jobArn"]],
    }


def test_what_fails_is_told_with_its_attempts(account: Account) -> None:
    """A rule on FAILED gets that and nothing else, the exit code in the last attempt."""
    account.rule({**PATTERN, "detail": {"status": ["FAILED"]}}, {"Arn": account.queue("told")})
    account.submit("bad", containerOverrides={"command": ["false"]}, retryStrategy={"attempts": 2})
    account.submit("good")
    account.aws.advance(1)
    account.aws.advance(1)
    (event,) = account.received()
    assert event["detail"]["jobName"] == "bad"
    assert [attempt["container"]["exitCode"] for attempt in event["detail"]["attempts"]] == [1, 1]


def test_an_array_is_told_of_child_by_child_and_whole(account: Account) -> None:
    """Children have their own ids; the parent's event counts them."""
    account.rule({**PATTERN, "detail": {"status": ["SUCCEEDED"]}}, {"Arn": account.queue("told")})
    parent = account.submit(arrayProperties={"size": 3})
    account.aws.advance(1)
    events = account.received()
    assert {each["detail"]["jobId"] for each in events} == {parent, *(f"{parent}:{index}" for index in range(3))}
    (whole,) = [each for each in events if each["detail"]["jobId"] == parent]
    assert whole["detail"]["arrayProperties"]["statusSummary"]["SUCCEEDED"] == 3


def test_a_job_that_blocks_its_queue_is_told_once(account: Account) -> None:
    """With the reason that DescribeJobs gives, and the queue among the resources."""
    account.rule({"detail-type": ["Batch Job Queue Blocked"]}, {"Arn": account.queue("told")})
    needs = [{"type": "VCPU", "value": "16"}, {"type": "MEMORY", "value": "32768"}]
    job_id = account.submit("large", containerOverrides={"resourceRequirements": needs})
    account.aws.advance(100)
    (event,) = account.received()
    seen = account.batch.describe_jobs(jobs=[job_id])["jobs"][0]
    assert event["resources"] == [seen["jobArn"], seen["jobQueue"]]
    assert event["detail"]["status"] == "RUNNABLE"
    assert event["detail"]["statusReason"] == seen.get("statusReason")
    assert event["detail"]["statusReason"].startswith("MISCONFIGURATION:")


def test_where_nobody_listens_no_event_is_made(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that is off, has a schedule only or no target, or belongs to another bus or region, listens to nothing."""
    made: list[object] = []
    monkeypatch.setattr(Buses, "put", lambda _, event: made.append(event))
    arn = account.queue("told")
    account.rule(PATTERN, {"Arn": arn}, name="off")
    account.events.disable_rule(Name="off")
    account.events.put_rule(Name="clock", ScheduleExpression="rate(1 minute)")
    account.events.put_targets(Rule="clock", Targets=[{"Id": "1", "Arn": arn}])
    account.events.put_rule(Name="nobody", EventPattern=json.dumps(PATTERN))
    account.events.create_event_bus(Name="other")
    account.rule(PATTERN, {"Arn": arn}, bus="other")
    account.submit()
    account.aws.advance(1)
    assert made == []
    account.events.enable_rule(Name="off")
    account.submit()
    assert made


def test_a_job_starts_the_next_one(account: Account) -> None:
    """A Batch queue as target: the event's parts become the parameters of the job that is submitted."""
    template = '{"Parameters": {"after": <name>}, "ContainerOverrides": {"Command": ["Ref::after"]}}'
    account.rule(
        {**PATTERN, "detail": {"status": ["SUCCEEDED"], "jobName": ["first"]}},
        {
            "Arn": ARN.format("batch", "job-queue/jobs"),
            "RoleArn": account.events_role(),
            "BatchParameters": {"JobDefinition": "work", "JobName": "second"},
            "InputTransformer": {"InputPathsMap": {"name": "$.detail.jobName"}, "InputTemplate": template},
        },
    )
    account.submit("first")
    account.aws.advance(1)
    account.aws.advance(1)
    (second,) = account.batch.list_jobs(
        jobQueue="jobs", jobStatus="SUCCEEDED", filters=[{"name": "JOB_NAME", "values": ["second"]}]
    )["jobSummaryList"]
    described = account.batch.describe_jobs(jobs=[second["jobId"]])["jobs"][0]
    assert described["parameters"] == {"after": "first"}


def test_a_job_that_ends_starts_an_execution(account: Account) -> None:
    """A state machine as target gets the event as its input."""
    states = client_of_machines(account)
    pattern = {**PATTERN, "detail": {"status": ["FAILED"]}}
    account.rule(pattern, {"Arn": states, "RoleArn": account.events_role()})
    account.submit("bad", containerOverrides={"command": ["false"]})
    account.aws.advance(1)
    sfn = account.client("stepfunctions")
    (run,) = sfn.list_executions(stateMachineArn=states)["executions"]
    output = json.loads(sfn.describe_execution(executionArn=run["executionArn"])["output"])
    assert (output["detail"]["jobName"], output["detail-type"]) == ("bad", "Batch Job State Change")


def client_of_machines(account: Account) -> str:
    """Make a state machine that hands its input on; returns its ARN."""
    trusted = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    role = account.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
    made = account.client("stepfunctions").create_state_machine(name="m", definition=definition, roleArn=role)
    return str(made["stateMachineArn"])
