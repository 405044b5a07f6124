"""The same definitions, run by an interpreter that is not ours: moto's, which comes from LocalStack's."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from .conftest import TRUST, States
from .test_interpreter import DATA, FUNCTIONS, GIVEN, RULES, SEEN, choosing, passing

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

DIFFERENT = {
    "States.Format('it\\'s {}', States.JsonToString($.list))": "its grammar knows no escaped quotation mark",
    "States.Array($.n, 'x', true, null, 1.5)": "its grammar knows no null and no fractions",
    "States.MathRandom(3, 4)": "the second number is not among the results, says the Step Functions guide",
    "fs-1\\\\*": "it knows no escaped asterisk",
    "TimestampGreaterThanPath": "its context object has times in another form",
    "TimestampLessThan": "it reads times of UTC only",
}
"""Where AWS's documentation sides with us."""


@pytest.fixture(scope="module")
def other() -> Iterator["SFNClient"]:
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        iam = boto3.client("iam", region_name="us-east-2")
        iam.create_role(RoleName="machine", AssumeRolePolicyDocument=json.dumps(TRUST))
        yield boto3.client("stepfunctions", region_name="us-east-2")


def of_other(sfn: "SFNClient", states: States, given: object, name: str) -> tuple[str, Any]:
    definition = json.dumps({"StartAt": "A", "States": states})
    role = "arn:aws:iam::123456789012:role/machine"
    machine = sfn.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]
    arn = sfn.start_execution(stateMachineArn=machine, name="run", input=json.dumps(given))["executionArn"]
    for _ in range(10_000):
        seen = sfn.describe_execution(executionArn=arn)
        if seen["status"] != "RUNNING":
            break
    return seen["status"], _value(seen.get("output", ""))


def _value(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except ValueError:
        return text  # it writes an output that is a text without quotation marks


def _cases() -> Iterator[tuple[str, States, object, object]]:
    for name, (fields, given, expected) in DATA.items():
        if name != "context":  # which names the machine
            yield name, passing(**fields), given, expected
    for text, expected in FUNCTIONS.items():
        yield text, passing(Parameters={"x.$": text}), GIVEN, {"x": expected}
    for rule, expected in RULES:
        yield str(rule), choosing(rule), SEEN, expected


CASES = [case for case in _cases() if not any(mark in case[0] for mark in DIFFERENT)]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_both_come_to_the_same(other: "SFNClient", case: tuple[str, States, object, object]) -> None:
    """What our tests expect of data, functions and choices is not our own reading only."""
    _, states, given, expected = case
    name = f"m{CASES.index(case)}"
    assert of_other(other, states, given, name) == ("SUCCEEDED", expected)


@pytest.mark.parametrize("mark", DIFFERENT)
def test_what_differs_is_known(mark: str) -> None:
    """Each exception above is still one of our cases."""
    assert any(mark in case[0] for case in _cases())
