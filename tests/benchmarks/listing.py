"""What listing jobs costs: requests, time, the memory of the list, and the time to show it."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any, Final, cast

from batchwright import JobList
from batchwright._display import to_text
from batchwright._display.bounded import LINES_MAX
from benchmarks.jobs import STATUSES
from benchmarks.server import Server
from benchmarks.warm import warm_session

QUEUE: Final = "bench"


def _ours(url: str, world: str, *, tracked: bool) -> Callable[[], Sized]:
    """`session.jobs`, after a list of nothing, so that all is loaded."""
    session = warm_session(url, Path(world))
    session.jobs(queue=QUEUE, name="nobody", tracked=tracked)
    return lambda: session.jobs(queue=QUEUE, tracked=tracked)


def _bare(url: str, *, tracked: bool) -> Callable[[], Sized]:
    """Plain boto3's paginator over every status, and over the table, its answers kept; loaded as above."""
    import boto3

    batch: Any = boto3.client("batch", endpoint_url=url)
    table: Any = boto3.client("dynamodb", endpoint_url=url)
    scan = {"TableName": "bench-jobs", "ProjectionExpression": "id, job_id, job_name, submitted_on, queue_arn"}
    batch.list_jobs(jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": ["nobody"]}])
    if tracked:
        table.scan(**scan)

    def work() -> dict[str, Any]:
        pages = [page for status in STATUSES for page in _pages(batch, "list_jobs", jobQueue=QUEUE, jobStatus=status)]
        jobs = {job["jobId"]: job for page in pages for job in page["jobSummaryList"]}
        for row in (row for page in (_pages(table, "scan", **scan) if tracked else ()) for row in page["Items"]):
            jobs[row["job_id"]["S"]]["row"] = row
        return jobs

    return work


def _pages(client: Any, operation: str, **arguments: str) -> Any:  # noqa: ANN401  # boto3's clients have no types
    return client.get_paginator(operation).paginate(**arguments)


def listing(who: str, url: str, world: str, traced: str) -> dict[str, Any]:
    """List the jobs that are there; memory is another run, since tracing every allocation slows all down."""
    tracked = "without" not in who
    work = _bare(url, tracked=tracked) if who.startswith("bare") else _ours(url, world, tracked=tracked)
    server = Server(url)
    before = server.seen()["calls"]
    gc.collect()
    if traced:
        tracemalloc.start()
    began = time.process_time()
    jobs = work()
    cpu_s = time.process_time() - began
    gc.collect()
    held, peak = tracemalloc.get_traced_memory() if traced else (0, 0)
    tracemalloc.stop()
    after = server.seen()["calls"]
    found = {
        "jobs": len(jobs),
        "cpu_s": cpu_s,
        "held_bytes": held,
        "peak_bytes": peak,
        "calls": {name: number - before.get(name, 0) for name, number in after.items() if number > before.get(name, 0)},
    }
    return found | _shown(jobs) if isinstance(jobs, JobList) and not traced else found


def _shown(jobs: JobList) -> dict[str, Any]:
    """How long it takes to show it; what renders was used once before."""
    for warm in (jobs[:1]._repr_html_(), str(jobs[:1]), jobs[:1].to_dataframe()):
        assert len(cast("Sized", warm))
    ways: dict[str, Callable[[], object]] = {
        "html_s": jobs._repr_html_,
        "text_s": lambda: to_text(jobs._view(), lines_max=LINES_MAX),
        "print_s": lambda: str(jobs),
        "frame_s": jobs.to_dataframe,
    }
    return {name: _seconds(show) for name, show in ways.items()} | {
        "tracked": sum(bool(job.tracked_by) for job in jobs)
    }


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
