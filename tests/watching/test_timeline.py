"""A timeline says what DescribeJobs says, and no more."""

import datetime as dt
import itertools
import sys
from collections.abc import Mapping
from typing import Any, cast

import attrs
import pytest

from batchwright import BatchJob, BatchSession, RetryPolicy, Timeline, TimelineRow
from batchwright.jobs.description import job_description
from batchwright.testing import JobScript

from .conftest import Lab

NOW = 1_800_000_000.0
FAILS = JobScript(exit_code=3, duration_s=20)


def answer(job: BatchJob) -> Mapping[str, Any]:
    """DescribeJobs's own entry."""
    return cast("Mapping[str, Any]", job.session.batch.describe_jobs(jobs=[job.job_id()])["jobs"][0])


def moment(milliseconds: int) -> dt.datetime:
    """A moment as AWS gives it."""
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def read(*answers: Mapping[str, Any]) -> Timeline:
    """The timeline of such entries."""
    named = ({"jobId": f"id-{place}", "jobName": f"job-{place}", **each} for place, each in enumerate(answers))
    return Timeline.of([job_description(each, read_at=NOW) for each in named], read_at=NOW)


def told(timeline: Timeline) -> list[tuple[object, ...]]:
    """Of each row the phase, attempt, seconds, status, and whether it goes on."""
    return [(row.phase, row.attempt, row.seconds, row.status, row.is_open) for row in timeline.rows]


def at(seconds: float) -> int:
    """A time so many seconds before now, as AWS gives it."""
    return int((NOW - seconds) * 1000)


def test_each_attempt_waits_and_runs(lab: Lab) -> None:
    """From the creation to the first start, from each end to the next start; AWS's own times."""
    job = lab.submit("sub-01", FAILS, JobScript(duration_s=30), retry=RetryPolicy(attempts=3))
    job.wait()
    raw = answer(job)
    first, second = raw["attempts"]
    rows = lab.session.timeline(job).rows
    assert [(row.attempt, row.phase, row.status, row.exit_code) for row in rows] == [
        (1, "waited", "FAILED", None),
        (1, "ran", "FAILED", 3),
        (2, "waited", "SUCCEEDED", None),
        (2, "ran", "SUCCEEDED", 0),
    ]
    times = [raw["createdAt"], first["startedAt"], first["stoppedAt"], second["startedAt"], second["stoppedAt"]]
    assert [row.began for row in rows] == list(map(moment, times[:-1]))
    assert [row.ended for row in rows] == list(map(moment, times[1:]))
    assert [row.seconds for row in rows] == [(later - earlier) / 1000 for earlier, later in itertools.pairwise(times)]
    assert {row.job_id for row in rows} == {job.job_id()}


def test_what_goes_on_is_open_until_it_was_read(lab: Lab) -> None:
    """It has no end; its seconds are those until then."""
    job = lab.submit("sub-01", JobScript(duration_s=900))
    while job.describe().status != "RUNNING":
        lab.aws.advance(5)
    lab.aws.advance(60)
    timeline = lab.session.timeline(job)
    row = timeline.rows[-1]
    assert (row.phase, row.status, row.is_open, row.ended) == ("ran", "RUNNING", True, None)
    assert row.seconds == pytest.approx(timeline.read_at - answer(job)["startedAt"] / 1000)


def test_the_children_of_an_array_are_told_one_by_one(lab: Lab) -> None:
    """The array itself runs nothing, so it has no line."""
    job = lab.submit("array", array_size=3)
    job.wait()
    timeline = lab.session.timeline(job)
    assert sorted({row.job for row in timeline.rows}) == ["array:0", "array:1", "array:2"]
    assert {row.job_id for row in timeline.rows} == {f"{job.job_id()}:{index}" for index in range(3)}


def test_a_child_that_is_asked_for_besides_its_array_counts_once(lab: Lab) -> None:
    """Else it would have waited and run twice as long."""
    job = lab.submit("array", array_size=2)
    job.wait()
    assert lab.session.timeline(job, *job.children()).rows == lab.session.timeline(job).rows


def test_jobs_that_were_folded_have_their_own_names(lab: Lab) -> None:
    """AWS knows them by the name of their array only."""
    first = lab.submit("first")
    jobs = [attrs.evolve(first, name=f"sub-{number}") for number in range(2)]
    assert all(result.ok for result in lab.session.submit_many(jobs, fold=True))
    lab.aws.advance(60)
    assert {row.job for row in lab.session.timeline(jobs).rows} == {"sub-0", "sub-1"}


def test_a_forgotten_child_has_one_index(lab: Lab) -> None:
    """Its name holds it already."""
    job = lab.submit("array", array_size=2)
    job.wait()
    lab.aws.advance(9 * 24 * 3600)
    (row,) = lab.session.timeline(job.children()[1]).rows
    assert (row.job, row.status) == ("array:1", "SUCCEEDED")


def test_jobs_come_in_the_order_of_their_starts(lab: Lab) -> None:
    """Whatever the order in which they are given; what has not started comes last."""
    first = lab.submit("first")
    second = lab.submit("second", JobScript(duration_s=600), depends_on=first)
    third = lab.submit("third", depends_on=second)
    while second.describe().status != "RUNNING":
        lab.aws.advance(5)
    timeline = lab.session.timeline(third, [second, first])
    assert list(dict.fromkeys(row.job for row in timeline.rows)) == ["first", "second", "third"]
    assert [row.job for row in lab.session.timeline().rows] == [row.job for row in timeline.rows]


