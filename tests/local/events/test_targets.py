"""Customers' events, buses and targets."""

import json
import logging
from typing import Any, cast

import pytest

from .conftest import ARN, REGION, Account

OURS = {"source": ["lab"]}
LOGS_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "arn:aws:logs:us-east-2:123456789012:log-group:/aws/events/*:*",
        }
    ],
}


def put(account: Account, detail: object = None, *, source: str = "lab", bus: str = "default") -> None:
    entry: Any = {"Source": source, "DetailType": "note", "Detail": json.dumps(detail or {"n": 1}), "EventBusName": bus}
    assert account.events.put_events(Entries=[entry])["FailedEntryCount"] == 0


def test_a_customer_speaks_for_himself_only(account: Account) -> None:
    """An event that claims to be from AWS is refused, and the others of the same call are taken."""
    account.rule({"account": ["123456789012"]}, {"Arn": account.queue("told")})
    entries: Any = [{"Source": source, "DetailType": "note", "Detail": "{}"} for source in ("aws.batch", "lab")]
    answer = account.events.put_events(Entries=entries)
    assert (answer["FailedEntryCount"], answer["Entries"][0]["ErrorCode"]) == (1, "NotAuthorizedForSourceException")
    assert [each["source"] for each in account.received()] == ["lab"]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"DetailType": "a", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "lab", "Detail": "{}"}, "InvalidArgument"),
        ({"Source": "lab", "DetailType": "a", "Detail": "{"}, "MalformedDetail"),
        ({"Source": "lab", "DetailType": "a", "Detail": "[]"}, "MalformedDetail"),
    ],
)
def test_an_event_that_is_none_is_refused(account: Account, entry: dict[str, Any], code: str) -> None:
    """In the answer, as AWS does, since others of the same call may be good."""
    assert account.events.put_events(Entries=[cast("Any", entry)])["Entries"][0]["ErrorCode"] == code


def test_too_many_events_are_refused(account: Account) -> None:
    """AWS takes ten in a call."""
    entry: Any = {"Source": "lab", "DetailType": "a", "Detail": "{}"}
    with pytest.raises(account.events.exceptions.ClientError, match="1 to 10"):
        account.events.put_events(Entries=[entry] * 11)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"Input": '{"a": 1}'}, {"a": 1}),
        ({"InputPath": "$.detail.items[1]"}, "two"),
        ({"InputPath": "$.detail.absent"}, None),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"n": "$.detail.n", "items": "$.detail.items", "kind": "$.detail-type"},
                    "InputTemplate": '{"n": <n>, "kind": <kind>, "items": <items>, "text": "<kind> \\"<n>\\" <items>",'
                    ' "rule": "<aws.events.rule-name>", "gone": "<gone>"}',
                }
            },
            {
                "n": 1,
                "kind": "note",
                "items": ["one", "two"],
                "text": 'note "1" ["one", "two"]',
                "rule": "rule",
                "gone": "",
            },
        ),
    ],
    ids=["constant", "part", "absent part", "transformed"],
)
def test_a_target_is_sent_what_its_settings_say(account: Account, settings: dict[str, Any], expected: object) -> None:
    """A constant, a part of the event, or a text made of parts."""
    account.rule(OURS, {"Arn": account.queue("told"), **settings})
    put(account, {"n": 1, "items": ["one", "two"]})
    assert account.received() == [expected]


def test_events_reach_a_log_group(account: Account) -> None:
    """One that exists: EventBridge makes none."""
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/aws/events/lab")
    logs.put_resource_policy(policyName="events", policyDocument=json.dumps(LOGS_POLICY))
    account.rule(OURS, {"Arn": ARN.format("logs", "log-group:/aws/events/lab")})
    put(account, {"n": 7})
    (event,) = logs.filter_log_events(logGroupName="/aws/events/lab")["events"]
    assert json.loads(event["message"])["detail"] == {"n": 7}
    assert event["timestamp"] == 1_800_000_000_000


