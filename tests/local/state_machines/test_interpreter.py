"""What executions do: data from state to state, choices, waits, failures, and many things side by side."""

from typing import Any

import pytest

from .conftest import Account, States

DESCRIBE_JOBS = "arn:aws:states:::aws-sdk:batch:describeJobs"
MISSING = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:efs:deleteFileSystem",
    "Parameters": {"FileSystemId": "fs-12345678"},
    "End": True,
}
NOT_FOUND = "Efs.FileSystemNotFoundException"


def passing(**fields: object) -> States:
    return {"A": {"Type": "Pass", "End": True, **fields}}


DATA: dict[str, tuple[dict[str, Any], object, object]] = {
    "input to output": ({}, {"a": 1}, {"a": 1}),
    "InputPath": ({"InputPath": "$.a"}, {"a": [1]}, [1]),
    "no input": ({"InputPath": None}, {"a": 1}, {}),
    "OutputPath": ({"OutputPath": "$.a"}, {"a": 1}, 1),
    "no output": ({"OutputPath": None}, {"a": 1}, {}),
    "Result": ({"Result": {"b": 2}}, {"a": 1}, {"b": 2}),
    "ResultPath": ({"Result": 2, "ResultPath": "$.x.y"}, {"a": 1}, {"a": 1, "x": {"y": 2}}),
    "ResultPath into a list": ({"Result": 9, "ResultPath": "$.a[1]"}, {"a": [1, 2]}, {"a": [1, 9]}),
    "no ResultPath": ({"Result": 2, "ResultPath": None}, {"a": 1}, {"a": 1}),
    "InputPath and ResultPath": (
        {"InputPath": "$.a", "Parameters": {"y.$": "$.x"}, "ResultPath": "$.r"},
        {"a": {"x": 1}},
        {"a": {"x": 1}, "r": {"y": 1}},
    ),
    "Parameters": (
        {"Parameters": {"x.$": "$.a", "y": [{"z.$": "$.b[0]"}], "c": 1}},
        {"a": "A", "b": ["B"]},
        {"x": "A", "y": [{"z": "B"}], "c": 1},
    ),
    "many values": ({"Parameters": {"x.$": "$.a[*].b"}}, {"a": [{"b": 1}, {"b": 2}]}, {"x": [1, 2]}),
    "filter": ({"Parameters": {"x.$": "$.a[?(@.b == 2)].c"}}, {"a": [{"b": 2, "c": 3}, {"b": 1}]}, {"x": [3]}),
    "context": (
        {"Parameters": {"n.$": "$$.Execution.Name", "s.$": "$$.State.Name", "m.$": "$$.StateMachine.Name"}},
        {},
        {"n": "run", "s": "A", "m": "machine"},
    ),
}


@pytest.mark.parametrize("case", DATA)
def test_data_flows_by_its_paths(account: Account, case: str) -> None:
    """InputPath, Parameters, ResultPath and OutputPath, each by itself."""
    fields, given, expected = DATA[case]
    assert account.run(passing(**fields), given) == ("SUCCEEDED", expected)


FUNCTIONS: dict[str, object] = {
    "States.Format('{} is {}', $.name, $.n)": "a is 2",
    "States.Format('it\\'s {}', States.JsonToString($.list))": "it's [1,2,2]",
    "States.StringToJson('[1]')": [1],
    "States.Array($.n, 'x', true, null, 1.5)": [2, "x", True, None, 1.5],
    "States.ArrayPartition($.list, 2)": [[1, 2], [2]],
    "States.ArrayContains($.list, 2)": True,
    "States.ArrayRange(1, 5, 2)": [1, 3, 5],
    "States.ArrayGetItem($.list, States.MathAdd($.n, -1))": 2,
    "States.ArrayLength($.list)": 3,
    "States.ArrayUnique($.list)": [1, 2],
    "States.Base64Decode(States.Base64Encode($.name))": "a",
    "States.Hash($.name, 'MD5')": "0cc175b9c0f1b6a831c399e269772661",
    "States.JsonMerge($.one, $.two, false)": {"k": 2, "l": 1},
    "States.MathAdd($.n, 40)": 42,
    "States.StringSplit('a,b;c', ',;')": ["a", "b", "c"],
    "States.ArrayLength($.objects[?(@.n == 1)])": 1,
    "States.MathRandom(3, 4)": 3,
}
GIVEN = {"name": "a", "n": 2, "list": [1, 2, 2], "one": {"k": 1, "l": 1}, "two": {"k": 2}, "objects": [{"n": 1}]}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_intrinsic_functions(account: Account, text: str) -> None:
    """Every one of the States Language."""
    assert account.run(passing(Parameters={"x.$": text}), GIVEN) == ("SUCCEEDED", {"x": FUNCTIONS[text]})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("States.ArrayGetItem($.list, 9)", "States.IntrinsicFailure"),
        ("States.Format('{}')", "States.IntrinsicFailure"),
        ("States.MathAdd('1', 2)", "States.IntrinsicFailure"),
        ("$.absent", "States.Runtime"),
    ],
)
def test_what_has_no_value_fails_the_execution(account: Account, text: str, error: str) -> None:
    """A path that leads nowhere is fatal whatever a Catch says; a function that fails is an error like others."""
    assert account.run(passing(Parameters={"x.$": text}), GIVEN) == ("FAILED", error)


