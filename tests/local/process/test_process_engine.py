"""The process engine: commands, their surroundings, lines and ends."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Machine = Any  # the class of conftest.py


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 3"], 3),
        (["sh", "-c", "kill -TERM $$"], 143),
        (["sh", "-c", "kill -9 $$"], 137),
    ],
)
def test_the_exit_code_is_the_one_that_docker_would_give(machine: Machine, command: list[str], code: int) -> None:
    """The command's own code, or 128 and the signal's number."""
    outcome = machine.run(command)
    assert (outcome.exit_code, outcome.reason) == (code, None)


def test_a_job_sees_its_own_environment_and_nothing_of_the_servers(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PATH, HOME, LANG and TMPDIR are all that is added, and HOME is not the user's."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the user")
    machine.run(["env"], environment={"COLOUR": "blue", "AWS_BATCH_JOB_ID": "job-1"})
    seen = dict(line.split("=", 1) for line in machine.log.texts)
    assert set(seen) == {"PATH", "HOME", "LANG", "TMPDIR", "COLOUR", "AWS_BATCH_JOB_ID", "BATCHWRIGHT_RUN"}
    assert (seen["COLOUR"], seen["AWS_BATCH_JOB_ID"]) == ("blue", "job-1")
    assert seen["HOME"] != str(Path.home())


def test_a_job_works_in_an_empty_directory_that_goes_with_it(machine: Machine) -> None:
    """What a job leaves in its working directory is gone when it has ended."""
    machine.run(["sh", "-c", "pwd; ls -A; echo x > left; echo y > $TMPDIR/left; echo $TMPDIR"])
    work, scratch = machine.log.texts
    assert not Path(work).exists()
    assert not Path(scratch).exists()


def test_lines_arrive_while_the_job_runs(machine: Machine) -> None:
    """Both outputs share one stream in the order of writing; a job that goes on has its lines shown already."""
    began_ms = time.time_ns() // 1_000_000
    run = machine.start(["sh", "-c", "echo out; echo err >&2; printf 'no end'; read x < /dev/null; exec sleep 60"])
    machine.until(lambda: len(machine.log.lines) >= 2)
    assert run.poll() is None
    assert machine.log.texts == ["out", "err"]
    assert {stream for stream, _, _ in machine.log.lines} == {"tool/default/1"}
    assert all(began_ms <= time_ms <= time.time_ns() // 1_000_000 for _, time_ms, _ in machine.log.lines)
    run.signal()
    machine.until(lambda: run.poll() is not None)
    assert machine.log.texts == ["out", "err", "no end"]


def test_every_line_of_a_large_output_arrives(machine: Machine) -> None:
    """A hundred thousand lines, written as fast as may be, are all there in their order."""
    machine.run(["seq", "100000"])
    assert machine.log.texts == [str(number) for number in range(1, 100_001)]


def test_a_missing_program_is_named_with_the_way_out(machine: Machine) -> None:
    """Exit code 127, and a reason that says what this engine lacks."""
    outcome = machine.run(["no-such-tool", "x"])
    assert outcome.exit_code == 127
    for part in ("'no-such-tool'", "not on this machine", "ghcr.io/lab/tool:1", "docker"):
        assert part in outcome.reason


def test_a_job_without_a_command_is_refused(machine: Machine) -> None:
    """The image knows its command, and there is no image here."""
    outcome = machine.run([])
    assert outcome.exit_code is None
    assert "needs" in outcome.reason or "give a command" in outcome.reason


def test_a_program_that_cannot_be_executed_is_a_failed_job(machine: Machine, tmp_path: Path) -> None:
    """A broken interpreter line ends the job with the system's own words, not the engine."""
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    outcome = machine.run([str(script)])
    assert outcome.exit_code == 126
    assert "CannotStartContainerError" in outcome.reason


_FAMILY = """
trap '' TERM
: > pids
sleep 300 & echo $! >> pids
setsid sh -c 'trap "" TERM; echo $$ >> pids; sleep 300 & echo $! >> pids; wait' &
setsid setsid sh -c 'echo $$ >> pids; exec sleep 300' &
until [ "$(wc -l < pids)" -ge 4 ]; do sleep 0.02; done
cat pids; echo ready; %s
"""


def _family(machine: Machine, last: str) -> tuple[Any, list[int]]:
    run = machine.start(["sh", "-c", _FAMILY % last])
    machine.until(lambda: "ready" in machine.log.texts)
    return run, [int(text) for text in machine.log.texts if text.isdigit()]


@pytest.mark.parametrize("last", ["exit 0", "wait"], ids=["ends by itself", "is killed"])
def test_nothing_of_a_job_outlives_it(machine: Machine, last: str, is_running: Callable[[int], bool]) -> None:
    """Children of children, in other sessions and deaf to SIGTERM, go with it and do not hold up its end."""
    run, family = _family(machine, last)
    assert len(family) == 4
    if last == "wait":
        assert all(is_running(pid) for pid in family)
        run.signal()
        run.kill()
    machine.until(lambda: run.poll() is not None)
    assert run.poll().exit_code == (0 if last == "exit 0" else 137)
    machine.until(lambda: not any(is_running(pid) for pid in family))


def test_a_job_may_end_in_its_own_way_when_it_is_asked_to(machine: Machine) -> None:
    """SIGTERM comes first, and what the job does then counts."""
    run = machine.start(["sh", "-c", "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done"])
    machine.until(lambda: "ready" in machine.log.texts)
    run.signal()
    machine.until(lambda: run.poll() is not None)
    assert run.poll().exit_code == 5
    assert machine.log.texts[-1] == "bye"


def test_closing_the_engine_ends_its_jobs_and_removes_its_directories(
    new_machine: Callable[..., Machine], is_running: Callable[[int], bool]
) -> None:
    """Nothing is left of an engine that was closed while a job ran."""
    machine = new_machine()
    run = machine.start(["sh", "-c", "pwd; echo $$; exec sleep 300"])
    machine.until(lambda: len(machine.log.texts) == 2)
    directory, pid = machine.log.texts
    machine.engine.close()
    assert run.poll().exit_code == 128 + signal.SIGKILL
    assert not is_running(int(pid))
    assert not Path(directory).parents[1].exists()


def test_a_run_that_is_killed_before_it_began_does_not_begin(machine: Machine) -> None:
    """A signal that comes between start and the process's birth is not lost."""
    runs = [machine.start(["sh", "-c", "sleep 300"]) for _ in range(20)]
    for run in runs:
        run.kill()
    machine.until(lambda: all(run.poll() is not None for run in runs))
    assert {run.poll().exit_code for run in runs} == {137}


def test_lines_that_the_log_refuses_are_said_in_the_reason(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that is away does not fail the job, and does not go unsaid."""

    def refuse(stream: str, lines: object) -> None:
        raise ConnectionError(f"no log for {stream}")

    monkeypatch.setattr(machine.log, "write", refuse)
    outcome = machine.run(["echo", "hello"])
    assert (outcome.exit_code, outcome.reason) == (
        0,
        "log lines were lost: ConnectionError: no log for tool/default/1",
    )


def test_many_runs_leave_no_descriptors_behind(machine: Machine) -> None:
    """Pipes are closed when a run has ended."""
    machine.run(["true"])
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        machine.run(["echo", "x"])
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