def test_events_go_from_bus_to_bus_once(account: Account) -> None:
    """An event that came from another bus is not sent on to a third one, so that none goes round for ever."""
    for name in ("second", "third"):
        account.events.create_event_bus(Name=name)
    account.rule(OURS, {"Arn": ARN.format("events", "event-bus/second")}, name="on")
    account.rule(OURS, {"Arn": ARN.format("events", "event-bus/third")}, name="on", bus="second")
    account.rule(OURS, {"Arn": account.queue("told")}, name="tell", bus="second")
    account.rule(OURS, {"Arn": account.queue("never")}, name="tell", bus="third")
    put(account)
    assert [each["detail"] for each in account.received()] == [{"n": 1}]
    assert account.received("never") == []


def test_a_fifo_queue_gets_its_group(account: Account) -> None:
    """SqsParameters name it."""
    arn = account.queue("told.fifo")
    account.rule(OURS, {"Arn": arn, "SqsParameters": {"MessageGroupId": "g"}})
    put(account)
    assert [each["detail"] for each in account.received("told.fifo")] == [{"n": 1}]


@pytest.mark.parametrize(
    "arn",
    ["sqs:absent", "logs:log-group:/absent", "states:stateMachine:absent", "batch:job-queue/absent"],
)
def test_what_cannot_be_delivered_is_noted(account: Account, arn: str, caplog: pytest.LogCaptureFixture) -> None:
    """AWS tells nobody; here a warning names rule, target and reason, and the next event is delivered."""
    service, _, resource = arn.partition(":")
    target: dict[str, Any] = {"Arn": ARN.format(service, resource)}
    if service in {"states", "batch"}:
        target |= {"RoleArn": account.events_role()}
    if service == "batch":
        target |= {"BatchParameters": {"JobName": "a", "JobDefinition": "work"}}
    account.rule(OURS, target, name="bad")
    account.rule(OURS, {"Arn": account.queue("told")})
    with caplog.at_level(logging.WARNING, "batchwright.local.events"):
        put(account)
    (record,) = caplog.records
    assert "rule/bad did not reach arn:aws:" in record.getMessage()
    assert len(account.received()) == 1


def noted(account: Account, caplog: pytest.LogCaptureFixture) -> str:
    """Put an event, and return what is noted of its delivery."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, "batchwright.local.events"):
        put(account)
    return "".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ({"Arn": ARN.format("sqs", "told"), "InputPath": "detail"}, "BadPathError: a path begins with $"),
        ({"Arn": ARN.format("logs", "log-group")}, "IndexError"),
        ({"Arn": ARN.format("sqs", "told").replace(REGION, "mars-1")}, "KeyError: 'mars-1'"),
        ({"Arn": ARN.format("events", "event-bus/far").replace(REGION, "mars-1")}, "KeyError: 'mars-1'"),
    ],
)
def test_whose_call_comes_next_does_not_pay_for_a_bad_target(
    account: Account, target: dict[str, Any], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A delivery that fails in an unforeseen way is noted too: no call fails for it, and other rules get the event."""
    account.rule(OURS, {"Arn": account.queue("told")})
    account.rule(OURS, target, name="bad")
    assert why in noted(account, caplog)
    assert len(account.received()) == 1


