"""The comparison of a wish with what is there: left-scoped, pure, and silent about secrets."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.drift import ABSENT, Change, Drift, DriftRules, Remedy, compare, empty, leaves, look_up, matches

PLAIN = DriftRules(update=("*",))
keys = st.text(alphabet="abcXYZ.-", min_size=1, max_size=4)
scalars = st.one_of(st.integers(), st.booleans(), st.text(max_size=5), st.none())
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
trees = st.dictionaries(keys, values, max_size=4)


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _sorted(value: object) -> object:
    return sorted(value) if isinstance(value, list | tuple) else value


def _with_more(tree: object) -> object:
    """`tree` with a member more in every mapping that has members."""
    if isinstance(tree, dict) and tree:
        return {**{key: _with_more(value) for key, value in tree.items()}, "=server": "default"}
    if isinstance(tree, list):
        return [_with_more(item) for item in tree]
    return tree


@given(trees)
def test_a_wish_that_is_there_has_no_drift(tree: dict[str, object]) -> None:
    """Whatever is compared with itself does not differ, also with what it said declared before."""
    assert not compare(tree, tree, PLAIN, declared=leaves(tree, PLAIN))


@given(trees)
def test_defaults_of_the_server_are_no_drift(tree: dict[str, object]) -> None:
    """Members that only AWS has never count."""
    assert not compare(tree, _with_more(tree), PLAIN)


@given(st.dictionaries(keys, st.integers(), min_size=1))
def test_what_is_taken_out_is_drift(tree: dict[str, int]) -> None:
    """Each member that was declared before and is still there shows as a removal, at its own path."""
    drift = compare({}, tree, PLAIN, declared=leaves(tree, PLAIN))
    assert set(drift.paths) == set(tree)
    assert all(change.desired is ABSENT for change in drift)


@given(trees, trees)
def test_drift_is_a_pure_function(one: dict[str, object], other: dict[str, object]) -> None:
    """Twice the same question has the same answer, and nothing is changed by asking."""
    before = repr((one, other))
    assert compare(one, other, PLAIN) == compare(one, other, PLAIN)
    assert repr((one, other)) == before


@pytest.mark.parametrize(
    ("desired", "actual", "paths"),
    [
        ({"a": 1}, {"a": 2}, ("a",)),
        ({"a": 1}, {}, ("a",)),
        ({"a": False}, {}, ("a",)),
        ({"a": 0}, {"a": None}, ("a",)),
        ({"a": ""}, {}, ()),
        ({"a": None}, {}, ()),
        ({"a": []}, {}, ()),
        ({"a": []}, {"a": ["x"]}, ("a",)),
        ({"a": {}}, {"a": {"b": 1}}, ()),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, ()),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 2}}, ("a.b",)),
        ({"a": {"b": 1}}, {"a": 5}, ("a.b",)),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, ("a",)),
        ({"a": ["x"]}, {"a": ("x",)}, ()),
        ({"a": ["x"]}, {"a": ["x", "y"]}, ("a",)),
        ({"a": [{"n": 1}]}, {"a": [{"n": 1, "more": 2}]}, ()),
        ({"a": "xy"}, {"a": ["x", "y"]}, ("a",)),
        ({"tags": {"a.b": "1"}}, {"tags": {"a.b": "2"}}, ("tags.a.b",)),
        ({"a": {"b.c": 1}}, {"a": {"b.c": 1}}, ()),
    ],
)
def test_what_differs(desired: dict[str, object], actual: dict[str, object], paths: tuple[str, ...]) -> None:
    """One row a case: the wish, what is there, and where they differ."""
    assert compare(desired, actual, PLAIN).paths == paths


def test_a_list_taken_out_is_not_reported_twice() -> None:
    """An empty list says "none", so it needs no removal besides."""
    assert compare({"a": []}, {"a": ["x"]}, PLAIN, declared=("a",)).changes == (Change("a", [], ["x"]),)


def test_a_member_of_a_mapping_taken_out_to_the_last() -> None:
    """An empty mapping asks for nothing; what it held before is removed member by member."""
    drift = compare({"a": {}}, {"a": {"b": 1, "c": 2}}, PLAIN, declared=("a.b",))
    assert drift.changes == (Change("a.b", ABSENT, 1),)


def test_an_atomic_mapping_is_reported_as_a_whole() -> None:
    """Its members have no paths of their own, neither in drift nor in what was declared."""
    rules = DriftRules(update=("a",), atomic=("a",))
    assert compare({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, rules).paths == ("a",)
    assert leaves({"a": {"b": 1}}, rules) == ("a",)
    assert compare({"a": {}}, {"a": {"b": 1}}, rules, declared=("a",)).paths == ("a",)


def test_both_sides_are_normalised() -> None:
    """What AWS writes differently is no drift, and a real difference shows as it was given."""
    rules = DriftRules(normalise={"a.action": _lowered, "b": _sorted})
    assert not compare({"a": {"action": "RETRY"}, "b": ["y", "x"]}, {"a": {"action": "retry"}, "b": ["x", "y"]}, rules)
    (change,) = compare({"a": {"action": "RETRY"}}, {"a": {"action": "exit"}}, rules)
    assert (change.desired, change.actual) == ("RETRY", "exit")


def test_an_ignored_path_is_blind_to_everything_below() -> None:
    """Neither a difference nor a removal shows."""
    rules = DriftRules(ignore=("a", "*.password"))
    assert not compare({"a": {"b": 1}}, {"a": {"b": 2}}, rules, declared=("a.b",))
    assert leaves({"a": {"b": 1}, "c": {"password": "x"}}, rules) == ()


def test_a_kept_path_is_compared_and_never_taken_out() -> None:
    """Others may have declared the members that this wish does not name."""
    rules = DriftRules(update=("*",), keep=("grants",))
    assert compare({"grants": {"us": 1}}, {"grants": {"eu": 2}}, rules).paths == ("grants.us",)
    assert not compare({"grants": {}}, {"grants": {"eu": 2}}, rules, declared=("grants.eu",))
    assert leaves({"grants": {"us": 1}}, rules) == ()


def test_a_field_that_is_back_at_its_default_is_not_removed_again() -> None:
    """`reset` is what a removed field goes back to."""
    rules = DriftRules(update=("*",), reset={"priority": 1})
    assert compare({}, {"priority": 7}, rules, declared=("priority",)).paths == ("priority",)
    assert not compare({}, {"priority": 1}, rules, declared=("priority",))


def test_the_remedy_follows_the_rules() -> None:
    """What is listed, and tags, are updated; everything else needs a replacement."""
    rules = DriftRules(update=("a.b*",))
    drift = compare({"a": {"bc": 1, "d": 1}, "tags": {"x": "1"}}, {}, rules)
    assert {change.path: change.remedy for change in drift} == {
        "a.bc": Remedy.UPDATE,
        "a.d": Remedy.REPLACE,
        "tags.x": Remedy.UPDATE,
    }
    assert drift.replacing.paths == ("a.d",)
    assert drift.fields == {"a", "tags"}
    assert drift.under("a").paths == ("a.bc", "a.d")
    assert drift.without("a").paths == ("tags.x",)


@pytest.mark.parametrize("pattern", ["container.environment", "*.environment", "container"])
def test_a_secret_is_never_printed(pattern: str) -> None:
    """Neither value shows, in no way of printing a change or a drift."""
    rules = DriftRules(update=("*",), secret=(pattern,))
    for wanted, there in (({"KEY": "hunter2"}, {"KEY": "hunter1"}), (["hunter2"], ["hunter1"])):
        drift = compare({"container": {"environment": wanted}}, {"container": {"environment": there}}, rules)
        assert drift
        printed = f"{drift} {drift!r} {list(drift)} {drift.replacing!r} {[str(change) for change in drift]}"
        assert "hunter" not in printed


def test_no_drift_says_so() -> None:
    """An empty drift is false, has no length, and prints as words."""
    assert (bool(Drift()), len(Drift()), str(Drift())) == (False, 0, "no drift")


@pytest.mark.parametrize(
    ("tree", "path", "found"),
    [
        ({"a.b": 1}, "a.b", 1),
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a": {"b.c": {"d": 1}}}, "a.b.c.d", 1),
        ({"a.b": {"c": 1}, "a": {"x": 2}}, "a.b.c", 1),
        ({"a": {"b": None}}, "a.b", None),
        ({"a": 1}, "a.b", ABSENT),
        ({}, "a", ABSENT),
    ],
)
def test_looking_up_a_path(tree: Mapping[str, object], path: str, found: object) -> None:
    """A dotted path is found whether its dots part members or stand in a key."""
    assert look_up(tree, path) is found or look_up(tree, path) == found


def test_what_says_nothing() -> None:
    """Absent, None and what is empty say nothing; false and zero do."""
    assert all(map(empty, (ABSENT, None, "", [], (), {})))
    assert not any(map(empty, (False, 0, "x", [None])))


def test_a_pattern_covers_what_lies_below() -> None:
    """A pattern matches the path itself and its members, never a longer word."""
    assert matches("a.b.c", ("a.b",))
    assert matches("a.b", ("a.*",))
    assert not matches("a.bc", ("a.b",))
    assert repr(ABSENT) == "(absent)"
