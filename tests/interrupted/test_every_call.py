"""Whatever befalls one call of a submission, a provisioning or a tear-down: the same again completes it.

The calls come in one order here, since the children work with one thread; `test_provisioning_at_once.py` has the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.interrupted.conftest import Stage

READING = ("Describe", "Get", "List", "Query", "Scan")
ABSORBED = ("throttled", "lost")
"""What the first run itself makes up for."""
PREPARED = {"delete": "full", "delete_small": "small"}
SCENARIOS = ("submit", "submit_warm", "submit_by_name", "job", "full", "delete", "small", "delete_small")


class Undisturbed:
    """A run of a scenario that nothing befell, remembered for each worker."""

    known: dict[str, Undisturbed] = {}

    def __init__(self, stage: Stage, scenario: str) -> None:
        self.scenario = scenario
        self.done = prepared(stage, scenario, fault="")
        assert "value" in self.done, self.done.get("trace")
        self.calls: list[str] = self.done["calls"]
        self.world: dict[str, Any] = stage.world()

    @classmethod
    def of(cls, stage: Stage, scenario: str) -> Undisturbed:
        """The one of this scenario."""
        if scenario not in cls.known:
            cls.known[scenario] = cls(stage, scenario)
        return cls.known[scenario]

    @property
    def reads(self) -> list[int]:
        """The numbers of the calls that change nothing: of those that follow the same call the first one.

        What a submission makes before its claim is made by `full` too, and counts there.
        """
        claim = "dynamodb:PutItem"
        own = 1 + self.calls.index(claim) if claim in self.calls and self.scenario != "full" else 1
        pairs = [(pair, number) for number, pair in enumerate(pairwise(["", *self.calls]), 1) if number >= own]
        first = dict(reversed(pairs))
        return sorted({*first.values()}.difference(self.writes))

    @property
    def writes(self) -> list[int]:
        """The numbers of the calls that change something."""
        return [number for number, call in enumerate(self.calls, 1) if not call.split(":")[1].startswith(READING)]


def prepared(stage: Stage, scenario: str, **order: object) -> dict[str, Any]:
    """Run a scenario on an account that holds what it begins with, and nothing else."""
    stage.clear()
    if scenario in PREPARED:
        assert "value" in stage.run(PREPARED[scenario])
    done: dict[str, Any] = stage.run(scenario, **order)
    return done


class Case:
    """One fault at one call.

    Args:
        stage: Where it happens.
        scenario: What is called.
        fault: What befalls it.
        at: The number of the call.
        workers: How many threads make things at the same time.
    """

    def __init__(self, stage: Stage, scenario: str, fault: str, at: int, workers: int = 1) -> None:
        self.stage, self.scenario, self.fault, self.at, self.workers = stage, scenario, fault, at, workers
        self.problems: list[str] = []
        self.normal = Undisturbed.of(stage, scenario)

    def play(self) -> list[str]:
        """What is wrong afterwards; nothing, it is to be hoped."""
        first = prepared(self.stage, self.scenario, fault=self.fault, at=self.at, workers=self.workers)
        expected = self.fault.partition("_")[0]
        self.expect(
            first["state"] == (expected if expected in ("killed", "frozen") else "ended"), f"it {first['state']}"
        )
        again = self.stage.run(self.scenario)
        self.expect("value" in again, f"again: {again['state']} {again.get('error')} {again.get('trace')}")
        if first["state"] == "frozen":
            first = self.stage.resume(first["pid"])
            self.expect(first["state"] == "ended", f"woken: {first['state']}")
            if "error" in first:
                self.expect(str(again.get("value")) in first["error"], f"woken: {first['error']} {first['trace']}")
        self.expect("value" in first or self.fault not in ABSORBED, f"first: {first.get('trace')}")
        if "value" in first:
            self.expect(first["value"] == again.get("value"), f"{first['value']} is not {again.get('value')}")
        elif "error" in first:
            self.expect("batchwright.errors" in first["trace"], f"first: {first['trace']}")
        self.compare(self.stage.world())
        return self.problems

    def expect(self, holds: bool, words: str) -> None:
        """Note what does not hold."""
        if not holds:
            call = self.normal.calls[self.at - 1] if self.at > 0 else "every call"
            self.problems.append(f"{self.scenario}, {self.fault} {self.at} {call}: {words}")

    def compare(self, world: dict[str, Any]) -> None:
        """Note what is not as it is after an undisturbed run."""
        for kind, things in self.normal.world.items():
            self.expect(world[kind] == things, f"{kind}: {unlike(world[kind], things)}")


def unlike(these: object, those: object) -> str:
    """What is in one of two lists only."""
    if not isinstance(these, list) or not isinstance(those, list):
        return f"{these}, not {those}"
    missing, more = ([each for each in one if each not in other] for one, other in ((those, these), (these, those)))
    return f"{len(these)}, not {len(those)}; missing {str(missing)[:800]}, instead {str(more)[:800]}"


def numbers(normal: Undisturbed, fault: str) -> list[int]:
    """At which calls a fault makes a difference; 0 stands for all in one run, -1 for all that write nothing.

    A process that dies before a call, or at one that writes nothing, leaves what one leaves that dies after the write
    before. What the client's own retry makes up for can meet many calls of one run.
    """
    chosen = {
        "throttled": [0],
        "lost": [-1, *normal.writes],
        "killed_before": normal.writes[:1],
        "reset": [*normal.writes, *normal.reads],
        "frozen_before": [*normal.writes, *normal.reads],
    }
    return sorted(chosen.get(fault, normal.writes))


@pytest.mark.parametrize(
    "fault", ["throttled", "reset", "lost", "killed_before", "killed_after", "frozen_before", "frozen_after"]
)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_again_completes_it(
    stage: Stage, scenario: str, fault: str, report_figure: Callable[[str, object], None]
) -> None:
    """One job, every row right, one of each thing, nothing left behind: the same as where nothing befell."""
    normal = Undisturbed.of(stage, scenario)
    cases = [Case(stage, scenario, fault, at) for at in numbers(normal, fault)]
    problems = [problem for case in cases for problem in case.play()]
    met = {0: len(normal.calls), -1: len(normal.calls) - len(normal.writes)}
    report_figure(f"cases of {scenario}, {fault}", sum(met.get(case.at, 1) for case in cases))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("fault", ["killed_after", "frozen_after"])
@pytest.mark.parametrize("scenario", ["full", "delete"])
def test_with_all_threads_at_work(
    stage: Stage, scenario: str, fault: str, report_figure: Callable[[str, object], None]
) -> None:
    """The same where sixteen threads are each at a call of their own, in whatever order these come."""
    normal = Undisturbed.of(stage, scenario)
    cases = [Case(stage, scenario, fault, at, workers=16) for at in range(5, len(normal.calls) - 5, 15)]
    problems = [problem for case in cases for problem in case.play()]
    report_figure(f"cases of {scenario}, {fault}, in threads", len(cases))
    assert not problems, "\n".join(problems)


COUNTS = {"environments": 2, "queues": 2, "definitions": 1, "policies": 1, "volumes": 1, "groups": 1, "profiles": 1}


def test_undisturbed_it_makes_one_of_each_and_takes_all_away(stage: Stage) -> None:
    """What the others are compared with is right: each thing once, one recorded job, and nothing after a delete."""
    made = Undisturbed.of(stage, "full").world
    assert {kind: len(made[kind]) for kind in COUNTS} == COUNTS
    assert [row["job_id"] for row in made["rows"]] == [job["jobName"] for job in made["jobs"]] == ["sub-01"]
    assert [row["status"] for row in made["rows"]] == [{"S": "SUBMITTED"}]
    for scenario in PREPARED:
        gone = Undisturbed.of(stage, scenario).world
        assert {kind: things for kind, things in gone.items() if things and kind != "jobs ever"} == {}
