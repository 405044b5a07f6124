"""The table of watched jobs: what it shows of many, and that it fits."""

import io
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from batchwright._display.as_html import to_html
from batchwright._display.as_rich import to_rich
from batchwright._display.view import Grid, Text, View
from batchwright.jobs.description import job_description
from batchwright.watching.table import Entry, Space, table_of

NOW = 1_800_000_000.0
HOSTILE = "<script>alert(1)</script>[bold red]\x1b[2J\n\u202etxt"


def entry(name: str, status: str, **members: object) -> Entry:
    """A job that was made a hundred seconds ago."""
    said = {"jobId": name, "jobName": name, "status": status, "createdAt": (NOW - 100) * 1000, **members}
    return Entry(name, job_description(said, read_at=NOW))


def table(*entries: Entry, width: int | None = None, height: int | None = None, now: float = NOW) -> View:
    """The table of these."""
    counts = Counter(each.status for each in entries)
    numbered = {str(place): each for place, each in enumerate(entries)}
    return table_of(numbered, counts, now=now, space=Space(width, height))


def grid(view: View) -> Grid:
    """Its one part."""
    (part,) = view.parts
    assert isinstance(part, Grid)
    return part


def cells(view: View) -> list[dict[str, str]]:
    """By heading, what stands in each line."""
    shown = grid(view)
    texts = [[each.text if isinstance(each, Text) else each for each in line] for line in shown.lines]
    return [dict(zip(shown.headings, line, strict=True)) for line in texts]


def printed(view: View, width: int) -> list[str]:
    """The lines of a terminal of this width."""
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=True, highlight=False)
    with console.capture() as capture:
        console.print(to_rich(view, None))
    return capture.get().splitlines()


def test_times_grow_while_they_go_on() -> None:
    """And only those: what ended took what it took."""
    running = entry("runs", "RUNNING", startedAt=(NOW - 40) * 1000)
    ended = entry("ended", "SUCCEEDED", startedAt=(NOW - 90) * 1000, stoppedAt=(NOW - 50) * 1000)
    for later_s, ran in ((0, "40 s"), (20, "1 min")):
        lines = cells(table(running, ended, entry("waits", "RUNNABLE"), now=NOW + later_s))
        assert [line["ran"] for line in lines] == [ran, "40 s", ""]
        assert [line["waited"] for line in lines] == ["1 min", "10 s", "2 min" if later_s else "1 min 40 s"]


def test_attempts_are_added_up() -> None:
    """How long it waited and ran altogether, and at which of how many attempts it is."""
    attempts = [{"startedAt": (NOW - 80) * 1000, "stoppedAt": (NOW - 50) * 1000}]
    again = entry("again", "RUNNING", startedAt=(NOW - 40) * 1000, attempts=attempts, retryStrategy={"attempts": 3})
    (line,) = cells(table(again))
    assert (line["waited"], line["ran"], line["attempt"]) == ("30 s", "1 min 10 s", "2 of 3")


def test_it_says_why() -> None:
    """AWS's reasons, those of the container, exit codes, dependencies, and the children of an array."""
    lines = cells(
        table(
            entry("waits", "RUNNABLE", statusReason="MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT"),
            entry("failed", "FAILED", statusReason="Task failed", container={"exitCode": 137, "reason": "OutOfMemory"}),
            entry("after", "PENDING", dependsOn=[{"jobId": "a"}, {"jobId": "b"}]),
            entry("array", "PENDING", arrayProperties={"size": 3, "statusSummary": {"RUNNING": 2, "FAILED": 1}}),
            entry("good", "SUCCEEDED", statusReason="Essential container in task exited"),
        )
    )
    assert [line["why"] for line in lines] == [
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
        "exit code 137 · OutOfMemory · Task failed",
        "depends on 2 jobs",
        "children: 2 RUNNING, 1 FAILED",
        "",
    ]


def test_who_waits_long_is_led_to_the_reasons() -> None:
    """After some minutes, and only for a job that waits."""
    assert "diagnose" not in table(entry("waits", "RUNNABLE")).note
    assert "session.diagnose(job)" in table(entry("waits", "RUNNABLE"), now=NOW + 600).note
    assert "diagnose" not in table(entry("runs", "RUNNING", startedAt=NOW * 1000), now=NOW + 600).note


