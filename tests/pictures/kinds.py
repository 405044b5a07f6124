"""One object of every kind that is displayed, made on the local AWS in this process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from batchwright import BatchSession
from batchwright._display import Branch, Displayed, Fact, Grid, Lines, Text, Tone, View, status_text
from batchwright.jobs.job_list import JobList
from batchwright.local.in_process import InProcessAws
from batchwright.resources.tracker_rows import Rows, TrackerRow
from batchwright.testing import FakeClock, evolved

SECRET: Final = "hunter2-do-not-show"
"""A value that is in the objects and must be in no picture."""
HOSTILE: Final = (
    '<script>alert(1)</script>"><img src=x onerror=alert(1)> [bold red]x[/] \x1b]8;;http://evil.example\x07a'
    "\x1b[2J\u202egnp.exe\r\nlast"
)


class Sample(Displayed):
    """A view by itself, of every part that there is."""

    def __init__(self, view: View) -> None:
        self._shown = view

    def _view(self) -> View:
        return self._shown


@contextmanager
def account() -> Iterator[BatchSession]:
    """A session with something in it: a healthy set, a job that ended well, one that failed and one that waits."""
    aws = InProcessAws()
    clock = FakeClock(on_sleep=aws.advance, now=aws.clock.now)
    with BatchSession("lab", region="us-east-2", boto3_session=aws.boto3_session(), clock=clock) as session:
        yield session
    aws.close()


def things(session: BatchSession) -> Mapping[str, object]:
    """Every kind by a name, in the order of a page."""
    found: dict[str, object] = {}
    for make in (_samples, _resources, _jobs, _errors, _reports):
        found.update(make(session))
    return found


def _resources(session: BatchSession) -> Iterator[tuple[str, object]]:
    queue = session.job_queue(name="reads", priority=5, tags={"project": "reads"})
    volume = session.efs_volume(name="scratch")
    definition = session.job_definition(
        name="convert",
        image="ghcr.io/lab/convert:2.1",
        command=["convert", "--all", "/mnt/efs"],
        environment={"COLOUR": SECRET},
        volumes={"/mnt/efs": volume},
        vcpus=4,
        memory_gib=8,
    )
    report = session.ensure(queue, definition)
    yield "report", report
    for resource, ensured in report.items():
        yield f"resource: {resource.kind}", resource
        yield f"description: {resource.kind}", resource.describe()
        if resource is queue:
            yield "ensured", ensured
    changed = evolved(definition, command=("convert", "--some"), environment={"COLOUR": SECRET + "3"})
    yield "drift", evolved(queue, priority=8, tags={}).drift()
    yield "plan", session.plan(evolved(queue, priority=8, tags={}), changed, session.efs_volume(name="results"))
    busy = session.compute_environment(name="busy", min_vcpus=4, max_vcpus=8)
    unchangeable = evolved(volume, availability_zone="us-east-2a")
    yield "plan: warnings", session.plan(busy, unchangeable)


def _jobs(session: BatchSession) -> Iterator[tuple[str, object]]:
    first = session.submit("sub-01", image="busybox", command=["true"])
    failing = session.submit("sub-03", image="busybox", command=["exit", "137"])
    huge = session.submit("sub-04", image="busybox", command=["true"], vcpus=512)
    waiting = session.submit("sub-02", image="busybox", command=["true"], depends_on=first, array_size=3)
    yield "job: waiting", waiting
    yield "job description: waiting", waiting.describe()
    yield "job description: ended", first.wait()
    yield "logs", first.logs()
    yield "job: ended", first
    yield "error: failed job", _raised(failing.wait)
    yield "job: failed", failing
    yield "job list", session.jobs()
    yield "job list of a thousand", JobList([session.jobs()[0]] * 1_000)
    yield "watched", session.watch(first, failing)
    more = (session.batch_job(name=f"sub-{n}", definition=first.definition, queue=first.queue) for n in (5, 6))
    yield "result of submit_many", next(iter(session.submit_many(more)))
    yield "timeline", session.timeline(first, failing, waiting)
    yield "timeline as a table", Sample(session.timeline(first, failing, waiting)._view())
    yield "diagnosis: too large a job", session.diagnose(huge)
    yield "diagnosis: failed job", session.diagnose(failing)
    yield "diagnosis: healthy queue", session.diagnose(first.required_queue)
    yield "rows", _rows()


def _errors(session: BatchSession) -> Iterator[tuple[str, object]]:
    yield "error: not found", _raised(session.job_queue(name="raeds").describe)
    yield "error: declaration", _raised(lambda: session.job_queue(name=HOSTILE))
    yield "error: retained", _raised(lambda: session.efs_volume(name="scratch").delete())


def _raised(call: Callable[[], object]) -> Exception:
    """The error that a call raises."""
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError(f"{call} raised nothing")


def _reports(session: BatchSession) -> Iterator[tuple[str, object]]:
    yield "inventory", session.inventory()
    yield "session", session


def _rows() -> Rows:
    times = [f"2026-11-23T12:{minute:02}:00+00:00" for minute in range(60)]
    return Rows.of(
        TrackerRow(id=f"lab/sub-{n:03}", job_name=f"sub-{n:03}", status="SUCCEEDED", submitted_on=times[n % 60])
        for n in range(100)
    )


def _samples(session: BatchSession) -> Iterator[tuple[str, object]]:
    del session
    tones = [Fact(tone.value, Text("the quick brown fox", tone)) for tone in Tone]
    tree = Branch("queue 'lab'", [Branch(Text("environment", Tone.GOOD), [Branch("role"), Branch(HOSTILE)])])
    grid = Grid(
        ("name", "status", "why", "link"),
        [
            ("sub-01", status_text("RUNNING"), "", Text("log", url="https://console.aws.amazon.com/x?a=1&b=2")),
            ("sub-02", status_text("FAILED"), "Essential container in task exited", ""),
            (HOSTILE, status_text("RUNNABLE"), "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - " + "x" * 90, ""),
        ],
        title="3 jobs",
        left_out=7,
    )
    log = Lines(["Started", f"\tindented {HOSTILE}", "y" * 10_000, "done"], title="Last lines", left_out=1234)
    link = Fact("console", Text("open the log stream", url="https://us-east-2.console.aws.amazon.com/cloudwatch/home"))
    yield (
        "every part of a view",
        Sample(
            View(
                title="sample 'of every part'",
                status=status_text("VALID"),
                facts=[*tones, link, Fact("hostile", HOSTILE)],
                parts=[grid, tree, log, View(title="a view inside", facts=[Fact("a", "b")], note="inner")],
                note=f"read {dt.datetime(2026, 11, 23, 12, 0, 1, tzinfo=dt.UTC):%Y-%m-%d %H:%M:%S} UTC",
            )
        ),
    )
