"""State machines: made, changed, listed, tagged and taken away."""

import json
from collections.abc import Callable

import pytest

from .conftest import Account, States

PASS = {"Type": "Pass", "End": True}
WAIT = {"Type": "Wait", "Seconds": 60, "End": True}
Refused = Callable[..., str]


def test_what_was_made_is_described(account: Account) -> None:
    """The definition comes back as the text that was sent."""
    arn = account.machine({"A": PASS})
    seen = account.sfn.describe_state_machine(stateMachineArn=arn)
    assert json.loads(seen["definition"])["States"] == {"A": PASS}
    assert (seen["status"], seen["type"], seen["roleArn"]) == ("ACTIVE", "STANDARD", account.role_arn)
    assert [each["name"] for each in account.sfn.list_state_machines()["stateMachines"]] == ["machine"]


def test_the_same_machine_again_is_the_same(account: Account, refused: Refused) -> None:
    """Another definition under a name that is taken is refused; another role is silently left aside, as on AWS."""
    arn = account.machine({"A": PASS})
    definition = account.sfn.describe_state_machine(stateMachineArn=arn)["definition"]
    make = account.sfn.create_state_machine
    assert make(name="machine", definition=definition, roleArn=account.role_arn)["stateMachineArn"] == arn
    other = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    assert refused(make, name="machine", definition=other, roleArn=account.role_arn) == "StateMachineAlreadyExists"
    assert refused(make, name="a b", definition=other, roleArn=account.role_arn) == "InvalidName"


def test_an_update_is_for_executions_to_come(account: Account, refused: Refused) -> None:
    """What runs goes on by the definition that it was started with."""
    first = account.start({"A": WAIT, **{}})
    machine = account.sfn.describe_execution(executionArn=first)["stateMachineArn"]
    fail = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "new"}}})
    account.sfn.update_state_machine(stateMachineArn=machine, definition=fail)
    second = account.sfn.start_execution(stateMachineArn=machine, name="second")["executionArn"]
    assert account.end_of(first, after_s=60) == ("SUCCEEDED", {})
    assert account.end_of(second) == ("FAILED", "new")
    assert refused(account.sfn.update_state_machine, stateMachineArn=machine) == "MissingRequiredParameter"


def test_a_deleted_machine_waits_for_its_executions(account: Account, refused: Refused) -> None:
    """It is DELETING, takes no new execution, and is gone with the last one."""
    execution = account.start({"A": WAIT})
    machine = account.sfn.describe_execution(executionArn=execution)["stateMachineArn"]
    account.sfn.delete_state_machine(stateMachineArn=machine)
    assert account.sfn.describe_state_machine(stateMachineArn=machine)["status"] == "DELETING"
    assert refused(account.sfn.start_execution, stateMachineArn=machine) == "StateMachineDeleting"
    account.aws.advance(61)
    assert refused(account.sfn.describe_state_machine, stateMachineArn=machine) == "StateMachineDoesNotExist"
    account.sfn.delete_state_machine(stateMachineArn=machine)


def test_an_execution_of_a_deleted_machine_goes_no_further(account: Account) -> None:
    """AWS ends it at its next transition; its state in between is still ended."""
    states: States = {
        "A": {"Type": "Wait", "Seconds": 60, "Next": "B"},
        "B": {"Type": "Wait", "Seconds": 60, "End": True},
    }
    execution = account.start(states)
    machine = account.sfn.describe_execution(executionArn=execution)["stateMachineArn"]
    account.aws.advance(30)
    account.sfn.delete_state_machine(stateMachineArn=machine)
    assert account.sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
    account.aws.advance(31)
    assert account.sfn.list_state_machines()["stateMachines"] == []


def test_tags_are_listed_by_both_apis(account: Account, refused: Refused) -> None:
    """Step Functions' own, and the tagging API that an inventory reads."""
    arn = account.machine({"A": PASS})
    account.sfn.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    account.sfn.untag_resource(resourceArn=arn, tagKeys=["b"])
    assert account.sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "1"}]
    tagging = account.aws.boto3_session("us-east-2").client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "a", "Values": ["1"]}], ResourceTypeFilters=["states"])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [arn]
    assert refused(account.sfn.tag_resource, resourceArn=arn + "x", tags=[]) == "ResourceNotFound"