def test_without_room_for_all_the_running_ones_are_shown() -> None:
    """Then those that failed; the rest is counted, and none is lost."""
    many = [entry(f"done-{place}", "SUCCEEDED") for place in range(250)]
    many += [entry(f"waits-{place}", "RUNNABLE") for place in range(45)]
    many += [entry("bad", "FAILED"), *(entry(f"runs-{place}", "RUNNING") for place in range(4))]
    view = table(*many, width=80, height=13)
    assert [line["job"] for line in cells(view)] == [
        "runs-0",
        "runs-1",
        "runs-2",
        "runs-3",
        "bad",
        "waits-0",
        "waits-1",
    ]
    assert view.note.splitlines()[0] == "and 43 RUNNABLE, 250 SUCCEEDED"
    assert view.status == Text("4 RUNNING, 1 FAILED, 45 RUNNABLE, 250 SUCCEEDED", view.status.tone)  # type: ignore[union-attr]  # a text with a tone
    assert len(printed(view, 80)) < 13


def test_failures_leave_room_for_what_waits() -> None:
    """Half of the lines at the most, while others wait; what succeeded comes after all of them."""
    many = [entry(f"good-{place}", "SUCCEEDED") for place in range(9)]
    many += [entry(f"bad-{place}", "FAILED") for place in range(20)]
    waits = [entry("waits-0", "RUNNABLE"), entry("waits-1", "PENDING")]
    names = [line["job"] for line in cells(table(*many, *waits, width=80, height=16))]
    assert names == ["bad-0", "bad-1", "bad-2", "bad-3", "bad-4", "waits-0", "waits-1", "bad-5", "bad-6", "bad-7"]
    assert {name[:3] for name in (line["job"] for line in cells(table(*many, width=80, height=16)))} == {"bad"}


def test_with_room_for_all_the_order_is_the_given_one() -> None:
    """A job keeps its line while it moves."""
    names = ["c", "a", "b"]
    view = table(*map(entry, names, ("SUCCEEDED", "RUNNABLE", "RUNNING")), width=80, height=14)
    assert [line["job"] for line in cells(view)] == names


def test_columns_go_where_there_is_no_room() -> None:
    """The attempt first, then the waiting, the reason, the running; never the job and its status."""
    job = entry(
        "sub-01_ses-pre_task-rest",
        "RUNNING",
        startedAt=(NOW - 40) * 1000,
        statusReason="a reason that takes some room to be told",
    )
    shown = {
        width: "".join(heading[0] for heading in grid(table(job, width=width)).headings) for width in (120, 60, 50, 36)
    }
    assert shown == {120: "jswraw", 60: "jswrw", 50: "jsrw", 36: "jsr"}
    assert cells(table(job, width=36))[0]["job"] == "sub-01_se…task-rest"


@given(
    width=st.integers(24, 200),
    names=st.lists(st.text("abc-_019", min_size=1, max_size=128), min_size=1, max_size=5),
    reason=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200),
    runs=st.booleans(),
)
def test_each_job_takes_one_line(width: int, names: list[str], reason: str, runs: bool) -> None:
    """Whatever the names, the reasons and the width, so that the table has the height that it was made for."""
    times = {"startedAt": (NOW - 40) * 1000} if runs else {}
    jobs = [entry(name, "RUNNING" if runs else "RUNNABLE", statusReason=reason, **times) for name in names]
    view = table(*jobs, width=width)
    lines = printed(View(title="", parts=view.parts), width)
    assert max(map(len, lines)) <= width
    assert len(lines) <= len(names) + 4


@pytest.mark.parametrize("width", [40, 120])
def test_nothing_that_is_told_acts(width: int) -> None:
    """Escape codes, markup of rich and of HTML, ends of lines: all is shown as what it is."""
    view = table(entry(HOSTILE, "RUNNABLE", statusReason=HOSTILE), width=width)
    text = "\n".join(printed(view, width))
    assert "\x1b" not in text
    assert "\u202e" not in text
    page = to_html(table(entry(HOSTILE, "RUNNABLE", statusReason=HOSTILE)))
    assert "<script>" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;[bold red]") == 2
