"""Names, reasons and lines that look like markup are shown as they are, in terminals and in notebooks."""

import datetime as dt
import io
from typing import Any

import pytest
from IPython.lib.pretty import pretty
from rich.console import Console

from batchwright import BatchSession
from batchwright.errors import ResourceFailedError, WaitTimeoutError
from batchwright.inventory import Inventory, InventoryItem
from batchwright.jobs import progress
from batchwright.jobs.audience import Audience
from batchwright.jobs.description import JobDescription
from batchwright.jobs.logs import LogEvent, Logs
from batchwright.report import Report, Step
from batchwright.resources.job_queue import JobQueueDescription
from batchwright.resources.tracker_rows import Rows, TrackerRow
from batchwright.testing import FakeClock
from batchwright.values import Action

NASTY = "<script>alert(1)</script>[red]&[/nope] :smile:"
SESSION = BatchSession("markup", region="us-east-2")
GROUP = SESSION.security_group(name="[red]&[/nope]")
DEFINITION = SESSION.job_definition(image="busybox", command=[NASTY])
JOB = JobDescription(job_id="1", name=NASTY, status="RUNNABLE", status_reason=NASTY, reason=NASTY, tags={NASTY: NASTY})
QUEUE = JobQueueDescription(arn="arn:aws:batch:x:1:job-queue/a", name=NASTY, status_reason=NASTY)
LINE = LogEvent(timestamp=dt.datetime.now(dt.UTC), message=NASTY)
ITEM = InventoryItem(kind="EFS volume", name=NASTY, status="available", costs="", declared=True, description=QUEUE)
STEP = Step(resource=GROUP, action=Action.CREATED, note=NASTY)
SHOWN: list[Any] = [
    DEFINITION,
    JOB,
    QUEUE,
    LINE,
    Logs([LINE]),
    STEP,
    ITEM,
    Report("plan", {GROUP: STEP}),
    Inventory("namespace 'markup'", [ITEM]),
    Rows.of([TrackerRow(id=NASTY, job_name=NASTY, status=NASTY)]),
]


def on_a_terminal(thing: object) -> str:
    """What rich prints of it, without its line breaks and frames."""
    console = Console(file=io.StringIO(), width=1000, color_system=None)
    console.print(thing)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("thing", SHOWN, ids=lambda thing: type(thing).__name__)
def test_markup_is_text_for_rich(thing: object) -> None:
    """rich prints every bracket and colon that is there, and stumbles over none."""
    assert "[red]&[/nope] :smile:" in on_a_terminal(thing)


@pytest.mark.parametrize("thing", SHOWN, ids=lambda thing: type(thing).__name__)
def test_markup_is_text_for_a_notebook(thing: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401  # many
    """No tag of a name or reason is one for the browser; what has no HTML of its own is plain text there."""
    monkeypatch.setenv("COLUMNS", "300")
    page = thing._repr_html_() if hasattr(thing, "_repr_html_") else ""
    assert "<script" not in page
    assert "[/nope]" in (page or pretty(thing))


@pytest.mark.parametrize("error", [ResourceFailedError, WaitTimeoutError])
def test_markup_is_text_in_errors(error: type[ResourceFailedError | WaitTimeoutError]) -> None:
    """rich prints an error with all that AWS said."""
    assert "[red]&[/nope] :smile:" in on_a_terminal(error(NASTY, description=JOB, resource=GROUP))


def test_the_live_line_shows_a_reason_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason of AWS with brackets does not end the wait of somebody who watches."""
    stream = io.StringIO()
    monkeypatch.setattr(progress, "audience_of", lambda _: Audience.TERMINAL)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "300")
    with progress.watching(FakeClock(), total=1) as tally:
        tally.moved(None, tally.state_of({"status": JOB.status, "statusReason": JOB.status_reason}))
        tally.show()
    assert "[red]&[/nope]" in stream.getvalue()