def choosing(rule: dict[str, Any]) -> States:
    return {
        "A": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"},
        "Yes": {"Type": "Pass", "Result": "yes", "End": True},
        "No": {"Type": "Pass", "Result": "no", "End": True},
    }


SEEN = {"s": "fs-1*", "n": 2, "t": "2026-01-01T00:00:00Z", "b": False, "z": None, "o": {"s": "fs-1*", "n": 3}}
RULES: list[tuple[dict[str, Any], str]] = [
    ({"Variable": "$.s", "StringEquals": "fs-1*"}, "yes"),
    ({"Variable": "$.n", "StringEquals": "2"}, "no"),
    ({"Variable": "$.s", "StringEqualsPath": "$.o.s"}, "yes"),
    ({"Variable": "$.s", "StringLessThan": "g"}, "yes"),
    ({"Variable": "$.s", "StringMatches": "fs-*"}, "yes"),
    ({"Variable": "$.s", "StringMatches": "fs-1\\*"}, "yes"),
    ({"Variable": "$.s", "StringMatches": "s-*"}, "no"),
    ({"Variable": "$.n", "NumericGreaterThanEquals": 2}, "yes"),
    ({"Variable": "$.n", "NumericLessThanPath": "$.o.n"}, "yes"),
    ({"Variable": "$.n", "NumericLessThan": 2}, "no"),
    ({"Variable": "$.b", "NumericEquals": 0}, "no"),
    ({"Variable": "$.b", "BooleanEquals": False}, "yes"),
    ({"Variable": "$.t", "TimestampLessThan": "2026-01-01T01:00:00+00:30"}, "yes"),
    ({"Variable": "$$.Execution.StartTime", "TimestampGreaterThanPath": "$.t"}, "yes"),
    ({"Variable": "$.z", "IsNull": True}, "yes"),
    ({"Variable": "$.t", "IsTimestamp": True}, "yes"),
    ({"Variable": "$.s", "IsNumeric": False}, "yes"),
    ({"Variable": "$.b", "IsBoolean": True}, "yes"),
    ({"Variable": "$.n", "IsString": True}, "no"),
    ({"Variable": "$.absent.deep", "IsPresent": False}, "yes"),
    ({"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.x", "StringEquals": "a"}]}, "no"),
    ({"Or": [{"Variable": "$.n", "NumericEquals": 2}, {"Variable": "$.x", "IsNull": True}]}, "yes"),
    ({"Not": {"Variable": "$.n", "NumericEquals": 2}}, "no"),
]


@pytest.mark.parametrize(("rule", "expected"), RULES, ids=[str(rule) for rule, _ in RULES])
def test_choices(account: Account, rule: dict[str, Any], expected: str) -> None:
    """A value of another type than the operator's never matches."""
    assert account.run(choosing(rule), SEEN) == ("SUCCEEDED", expected)


def test_a_choice_must_find_its_variable_and_a_rule(account: Account) -> None:
    """Without a Default, to match nothing is an error."""
    states = choosing({"Variable": "$.absent", "IsNull": True})
    assert account.run(states, SEEN) == ("FAILED", "States.Runtime")
    states = choosing({"Variable": "$.n", "NumericEquals": 9})
    del states["A"]["Default"], states["No"]
    second = account.start(states, SEEN, name="second")
    assert account.end_of(second) == ("FAILED", "States.NoChoiceMatched")