def test_the_role_must_be_one_that_step_functions_takes_on(account: Account, refused: Refused) -> None:
    """A role that is seconds old, trusts another service or is not there is refused, all with the same words."""
    definition = json.dumps({"StartAt": "A", "States": {"A": PASS}})
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    other = {**trust, "Principal": {"Service": "batch.amazonaws.com"}}
    for name, statement in (("young", trust), ("other", other)):
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        account.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)

    def code(name: str) -> str:
        arn = account.role_arn.replace("/machine", f"/{name}")
        return refused(account.sfn.create_state_machine, name="m", definition=definition, roleArn=arn)

    assert {code("young"), code("other"), code("absent")} == {"AccessDeniedException"}
    account.aws.advance(10)
    assert code("other") == "AccessDeniedException"
    young = account.role_arn.replace("/machine", "/young")
    account.sfn.create_state_machine(name="m", definition=definition, roleArn=young)


TASK = {"Type": "Task", "End": True}
DESCRIBE_JOBS = "arn:aws:states:::aws-sdk:batch:describeJobs"
BAD: dict[str, tuple[States, str]] = {
    "unknown field": ({"A": {**PASS, "Parameter": {}}}, "Field 'Parameter' is not supported at /States/A"),
    "unknown type": ({"A": {"Type": "Sleep", "End": True}}, "/States/A/Type"),
    "no next": ({"A": {"Type": "Pass"}}, "either 'Next' or 'End'"),
    "next and end": ({"A": {**PASS, "Next": "A"}}, "either 'Next' or 'End'"),
    "next to nowhere": ({"A": {"Type": "Pass", "Next": "B"}}, "Missing 'Next' target: B"),
    "unreachable": ({"A": PASS, "B": PASS}, '"B" is not reachable'),
    "bad path": ({"A": {**PASS, "InputPath": "id"}}, "/States/A/InputPath"),
    "ResultPath to many places": ({"A": {**PASS, "ResultPath": "$.a[*]"}}, "/States/A/ResultPath"),
    "bad function": ({"A": {**PASS, "Parameters": {"a.$": "States.Now()"}}}, "not an intrinsic function"),
    "bad template": ({"A": {**PASS, "Parameters": {"a": [{"b.$": 1}]}}}, "'b.$' must be a valid JSONPath"),
    "two waits": ({"A": {**WAIT, "Timestamp": "2026-01-01T00:00:00Z"}}, "exactly one of"),
    "no rule": ({"A": {"Type": "Choice", "Choices": []}}, "at least one rule"),
    "two operators": (
        {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "IsString": True, "Next": "A"}]}},
        "exactly one operator",
    ),
    "operator of another type": (
        {"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": "1", "Next": "A"}]}},
        "wrong type",
    ),
    "States.ALL with others": (
        {"A": {**TASK, "Resource": DESCRIBE_JOBS, "Retry": [{"ErrorEquals": ["States.ALL", "a"]}]}},
        "States.ALL must stand alone",
    ),
    "no such action": ({"A": {**TASK, "Resource": "arn:aws:states:::aws-sdk:batch:DescribeJobs"}}, "small letter"),
    "no such service": ({"A": {**TASK, "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}}, "local AWS serves"),
    "lambda": ({"A": {**TASK, "Resource": "arn:aws:lambda:us-east-2:1:function:f"}}, "not recognized"),
    "members as in boto3": (
        {"A": {**TASK, "Resource": DESCRIBE_JOBS, "Parameters": {"jobs": []}}},
        'The field "jobs" is not supported by Step Functions at /States/A/Parameters',
    ),
    "missing member": ({"A": {**TASK, "Resource": DESCRIBE_JOBS, "Parameters": {}}}, '"Jobs" is required'),
    "inside a map": (
        {"A": {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass"}}}}},
        "/States/A/ItemProcessor/States/B",
    ),
    "no object": ({"A": "Pass"}, "wrong type"),  # type: ignore[dict-item]
    "no list": ({"A": {**PASS, "Type": "Parallel", "Branches": 1}}, "wrong type"),
    "JSONata": ({"A": {**PASS, "Output": "{% 1 %}"}}, "Field 'Output' is not supported"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_definition_that_could_not_run_is_refused(account: Account, case: str) -> None:
    """At once, with the place of what is wrong, and not on some night when the state is reached."""
    states, expected = BAD[case]
    with pytest.raises(account.sfn.exceptions.InvalidDefinition) as caught:
        account.machine(states)
    assert expected in str(caught.value)
    assert account.sfn.list_state_machines()["stateMachines"] == []


def test_what_is_no_json_object_is_refused(account: Account) -> None:
    """A text, and a list."""
    for text in ("{", "[]"):
        found = account.sfn.validate_state_machine_definition(definition=text)
        assert found["result"] == "FAIL"
        assert "INVALID_JSON_DESCRIPTION" in found["diagnostics"][0]["message"]
