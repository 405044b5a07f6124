"""Each rule finds the one thing that is broken for it, and names it first."""

import importlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from batchwright import BatchSession
from batchwright.diagnosis.areas import AREAS
from batchwright.diagnosis.rules import RULES
from batchwright.findings import Severity
from batchwright.local.in_process import InProcessAws

from .breaking import BREAKS, World
from .words import check_words

for _path in sorted(Path(__file__).parent.glob("breaks_*.py")):
    importlib.import_module(f".{_path.stem}", __package__)
BEHIND = {"failed-children": "failed-exit-code", "queue-no-environment": "environment-disabled"}
"""Rules that never come first, since what they find has its cause elsewhere; and which does."""
READING = ("Describe", "List", "Get", "BatchGet", "Query")


@pytest.fixture
def world(session: BatchSession, aws: InProcessAws) -> World:
    return World(aws, session)


def writing(calls: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [call for call in calls if not call[1].startswith(READING)]


def test_every_rule_is_broken_somewhere() -> None:
    """A rule without a test of its own finds nothing, for all anybody knows."""
    assert AREAS
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))
    unbroken = {rule for rule in RULES if rule not in BREAKS and f'"{rule}"' not in tests}
    assert not unbroken
    assert set(BREAKS) <= set(RULES)


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_the_first_finding_names_what_is_broken(rule: str, world: World) -> None:
    """And its fix, its source and what says so; nothing is changed by looking."""
    subject = BREAKS[rule](world)
    world.aws.calls.clear()
    diagnosis = world.session.diagnose(subject)
    said = "\n".join(f"{each.severity.value} {each.rule}: {each}" for each in diagnosis)
    assert diagnosis.top is not None
    assert diagnosis.top.rule == BEHIND.get(rule, rule), said
    assert rule in {each.rule for each in diagnosis}, said
    assert Severity.UNCHECKED not in {each.severity for each in diagnosis}, said
    for finding in diagnosis:
        assert finding.summary
        assert finding.fix
        assert finding.evidence
        assert finding.source.startswith("https://docs.aws.amazon.com/")
    check_words(diagnosis.top)
    assert writing(world.aws.calls) == []


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_says_where_aws_writes_of_it(rule: object) -> None:
    """A reader can look it up, and knows which permissions it takes."""
    source, says = str(getattr(rule, "source", "")), str(getattr(rule, "says", ""))
    assert source.startswith("https://docs.aws.amazon.com/")
    assert says
    assert not says.endswith(".")
