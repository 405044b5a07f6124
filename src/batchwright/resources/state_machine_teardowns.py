"""What a temporary volume knows of its tear-down: whether it is on watch."""

from __future__ import annotations

from typing import Any, Final

from batchwright.errors import ConflictError
from batchwright.lifecycle import Resource
from batchwright.resources.state_machine_executions import RUNNING, first_run, latest_run
from batchwright.waiting import Patience

LATE: Final = Patience(timeout_s=20.0, interval_s=1.0)
"""How late AWS may show an execution that it has just taken: what DescribeExecution says is eventually consistent."""


def teardown_machine_name(namespace: str) -> str:
    """The name of the one state machine that carries out a namespace's tear-downs."""
    return f"batchwright-{namespace}-teardown"


def check_on_watch(volume: Resource[Any], name: str, *, is_made: bool = False) -> None:
    """Refuse a temporary volume that nobody would take away.

    Args:
        volume: The volume that is about to be made, or to be made ready.
        name: The tear-down that its declaration names.
        is_made: Whether it is there already.

    Raises:
        ConflictError: That tear-down was not started, or has ended.
    """
    session = volume.session
    latest = None
    for _ in LATE.pace(session.clock):
        latest = latest_run(session, teardown_machine_name(session.namespace), first_run(name))
        if latest is not None and latest[1]["status"] == RUNNING:
            return
    state = f"is {latest[1]['status']}" if latest else "was not started"
    told = "is left behind" if is_made else "was not made"
    first = "delete() the volume, or call" if is_made else "Call"
    raise ConflictError(
        f"{volume.label} in {session.region} {told}: its tear-down {name!r} {state}, so nothing would take the "
        "volume away.",
        resource=volume,
        hint=f"{first} ensure() on the Teardown first. One that has ended belongs to jobs that have ended: run them "
        "again under other names, with a tear-down of another name.",
    )
