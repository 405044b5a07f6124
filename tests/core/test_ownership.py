"""The tags by which batchwright knows its own, and what they remember."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.ownership import (
    DECLARED_TAG,
    NAMESPACE_TAG,
    OWNER_TAG,
    declared_in,
    declared_tags,
    namespace_in,
    tag_list,
    tag_mapping,
    tag_value,
    without_own,
)

LEGAL = re.compile(r"[\w\s.:/=+\-@]*")
paths = st.lists(st.text(min_size=1, max_size=150), unique=True, max_size=60)


@given(paths)
def test_what_was_declared_is_read_back(declared: list[str]) -> None:
    """Whatever characters and however many paths, the tags give them back, and AWS takes them."""
    tags = declared_tags(declared)
    assert set(declared_in({**tags, "mine": "x", NAMESPACE_TAG: "lab"})) == set(declared)
    for key, value in tags.items():
        assert len(key) <= 128
        assert 1 <= len(value) <= 256
        assert LEGAL.fullmatch(value)
        assert value == value.strip()


def test_a_few_paths_are_readable() -> None:
    """A person reads in the console what was declared."""
    assert declared_tags(["priority", "tags.project", "state"]) == {DECLARED_TAG: "priority state tags.project"}
    assert declared_tags([]) == {}


@pytest.mark.parametrize("count", [40, 200, 600])
def test_many_paths_take_several_tags(count: int) -> None:
    """They go on in numbered tags, in an order that does not depend on the numbers' length."""
    declared = [f"computeResources.tags.department-{number:04}" for number in range(count)]
    tags = declared_tags(declared)
    assert len(tags) > 1
    assert sorted(declared_in(dict(reversed(tags.items())))) == declared


def test_a_path_longer_than_a_tag_is_kept_whole() -> None:
    """A key of a hundred spaces is legal in AWS; written out it does not fit into one value."""
    path = "tags." + " " * 128
    tags = declared_tags([path, "a", "z" * 700])
    assert max(map(len, tags.values())) <= 256
    assert set(declared_in(tags)) == {path, "a", "z" * 700}


def test_only_our_own_tags_are_read() -> None:
    """A user's tag that holds our word somewhere is the user's."""
    assert declared_in({"x-batchwright:declared": "priority", "batchwright:declared-by": "me"}) == ()
    assert namespace_in({NAMESPACE_TAG: "lab"}) == "lab"
    assert namespace_in({}) is None


def test_the_users_tags_alone() -> None:
    """Ours and AWS's are left out."""
    tags = {NAMESPACE_TAG: "lab", OWNER_TAG: "me", "aws:autoscaling": "x", "project": "reads", "awsome": "1"}
    assert without_own(tags) == {"project": "reads", "awsome": "1"}


def test_the_two_forms_of_tags() -> None:
    """A list of Key and Value and a mapping say the same."""
    tags = {"a": "1", "b": ""}
    assert tag_mapping(tag_list(tags)) == tags
    assert tag_mapping(None) == {}


@given(st.text(max_size=400))
def test_any_text_becomes_a_legal_value(text: str) -> None:
    """A caller's ARN, whatever is in it, fits into a tag."""
    value = tag_value(text)
    assert len(value) <= 256
    assert LEGAL.fullmatch(value)
