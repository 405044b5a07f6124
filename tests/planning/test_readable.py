"""Differences as lines: what is there, what should be there, and no secret."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.drift import ABSENT, Change
from batchwright.planning.readable import LINES_MAX, VALUE_MAX, lines_of

LONG = [f"c{number}i.large" for number in range(12)]
POLICY = {"Statement": [{"Action": ["s3:GetObject"], "Effect": "Allow"}], "Version": "2012-10-17"}
WIDER = {"Statement": [{"Action": ["s3:GetObject", "s3:PutObject"], "Effect": "Allow"}], "Version": "2012-10-17"}

CASES: dict[str, tuple[object, object, list[str]]] = {
    "number": (1, 8, ["f: 1 → 8"]),
    "text": ("reads", "writes", ["f: reads → writes"]),
    "text with spaces": ("a b", "", ["f: 'a b' → (none)"]),
    "added": (ABSENT, "x", ["f: (none) → x"]),
    "taken out": ("x", ABSENT, ["f: x → (none)"]),
    "switched": (True, False, ["f: True → False"]),
    "short list": (["a"], ["a", "b"], ["f: [a] → [a, b]"]),
    "list from nothing": (ABSENT, ["a"], ["f: (none) → [a]"]),
    "long list": (LONG, [*LONG[1:], "m5"], ["f: + m5", "f: - c0i.large"]),
    "other order": (LONG, LONG[::-1], ["f: the same 12 in another order"]),
    "mapping": ({"uid": 0, "made by AWS": 1}, {"uid": 1000}, ["f.uid: 0 → 1000"]),
    "items": ([{"n": 1, "c": "a"}], [{"n": 1, "c": "b"}], ["f[0].c: a → b"]),
    "items that have a name": (
        [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "8"}],
        [{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "8"}],
        ["f[VCPU].value: 1 → 2"],
    ),
    "more items": ([{"n": 1}], [{"n": 1}, {"n": 2}], ["f: + {n: 2}"]),
    "document": (
        json.dumps(POLICY),
        json.dumps(WIDER),
        ["f.Statement[0].Action: [s3:GetObject] → [s3:GetObject, s3:PutObject]"],
    ),
    "document that lost a member": ('{"a": 1, "b": 2}', '{"a": 1}', ["f.b: 2 → (none)"]),
    "no document after all": ("{oops", "{oops}", ["f: '{oops' → '{oops}'"]),
    "control characters": ("a\x1b[2J", "b", ["f: 'a\\x1b[2J' → b"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_difference_reads_part_by_part(case: str) -> None:
    """Each line names the part, what it is and what it should be."""
    actual, desired, lines = CASES[case]
    assert list(lines_of(Change("f", desired, actual))) == lines


def test_of_a_secret_neither_side_is_said() -> None:
    """Only whether there is one."""
    assert lines_of(Change("f", "hunter3", "hunter2", secret=True)) == ("f: ••• → •••",)
    assert lines_of(Change("f", "hunter3", ABSENT, secret=True)) == ("f: (none) → •••",)


def test_of_variables_their_names_are_said() -> None:
    """Which of them change is no secret, and what they hold is."""
    there = [{"name": "A", "value": "hunter1"}, {"name": "B", "value": "hunter2"}, {"name": "C", "value": "hunter3"}]
    wanted = [{"name": "A", "value": "hunter1"}, {"name": "B", "value": "hunter4"}, {"name": "D", "value": "hunter5"}]
    lines = lines_of(Change("f", wanted, there, secret=True))
    assert lines == ("f.B: ••• → •••", "f.D: (none) → •••", "f.C: ••• → (none)")
    assert lines_of(Change("f", wanted[:1], ABSENT, secret=True)) == ("f.A: (none) → •••",)
    assert lines_of(Change("f", [{"name": "A"}], there, secret=True)) == ("f: ••• → •••",)


def test_long_values_and_long_differences_are_shortened() -> None:
    """The line says how much is left out."""
    (line,) = lines_of(Change("f", "x" * 10_000_000, "y"))
    assert len(line) < 3 * VALUE_MAX
    assert f"{10_000_000 - VALUE_MAX:,} characters left out" in line
    (line,) = lines_of(Change("f", None, ["sh", "-c", "x" * 1_000]))
    assert "characters left out" in line
    assert len(line) < 3 * VALUE_MAX
    many = lines_of(Change("f", {str(number): number for number in range(50)}, {"0": -1}))
    assert len(many) == LINES_MAX + 1
    assert many[-1] == f"f: {50 - LINES_MAX} more differences"


PLAIN: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(actual=PLAIN, desired=PLAIN)
def test_every_difference_has_a_line_and_no_secret_has_its_value(actual: object, desired: object) -> None:
    """Whatever the values are, the lines are few and short."""
    lines = lines_of(Change("f", desired, actual))
    assert 1 <= len(lines) <= LINES_MAX + 1
    assert all(line.startswith("f") for line in lines)
    assert set("".join(lines_of(Change("f", desired, actual, secret=True)))) <= set("f: ••• → (none)")
