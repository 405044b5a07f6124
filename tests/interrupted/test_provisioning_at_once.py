"""Sixteen that make the same things in the same moment, four that take them away, and both at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from batchwright.local import Delays

if TYPE_CHECKING:
    from tests.interrupted.conftest import Stage

MANY = 16
ORDER = {"workers": MANY, "hurry": 5}
"""Each process works with all its threads, and looks again as fast as is good for two cores."""


@pytest.fixture
def stage(new_stage: Callable[[Delays], Stage]) -> Stage:
    """An empty account in which everything takes its tenths of seconds, roles spread late and new things show late."""
    late = {"iam_propagation_s": 0.5, "environment_lag_s": 0.2, "listing_lag_s": 0.2, "describe_lag_s": 0.1}
    stage = new_stage(attrs.evolve(Delays.brief(), **late))
    stage.clear()
    return stage


def all_done(stage: Stage, *orders: dict[str, Any]) -> list[Any]:
    """What the children returned, all of which came to their end without an error."""
    ended = stage.run_all([{**ORDER, **order} for order in orders])
    assert [done["trace"] for done in ended if "error" in done] == []
    assert {done["state"] for done in ended} == {"ended"}
    return [done["value"] for done in ended]


def settled(stage: Stage) -> dict[str, Any]:
    """All that there is, once every job is listed, which takes its tenths of seconds."""
    for _ in range(100):
        world: dict[str, Any] = stage.world()
        if len(world["jobs"]) == world["jobs ever"]:
            return world
    raise AssertionError(f"{world['jobs ever']} jobs were made, and {world['jobs']} are listed")


def one_of_each(stage: Stage) -> dict[str, Any]:
    """What one process makes that is alone."""
    all_done(stage, {"scenario": "full"})
    world = settled(stage)
    stage.clear()
    return world


@pytest.mark.parametrize("scenario", ["full", "full_in_threads"])
def test_sixteen_at_once_make_one_of_each(stage: Stage, scenario: str) -> None:
    """Nobody fails, all get the same job, and the account holds what one alone would have made."""
    alone = one_of_each(stage)
    count = 1 if scenario == "full_in_threads" else MANY
    jobs = all_done(stage, *[{"scenario": scenario}] * count)
    assert len({str(job) for job in jobs}) == 1
    assert settled(stage) == alone


def test_sixteen_names_are_sixteen_jobs(stage: Stage) -> None:
    """Each cold `session.submit()` of another name gives its own job and row; what is around them is there once."""
    orders = [{"scenario": "submit", "arguments": {"name": f"sub-{number:02}"}} for number in range(MANY)]
    jobs = all_done(stage, *orders)
    world = settled(stage)
    assert len(set(jobs)) == MANY == world["jobs ever"] == len(world["jobs"])
    assert sorted(row["job_id"] for row in world["rows"]) == sorted(job["jobName"] for job in world["jobs"])
    kinds = ("environments", "queues", "definitions", "volumes", "groups", "tables", "profiles")
    assert {kind: len(world[kind]) for kind in kinds} == dict.fromkeys(kinds, 1)


def test_sixteen_of_one_submission_are_one_job(stage: Stage) -> None:
    """The same name and submission id from sixteen processes is one job at the server, and all sixteen get it."""
    jobs = all_done(stage, *[{"scenario": "submit"}] * MANY)
    world = settled(stage)
    assert len(set(jobs)) == 1 == world["jobs ever"] == len(world["rows"])


def test_four_at_once_take_all_away(stage: Stage) -> None:
    """Nobody fails over what another has just deleted, and nothing is left."""
    all_done(stage, {"scenario": "full"})
    all_done(stage, *[{"scenario": "delete"}] * 4)
    left = {kind: things for kind, things in stage.world().items() if things and kind != "jobs ever"}
    assert left == {}


def test_one_deletes_what_another_ensures(stage: Stage) -> None:
    """Each ends well or with an error of batchwright's own; ensured again, there is one of each."""
    alone = one_of_each(stage)
    all_done(stage, {"scenario": "full"})
    orders = [{"scenario": scenario, **ORDER} for scenario in ("delete", "full", "delete", "full")]
    for done in stage.run_all(orders):
        assert done["state"] == "ended"
        assert "value" in done or "batchwright.errors." in done["trace"], done["trace"]
    all_done(stage, {"scenario": "full"})
    world = stage.world()
    # Jobs have ended and rows gone, or not; a revision that named a volume which is gone stays with the next one.
    shared = [kind for kind in alone if kind not in ("jobs", "rows", "jobs ever", "definitions")]
    assert {kind: world[kind] for kind in shared} == {kind: alone[kind] for kind in shared}
    assert {each["jobDefinitionName"] for each in world["definitions"]} == {"convert"}
