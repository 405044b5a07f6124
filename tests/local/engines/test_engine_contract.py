"""What a job may rely on, whichever engine runs it."""

import time

import pytest

from batchwright.local.engines import Outcome

from .conftest import STREAM, Machine

OBEDIENT = ["sh", "-c", "trap 'echo ended; exit 5' TERM; echo begun; sleep 60 & wait"]
DEAF = ["sh", "-c", "trap '' TERM; echo begun; while true; do sleep 1; done"]


def test_the_engine_has_the_name_that_users_choose_it_by(machine: Machine) -> None:
    """And runs a command that succeeds, with nothing to say of it."""
    assert machine.engine.name in {"process", "docker"}
    assert machine.run(["true"]) == Outcome(exit_code=0)


@pytest.mark.parametrize(
    ("script", "code"), [("exit 3", 3), ("kill -TERM $$; exit 1", 143), ("kill -9 $$; exit 1", 137)]
)
def test_the_exit_code_is_that_of_the_command(machine: Machine, script: str, code: int) -> None:
    """Its own, or 128 and the number of the signal that ended a program of it."""
    assert machine.run(["sh", "-c", f"sh -c '{script}'; exit $?"]).exit_code == code


def test_variables_are_the_jobs_and_none_of_this_machine(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH is there, what the job was given is there, and the user's keys are not."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the user")
    machine.run(["env"], COLOUR="dark blue")
    seen = dict(line.split("=", 1) for line in machine.log.texts)
    assert seen["COLOUR"] == "dark blue"
    assert "PATH" in seen
    assert "of the user" not in seen.values()


def test_lines_come_while_the_job_runs(machine: Machine) -> None:
    """In the order of writing, in the job's stream, at the time of writing, also the one without an end."""
    began_ms = time.time_ns() // 1_000_000
    run = machine.start(["sh", "-c", "echo out; echo 'a  <b>'; trap 'printf last; exit 0' TERM; sleep 60 & wait"])
    machine.until(lambda: len(machine.log.lines) >= 2)
    assert run.poll() is None
    assert machine.log.texts == ["out", "a  <b>"]
    run.signal()
    assert machine.end_of(run).exit_code == 0
    assert machine.log.texts == ["out", "a  <b>", "last"]
    assert {stream for stream, _, _ in machine.log.lines} == {STREAM}
    assert all(began_ms - 1000 <= time_ms <= time.time_ns() // 1_000_000 for _, time_ms, _ in machine.log.lines)


def test_no_line_of_many_is_lost(machine: Machine) -> None:
    """All are there, in order, when the run has ended."""
    machine.run(["seq", "20000"])
    assert machine.log.texts == [str(number) for number in range(1, 20_001)]


def test_what_is_not_english_is_kept(machine: Machine) -> None:
    """Arguments, variables and lines are UTF-8; bytes that are not are replaced and not fatal."""
    assert machine.run(["sh", "-c", 'echo "$0 $NAME"', "größer"], NAME="東京").exit_code == 0
    assert machine.run(["sh", "-c", "printf 'bad \\377 byte\\n'"]).exit_code == 0
    assert machine.log.texts == ["größer 東京", "bad \ufffd byte"]


def test_files_of_a_volume_outlive_the_job(machine: Machine) -> None:
    """The next job finds them at the same path, and they are in the volume's directory."""
    assert machine.run(["sh", "-c", "echo 42 > /mnt/data/answer"]).exit_code == 0
    assert machine.run(["cat", "/mnt/data/answer"]).exit_code == 0
    assert machine.log.texts == ["42"]
    assert (machine.volume / "answer").read_text() == "42\n"


def test_a_signal_lets_a_job_end_in_its_own_way(machine: Machine) -> None:
    """SIGTERM reaches the command, whose own code counts."""
    run = machine.start(OBEDIENT)
    machine.until(lambda: machine.log.texts == ["begun"])
    run.signal()
    assert machine.end_of(run).exit_code == 5
    assert machine.log.texts == ["begun", "ended"]


def test_a_deaf_job_is_killed(machine: Machine) -> None:
    """SIGKILL ends what ignores SIGTERM."""
    run = machine.start(DEAF)
    machine.until(lambda: machine.log.texts == ["begun"])
    run.signal()
    run.kill()
    assert machine.end_of(run).exit_code == 137


def test_to_stop_what_has_ended_changes_nothing(machine: Machine) -> None:
    """Neither signal nor kill, once or twice."""
    run = machine.start(["sh", "-c", "exit 4"])
    ended = machine.end_of(run)
    for stop in (run.signal, run.kill, run.kill):
        stop()
    assert run.poll() == ended == Outcome(exit_code=4)


def test_a_program_that_does_not_exist_is_named(machine: Machine) -> None:
    """Exit code 127, and the container's reason in AWS's words."""
    outcome = machine.run(["no-such-tool", "x"])
    assert outcome.exit_code == 127
    assert outcome.reason is not None
    assert outcome.reason.startswith("CannotStartContainerError: ")
    assert "no-such-tool" in outcome.reason


def test_twenty_run_at_once(machine: Machine) -> None:
    """None waits for another: each sees that all have begun before it ends."""
    all_begun = "touch /mnt/data/$N; while [ $(ls /mnt/data | wc -l) -lt 20 ]; do sleep 0.1; done"
    runs = [machine.start(["sh", "-c", all_begun], environment={"N": str(n)}) for n in range(20)]
    assert [machine.end_of(run).exit_code for run in runs] == [0] * 20


def test_closing_ends_what_runs(machine: Machine) -> None:
    """Also what does not want to end."""
    runs = [machine.start(OBEDIENT), machine.start(DEAF)]
    machine.until(lambda: machine.log.texts == ["begun", "begun"])
    machine.engine.close()
    assert [machine.end_of(run).exit_code for run in runs] == [137, 137]


def test_lost_lines_are_told_beside_the_reason() -> None:
    """A log that was away hides no other reason, which retries may go by."""
    assert Outcome(exit_code=1).with_lost(None) == Outcome(exit_code=1)
    assert Outcome(exit_code=1).with_lost("no log").reason == "log lines were lost: no log"
    both = Outcome(exit_code=137, reason="OutOfMemoryError: Container killed").with_lost("no log")
    assert both.reason == "OutOfMemoryError: Container killed; log lines were lost: no log"
