"""The checks on fields, and the small values."""

import math
import pickle
from collections.abc import Mapping

import attrs
import pytest

from batchwright import Network, RetryPolicy, Secret, SubmissionPolicy
from batchwright.errors import DeclarationError
from batchwright.values import (
    Validator,
    aws_name,
    between,
    command_of,
    conditions,
    count,
    mapping,
    one_of,
    several,
    strings,
    tags_legal,
    whole,
)


def _check(validator: Validator, value: object) -> None:
    @attrs.frozen
    class Thing:
        """Carries one field."""

        field: object = attrs.field(validator=validator)

    Thing(value)


@pytest.mark.parametrize(
    ("validator", "value"),
    [
        (aws_name, "a"),
        (aws_name, "9_-Z" * 32),
        (between(1, 2), 1),
        (between(1, 2), 1.5),
        (between(1, 2), None),
        (between(1, math.inf), 1e9),
        (whole(1, 3), 3),
        (whole(1, 3), None),
        (one_of("EC2", "SPOT"), "SPOT"),
        (one_of("EC2"), None),
        (count(1, 2, "things"), ("a",)),
        (tags_legal, {"k" * 128: "v" * 256}),
        (tags_legal, {str(number): "" for number in range(40)}),
    ],
)
def test_what_is_legal_passes(validator: Validator, value: object) -> None:
    """The ends of the ranges are legal."""
    _check(validator, value)


@pytest.mark.parametrize(
    ("validator", "value", "words"),
    [
        (aws_name, "", "1 to 128"),
        (aws_name, "-a", "letter or a digit"),
        (aws_name, "a b", "1 to 128"),
        (aws_name, "a\n", "1 to 128"),
        (aws_name, "a" * 129, "1 to 128"),
        (aws_name, None, "1 to 128"),
        (aws_name, 5, "1 to 128"),
        (between(1, 2, "seconds"), 3, "a number from 1 to 2 seconds"),
        (between(1, math.inf), 0, "a number of 1 or more"),
        (between(1, 2), True, "a number from 1 to 2"),
        (between(1, 2), math.nan, "a number from 1 to 2"),
        (between(1, 2), "1", "a number from 1 to 2"),
        (whole(1, 3), 2.0, "a whole number from 1 to 3"),
        (whole(1, math.inf), 2.5, "a whole number of 1 or more"),
        (whole(1, 3), 4, "a whole number from 1 to 3"),
        (one_of("EC2", "SPOT"), "ec2", "one of 'EC2', 'SPOT'"),
        (count(1, 2, "things"), (), "1 to 2 things"),
        (tags_legal, {str(number): "" for number in range(41)}, "at most 40"),
        (tags_legal, {"aws:x": "1"}, "not starting with aws:"),
        (tags_legal, {"Batchwright:x": "1"}, "batchwright:"),
        (tags_legal, {"": "1"}, "1 to 128"),
        (tags_legal, {"k" * 129: "1"}, "1 to 128"),
        (tags_legal, {"k": "v" * 257}, "at most 256"),
        (tags_legal, {"k": 1}, "strings"),
        (tags_legal, {1: "v"}, "strings"),
    ],
)
def test_what_is_illegal_is_refused(validator: Validator, value: object, words: str) -> None:
    """The error says the field and what is legal."""
    with pytest.raises(DeclarationError, match=words) as caught:
        _check(validator, value)
    assert caught.value.field == "field"


def test_a_bad_tag_value_is_not_repeated() -> None:
    """Only its key is."""
    with pytest.raises(DeclarationError) as caught:
        _check(tags_legal, {"token": "hunter2" * 50})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "several_"),
    [
        (None, ()),
        ("abc", ("abc",)),
        (b"abc", (b"abc",)),
        (["a", "b"], ("a", "b")),
        (("a",), ("a",)),
        ((item for item in "ab"), ("a", "b")),
        ({"a": 1}, ({"a": 1},)),
        (RetryPolicy(), (RetryPolicy(),)),
        (5, (5,)),
    ],
)
def test_one_or_many_become_a_tuple(value: object, several_: tuple[object, ...]) -> None:
    """Strings, mappings and attrs values are never taken apart."""
    assert several(value) == several_


def test_converters_copy() -> None:
    """What the caller changes afterwards does not change the declaration."""
    tags, words = {"a": "1"}, ["x"]
    kept, kept_words = mapping(tags), strings(words)
    tags["b"] = "2"
    words.append("y")
    assert (kept, kept_words, mapping(None)) == ({"a": "1"}, ("x",), {})
    assert conditions({"action": "RETRY"}) == ({"action": "RETRY"},)


def test_a_command_of_one_string_is_refused_with_the_fix() -> None:
    """Nobody says how to split it."""
    assert command_of(["echo", "a b"]) == ("echo", "a b")
    with pytest.raises(DeclarationError, match=r"sh.*shlex\.split"):
        command_of("echo a b")


def test_values_are_values() -> None:
    """They are frozen, hashable, equal to their likes, and survive pickling."""
    things = (
        Network(vpc_id="vpc-1", subnet_ids="subnet-1"),
        RetryPolicy.for_spot(),
        Secret("arn:aws:ssm:us-east-2:1:parameter/x"),
        SubmissionPolicy(claim_s=5),
    )
    for thing in things:
        assert {thing, pickle.loads(pickle.dumps(thing)), attrs.evolve(thing)} == {thing}
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            thing.claim_s = 1  # type: ignore[misc,union-attr]  # the point


@pytest.mark.parametrize(
    "make",
    [
        lambda: Network(vpc_id="vpc-1", subnet_ids=()),
        lambda: RetryPolicy(attempts=11),
        lambda: RetryPolicy(on_exit=[{"action": "RETRY", "onReason": "x"}] * 6),
        lambda: Secret("hunter2"),
        lambda: SubmissionPolicy(claim_s=0),
        lambda: SubmissionPolicy(claim_s=301),
    ],
)
def test_illegal_values_are_refused(make: object) -> None:
    """Before anything uses them."""
    with pytest.raises(DeclarationError):
        make()  # type: ignore[operator]  # a lambda


def test_a_secret_given_by_value_is_not_repeated() -> None:
    """Whoever puts the value where the ARN belongs does not find it in the log."""
    with pytest.raises(DeclarationError) as caught:
        Secret("hunter2")
    assert "hunter2" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize(
    ("policy", "request_"),
    [
        (RetryPolicy(attempts=3), {"attempts": 3}),
        (
            RetryPolicy(attempts=2, on_exit={"onExitCode": "1", "action": "RETRY"}),
            {"attempts": 2, "evaluateOnExit": [{"onExitCode": "1", "action": "retry"}]},
        ),
    ],
)
def test_a_retry_policy_as_a_request(policy: RetryPolicy, request_: Mapping[str, object]) -> None:
    """The action is sent as Batch gives it back."""
    assert policy.to_request() == request_
