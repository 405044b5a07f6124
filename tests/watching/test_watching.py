"""What is printed where no terminal is, what comes back, and what ends it."""

from collections.abc import Callable

import pytest

from batchwright import BatchSession, JobDescription, NotFoundError, RetryPolicy, Watched
from batchwright.local.in_process import InProcessAws
from batchwright.testing import FakeClock, JobScript

from .conftest import Lab

FAILS = JobScript(exit_code=3, duration_s=10)
Printed = Callable[[], list[list[str]]]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """The lines that were printed, each as its columns."""
    return lambda: [line.split("  ") for line in capsys.readouterr().out.splitlines()]


def statuses(lines: list[list[str]], job: str) -> list[str]:
    """Those that were printed of one job."""
    return [line[2] for line in lines if line[1:2] == [job]]


def test_each_change_is_a_line(lab: Lab, printed: Printed) -> None:
    """When it was seen, the job, its status, and why; in the order of a job's life; then how many ended how."""
    good, bad = lab.submit("good"), lab.submit("bad", FAILS)
    lab.session.watch(good, bad)
    *lines, (sums,) = printed()
    assert sums == "2 jobs: 1 FAILED, 1 SUCCEEDED"
    assert statuses(lines, "good") == ["SUBMITTED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]
    assert lines[-1][2:] == ["FAILED", "exit code 3 · Essential container in task exited"]
    assert [line[0] for line in lines] == sorted(line[0] for line in lines)
    assert all(line[0].endswith(" UTC") for line in lines)


def test_a_failure_is_seen_and_not_raised(lab: Lab) -> None:
    """What comes back says of every job how it ended, in the order given."""
    bad, good = lab.submit("bad", FAILS), lab.submit("good")
    seen = lab.session.watch([bad, good])
    assert isinstance(seen, Watched)
    assert [(job.name, ended.status, ended.exit_code) for job, ended in seen.items()] == [
        ("bad", "FAILED", 3),
        ("good", "SUCCEEDED", 0),
    ]
    assert (seen.unfinished, seen.note, seen.counts) == ((), "", {"FAILED": 1, "SUCCEEDED": 1})
    assert seen[bad] == bad.describe()


def test_it_takes_jobs_in_any_form(lab: Lab) -> None:
    """Jobs, iterables of them, lists of jobs, all at once; none twice."""
    first, second, third = (lab.submit(name) for name in ("first", "second", "third"))
    lab.aws.advance(5)
    seen = lab.session.watch(first, [first, second], lab.session.jobs(name="third"))
    assert [job.name for job in seen] == ["first", "second", "third"]
    assert third.describe().status == "SUCCEEDED"


def test_without_jobs_it_takes_those_that_go_on(lab: Lab) -> None:
    """All unfinished jobs of the session's queues, and none that has ended before."""
    lab.submit("early").wait()
    lab.submit("late")
    lab.aws.advance(5)
    assert [job.name for job in lab.session.watch()] == ["late"]
    nothing = lab.session.watch()
    assert len(nothing) == 0
    assert str(nothing).splitlines()[:2] == ["0 jobs", "There is nothing to watch."]


def test_what_was_not_submitted_cannot_be_watched(lab: Lab) -> None:
    """It is refused before anything is shown."""
    job = lab.submit("there")
    with pytest.raises(NotFoundError):
        lab.session.watch(lab.session.batch_job(name="else", definition=job.definition, queue=job.queue))


def test_its_rows_are_kept_current(lab: Lab) -> None:
    """As a wait does."""
    job = lab.submit("sub-01", FAILS)
    lab.session.watch(job)
    assert {row.status for row in lab.session.defaults.tracker.rows()} == {"FAILED"}


def test_ctrl_c_stops_the_watching_only(aws: InProcessAws, lab: Lab, printed: Printed) -> None:
    """No traceback: it says that the jobs go on, gives what was seen, and they do go on."""
    short, long = lab.submit("short"), lab.submit("long", JobScript(duration_s=500))
    stops_at = aws.clock.now() + 60

    def sleep(seconds: float) -> None:
        if aws.clock.now() > stops_at:
            raise KeyboardInterrupt
        aws.advance(seconds)

    with BatchSession(
        "test", boto3_session=lab.session.boto3_session, clock=FakeClock(on_sleep=sleep, now=aws.clock.now)
    ) as session:
        seen = session.watch(short, long)
    assert [job.status for job in seen.values()] == ["SUCCEEDED", "RUNNING"]
    assert seen.unfinished == (long,)
    assert printed()[-1] == ["Stopped watching: 1 job goes on."]
    assert long.wait().status == "SUCCEEDED"


def test_the_time_is_over(lab: Lab, printed: Printed) -> None:
    """It stops, says what holds the jobs up, and raises nothing."""
    job = lab.submit("long", JobScript(duration_s=500))
    seen = lab.session.watch(job, timeout_s=60)
    assert seen[job].status == "RUNNING"
    assert seen.note.startswith("Stopped watching, for the time is over: 1 job goes on.")
    assert "unfinished after 60 s; it is RUNNING" in seen.note
    assert "  ".join(printed()[-1]) == seen.note


def test_attempts_and_reasons_are_changes_too(lab: Lab, printed: Printed) -> None:
    """A job that is run again is seen to wait again, with the reason of the attempt before."""
    lab.session.watch(lab.submit("sub-01", FAILS, JobScript(), retry=RetryPolicy(attempts=2)))
    told = statuses(printed(), "sub-01")
    assert told.count("RUNNABLE") == 2
    assert told[-1] == "SUCCEEDED"


def test_an_array_tells_of_its_children(lab: Lab, printed: Printed) -> None:
    """How many are where, as they move."""
    lab.session.watch(lab.submit("array", array_size=3))
    lines = [" ".join(line[2:]) for line in printed()]
    assert lines[-1].endswith("children: 3 SUCCEEDED")
    assert any("3 RUNNING" in line for line in lines)


def test_the_result_shows_the_last_table(lab: Lab) -> None:
    """Printed, it is the table; its repr is one line."""
    seen = lab.session.watch(lab.submit("good"), lab.submit("bad", FAILS))
    assert repr(seen) == "<Watched 2 jobs: 1 FAILED, 1 SUCCEEDED>"
    lines = str(seen).splitlines()
    assert lines[0] == "2 jobs  1 FAILED, 1 SUCCEEDED"
    assert [line.split()[:2] for line in lines[4:6]] == [["good", "SUCCEEDED"], ["bad", "FAILED"]]
    assert "bad" in seen._repr_html_()


def test_nothing_of_a_name_acts_on_a_log(lab: Lab, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS takes no such name, and whatever else is told may hold it."""
    job = lab.submit("sub-01", JobScript(exit_code=1, reason="\x1b[2J\nINJECTED", duration_s=10))
    lab.session.watch(job)
    lines = printed()
    assert not any("\x1b" in part for line in lines for part in line)
    assert "\\x1b[2J\\nINJECTED" in lines[-1][-1]


class Sink:
    """What takes text, and is not all that a stream is."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        """All was taken already."""

    def isatty(self) -> bool:
        return False


def test_a_standard_output_need_not_be_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program without a console has none; another puts in its place what has no encoding."""
    sink = Sink()
    monkeypatch.setattr("sys.stdout", sink)
    assert lab.session.watch(lab.submit("sub-01")).counts == {"SUCCEEDED": 1}
    assert sink.text.splitlines()[-1].endswith("sub-01  SUCCEEDED")
    monkeypatch.setattr("sys.stdout", None)
    assert lab.session.watch(lab.submit("sub-02")).counts == {"SUCCEEDED": 1}


def test_an_end_is_told_before_what_follows_from_it(lab: Lab) -> None:
    """Where one look shows both: a job has ended before those run that waited for it."""
    first = lab.submit("first")
    second = lab.submit("second", JobScript(duration_s=500), depends_on=first)
    while second.describe().status != "RUNNING":
        lab.aws.advance(1)
    told: list[tuple[str, str]] = []

    def note(job: JobDescription) -> None:
        told.append((job.name, job.status))

    lab.session.wait([second, first], on_change=note)
    assert told == [("first", "SUCCEEDED"), ("second", "RUNNING"), ("second", "SUCCEEDED")]