def test_a_queue_must_let_events_in(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    """The trap of everybody's first rule: without a policy on the queue nothing arrives, and AWS says nothing."""
    account.queue("told")
    url = account.sqs.get_queue_url(QueueName="told")["QueueUrl"]
    open_to_one = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    account.rule(OURS, {"Arn": ARN.format("sqs", "told")})
    assert "no policy of the target allows sqs:SendMessage to events.amazonaws.com" in noted(account, caplog)
    policy = json.loads(open_to_one)
    policy["Statement"][0]["Condition"] = {"ArnEquals": {"aws:SourceArn": ARN.format("events", "rule/other")}}
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    assert "no policy of the target" in noted(account, caplog)
    policy["Statement"][0]["Condition"] = {"ArnEquals": {"aws:SourceArn": ARN.format("events", "rule/rule")}}
    account.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    assert noted(account, caplog) == ""
    assert len(account.received()) == 1


def test_the_role_of_a_target_must_have_the_right(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    """A job is submitted under the role that the target names."""
    target = {
        "Arn": ARN.format("batch", "job-queue/jobs"),
        "BatchParameters": {"JobDefinition": "work", "JobName": "second"},
    }
    account.rule(OURS, {**target, "RoleArn": account.events_role(name="poor", actions=("batch:DescribeJobs",))})
    assert "is not authorized to perform: batch:SubmitJob" in noted(account, caplog)
    account.rule(OURS, {**target, "RoleArn": account.events_role(name="rich", actions=("batch:SubmitJob",))})
    assert noted(account, caplog) == ""


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"Arn": ARN.format("lambda", "function:f")}, "delivers events to batch, events, logs, sqs, states"),
        ({"Arn": "told"}, "correct format"),
        ({"Arn": ARN.format("states", "stateMachine:m")}, "RoleArn is required"),
        ({"Arn": ARN.format("batch", "job-queue/jobs"), "RoleArn": ARN.format("iam", "role/r")}, "BatchParameters"),
    ],
)
def test_a_target_that_could_never_be_reached_is_refused(account: Account, target: dict[str, Any], reason: str) -> None:
    """When it is put, with the reason."""
    with pytest.raises(account.events.exceptions.ClientError, match=reason):
        account.rule(OURS, target)


def test_a_rule_has_five_targets_at_most(account: Account) -> None:
    """As on AWS; to put one of the five again is to change it."""
    arn = account.queue("told")
    targets: Any = [{"Id": str(number), "Arn": arn} for number in range(5)]
    account.rule(OURS, targets[0])
    account.events.put_targets(Rule="rule", Targets=targets)
    account.events.put_targets(Rule="rule", Targets=targets[2:])
    with pytest.raises(account.events.exceptions.LimitExceededException):
        account.events.put_targets(Rule="rule", Targets=[{"Id": "5", "Arn": arn}])


def test_a_long_poll_ends_with_the_first_message(account: Account) -> None:
    """It lets the time go by, in which jobs go on; without a message it ends after its seconds."""
    pattern = {"source": ["aws.batch"], "detail": {"status": ["SUCCEEDED"]}}
    account.rule(pattern, {"Arn": account.queue("told")})
    url = account.sqs.get_queue_url(QueueName="told")["QueueUrl"]
    account.submit()
    start = account.aws.clock.now()
    found = account.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert json.loads(found[0].get("Body", ""))["detail"]["status"] == "SUCCEEDED"
    assert account.aws.clock.now() - start < 2
    assert "Messages" not in account.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)
    assert account.aws.clock.now() - start >= 5


@pytest.mark.parametrize("seconds", [-1, 21])
def test_a_poll_that_is_too_long_is_refused(account: Account, seconds: int) -> None:
    """A program that waits longer than AWS lets it is told here too."""
    account.queue("told")
    url = account.sqs.get_queue_url(QueueName="told")["QueueUrl"]
    with pytest.raises(account.sqs.exceptions.ClientError, match="WaitTimeSeconds is invalid"):
        account.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=seconds)


def test_an_sqs_refusal_has_its_name(account: Account) -> None:
    """SQS speaks JSON, and a client reads the refusal of a signature too."""
    with pytest.raises(account.sqs.exceptions.QueueDoesNotExist):
        account.sqs.get_queue_url(QueueName="absent")
    account.aws.set_time(account.aws.clock.now())
    session = account.aws.boto3_session("us-east-2", clock_offset_s=-3600)
    with pytest.raises(account.sqs.exceptions.ClientError) as caught:
        session.client("sqs").list_queues()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
