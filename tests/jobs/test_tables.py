"""What sessions print: tables that fit, whole names, and no secret."""

from typing import Any, cast

import pytest

from batchwright import BatchSession
from batchwright.testing import evolved

LONG = "reads-" + "x" * 110


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_tables_fit_the_terminal_and_cut_nothing(
    session: BatchSession, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """Each line of a report and an inventory has the terminal's width at the most, and every letter is there."""
    monkeypatch.setenv("COLUMNS", str(columns))
    report = session.ensure(session.scheduling_policy(name=LONG))
    for table in (report, session.plan(*report).verbose, session.inventory(), session.delete()):
        lines = str(table).splitlines()
        assert max(map(len, lines)) <= columns
        assert str(table).count("x") >= 110
        assert "…" not in str(table)


def test_details_say_what_differs_one_to_a_line(session: BatchSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of a field shows with both values; batchwright's own tags do not."""
    monkeypatch.setenv("COLUMNS", "160")
    queue = session.job_queue(name="lab", tags={"project": "reads"})
    definition = session.job_definition(name="convert", image="busybox", command=["true"])
    session.ensure(queue, definition)
    changed = evolved(definition, command=("[bold]echo[/bold]",))
    text = str(session.plan(evolved(queue, priority=8, tags={}), changed))
    assert "priority: 1 → 8" in text
    assert "tags.project: reads → (none)" in text
    assert "[bold]echo[/bold]" in text
    assert "batchwright:declared" not in text
    assert "priority: 1 -> 8" in str(session.ensure(evolved(queue, priority=8)))


def test_no_value_of_a_variable_is_printed(session: BatchSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the old nor the new value shows in plans, reports, drift, inventory or their HTML."""
    monkeypatch.setenv("COLUMNS", "160")
    definition = session.job_definition(name="convert", image="busybox", environment={"COLOUR": "hunter2"})
    session.ensure(definition)
    changed = evolved(definition, environment={"COLOUR": "hunter3"})
    plan = session.plan(changed)
    drift = changed.drift()
    report, inventory = session.ensure(changed), session.inventory()
    shown = [
        f"{thing} {thing!r} {cast('Any', thing)._repr_html_()}" for thing in (plan, report, inventory, report[changed])
    ]
    shown += [f"{drift} {drift!r}", repr(list(inventory)), repr(dict(report)), repr(dict(plan))]
    assert "environment" in shown[0]
    assert not [text for text in shown if "hunter" in text]


def test_html_is_escaped(session: BatchSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """What AWS and users write is text, never markup."""
    monkeypatch.setenv("COLUMNS", "160")
    definition = session.job_definition(name="convert", image="busybox", command=["true"])
    session.ensure(definition)
    changed = evolved(definition, command=("<script>alert(1)</script>",))
    shown = session.plan(changed)._repr_html_() + changed._repr_html_()
    assert "&lt;script&gt;" in session.plan(changed)._repr_html_()
    assert "<script>" not in shown


def test_reports_are_mappings_in_order(session: BatchSession) -> None:
    """Whatever is needed comes first; `changed` says whether anything was done."""
    queue = session.job_queue(name="lab")
    report = session.ensure(queue)
    assert list(report)[-1] == queue
    assert report.changed
    assert not session.ensure(queue).changed
    assert not session.plan(queue).changed
    assert repr(report) == f"<Report 'ensured', {len(report)} resources>"
