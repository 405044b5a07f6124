"""What the scheduler knows of a job beside the record that everybody sees."""

import attrs

from batchwright.local.consumable_units import Units
from batchwright.local.engines import Run
from batchwright.local.scheduling.needs import Needs
from batchwright.local.state import Environment, Job, Region


@attrs.define(kw_only=True, eq=False)
class Tracked:
    """An unfinished job and what the scheduler knows of it.

    Args:
        job: The record that everybody sees.
        region: Where it is.
        number: Of all jobs, the how many-th it is to the scheduler.
        needs: What it requires.
        waits: How many jobs it still waits for.
        ready_at: When it may start at the earliest, once it is RUNNABLE.
        is_retry: Whether it has run before.
        blocked_since: Since when it has stood at the head of its queue with the same reason for not starting.
        environment: Where it starts or runs.
        run: Its attempt under way.
        stopping: Why that attempt was told to end; such a job is never retried.
        children_left: How many children of an array are unfinished.
        has_failed_child: Whether a child of an array failed.
        units: What it has taken of consumable resources since it first started.
    """

    job: Job
    region: Region
    number: int
    needs: Needs
    waits: int = 0
    ready_at: float = 0.0
    is_retry: bool = False
    blocked_since: float | None = None
    environment: Environment | None = None
    run: Run | None = None
    stopping: str | None = None
    children_left: int = 0
    has_failed_child: bool = False
    units: Units = attrs.field(factory=Units)
