"""The live line of a wait: what it says, and that it costs what changes."""

import pytest

from batchwright.jobs import progress
from batchwright.jobs.progress import State, Tally

from .conftest import Lab

RUNNABLE = {"status": "RUNNABLE", "statusReason": "MISCONFIGURATION: too large"}


class Screen:
    """Remembers what was drawn."""

    def __init__(self) -> None:
        self.drawn: list[tuple[int, str]] = []

    def draw(self, done: int, text: str) -> None:
        """As the real one is called."""
        self.drawn.append((done, text))


def test_it_counts_what_moved() -> None:
    """Jobs by status, the most first, and how many have ended."""
    screen = Screen()
    tally = Tally(3, screen.draw)
    running, ended = State("RUNNING"), State("SUCCEEDED")
    for _ in range(3):
        tally.moved(None, running)
    tally.show()
    tally.moved(running, ended)
    tally.show()
    assert screen.drawn == [(0, "3 RUNNING"), (1, "2 RUNNING, 1 SUCCEEDED")]


def test_one_reason_is_said_and_two_are_not() -> None:
    """Why jobs do not start, if it is the same for all that do not."""
    tally = Tally(2, Screen().draw)
    first, other = tally.state_of(RUNNABLE), tally.state_of({**RUNNABLE, "statusReason": "no room"})
    tally.moved(None, first)
    assert tally.text() == "1 RUNNABLE · MISCONFIGURATION: too large"
    tally.moved(None, other)
    assert tally.text() == "2 RUNNABLE"


def test_an_array_alone_tells_of_its_children() -> None:
    """How many are where, and none that are nowhere."""
    summary = {"statusSummary": {"RUNNING": 2, "SUCCEEDED": 5, "FAILED": 0}}
    tally = Tally(1, Screen().draw)
    tally.moved(None, tally.state_of({"status": "PENDING", "arrayProperties": summary}))
    assert tally.text() == "PENDING · children: 2 RUNNING, 5 SUCCEEDED"


def test_nothing_is_kept_of_reasons_that_nobody_sees() -> None:
    """Ten thousand jobs are a handful of states, and a line takes as long as there are of these."""
    unseen = Tally(10_000)
    assert unseen.state_of(RUNNABLE) == State("RUNNABLE")
    seen = Tally(10_000, Screen().draw)
    states = [seen.state_of({**RUNNABLE, "jobId": str(number)}) for number in range(10_000)]
    assert {id(state) for state in states} == {id(states[0])}


def test_a_wait_draws_as_it_looks(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever watches sees the job on its way."""
    screen = Screen()
    original = progress.Tally
    monkeypatch.setattr(progress, "Tally", lambda total, _: original(total, screen.draw))
    lab.submitted(environment={"BATCHWRIGHT_SCRIPT_SECONDS": "30"}).wait()
    assert [text for _, text in screen.drawn][-2:] == ["RUNNING", "SUCCEEDED"]
    assert screen.drawn[-1][0] == 1