def test_an_attempt_that_never_ran_has_only_waited() -> None:
    """Its container could not start, so AWS tells no start; the next attempt waits from its end."""
    attempts = [{"stoppedAt": at(80)}, {"startedAt": at(50), "stoppedAt": at(20), "container": {"exitCode": 0}}]
    timeline = read({"status": "SUCCEEDED", "createdAt": at(100), "attempts": attempts})
    assert told(timeline) == [
        ("waited", 1, 20, "FAILED", False),
        ("waited", 2, 30, "SUCCEEDED", False),
        ("ran", 2, 30, "SUCCEEDED", False),
    ]


def test_a_job_waits_again_between_two_attempts() -> None:
    """startedAt may still be that of the attempt before, and is not taken for a new one."""
    attempts = [{"startedAt": at(50), "stoppedAt": at(20)}]
    waiting = {"status": "RUNNABLE", "createdAt": at(60), "startedAt": at(50), "attempts": attempts}
    assert told(read(waiting))[2:] == [("waited", 2, 20, "RUNNABLE", True)]
    running = {**waiting, "status": "RUNNING", "startedAt": at(5)}
    assert told(read(running))[2:] == [("waited", 2, 15, "RUNNING", False), ("ran", 2, 5, "RUNNING", True)]
    ended = {**waiting, "status": "FAILED", "isTerminated": True, "stoppedAt": at(10)}
    assert told(read(ended))[2:] == [("waited", 2, 10, "FAILED", False)]


def test_what_aws_does_not_tell_is_unknown() -> None:
    """A job that was forgotten, and one that was taken out of the queue before it started."""
    assert told(read({"status": "VANISHED"})) == [("waited", 1, None, "VANISHED", False)]
    assert told(read({"status": "FAILED", "createdAt": at(30), "stoppedAt": at(10)})) == [
        ("waited", 1, 20, "FAILED", False)
    ]
    assert "unknown" in str(read({"status": "VANISHED"}))


def test_a_forgotten_job_is_not_left_out(session: BatchSession, lab: Lab) -> None:
    """AWS shows it no more; what its row says is in the rows."""
    job = lab.submit("sub-01")
    job.wait()
    lab.aws.advance(9 * 24 * 3600)
    (row,) = session.timeline(job).rows
    assert (row.job, row.status, row.began, row.ended, row.seconds) == ("sub-01", "SUCCEEDED", None, None, None)


def test_many_jobs_take_a_call_for_each_hundred(lab: Lab) -> None:
    """The children of an array too."""
    job = lab.submit("array", array_size=150)
    lab.aws.advance(60)
    lab.aws.calls.clear()
    lab.session.timeline(job)
    assert [operation for _, operation in lab.aws.calls] == ["DescribeJobs"] * 3


def test_the_rows_as_data() -> None:
    """The same facts as dictionaries and as a data frame, which has its columns without rows too."""
    timeline = read({"status": "RUNNING", "createdAt": at(30), "startedAt": at(10)}, {"status": "VANISHED"})
    dicts = timeline.to_dicts()
    assert [TimelineRow(**cast("Any", each)) for each in dicts] == list(timeline.rows)
    frame = timeline.to_dataframe()
    assert list(frame.columns) == list(dicts[0])
    assert frame.groupby("phase", observed=True)["seconds"].sum().to_dict() == {"waited": 20.0, "ran": 10.0}
    assert str(frame["began"].dtype) == "datetime64[ns, UTC]"
    assert frame["ended"].isna().tolist() == [False, True, True]
    empty = Timeline(()).to_dataframe()
    assert (list(empty.columns), len(empty)) == (list(dicts[0]), 0)
    assert empty["seconds"].dtype == frame["seconds"].dtype == "float64"


def test_in_a_terminal_it_is_a_table_of_bars() -> None:
    """One scale for all jobs: a sign for what most of each piece of the time went to."""
    timeline = read(
        {"status": "SUCCEEDED", "createdAt": at(48), "startedAt": at(24), "stoppedAt": at(0)},
        {"status": "FAILED", "createdAt": at(48), "startedAt": at(32), "stoppedAt": at(16)},
        {"status": "RUNNING", "createdAt": at(16), "startedAt": at(8)},
    )
    bars = {line.split()[0]: line.split()[-1] for line in str(timeline).splitlines() if line.startswith("job-")}
    assert bars == {
        "job-0": "░" * 12 + "█" * 12,
        "job-1": "░" * 8 + "▒" * 8 + "▁" * 8,
        "job-2": "▁" * 16 + "░" * 4 + "▓" * 4,
    }


def test_what_ran_for_a_moment_is_seen_in_a_terminal() -> None:
    """However long it waited before, and however long the others took."""
    timeline = read(
        {"status": "SUCCEEDED", "createdAt": at(48), "startedAt": at(24), "stoppedAt": at(24)},
        {"status": "FAILED", "createdAt": at(48), "startedAt": at(0.1), "stoppedAt": at(0)},
    )
    bars = {line.split()[0]: line.split()[-1] for line in str(timeline).splitlines() if line.startswith("job-")}
    assert bars == {"job-0": "░" * 12 + "█" + "▁" * 11, "job-1": "░" * 23 + "▒"}


def test_nothing_to_show_is_shown(session: BatchSession) -> None:
    """No jobs: no rows, an empty table, and a figure with nothing in it."""
    timeline = session.timeline([])
    assert timeline.rows == ()
    assert str(timeline).startswith("timeline of 0 jobs")
    assert timeline.figure().axes[0].get_title(loc="left") == "0 jobs"
    assert "(nothing)" in str(timeline._repr_html_())


def test_without_matplotlib_it_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a notebook; to ask for a figure says how to have one."""
    timeline = read({"status": "RUNNING", "createdAt": at(30), "startedAt": at(10)})
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert timeline._repr_png_() is None
    assert "job-0" in str(timeline._repr_html_())
    with pytest.raises(ImportError, match=r"pip install 'batchwright\[plot\]'"):
        timeline.plot()
