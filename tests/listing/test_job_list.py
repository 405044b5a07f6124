"""A list of jobs in the hand: sorted, cut, counted, as data, as a data frame, and on a screen."""

import datetime as dt
import pickle
import sys
from itertools import pairwise

import attrs
import pandas as pd
import pytest

from batchwright import BatchSession, DeclarationError, JobList, ListedJob
from batchwright._display import Text, to_html, to_text
from batchwright.jobs.listed import from_answer
from batchwright.jobs.selection import STATUSES
from batchwright.local.in_process import InProcessAws

from .conftest import Calls, Submit

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>[bold red]\x1b[2J\n\u202egnp'


@pytest.fixture
def plain() -> BatchSession:
    """A session that reaches nothing."""
    return BatchSession("test", region="us-east-2", endpoint_url="http://127.0.0.1:9")


def made(session: BatchSession, number: int, **fields: object) -> ListedJob:
    """A job that was made `number` minutes ago."""
    said: dict[str, object] = {
        "job_id": f"id-{number}",
        "name": f"sub-{number:02}",
        "status": "RUNNABLE",
        "queue": "lab",
    }
    created = NOW - dt.timedelta(minutes=number)
    said |= {"created_at": created, "read_at": NOW.timestamp(), **fields}
    return ListedJob(session=session, **said)  # type: ignore[arg-type]  # given on


@pytest.fixture
def jobs(plain: BatchSession) -> JobList:
    """Five jobs, one of them of another queue, one of them claimed only."""
    began, ended = NOW - dt.timedelta(minutes=2), NOW - dt.timedelta(minutes=1)
    return JobList(
        [
            made(plain, 1, job_id="", status="CLAIMED", known="claimed", created_at=None, submitted_on=NOW),
            made(plain, 2),
            made(plain, 3, status="RUNNING", started_at=began, queue="other"),
            made(plain, 4, status="SUCCEEDED", started_at=began, stopped_at=ended, exit_code=0),
            made(plain, 5, status="FAILED", started_at=began, stopped_at=NOW, exit_code=137, reason="OutOfMemory"),
        ],
        asked="in lab",
        read_at=NOW.timestamp(),
    )


def test_it_is_a_sequence(jobs: JobList) -> None:
    """A slice is a list of jobs too, and keeps what was asked for and when."""
    assert len(jobs) == 5
    assert jobs[0].name == "sub-01"
    assert [job.name for job in jobs[3:]] == ["sub-04", "sub-05"]
    assert (jobs[3:].asked, jobs[3:].read_at) == ("in lab", NOW.timestamp())
    assert jobs[1] in jobs
    assert jobs[1] not in jobs[2:]
    assert jobs[:] == jobs != jobs[1:]
    assert jobs.ids == ("id-2", "id-3", "id-4", "id-5")


def test_its_jobs_lead_to_the_console(plain: BatchSession) -> None:
    """Each id, and of each job the queue and the definition, whose ARNs nobody had to ask for."""
    arn = "arn:aws:batch:us-east-2:111122223333"
    answer = {"jobId": "0a1b", "jobName": "sub-01", "jobArn": f"{arn}:job/0a1b", "jobDefinition": "convert:3"}
    job = from_answer(plain, answer, queue="lab", row=None, table="", read_at=1.0)
    console = "https://us-east-2.console.aws.amazon.com/batch/home?region=us-east-2"
    pages = {fact.name: fact.value.url for fact in job._view().facts if isinstance(fact.value, Text) and fact.value.url}
    assert pages == {
        "job_id": f"{console}#jobs/detail/0a1b",
        "queue": f"{console}#queues/detail/{arn}:job-queue/lab",
        "definition": f"{console}#job-definition/detail/{arn}:job-definition/convert:3",
    }
    assert f'href="{console}#jobs/detail/0a1b"' in JobList([job])._repr_html_()
    assert "https" not in JobList([made(plain, 1)])._repr_html_()


def test_what_waits_for_another_attempt_does_not_run(plain: BatchSession) -> None:
    """AWS still tells when the attempt before began."""
    began = NOW - dt.timedelta(minutes=2)
    again = made(plain, 5, status="RUNNABLE", started_at=began)
    assert (again.waited_s, again.ran_s) == (300, None)
    assert (made(plain, 5, status="RUNNING", started_at=began).waited_s, again.started_at) == (180, began)


def test_what_none_of_them_has_needs_no_column(plain: BatchSession) -> None:
    """Of jobs that wait there is no time that they ran; of those that wait for long, whom to ask."""
    drawn = to_text(JobList([made(plain, 6), made(plain, 1)])._view()).splitlines()
    assert drawn[2].split() == ["job", "status", "created", "(UTC)", "waited", "id"]
    assert drawn[-1] == "session.diagnose(job) says why a job waits"
    assert "diagnose" not in str(JobList([made(plain, 5), made(plain, 6, status="STARTING")]))


def test_a_narrow_terminal_keeps_a_line_for_each_job(jobs: JobList) -> None:
    """An id that has no room in one line is left out, which is said, and not folded."""
    jobs = JobList([attrs.evolve(job, job_id=f"{number}" * 36) for number, job in enumerate(jobs.where(queue="lab"))])
    wide, narrow = (to_text(jobs._view(), width).splitlines() for width in (140, 90))
    assert len(wide) + 1 == len(narrow)
    assert wide[-1].endswith(jobs.ids[-1])
    assert narrow[-1] == "no room for: id"
    assert narrow[2].split() == ["job", "status", "created", "(UTC)", "waited", "ran", "why"]
    assert jobs.ids[0] in to_text(jobs._view(), 40).replace("\n", "").replace(" ", "")


def test_counts_are_in_the_order_of_a_jobs_life(jobs: JobList) -> None:
    """Whatever the order of the list."""
    expected = [("CLAIMED", 1), ("RUNNABLE", 1), ("RUNNING", 1), ("SUCCEEDED", 1), ("FAILED", 1)]
    assert list(jobs.counts.items()) == list(jobs.sorted_by("name", reverse=True).counts.items()) == expected


def test_sorting_gives_another_list(jobs: JobList) -> None:
    """By any column, either way; what is not known comes last both times."""
    assert [job.name for job in jobs.sorted_by("created_at")] == ["sub-05", "sub-04", "sub-03", "sub-02", "sub-01"]
    latest = jobs.sorted_by("created_at", reverse=True)
    assert [job.name for job in latest] == ["sub-02", "sub-03", "sub-04", "sub-05", "sub-01"]
    assert [job.ran_s for job in jobs.sorted_by("ran_s", reverse=True)] == [120, 120, 60, None, None]
    assert [job.status for job in jobs.sorted_by("status")] == list(jobs.counts)
    assert jobs[0].name == "sub-01"


def test_a_column_that_does_not_exist_brings_up_the_nearest(jobs: JobList) -> None:
    """A slip is told, not sorted by nothing."""
    with pytest.raises(DeclarationError, match=r"known\.\nDid you mean 'created_at' or 'started_at'\?$"):
        jobs.sorted_by("create_at")


def test_a_part_of_the_list(jobs: JobList) -> None:
    """By the words of `session.jobs`, by a function, or both; time goes back from when the list was read."""
    assert [job.name for job in jobs.where(status="finished")] == ["sub-04", "sub-05"]
    assert [job.name for job in jobs.where(name=["sub-01", "*-05"])] == ["sub-01", "sub-05"]
    assert [job.name for job in jobs.where(queue="other")] == ["sub-03"]
    assert [job.name for job in jobs.where(since=150)] == ["sub-01", "sub-02"]
    assert [job.name for job in jobs.where(lambda job: job.exit_code == 137, status="FAILED")] == ["sub-05"]
    with pytest.raises(DeclarationError, match=r"'finished'\.\nDid you mean 'FAILED'\?$"):
        jobs.where(status="FAILD")
    assert jobs.where(name="sub_01").notes == ("Did you mean 'sub-01', 'sub-05' or 'sub-04'?",)
    assert jobs.where(queue="othre").notes == ("Did you mean 'other'?",)
    assert jobs.where(name="sub-01", status="FAILED").notes == ()


def test_durations_of_what_goes_on_end_when_it_was_read(jobs: JobList) -> None:
    """And of what did not begin nothing is said."""
    waited = {job.name: job.waited_s for job in jobs}
    ran = {job.name: job.ran_s for job in jobs}
    assert waited == {"sub-01": None, "sub-02": 120, "sub-03": 60, "sub-04": 120, "sub-05": 180}
    assert ran == {"sub-01": None, "sub-02": None, "sub-03": 120, "sub-04": 60, "sub-05": 120}


def test_dictionaries_and_a_data_frame_hold_the_same(jobs: JobList) -> None:
    """Moments know their zone, statuses are categories in order, and what is not known is missing."""
    frame = jobs.to_dataframe()
    dicts = jobs.to_dicts()
    assert list(frame.columns) == list(dicts[0])
    assert list(frame["job_id"]) == [each["job_id"] for each in dicts]
    assert str(frame["created_at"].dtype) == "datetime64[ns, UTC]"
    assert frame["created_at"].isna().tolist() == [True, False, False, False, False]
    assert frame["exit_code"].tolist()[3:] == [0, 137]
    assert list(frame["status"].cat.categories) == list(STATUSES)
    assert frame.groupby("status", observed=True)["ran_s"].mean().to_dict()["FAILED"] == 120
    assert frame[frame.status >= "SUCCEEDED"].shape[0] == 2


def test_an_empty_list_gives_a_frame_of_the_same_columns_and_types(jobs: JobList) -> None:
    """A script that filters goes on where nothing was found."""
    empty = jobs[:0].to_dataframe()
    full = jobs.to_dataframe()
    assert list(empty.columns) == list(full.columns)
    for column in ("created_at", "stopped_at", "exit_code", "array_size", "waited_s", "ran_s"):
        assert empty[column].dtype == full[column].dtype
    joined = pd.concat([full, empty])
    assert joined["created_at"].dtype == full["created_at"].dtype


def test_without_pandas_the_error_says_what_to_install(jobs: JobList, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no dependency."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        jobs.to_dataframe()


def test_what_is_shown(jobs: JobList) -> None:
    """Counts in the title, a line a job, why it failed, and when it was read."""
    text = to_text(jobs._view(), width=160)
    assert text.startswith("5 jobs: 1 CLAIMED, 1 RUNNABLE, 1 RUNNING, 1 SUCCEEDED, 1 FAILED (in lab)")
    assert "exit code 137: OutOfMemory" in text
    assert "2 min" in text
    assert "read 2026-11-23 12:00:00 UTC" in text
    assert str(jobs) == to_text(jobs._view())
    assert repr(jobs) == "<JobList: 5 jobs: 1 CLAIMED, 1 RUNNABLE, 1 RUNNING, 1 SUCCEEDED, 1 FAILED>"
    assert "job_id" in jobs[1]._told()
    assert "job_id" not in jobs[0]._told()  # there is none


def test_a_row_is_named_where_it_tells_how_a_job_ended(plain: BatchSession) -> None:
    """Of a job that vanished it does not tell."""
    forgotten = [
        made(plain, 1, status=status, known="forgotten", status_reason="AWS no longer knows this job")
        for status in ("FAILED", "VANISHED")
    ]
    text = str(JobList(forgotten))
    assert "FAILED (its row)" in text
    assert "VANISHED (its row)" not in text


def test_a_column_of_which_there_is_nothing_to_say_is_left_out(jobs: JobList) -> None:
    """One queue needs no column, nor does the reason of what goes well."""
    text = to_text(jobs[3:4]._view(), width=160)
    assert "queue" not in text
    assert "why" not in text


def test_of_ten_thousand_jobs_few_are_drawn(plain: BatchSession) -> None:
    """The first and the last; the title counts them all."""
    many = JobList(made(plain, number) for number in range(10_000))
    html = to_html(many._view())
    assert "10,000 jobs: 10,000 RUNNABLE" in html
    assert len(html) < 100_000
    assert "9,940 more" in html
    assert "9,800 more" in str(many)


def test_a_hostile_name_does_nothing(plain: BatchSession) -> None:
    """Names come from whoever may submit to the queue."""
    fields = {"name": HOSTILE, "status_reason": HOSTILE, "queue": HOSTILE, "row_status": HOSTILE, "status": "FAILED"}
    jobs = JobList([made(plain, 1, **fields), made(plain, 2)])
    for shown in (jobs, jobs[0]):
        html = shown._repr_html_()
        assert "<script>" not in html
        assert "<img" not in html
        text = to_text(shown._view())
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[bold red]" in to_text(shown._view(), width=1_000)


def test_showing_and_comparing_calls_nobody(session: BatchSession, submit: Submit, asked: Calls) -> None:
    """The list says when it was read; to know more, ask."""
    submit("sub-01")
    jobs = session.jobs()
    asked()
    for thing in (jobs, jobs[0]):
        assert repr(thing)
        assert "sub-01" in to_text(thing._view())
        assert thing._repr_html_()
        assert thing == thing[:] if isinstance(thing, JobList) else thing
        assert hash(thing) is not None
    assert jobs.counts
    assert jobs.to_dicts()
    assert jobs.sorted_by("waited_s").where(status="unfinished")
    assert jobs[0].children() == ()
    assert jobs[0].tracked() is not None
    assert not asked()


def test_it_travels(jobs: JobList) -> None:
    """To another process, where its session makes clients of its own."""
    copy = pickle.loads(pickle.dumps(jobs))
    assert copy == jobs
    assert copy[1].session == jobs[1].session
    assert (copy.asked, copy.read_at, str(copy)) == (jobs.asked, jobs.read_at, str(jobs))


def test_its_jobs_go_wherever_jobs_go(session: BatchSession, submit: Submit, aws: InProcessAws) -> None:
    """Waiting keeps the rows current, and terminating takes the whole list."""
    for number in range(3):
        submit(f"sub-{number}")
    first, *rest = session.jobs().sorted_by("name")
    session.terminate(rest, reason="enough")
    assert first.wait().status == "SUCCEEDED"
    ended = session.wait(rest, check=False)
    assert [job.status for job in ended.values()] == ["FAILED", "FAILED"]
    listed = session.jobs().sorted_by("name")
    assert [(job.status, job.row_status) for job in listed] == [
        ("SUCCEEDED", "SUCCEEDED"),
        ("FAILED", "FAILED"),
        ("FAILED", "FAILED"),
    ]
    assert listed[1].status_reason == "enough"
    assert listed[0].describe().status == "SUCCEEDED"


def test_newest_come_first(session: BatchSession, submit: Submit) -> None:
    """So that `jobs[:10]` are the last ten."""
    for number in range(3):
        submit(f"sub-{number}")
    created = [job.created_at for job in session.jobs()]
    assert all(first is not None and second is not None and first > second for first, second in pairwise(created))
