"""Executions: started once, listed, stopped, remembered; and the services that their Tasks call."""

import json
from collections.abc import Callable

import pytest

from .conftest import Account, States

WAIT: States = {"A": {"Type": "Wait", "Seconds": 60, "End": True}}
Refused = Callable[..., str]


def sdk(action: str, parameters: object, **more: object) -> dict[str, object]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": parameters, "End": True, **more}


PUT = sdk("aws-sdk:ssm:putParameter", {"Name": "x", "Value": "x", "Type": "String"})


def test_a_name_starts_one_execution(account: Account, refused: Refused) -> None:
    """The same name and input while it runs is the same execution; other input, or a closed one, is refused."""
    machine = account.machine(WAIT)
    start = account.sfn.start_execution
    first = start(stateMachineArn=machine, name="n", input='{"a":1}')
    account.aws.advance(10)
    again = start(stateMachineArn=machine, name="n", input='{"a":1}')
    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    assert refused(start, stateMachineArn=machine, name="n", input="{}") == "ExecutionAlreadyExists"
    account.aws.advance(60)
    assert refused(start, stateMachineArn=machine, name="n", input='{"a":1}') == "ExecutionAlreadyExists"
    account.aws.advance(90 * 86_400)
    assert start(stateMachineArn=machine, name="n", input='{"a":1}')["startDate"] > first["startDate"]


def test_a_start_that_is_none_is_refused(account: Account, refused: Refused) -> None:
    """A bad name, input that is no JSON, a machine that is not there, an ARN of something else."""
    machine = account.machine(WAIT)
    start = account.sfn.start_execution
    assert refused(start, stateMachineArn=machine, name="a/b") == "InvalidName"
    assert refused(start, stateMachineArn=machine, input="{") == "InvalidExecutionInput"
    assert refused(start, stateMachineArn=machine + "x") == "StateMachineDoesNotExist"
    assert refused(start, stateMachineArn=machine.replace("stateMachine", "execution")) == "InvalidArn"
    assert refused(account.sfn.describe_execution, executionArn=machine) == "InvalidArn"
    gone = machine.replace("stateMachine", "execution") + ":gone"
    assert refused(account.sfn.describe_execution, executionArn=gone) == "ExecutionDoesNotExist"
    assert refused(account.sfn.list_activities) == "UnknownOperationException"


def test_executions_are_listed_by_status_in_pages(account: Account) -> None:
    """The newest first, by their end where they have ended."""
    machine = account.machine(WAIT)
    for name in ("old", "middle", "new"):
        account.sfn.start_execution(stateMachineArn=machine, name=name)
        account.aws.advance(20)
    listed = account.sfn.list_executions

    def names(status: str) -> list[str]:
        return [each["name"] for each in listed(stateMachineArn=machine, statusFilter=status)["executions"]]  # type: ignore[arg-type]

    assert (names("RUNNING"), names("SUCCEEDED")) == (["new", "middle"], ["old"])
    page = listed(stateMachineArn=machine, maxResults=2)
    rest = listed(stateMachineArn=machine, maxResults=2, nextToken=page["nextToken"])
    assert [each["name"] for each in (*page["executions"], *rest["executions"])] == ["old", "new", "middle"]
    assert "nextToken" not in rest


def test_a_stopped_execution_is_aborted(account: Account) -> None:
    """It does nothing more; to stop it again changes nothing."""
    arn = account.start(WAIT)
    stopped = account.sfn.stop_execution(executionArn=arn, error="Enough", cause="no need")
    assert account.end_of(arn, after_s=100) == ("ABORTED", "Enough")
    seen = account.sfn.describe_execution(executionArn=arn)
    assert (seen.get("cause"), seen.get("stopDate")) == ("no need", stopped["stopDate"])
    assert account.sfn.stop_execution(executionArn=arn)["stopDate"] == stopped["stopDate"]


def test_what_another_execution_stops_does_nothing_more(account: Account) -> None:
    """Also where both are due at the same moment: what was to follow is not done."""
    wait = {"Type": "Wait", "Seconds": 60}
    victim = account.machine({"W": {**wait, "Next": "Put"}, "Put": PUT}, name="victim")
    arn = victim.replace(":stateMachine:", ":execution:") + ":run"
    account.start({"W": {**wait, "Next": "Stop"}, "Stop": sdk("aws-sdk:sfn:stopExecution", {"ExecutionArn": arn})})
    account.sfn.start_execution(stateMachineArn=victim, name="run")
    account.aws.advance(1)
    assert account.end_of(arn, after_s=100) == ("ABORTED", None)
    assert not account.aws.boto3_session("us-east-2").client("ssm").describe_parameters()["Parameters"]


def test_what_stops_itself_does_nothing_more(account: Account) -> None:
    """The call that stops it is its last."""
    stop = {**sdk("aws-sdk:sfn:stopExecution", {"ExecutionArn.$": "$$.Execution.Id"}), "Next": "Put"}
    del stop["End"]
    assert account.run({"Stop": stop, "Put": PUT}, after_s=10) == ("ABORTED", None)
    assert not account.aws.boto3_session("us-east-2").client("ssm").describe_parameters()["Parameters"]


