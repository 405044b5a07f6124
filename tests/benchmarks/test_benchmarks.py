"""The benchmarks run, and what they count does not depend on the machine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.engine_rows import engine_rows
from benchmarks.rows import rows_of

HERE = Path(__file__).parent


def run(name: str) -> dict[str, Any]:
    """The figures of one benchmark, on few of everything."""
    command = [sys.executable, str(HERE), "--tiny", "--json", "--only", name]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert told.returncode == 0, told.stderr
    figures: dict[str, Any] = json.loads(told.stdout)
    return figures[name]


def test_a_warm_submission_makes_three_calls() -> None:
    """The older function makes eight, and nine with a volume."""
    told = run("calls")
    assert (told["ours"], told["ours with a volume"]) == (3, 3)
    assert (told["older"], told["older with a volume"]) == (8, 9)


def test_many_jobs_are_all_there_once() -> None:
    """Every job at the server, once, with its row; and fewer than two requests a job even for so few."""
    told = run("many")
    for each in (told["ours"], told["strict"]):
        assert each["done"] == each["jobs"] == each["submissions"] == each["recorded"] == 30
        assert each["doubled"] == 0
        assert sum(each["calls"].values()) < 60
    assert len(rows_of({"many": told})) == 5


def test_waiting_asks_for_a_hundred_at_a_time() -> None:
    """Of 250 jobs, of which a third ends at every look: three requests, two, one."""
    told = run("waiting")
    for who in ("ours 250", "bare 250"):
        assert told[who]["succeeded"] == 250
        assert told[who]["calls"]["describejobs"] == told[who]["expected_calls"] == 6
    assert [row.holds for row in rows_of({"waiting": told})] == [True, None, None]


def test_a_list_takes_a_call_for_a_thousand_jobs_of_a_status() -> None:
    """Every job is there with its row, and a plain loop asks as often."""
    told = run("listing")
    assert told["ours"]["jobs"] == told["ours"]["tracked"] == told["bare"]["jobs"] == 1_500
    assert told["ours"]["calls"] == {"listjobs": 7, "Scan": 1}
    assert told["bare"]["calls"] == told["ours"]["calls"]
    assert told["bare without rows"]["calls"] == told["ours without rows"]["calls"] == {"listjobs": 7}
    assert rows_of({"listing": told})[0].holds


@pytest.fixture(scope="module")
def engines() -> dict[str, Any]:
    """The figures of the engines, on few jobs."""
    return run("engines")


def test_an_array_of_processes_runs_whole(engines: dict[str, Any]) -> None:
    """All of its children succeed, and the table says how many a second."""
    told = engines["processes"]
    assert told["succeeded"] == told["count"] == 20
    assert engine_rows({name: engines[name] for name in ("processes", "bare processes")})[1].holds


@pytest.mark.docker
def test_containers_are_run_beside_others_on_the_same_engine(engines: dict[str, Any]) -> None:
    """All jobs succeed, of ours no container is left, and moto's figure stands beside it."""
    for name in ("docker", "moto"):
        assert engines[name]["succeeded"] == engines[name]["count"] == 4
    assert engines["docker"]["left"] == 0
    assert {row.holds for row in engine_rows(engines)} == {True, None}


@pytest.mark.parametrize("name", ["neighbour", "cpu", "ensure", "imports"])
def test_the_other_benchmarks_run(name: str) -> None:
    """Each comes to an end with figures that make rows."""
    assert rows_of({name: run(name)})