@pytest.mark.parametrize(
    "until",
    [{"Seconds": 30}, {"SecondsPath": "$.s"}, {"Timestamp": "2027-01-15T08:00:40Z"}, {"TimestampPath": "$.t"}],
    ids=["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
)
def test_a_wait_lasts_by_the_servers_clock(account: Account, until: dict[str, object]) -> None:
    """Not a second less."""
    account.aws.set_time(1_800_000_010.0)
    states: States = {"A": {"Type": "Wait", **until, "End": True}}
    given = {"s": 30, "t": "2027-01-15T08:00:40Z"}
    arn = account.start(states, given)
    assert account.end_of(arn, after_s=29)[0] == "RUNNING"
    assert account.end_of(arn, after_s=1) == ("SUCCEEDED", given)


def test_a_failure_is_caught_by_its_name(account: Account) -> None:
    """Its name and cause go where ResultPath says; the rest of the input stays."""
    catch = [{"ErrorEquals": ["Other"], "Next": "B"}, {"ErrorEquals": [NOT_FOUND], "ResultPath": "$.e", "Next": "C"}]
    states: States = {
        "A": {**MISSING, "Catch": catch},
        "B": {"Type": "Fail"},
        "C": {"Type": "Succeed"},
    }
    status, output = account.run(states, {"kept": 1})
    assert (status, output["kept"], output["e"]["Error"]) == ("SUCCEEDED", 1, NOT_FOUND)
    assert "(Service: Efs, Status Code: 404, Request ID: " in output["e"]["Cause"]


@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed"])
def test_wildcards_catch_what_a_service_refuses(account: Account, name: str) -> None:
    """Both take any error of a Task."""
    states: States = {
        "A": {**MISSING, "Catch": [{"ErrorEquals": [name], "Next": "B"}]},
        "B": {"Type": "Succeed"},
    }
    assert account.run(states)[0] == "SUCCEEDED"


def test_a_retry_waits_longer_each_time(account: Account) -> None:
    """2, 6 and, as MaxDelaySeconds says, 10 seconds; then the error is the execution's."""
    rule = {"ErrorEquals": [NOT_FOUND], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3, "MaxDelaySeconds": 10}
    arn = account.start({"A": {**MISSING, "Retry": [rule]}})
    for seconds in (0, 2, 6, 9):
        assert account.end_of(arn, after_s=seconds)[0] == "RUNNING"
    assert account.end_of(arn, after_s=1) == ("FAILED", NOT_FOUND)


def test_no_retry_of_zero_attempts(account: Account) -> None:
    """MaxAttempts 0 says of an error that it is never tried again, though a later rule would."""
    rules = [{"ErrorEquals": [NOT_FOUND], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert account.run({"A": {**MISSING, "Retry": rules}}) == ("FAILED", NOT_FOUND)


def test_fail_says_why(account: Account) -> None:
    """By constants, or by paths and functions."""
    arn = account.start(
        {"A": {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('no {}', $.e)"}}, {"e": "X"}
    )
    assert account.end_of(arn) == ("FAILED", "X")
    assert account.sfn.describe_execution(executionArn=arn).get("cause") == "no X"


def test_a_map_runs_its_items_side_by_side(account: Account) -> None:
    """Their outputs come in the order of the items; each sees its own value and index."""
    block = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "SecondsPath": "$.s", "End": True}},
    }
    states: States = {
        "A": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"s.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.name"},
            "ItemProcessor": block,
            "ResultPath": "$.done",
            "End": True,
        }
    }
    arn = account.start(states, {"items": [20, 10], "name": "n"})
    assert account.end_of(arn, after_s=19)[0] == "RUNNING"
    done = [{"s": 20, "i": 0, "all": "n"}, {"s": 10, "i": 1, "all": "n"}]
    assert account.end_of(arn, after_s=1) == ("SUCCEEDED", {"items": [20, 10], "name": "n", "done": done})


def test_a_map_may_run_one_item_at_a_time(account: Account) -> None:
    """MaxConcurrency."""
    block = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}}
    arn = account.start({"A": {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": block, "End": True}}, [1, 2])
    account.aws.advance(10)
    assert account.end_of(arn, after_s=9)[0] == "RUNNING"
    assert account.end_of(arn, after_s=1) == ("SUCCEEDED", [1, 2])


def test_branches_run_side_by_side_and_fail_together(account: Account) -> None:
    """A Parallel's output is the list of theirs; what fails in one can be caught around all."""
    branches = [{"StartAt": "X", "States": {"X": {"Type": "Pass", "Result": number, "End": True}}} for number in (1, 2)]
    assert account.run({"A": {"Type": "Parallel", "Branches": branches, "End": True}}) == ("SUCCEEDED", [1, 2])
    branches.append({"StartAt": "X", "States": {"X": {"Type": "Fail", "Error": "Bad"}}})
    catch = [{"ErrorEquals": ["Bad"], "Next": "B", "ResultPath": "$.e"}]
    states: States = {
        "A": {"Type": "Parallel", "Branches": branches, "Catch": catch, "End": True},
        "B": {"Type": "Pass", "OutputPath": "$.e.Error", "End": True},
    }
    arn = account.start(states, name="second")
    assert account.end_of(arn) == ("SUCCEEDED", "Bad")


def test_an_endless_loop_ends_with_its_history(account: Account) -> None:
    """AWS stops an execution at 25,000 events, and so does this one, so that a slip hangs nothing."""
    states: States = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
    arn = account.start(states)
    assert account.end_of(arn) == ("FAILED", "States.Runtime")
    assert "25000" in account.sfn.describe_execution(executionArn=arn).get("cause", "")


def test_a_payload_has_its_limit(account: Account) -> None:
    """256 KiB between states."""
    states = passing(Parameters={"x.$": "States.Format('{}{}', $.t, $.t)"})
    assert account.run(states, {"t": "x" * 140_000}) == ("FAILED", "States.DataLimitExceeded")