def test_history_tells_what_happened(account: Account) -> None:
    """State by state, with what went in and came out, and forwards or backwards."""
    states: States = {
        "A": {"Type": "Pass", "Result": 1, "Next": "B"},
        "B": {"Type": "Fail", "Error": "E", "Cause": "C"},
    }
    arn = account.start(states, {"x": 1})
    events = account.sfn.get_execution_history(executionArn=arn)["events"]
    kinds = [event["type"] for event in events]
    assert kinds == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"]
    assert [event["id"] for event in events] == [1, 2, 3, 4, 5]
    assert events[1].get("stateEnteredEventDetails") == {"name": "A", "input": '{"x":1}'}
    assert events[2].get("stateExitedEventDetails") == {"name": "A", "output": "1"}
    assert events[4].get("executionFailedEventDetails") == {"error": "E", "cause": "C"}
    back = account.sfn.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)
    assert [event["type"] for event in back["events"]] == ["ExecutionFailed"]


def test_tasks_read_and_write_rows(account: Account) -> None:
    """By the integration of Step Functions' own; a row that is not there is no error but no Item."""
    dynamodb = account.aws.boto3_session("us-east-2").client("dynamodb")
    dynamodb.create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    account.aws.advance(10)
    put = sdk("dynamodb:putItem", {"TableName": "rows", "Item": {"id": {"S.$": "$.id"}, "n": {"N": "1"}}})
    key = {"TableName": "rows", "Key": {"id": {"S.$": "$.id"}}}
    states: States = {
        "Put": {**put, "ResultPath": None, "Next": "Get"},
        "Get": {**sdk("dynamodb:getItem", key), "ResultPath": "$.row", "Next": "Absent"},
        "Absent": {**sdk("dynamodb:getItem", {"TableName": "rows", "Key": {"id": {"S": "z"}}}), "ResultPath": "$.none"},
    }
    for name in ("Put", "Get"):
        del states[name]["End"]
    _, output = account.run(states, {"id": "a"})
    assert output == {"id": "a", "row": {"Item": {"id": {"S": "a"}, "n": {"N": "1"}}}, "none": {}}
    missing = {"A": sdk("dynamodb:getItem", {"TableName": "none", "Key": {"id": {"S": "z"}}})}
    assert account.end_of(account.start(missing, name="m2")) == ("FAILED", "DynamoDB.ResourceNotFoundException")
    missing = {"A": sdk("aws-sdk:dynamodb:getItem", {"TableName": "none", "Key": {"id": {"S": "z"}}})}
    assert account.end_of(account.start(missing, name="m3")) == ("FAILED", "DynamoDb.ResourceNotFoundException")


def test_an_execution_can_start_another(account: Account) -> None:
    """Its input may be an object here, which arrives as the text of it; the same name again is an error by its name."""
    inner = account.machine({"A": {"Type": "Pass", "End": True}}, name="inner")
    parameters = {"StateMachineArn": inner, "Name": "child", "Input": {"by.$": "$$.Execution.Id"}}
    arn = account.start({"A": sdk("states:startExecution", parameters)})
    status, output = account.end_of(arn)
    assert (status, output["ExecutionArn"].endswith(":inner:child")) == ("SUCCEEDED", True)
    assert account.end_of(output["ExecutionArn"]) == ("SUCCEEDED", {"by": arn})
    again = account.start({"A": sdk("aws-sdk:sfn:startExecution", parameters)}, name="again")
    assert account.end_of(again) == ("FAILED", "Sfn.ExecutionAlreadyExistsException")


def test_results_have_the_names_of_the_java_sdk(account: Account) -> None:
    """Members of Batch, which begin with a small letter elsewhere, begin with a capital one here; times are texts."""
    session = account.aws.boto3_session("us-east-2")
    session.client("efs").create_file_system(CreationToken="t", Tags=[{"Key": "a", "Value": "b"}])
    find = sdk("aws-sdk:efs:describeFileSystems", {"CreationToken": "t"}, ResultSelector={"x.$": "$.FileSystems[0]"})
    _, output = account.run({"A": find})
    assert (output["x"]["CreationToken"], output["x"]["Tags"]) == ("t", [{"Key": "a", "Value": "b"}])
    assert output["x"]["CreationTime"].endswith("Z")
    queues = sdk("aws-sdk:batch:describeJobQueues", {"JobQueues": ["none"]})
    assert account.end_of(account.start({"A": queues}, name="q")) == ("SUCCEEDED", {"JobQueues": []})


@pytest.mark.parametrize(
    ("parameters", "error"),
    [({"Jobs.$": "$.no.such"}, "States.Runtime"), ({"Jobs.$": "$.text"}, "States.Runtime")],
    ids=["no value", "wrong type"],
)
def test_a_request_that_is_none_is_fatal(account: Account, parameters: dict[str, str], error: str) -> None:
    """No Retry helps it, whatever it says."""
    retry = [{"ErrorEquals": ["States.ALL"]}]
    task = sdk("aws-sdk:batch:describeJobs", parameters, Retry=retry)
    assert account.run({"A": task}, {"text": "a"}) == ("FAILED", error)


def test_reset_forgets_machines(account: Account) -> None:
    """And what runs goes no further."""
    account.start(WAIT)
    account.aws.reset()
    account.aws.advance(100)
    assert account.sfn.list_state_machines()["stateMachines"] == []


def test_input_is_text_as_it_was_sent(account: Account) -> None:
    """Spaces and all, while the output is written anew."""
    machine = account.machine({"A": {"Type": "Pass", "End": True}})
    arn = account.sfn.start_execution(stateMachineArn=machine, input='{ "a" : "ü" }')["executionArn"]
    seen = account.sfn.describe_execution(executionArn=arn)
    assert (seen.get("input"), seen.get("output")) == ('{ "a" : "ü" }', '{"a":"ü"}')
    assert (
        json.loads(account.sfn.describe_state_machine_for_execution(executionArn=arn)["definition"])["StartAt"] == "A"
    )
